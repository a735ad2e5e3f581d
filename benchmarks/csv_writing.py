"""Writing CSV at 1 s: rows a second, bins to text, beside pandas from arrays in memory."""

import statistics
import time
from pathlib import Path

import numpy as np
import pandas as pd

from files import BEGIN_MS, CLEAN, DAY_MS, RATE_HZ, VARIABLE
from plumbline.samples.binning import bin_files
from plumbline.tables.csv_table import write_table
from plumbline.tables.resampling import resample
from rows import Bench, Row, median_ratio, said


def measure(bench: Bench) -> list[Row]:
    """Measure some days at 1 s; ours reads and merges the bins, too."""
    folder, days = bench.folder("csv"), 1 if bench.quick else 3
    bins, end_ms = folder / "bins.nc", BEGIN_MS + days * DAY_MS
    bin_files(bench.files.days(CLEAN, days), BEGIN_MS, end_ms, 1_000, [VARIABLE], bins, {})
    frame = _frame(bins, end_ms)
    times = {"ours": [], "pandas": []}
    for _ in range(3 if bench.quick else 7):
        start = time.process_time()
        write_table([bins], VARIABLE, 1_000, BEGIN_MS, end_ms, RATE_HZ, folder / "ours.csv")
        times["ours"].append(time.process_time() - start)
        start = time.process_time()
        frame.to_csv(folder / "pandas.csv", index=False)
        times["pandas"].append(time.process_time() - start)
    rates = {name: [len(frame) / seconds for seconds in column] for name, column in times.items()}
    note = f"thousand rows a CPU second: ours {said([r / 1e3 for r in rates['ours']])}, pandas "
    note += said([r / 1e3 for r in rates["pandas"]])
    detail = {"rows": len(frame), "bytes": (folder / "ours.csv").stat().st_size, "days": days, "cpu_s": times}
    detail["rows_per_s"] = statistics.median(rates["ours"])
    ratio = median_ratio(times["pandas"], times["ours"])
    return [Row("pandas to_csv / ours: 1 s table as text", ratio, "x", "", note, detail)]


def _frame(bins: Path, end_ms: int) -> pd.DataFrame:
    """Return the table that we write, in memory."""
    pieces = []
    for starts, found in resample([bins], VARIABLE, 1_000, BEGIN_MS, end_ms):
        columns = {"time": pd.to_datetime(starts, unit="ms", utc=True), "mean": found.mean}
        columns["std"] = np.sqrt(found.m2 / np.maximum(found.n - 1, 1))
        columns |= {"min": found.minimum, "max": found.maximum, "n": found.n, "coverage": found.n / RATE_HZ}
        pieces.append(pd.DataFrame(columns))
    return pd.concat(pieces)
