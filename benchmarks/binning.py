"""The bin step beside reading alone: CPU time in one process, month by month, one after the other."""

import time
from pathlib import Path

import h5py

from files import BEGIN_MS, CLEAN, DAY_MS, DEFECTIVE, INDEPENDENT, VARIABLE
from plumbline.samples.binning import bin_files
from plumbline.tables.resampling import resample
from rows import Bench, Row, median_ratio, said

FIVE_MS = (1_000, 15_000, 60_000, 3_600_000, DAY_MS)
# What the workflow bins to for these tables: greatest common divisor with 7.5 s (design, decision 6).
BASE_OF_1MIN_MS, BASE_OF_1S_MS = 7_500, 1_000

# kind of file, base interval, whether the five tables follow, what it is, goal
CASES = (
    (CLEAN, BASE_OF_1MIN_MS, False, "1 min tables (base 7.5 s, as the workflow), clean files", "<= 1.5"),
    (CLEAN, 60_000, False, "base 60 s, clean files", ""),
    (DEFECTIVE, BASE_OF_1MIN_MS, False, "1 min tables (base 7.5 s), duplicates, disorder, NaN", "<= 2.0"),
    (DEFECTIVE, 60_000, False, "base 60 s, duplicates, disorder, NaN", ""),
    (INDEPENDENT, BASE_OF_1MIN_MS, False, "base 7.5 s, another writer's layout, defects, jitter", "<= 2.0"),
    (CLEAN, BASE_OF_1S_MS, False, "1 s tables (base 1 s, as the workflow), clean files", "<= 2.0"),
    (CLEAN, BASE_OF_1S_MS, True, "1 s, 15 s, 1 min, 1 h, 1 D at once (base 1 s), without text", "<= 2.0"),
)


def measure(bench: Bench) -> list[Row]:
    """Measure every case; the value is the median of the ratios to reading."""
    days, repeats = (3, 3) if bench.quick else (30, 3)
    paths = {kind: bench.files.days(kind, days) for kind in (CLEAN, DEFECTIVE, INDEPENDENT)}
    for kind in paths:
        read(paths[kind])  # into the page cache
    reading, binning = [[] for _ in CASES], [[] for _ in CASES]
    output = bench.folder("bin") / "bins.nc"
    for _ in range(repeats):
        for number, (kind, base_ms, five, _, _) in enumerate(CASES):
            reading[number].append(cpu_s(read, paths[kind]) / days)
            binning[number].append(cpu_s(reduce, paths[kind], base_ms, output, FIVE_MS if five else ()) / days)
    rows = []
    for (kind, base_ms, five, what, goal), read_s, bin_s in zip(CASES, reading, binning, strict=True):
        note = f"{said([1e3 * s for s in bin_s])} ms of CPU a day, reading {said([1e3 * s for s in read_s])}"
        detail = {"kind": kind, "base_ms": base_ms, "five": five, "days": days, "read_s": read_s, "bin_s": bin_s}
        rows.append(Row(f"bin step / reading: {what}", median_ratio(bin_s, read_s), "x", goal, note, detail))
    return rows


def cpu_s(function, *arguments: object) -> float:
    """Return the CPU seconds that a call takes."""
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start


def read(paths: list[Path]) -> None:
    """Read the two columns of each file and do nothing with them."""
    for path in paths:
        with h5py.File(path, "r") as file:
            file["time"][:]
            file[VARIABLE][:]


def reduce(paths: list[Path], base_ms: int, output: Path, tables_ms: tuple[int, ...]) -> None:
    """Bin the files as one chunk, and merge the bins to tables without writing these."""
    end_ms = BEGIN_MS + len(paths) * DAY_MS
    bin_files(paths, BEGIN_MS, end_ms, base_ms, [VARIABLE], output, {})
    for interval_ms in tables_ms:
        for _ in resample([output], VARIABLE, interval_ms, BEGIN_MS, end_ms):
            pass
