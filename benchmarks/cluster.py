"""What a cluster's jobs cost beside their steps: ten years of four instruments, with next to no data in a chunk.

Everything counts as retrieved: a folder is laid out with records, manifests and files of a second of samples
(retrieved.py), and the workflow verifies, bins and makes tables on the two-node Slurm cluster of tests/slurm, with
profiles/slurm and status checks every second.

    uv run --group cluster python benchmarks/cluster.py                     months, 12 to a job, all ten years
    uv run --group cluster python benchmarks/cluster.py --group 4,40,120    other sizes of jobs
    uv run --group cluster python benchmarks/cluster.py --years 1 --group 1
    uv run --group cluster python benchmarks/cluster.py --chunk day --group 12,365 --seconds 180
    uv run --group cluster python benchmarks/cluster.py --render            the table of what was measured so far

As root, on Debian with slurm-wlm and munge. --seconds interrupts a run, and what was done by then is told; a run may
take half an hour at the most. Everything is kept in benchmarks/results/cluster.json.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

import cluster_run
import machine
import scale
from files import VARIABLE
from plumbline import configuration
from processes import SCRIPTS, Cost
from processes import run as run_alone
from report import piped
from retrieved import lay_out

RESULTS = Path(__file__).resolve().parent / "results" / "cluster.json"
# Each step alone, so often.
REPEATS = 7
HEAD = [
    "chunks",
    "to a job",
    "jobs",
    "wall, s",
    "jobs/s",
    "chunks/s",
    "a job, s",
    "until its first step is done, s",
    "core seconds at Slurm a chunk",
    "CPU s on nodes a chunk",
    "head node: MB",
    "CPU s of Snakemake a chunk",
    "of what it starts",
]


def main() -> None:
    """Read the command line, measure, keep and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, default=10, help="how many years, from 2015 on")
    parser.add_argument("--chunk", choices=("day", "month", "year"), default="month", help="a chunk's length")
    parser.add_argument("--group", default="12", help="how many chunks a job bins; several with commas between")
    parser.add_argument("--seconds", type=float, help="interrupt a run after so long")
    parser.add_argument("--plan", action="store_true", help="only the dry run")
    parser.add_argument("--render", action="store_true", help="measure nothing: the table of what is kept")
    args = parser.parse_args()
    if not args.render:
        for group in map(int, args.group.split(",")):
            _keep(measure(args.years, args.chunk, group, args.seconds, args.plan))
    print("\n".join(tables(json.loads(RESULTS.read_text(encoding="utf-8")))))


def measure(years: int, chunk: str, group: int, seconds: float | None = None, only_plan: bool = False) -> dict:
    """Lay a folder out, and measure the dry run, the steps alone and the run."""
    asked = {"years": years, "chunk": chunk, "group": group, "seconds": seconds, "only_plan": only_plan}
    about = {"commit": machine.commit(), "machine": machine.machine(), "versions": _versions()}
    with tempfile.TemporaryDirectory(prefix="plumbline-cluster-") as scratch:
        # Slurm's own files and keys lie beside it.
        _say(f"Laying out {years} years in pieces of a {chunk} ...")
        folder = lay_out(Path(scratch).resolve() / "run", years, chunk)
        chunks = len(list(folder.glob("results/*/netcdf/*.json")))
        _say(f"Planning {chunks} chunks, {group} to a job ...")
        plan = scale.cost(folder, *cluster_run.options(group), "--dry-run", "--quiet", "--")
        found = asked | {"chunks": chunks, "plan": plan}
        if not only_plan:
            found |= {"alone": _alone(folder)}
            _say("Running ...")
            found |= cluster_run.run(folder, group, seconds)
    return found | about


def _alone(folder: Path) -> dict[str, dict[str, float]]:
    """Return what verifying and binning one chunk cost as processes of their own."""
    config = configuration.read(yaml.safe_load((folder / "configuration.yaml").read_text()))
    stream = config.streams[0]
    chunk = next(iter(stream.chunks().values()))
    results, output = folder / "results" / stream.name, folder / "alone"
    files = results / "netcdf" / chunk.name
    common = ["--manifest", f"{files}.json", "--folder", files, "--output", output, "--variables", VARIABLE]
    record, marker = (results / kind / f"{chunk.name}.json" for kind in ("requests", "complete"))
    window = ["--begin-ms", chunk.begin_ms, "--end-ms", chunk.end_ms, "--base-ms", config.base_ms(stream)]
    commands = {"verify_netcdf": ["--completion", marker, "--record", record], "bin_samples": window}
    costs: dict[str, list[Cost]] = {rule: [] for rule in commands}
    for _ in range(REPEATS):
        for rule, words in commands.items():
            costs[rule].append(run_alone([sys.executable, SCRIPTS / f"{rule}.py", *common, *words]))
    output.unlink()
    return {
        rule: {key: statistics.median(getattr(cost, key) for cost in took) for key in ("wall_s", "cpu_s", "peak_mb")}
        for rule, took in costs.items()
    }


def tables(kept: dict[str, dict]) -> list[str]:
    """Return the tables of everything that was measured, in Markdown."""
    rows = list(kept.values())
    runs = [_line(row) for row in rows if "wall_s" in row]
    plans = [
        [_chunks(row), str(row["group"]), *(f"{row['plan'][key]:.3g}" for key in ("wall", "cpu", "memory"))]
        for row in rows
    ]
    return [piped(HEAD, runs), "", piped(["chunks", "to a job", "dry run, s", "CPU s", "MB"], plans)]


def _line(row: dict) -> list[str]:
    binned, lasted = max(row["binning_chunks"], 1), row["binning_job_s"]
    wall = f"{row['wall_s']:.0f}" + ("" if row["whole"] else f", interrupted after {row['bins']}")
    values = [row["jobs"] / row["span_s"], row["bins"] / row["wall_s"]] if row["jobs"] else [0.0, 0.0]
    per_chunk = [row["binning_core_s"] / binned, row["nodes_cpu_s"] / max(row["bins"], 1)]
    head = [row["head_cpu_s"] / max(row["bins"], 1), row["head_children_cpu_s"] / max(row["bins"], 1)]
    cells = [_chunks(row), row["group"], row["jobs"], wall, *(f"{value:.3g}" for value in values)]
    cells += ["" if lasted is None else f"{value:.3g}" for value in (lasted or 0, row["until_first_log_s"] or 0)]
    cells += [f"{value:.3g}" for value in (*per_chunk, row["head_mb"], *head)]
    return [str(cell) for cell in cells]


def _chunks(row: dict) -> str:
    return f"{row['chunks']} {row['chunk']}s"


def _versions() -> dict[str, str]:
    slurm = subprocess.run(["sinfo", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    names = ("snakemake", "snakemake-executor-plugin-slurm", "snakemake-executor-plugin-slurm-jobstep")
    return {"slurm": slurm} | {name: version(name) for name in names}


def _keep(found: dict) -> None:
    """Keep what was found, in place of an earlier measurement of the same."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    key = " ".join(str(found[name]) for name in ("years", "chunk", "group", "seconds", "only_plan"))
    RESULTS.write_text(json.dumps(kept | {key: found}, indent=1), encoding="utf-8")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    if shutil.which("sinfo") is None:
        sys.exit("Nothing was measured: Slurm is not installed (Debian: slurm-wlm, munge).")
    main()
