"""How long it takes to find that nothing is to be done, for many chunks that are there already.

Makes files of chunks as a finished run leaves them (their content does not matter), then times
``snakemake -n``, beside an empty workflow and beside the same run with settled chunks left in.

    uv run python benchmarks/many_chunks.py [--chunks 10000] [--runs 3]
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parent.parent
STREAMS = 6
BEGIN = date(2015, 1, 1)
TABLES = ("botsflu_meanpres_1min.csv", "botsflu_meanpres_1h.csv", "coverage.csv", "gaps.csv")


def stream(name: str, days: int) -> dict:
    """Return the configuration of a stream with a chunk for each day."""
    return {
        "name": name,
        "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301",
        "method": "streamed",
        "stream": "botpt_nano_sample_15sec",
        "variables": ["botsflu_meanpres"],
        "begin": str(BEGIN),
        "end": str(BEGIN + timedelta(days=days)),
        "chunk": "day",
    }


def lay_out(folder: Path, days: int) -> Path:
    """Write the files of a finished run, and its configuration; return the latter."""
    names = [f"station-{number}" for number in range(STREAMS)]
    for name in names:
        results = folder / "results" / name
        chunks = [str(BEGIN + timedelta(days=day)) for day in range(days)]
        for step in ("requests/{}.json", "complete/{}.json", "netcdf/{}.json", "netcdf/{}/SHA256SUMS", "bins/{}.nc"):
            for chunk in chunks:
                path = results / step.format(chunk)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("{}")
        for table in TABLES:
            (results / table).write_text("time\n")
            (results / f"{table}-metadata.json").write_text("{}")
        (results / "botsflu_meanpres.png").write_text("")
    configuration = folder / "configuration.yaml"
    configuration.write_text(yaml.safe_dump({"streams": [stream(name, days) for name in names]}))
    return configuration


def timed(folder: Path, configuration: Path, *options: str) -> tuple[float, str]:
    """Return (seconds, what it found) of a dry run."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"), "--dry-run"]
    command += ["--directory", str(folder), "--configfile", str(configuration), "--cores", "2", "--quiet", "rules"]
    start = time.perf_counter()
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    seconds = time.perf_counter() - start
    return seconds, "nothing to do" if "Nothing to be done" in done.stdout + done.stderr else "jobs"


def main() -> None:
    """Read the command line, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        many, few = Path(scratch) / "many", Path(scratch) / "few"
        days = -(-args.chunks // STREAMS)
        cases = {
            "one chunk a stream": (few, lay_out(few, 1), ()),
            f"{days * STREAMS} chunks, settled": (many, lay_out(many, days), ()),
        }
        found = {}
        for _ in range(args.runs):  # side by side, so that a noisy minute is noisy for all
            for name, (folder, configuration, options) in cases.items():
                found.setdefault(name, []).append(timed(folder, configuration, *options))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    print(f"{'case':32} {'median s':>9}  found")
    for name, runs in found.items():
        print(f"{name:32} {statistics.median(seconds for seconds, _ in runs):9.2f}  {runs[0][1]}")
    print(f"peak memory {peak:.0f} MB")
    print(json.dumps({name: [round(seconds, 2) for seconds, _ in runs] for name, runs in found.items()}))


if __name__ == "__main__":
    main()
