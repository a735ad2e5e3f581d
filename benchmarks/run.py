"""How fast Plumbline is, beside what it could be replaced by: one table, and the same as JSON.

    uv run python benchmarks/run.py                     everything, about half an hour
    uv run python benchmarks/run.py --quick             fewer days and repeats, some minutes
    uv run python benchmarks/run.py --only bin,day      some parts; the others stay as they were measured
    uv run python benchmarks/run.py --markdown          and write the tables into docs/performance.md

Results are kept in benchmarks/results/performance.json. What it is measured against (polars, duckdb,
pyarrow) is installed into an environment of its own, .venv-benchmarks, at the first run.
"""

import argparse
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scripts")]

RESULTS = HERE / "results" / "performance.json"
PEERS = ("polars", "duckdb", "pyarrow")
TRIED = "PLUMBLINE_BENCHMARKS_INSTALLED"

# part -> module and function
PARTS = {
    "bin": ("binning", "measure"),
    "day": ("jobs", "measure_day"),
    "month": ("jobs", "measure_month"),
    "memory": ("memory", "measure"),
    "csv": ("csv_writing", "measure"),
    "subset": ("subset_bytes", "measure"),
    "connections": ("connections", "measure"),
    "scale": ("others", "measure_scale"),
    "overhead": ("others", "measure_overhead"),
    "new_day": ("new_day", "measure"),
    "products": ("products", "measure"),
    "page": ("page", "measure"),
}


def main() -> None:
    """Read the command line, measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer days and repeats")
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts, with commas between: {', '.join(PARTS)}")
    parser.add_argument("--scratch", type=Path, help="where the test files are kept; else they are removed afterwards")
    parser.add_argument("--markdown", action="store_true", help="write the tables into docs/performance.md")
    parser.add_argument("--render", action="store_true", help="measure nothing: show what was measured last")
    args = parser.parse_args()
    parts = [] if args.render else args.only.split(",")
    if unknown := set(parts) - PARTS.keys():
        parser.error(f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if parts:
        with_peers()
        measure(parts, args.quick, args.scratch)

    import report

    results = kept()
    print(report.plain(results))
    if args.markdown:
        report.into_docs(results, HERE.parent / "docs" / "performance.md")


def with_peers() -> None:
    """Start again in an environment that has the peers, where they are missing and uv is there."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if all(find_spec(name) for name in PEERS) or TRIED in os.environ:
        return
    place = HERE.parent / ".venv-benchmarks"
    environment = os.environ | {TRIED: "1", "UV_PROJECT_ENVIRONMENT": str(place)}
    environment.pop("VIRTUAL_ENV", None)
    command = [uv, "sync", "--quiet", "--project", str(HERE.parent), "--group", "benchmarks"]
    if not uv or subprocess.run(command, env=environment, check=False).returncode:
        print("The peers cannot be installed without uv and a registry, and are not measured.", file=sys.stderr)
        return
    python = str(place / "bin" / "python")
    os.execve(python, [python, __file__, *sys.argv[1:]], environment)


def measure(parts: list[str], quick: bool, scratch: Path | None) -> None:
    """Measure some parts, keeping each as soon as it is known."""
    import machine
    from files import Files
    from rows import Bench

    with _folder(scratch) as folder:
        bench = Bench(folder / "work", Files(folder / "files"), quick, sys.executable)
        for part in parts:
            module, function = PARTS[part]
            print(f"Measuring {part} ...", file=sys.stderr, flush=True)
            about = {"quick": quick, "commit": machine.commit(), "machine": machine.machine()}
            about["versions"] = machine.versions()
            rows = getattr(importlib.import_module(module), function)(bench)
            keep(part, about | {"rows": [asdict(row) | {"met": row.met} for row in rows]})
            shutil.rmtree(bench.scratch, ignore_errors=True)  # what a part leaves can be a gigabyte


@contextmanager
def _folder(scratch: Path | None) -> Iterator[Path]:
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
        yield scratch.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="plumbline-benchmarks-") as folder:
        yield Path(folder)


def kept() -> dict:
    """Return what was measured so far, by part."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def keep(part: str, found: dict) -> None:
    """Keep what a part found."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    both = kept() | {part: found}
    RESULTS.write_text(json.dumps({name: both[name] for name in PARTS if name in both}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
