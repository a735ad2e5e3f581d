"""The largest memory of every computing step, each in a process of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

from files import BEGIN_MS, CLEAN, DAY_MS, DEFECTIVE, STREAM, VARIABLE
from processes import HERE, SCRIPTS, run
from rows import Bench, Row
from synthetic_bins import write_bins

GOAL = "<= 350"
YEAR_DAYS, HOLE_DAYS = 365, 12 * 365 + 3


def measure(bench: Bench) -> list[Row]:
    """Measure the bin step over files of 500 MB, and what follows it over a year."""
    return [*_bin_steps(bench), *_hole(bench), *_tables(bench)]


def _bin_steps(bench: Bench) -> Iterator[Row]:
    days = 3 if bench.quick else 10
    clean, defective = (bench.files.file(kind, 0, days, whole=True) for kind in (CLEAN, DEFECTIVE))
    size = f"{clean.stat().st_size / 1e6:.0f} MB"
    cases = (
        ([clean], 7_500, f"clean file of {size}, base 7.5 s"),
        ([clean], 1_000, f"clean file of {size}, base 1 s"),
        ([clean], 50, f"clean file of {size}, base 50 ms"),
        ([defective], 7_500, f"defective file of {size}, base 7.5 s"),
        ([defective], 1_000, f"defective file of {size}, base 1 s"),
        ([defective], 50, f"defective file of {size}, base 50 ms"),
        ([clean, defective], 7_500, f"two files of {size} that overlap whole, base 7.5 s"),
        ([clean, defective], 50, f"two files of {size} that overlap whole, base 50 ms"),
    )
    for paths, base_ms, what in cases:
        yield _bin_step(bench, paths, days, base_ms, f"memory of the bin step: {what}")
    for path in (clean, defective):  # a gigabyte, which nothing else reads
        path.unlink()


def _hole(bench: Bench) -> Iterator[Row]:
    """One `whole` chunk of twelve years with a day of samples at either end."""
    days = 366 if bench.quick else HOLE_DAYS
    paths = [bench.files.file(CLEAN, day) for day in (0, days - 1)]
    years = f"{days / 365.25:.0f} year{'s' if days > 366 else ''}"
    yield _bin_step(bench, paths, days, 7_500, f"memory of the bin step: chunk of {years}, data at the ends alone")


def _bin_step(bench: Bench, paths: list[Path], days: int, base_ms: int, what: str) -> Row:
    """Run scripts/bin_samples.py as the workflow does."""
    folder = bench.folder("memory")
    manifest, output = folder / "manifest.json", folder / "bins.nc"
    about = {"stream": STREAM, "chunk": "whole", "server": "embedded"}
    manifest.write_text(json.dumps(about | {"files": [{"name": path.name} for path in paths]}), encoding="utf-8")
    words = ["--manifest", manifest, "--folder", bench.files.folder, "--output", output, "--variables", VARIABLE]
    words += ["--begin-ms", BEGIN_MS, "--end-ms", BEGIN_MS + days * DAY_MS, "--base-ms", base_ms]
    cost = run([bench.python, SCRIPTS / "bin_samples.py", *words])
    detail = vars(cost) | {"bins_bytes": output.stat().st_size, "days": days, "base_ms": base_ms}
    output.unlink()
    return Row(what, cost.peak_mb, "MB", GOAL, f"{cost.cpu_s:.1f} s of CPU", detail)


def _tables(bench: Bench) -> Iterator[Row]:
    """Tables of a year at 1 s and at 1 min, and the figure of the latter."""
    folder = bench.folder("memory")
    for interval_ms, name, base_ms in ((1_000, "1 s", 1_000), (60_000, "1 min", 7_500)):
        days = 70 if bench.quick and base_ms == 1_000 else YEAR_DAYS
        bins, csv, end_ms = folder / "year.nc", folder / "year.csv", BEGIN_MS + days * DAY_MS
        write_bins(bins, BEGIN_MS, end_ms, base_ms)
        cost = run([bench.python, HERE / "steps.py", "table", bins, csv, interval_ms, BEGIN_MS, end_ms])
        what = f"memory of the table step: {days} days at {name} (base {base_ms} ms)"
        detail = vars(cost) | {"csv_bytes": csv.stat().st_size, "days": days, "bins_bytes": bins.stat().st_size}
        yield Row(what, cost.peak_mb, "MB", GOAL, f"{cost.cpu_s:.1f} s of CPU", detail)
        bins.unlink()
        if name == "1 s":
            csv.unlink()
    cost = run([bench.python, HERE / "steps.py", "figure", csv, folder / "year.png"])
    what = "memory of the figure step: a year at 1 min"
    yield Row(what, cost.peak_mb, "MB", GOAL, f"{cost.cpu_s:.1f} s of CPU", vars(cost))
