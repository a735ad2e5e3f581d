"""What many chunks cost before the first job starts: dry runs, status and plan, in time and memory.

Six streams over ten years, in months (720 chunks) and in days (21 900), fresh and as a finished run
leaves them (the content of netCDF files and tables does not matter). Beside the time stands the CPU
time, which other work on the machine does not lengthen much, and the floor: the same number of jobs
made of bare rules, without logs, parameters or anything else of Plumbline's.

    uv run python benchmarks/scale.py [--quick]

--quick leaves out the fresh dry run of days, which takes minutes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parent.parent
STREAMS, BEGIN, DAYS = 6, date(2015, 1, 1), 3650
TABLES = ("bottom_pressure_1min.csv", "bottom_pressure_1h.csv", "coverage.csv", "gaps.csv")
STEPS = ("requests/{}.json", "complete/{}.json", "netcdf/{}.json", "netcdf/{}/SHA256SUMS", "bins/{}.nc")

BARE_RULES = """
CHUNKS = {chunks}
rule all:
    input: expand("results/{{stream}}/{{table}}.csv", stream=range({streams}), table=["a", "b", "c"])
rule request:
    output: "results/{{stream}}/requests/{{chunk}}.json"
    shell: "true"
rule wait:
    input: "results/{{stream}}/requests/{{chunk}}.json"
    output: "results/{{stream}}/complete/{{chunk}}.json"
    shell: "true"
rule download:
    input: "results/{{stream}}/complete/{{chunk}}.json"
    output: "results/{{stream}}/netcdf/{{chunk}}.json"
    shell: "true"
rule verify:
    input: "results/{{stream}}/netcdf/{{chunk}}.json"
    output: "results/{{stream}}/netcdf/{{chunk}}.verified"
    shell: "true"
rule bin:
    input: "results/{{stream}}/netcdf/{{chunk}}.json", "results/{{stream}}/netcdf/{{chunk}}.verified"
    output: "results/{{stream}}/bins/{{chunk}}.nc"
    shell: "true"
rule table:
    input: expand("results/{{{{stream}}}}/bins/{{chunk}}.nc", chunk=CHUNKS)
    output: "results/{{stream}}/{{table}}.csv"
    shell: "true"
"""


def stream(number: int, days: int, chunk: str) -> dict:
    """Return the configuration of a stream over a number of days."""
    return {
        "name": f"station-{number}",
        "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301",
        "method": "streamed",
        "stream": "botpt_nano_sample",
        "variables": ["bottom_pressure"],
        "begin": str(BEGIN),
        "end": str(BEGIN + timedelta(days=days)),
        "chunk": chunk,
    }


def chunks_of(days: int, chunk: str) -> list[str]:
    """Return the names of the chunks of so many days."""
    names = (str(BEGIN + timedelta(days=day)) for day in range(days))
    return list(dict.fromkeys(name if chunk == "day" else name[:7] for name in names))


def configured(folder: Path, days: int, chunk: str) -> Path:
    """Write a configuration into a new folder, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    streams = [stream(number, days, chunk) for number in range(STREAMS)]
    (folder / "configuration.yaml").write_text(yaml.safe_dump({"streams": streams, "products": []}))
    return folder


def lay_out(folder: Path, days: int) -> Path:
    """Write the files of a finished run with a chunk for each day, and its configuration; return the folder."""
    sys.path.insert(0, str(REPOSITORY / "scripts"))
    from plumbline.samples.binning import bin_files

    bins = folder / "empty.nc"
    configured(folder, days, "day")
    bin_files([], 0, 86_400_000, 7500, ["bottom_pressure"], bins, {"source_server": "embedded"})
    answer = {"requestUUID": "u", "allURLs": ["http://127.0.0.1/async_results/u"], "sizeCalculation": 1}
    record = {"ordered_at": "2026-01-01T00:00:00Z", "outcome": "accepted", "answer": answer}
    marker = {"order": "u/u", "files": []}
    contents = [json.dumps(record).encode(), json.dumps(marker).encode(), b"{}", b"", bins.read_bytes()]
    for number in range(STREAMS):
        results = folder / "results" / f"station-{number}"
        for step, content in zip(STEPS, contents, strict=True):
            for chunk in chunks_of(days, "day"):
                path = results / step.format(chunk)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        for table in TABLES:
            (results / table).write_text("time\n")
            (results / f"{table}-metadata.json").write_text("{}")
        (results / "bottom_pressure.png").write_text("")
    return folder


