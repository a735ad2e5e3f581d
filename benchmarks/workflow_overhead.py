"""What the workflow costs beside the work: the default run, and the same calls in one Python process.

Runs ``snakemake --cores 2`` on the default configuration, without products, in an empty folder; then, in
another, orders, waits for, downloads and bins every chunk, and makes every table, coverage and figure, one
after the other in this process, from an embedded server of its own.

    uv run python benchmarks/workflow_overhead.py
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY / "scripts"))

# So much may the workflow add to the default run on two cores.
GOAL_S = 30


def configured() -> dict:
    """Return the configuration of both runs."""
    return yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text()) | {"products": []}


def by_workflow(folder: Path) -> tuple[float, float]:
    """Run the workflow in a folder; return seconds and CPU seconds."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
    (folder / "configuration.yaml").write_text(yaml.safe_dump(configured()))
    command += ["--directory", str(folder), "--cores", "2", "--configfile", str(folder / "configuration.yaml")]
    start = time.perf_counter()
    with (folder / "printed.txt").open("w") as out:
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"The run failed:\n{(folder / 'printed.txt').read_text()[-2000:]}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime


def in_one_process(folder: Path) -> tuple[float, float]:
    """Do the same by calling functions; return seconds and CPU seconds, the server's among them."""
    command = [sys.executable, str(Path(__file__).resolve()), "--calls"]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit("The calls in one process failed.")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime


def calls() -> None:
    """Make every call of the default run in the present folder, one after the other."""
    from plumbline import configuration
    from plumbline.embedded.launcher import EmbeddedServer
    from plumbline.ooi.session import EMBEDDED_API_VARIABLE

    config = configuration.read(configured())
    server = EmbeddedServer(Path("store"), config.embedded.model_dump(), Path("server.log"))
    os.environ[EMBEDDED_API_VARIABLE] = server.start()
    try:
        for stream in config.streams:
            _products(config, stream, [_bins(config, stream, chunk) for chunk in stream.chunks().values()])
    finally:
        server.stop()


def _bins(config, stream, chunk) -> Path:
    """Order, wait for, download and bin a chunk; return its bins."""
    from plumbline.ooi.orders import Query
    from plumbline.retrieval import records
    from plumbline.retrieval.downloads import download
    from plumbline.retrieval.ordering import order
    from plumbline.retrieval.waiting import wait
    from plumbline.samples.binning import bin_files

    folder = Path(stream.name)
    steps = ("requests", "complete", "netcdf")
    record, marker, manifest = (folder / step / f"{chunk.name}.json" for step in steps)
    files, bins = folder / "netcdf" / chunk.name, folder / "bins" / f"{chunk.name}.nc"
    for place in (record.parent, marker.parent, files, bins.parent):
        place.mkdir(parents=True, exist_ok=True)
    query = Query(stream.reference_designator, stream.method, stream.stream, chunk.begin, chunk.end)
    order(config.ooi.api, stream.name, chunk.name, query, record)
    wait(record, config.ooi.deadline, marker)
    in_parts = config.download_of(stream) == "subset"
    download(marker, record, files, manifest, 4, False, stream.variables, in_parts)
    listed = records.read(manifest, "manifest")
    bin_files(
        [files / file["name"] for file in listed["files"]],
        chunk.begin_ms,
        chunk.end_ms,
        config.base_ms(stream),
        stream.variables,
        bins,
        {"source_server": listed["server"]},
    )
    return bins


def _products(config, stream, bins: list[Path]) -> None:
    """Make the tables, the coverage and the figures of a stream."""
    from plumbline.coverage.summary import describe_coverage, write_coverage
    from plumbline.figures.tables import plot_table
    from plumbline.tables.csv_table import write_table
    from plumbline.tables.description import describe_table

    folder = Path(stream.name)
    chunks = list(stream.chunks().values())
    window = {"begin_ms": chunks[0].begin_ms, "end_ms": chunks[-1].end_ms, "rate_hz": stream.rate_hz}
    keys = ("name", "reference_designator", "method", "stream")
    about = {"stream": {key: getattr(stream, key) for key in keys}, "server": config.ooi.api}
    for variable in stream.variables:
        for interval, interval_ms in config.intervals_ms().items():
            table = folder / f"{variable}_{interval}.csv"
            metadata = folder / f"{table.name}-metadata.json"
            asked = {"variable": variable, "interval_ms": interval_ms} | window
            units, origins = write_table(bins, **asked, csv_path=table)
            describe_table(origins, units, **asked, **about, interval=interval, metadata_path=metadata)
        shown = folder / f"{variable}_{config.resample[0]}.csv"
        plot_table(shown, folder / f"{shown.name}-metadata.json", folder / f"{variable}.png")
    names = ("coverage", "gaps")
    paths = {f"{name}_path": folder / f"{name}.csv" for name in names}
    beside = {f"{name}_metadata_path": folder / f"{name}.csv-metadata.json" for name in names}
    write_coverage(bins, variables=stream.variables, **window, **paths)
    describe_coverage(bins, variables=stream.variables, **window, **about, **beside)


def measure(quick: bool = False) -> list[dict]:
    """Measure, and return a row for each number: ``what``, ``goal`` (None: there is none), ``value``, ``unit``.

    Parameters
    ----------
    quick : bool
        Without effect: the default run is short.
    """
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        workflow, alone = by_workflow(Path(one)), in_one_process(Path(other))
    rows = []
    for unit, goal, run, calls_alone in zip(("s wall", "s CPU"), (GOAL_S, None), workflow, alone, strict=True):
        found = (
            ("default run", None, run),
            ("the same calls in one process", None, calls_alone),
            ("the workflow adds", goal, run - calls_alone),
        )
        rows += [{"what": what, "goal": goal, "value": round(value, 1), "unit": unit} for what, goal, value in found]
    return rows


def main() -> None:
    """Measure and print a table, or make the calls for a measurement."""
    if sys.argv[1:2] == ["--calls"]:
        calls()
        return
    print(f"{'what':32} {'goal':>6} {'value':>8}  unit")
    for row in measure():
        print(f"{row['what']:32} {row['goal'] or '-':>6} {row['value']:8.1f}  {row['unit']}")


if __name__ == "__main__":
    main()
