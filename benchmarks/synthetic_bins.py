"""Bins files of long records, written without the samples: what tables and figures are made of."""

from pathlib import Path

import numpy as np

from files import DAY_MS, RATE_HZ, VARIABLE
from plumbline.samples.bins import COUNTS, BinsFile
from plumbline.samples.kernel import Statistics

# Bins that are handed over at one time.
PIECE = 500_000


def write_bins(path: Path, begin_ms: int, end_ms: int, base_ms: int) -> None:
    """Write the bins of whole days: a tide in steps of 2^-10 psi, every sample there.

    Values of few digits, so that the files are small and soon written; tables of them cost the same.
    """
    file = BinsFile(path, begin_ms, end_ms, base_ms, {VARIABLE: np.dtype("f4")})
    expected, days = int(RATE_HZ * base_ms / 1000), (end_ms - begin_ms) // DAY_MS
    for start in range(file.first, file.first + file.bins, PIECE):
        index = np.arange(start, min(start + PIECE, file.first + file.bins))
        mean = 2254.0 + np.round(1024 * np.sin(index * (base_ms * 2 * np.pi / 44_714_000.0))) / 1024
        n = np.full(index.size, expected, np.int64)
        file.append({VARIABLE: Statistics(n, mean, np.full(index.size, 0.5), mean - 0.25, mean + 0.25)})
    of_days = np.full(days, int(RATE_HZ * DAY_MS / 1000), np.int64)
    counts = {f"{VARIABLE}_{count}": of_days if count == "used" else of_days * 0 for count in COUNTS}
    about = {
        "base_interval_ms": base_ms,
        "window_begin_ms": begin_ms,
        "window_end_ms": end_ms,
        "data_origin": "synthetic: made by benchmarks/synthetic_bins.py",
    }
    file.close({VARIABLE: "psi"}, counts | {"received": of_days}, {}, about)