def bare(folder: Path, days: int, chunk: str) -> Path:
    """Write a Snakefile of bare rules with as many jobs, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Snakefile").write_text(BARE_RULES.format(chunks=chunks_of(days, chunk), streams=STREAMS))
    return folder


def cost(folder: Path, *options: str) -> dict[str, float]:
    """Return seconds, CPU seconds and peak memory (MB) of one Snakemake in a folder, which must end well."""
    own = (folder / "Snakefile").exists()
    snakefile = folder / "Snakefile" if own else REPOSITORY / "Snakefile"
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), "--directory", str(folder)]
    command += ["--cores", "2"]
    # Before the options, of which "--" ends all others.
    command += [] if own else ["--configfile", str(folder / "configuration.yaml")]
    command += options
    printed = folder / "printed.txt"
    start = time.perf_counter()
    with printed.open("w") as out:
        process = subprocess.Popen(command, cwd=folder if own else REPOSITORY, stdout=out, stderr=subprocess.STDOUT)
        # Of this child and its own children alone, where `resource` sums up all that there were.
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{printed.read_text()[-2000:]}")
    memory = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return {"wall": time.perf_counter() - start, "cpu": usage.ru_utime + usage.ru_stime, "memory": memory}


def cases(scratch: Path, quick: bool) -> list[tuple[str, float | None, float | None, Path, tuple[str, ...]]]:
    """Return (what, goal of seconds, goal of MB, folder, options) of every measurement."""
    fresh, quiet = ("--dry-run",), ("--dry-run", "--quiet", "--")
    months, days = configured(scratch / "months", DAYS, "month"), configured(scratch / "days", DAYS, "day")
    bare_months, bare_days = bare(scratch / "bare-months", DAYS, "month"), bare(scratch / "bare-days", DAYS, "day")
    settled = lay_out(scratch / "settled", DAYS)
    small = configured(scratch / "one", 1, "day")
    found = [
        ("start: dry run, 6 chunks", None, None, small, quiet),
        ("fresh dry run, 720 chunks", 6, None, months, fresh),
        ("fresh dry run, 720 chunks, --quiet", 6, None, months, quiet),
        ("the same of bare rules, --quiet", None, None, bare_months, quiet),
        ("settled dry run, 21 900 chunks", 10, 600, settled, quiet),
        ("status, 21 900 chunks, fresh", 10, 600, days, ("--quiet", "all", "--", "status")),
        ("plan, 21 900 chunks, fresh", 10, 600, days, ("--quiet", "all", "--", "plan")),
        ("status, 21 900 chunks, there, first time", None, 600, settled, ("--quiet", "all", "--", "status")),
        ("status, 21 900 chunks, there, again", 10, 600, settled, ("--quiet", "all", "--", "status")),
        ("plan, 21 900 chunks, there", 10, 600, settled, ("--quiet", "all", "--", "plan")),
    ]
    if not quick:
        found += [
            ("fresh dry run, 21 900 chunks", 60, 600, days, fresh),
            ("fresh dry run, 21 900 chunks, --quiet", 60, 600, days, quiet),
            ("the same of bare rules, --quiet", None, None, bare_days, quiet),
        ]
    return found


def measure(quick: bool = False) -> list[dict]:
    """Measure, and return a row for each number: ``what``, ``goal`` (None: there is none), ``value``, ``unit``."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for what, seconds, megabytes, folder, options in cases(scratch, quick):
            _note(rows, what, seconds, megabytes, cost(folder, *options))
        # The configuration with one more day, beside the files of the shorter one.
        later = configured(scratch / "settled", DAYS + 1, "day")
        _note(rows, "dry run, 21 900 chunks settled, 6 new", 10, 600, cost(later, "--dry-run", "--quiet", "--"))
    return rows


def _note(rows: list[dict], what: str, seconds: float | None, megabytes: float | None, found: dict) -> None:
    for unit, goal, key in (("s wall", seconds, "wall"), ("s CPU", None, "cpu"), ("MB peak", megabytes, "memory")):
        rows.append({"what": what, "goal": goal, "value": round(found[key], 2), "unit": unit})


def main() -> None:
    """Read the command line, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without the fresh dry run of days")
    rows = measure(parser.parse_args().quick)
    print(f"{'what':42} {'goal':>6} {'value':>8}  unit")
    for row in rows:
        print(f"{row['what']:42} {row['goal'] or '-':>6} {row['value']:8.1f}  {row['unit']}")


if __name__ == "__main__":
    main()
