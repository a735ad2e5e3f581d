"""Bins files of long records, written without the samples: what tables, figures and products are made of.

``synthetic_bins.py MOVING BASE_MS FOLDER EDGE_MS...`` writes chunks of a `Sea`, one from each edge to the next.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

from files import DAY_MS, RATE_HZ, VARIABLE
from plumbline.products.depth import METRES_PER_PSI
from plumbline.products.tide import axial, predicted_tide
from plumbline.samples.bins import COUNTS, BinsFile
from plumbline.samples.kernel import Statistics

# Bins that are handed over at one time.
PIECE = 500_000
YEAR_MS = 365.25 * DAY_MS
# The seafloor stands at its mean depth in 2010, and falls at the onsets of eruptions.
FROM_MS = 1_262_304_000_000
ERUPTIONS_MS = (1_302_056_100_000, 1_429_848_000_000)


def steps(index: np.ndarray, base_ms: int) -> Statistics:
    """Return a tide in steps of 2^-10 psi, every sample there.

    Values of few digits, so that the files are small and soon written; tables of them cost the same.
    """
    mean = 2254.0 + np.round(1024 * np.sin(index * (base_ms * 2 * np.pi / 44_714_000.0))) / 1024
    n = np.full(index.size, _expected(base_ms), np.int64)
    return Statistics(n, mean, np.full(index.size, 0.5), mean - 0.25, mean + 0.25)


@dataclass(frozen=True)
class Sea:
    """Pressure of a seafloor that rises and erupts under the tide, with noise, swell and gaps.

    Attributes
    ----------
    moving : float
        How much the seafloor moves: a share of half a metre a year, and of 2.4 m in an eruption.
    """

    moving: float

    def __call__(self, index: np.ndarray, base_ms: int) -> Statistics:
        """Return the statistics of consecutive bins, those in gaps empty."""
        time_ms = index * base_ms + base_ms // 2
        risen = 0.5 * (time_ms - FROM_MS) / YEAR_MS
        for onset_ms in ERUPTIONS_MS:
            risen += 2.4 * np.expm1(-np.clip(time_ms - onset_ms, 0, None) / DAY_MS)
        chance = np.random.default_rng((int(index[0]), int(100 * self.moving)))
        water = predicted_tide(time_ms, axial()) - self.moving * risen
        mean = 2254.0 + water / METRES_PER_PSI + chance.normal(0, 0.003, index.size)
        swell = chance.uniform(0.01, 0.03, index.size)
        n = np.full(index.size, _expected(base_ms), np.int64)
        for begin in chance.integers(0, index.size, 20):
            n[begin : begin + chance.integers(1, 500)] = 0
        columns = (mean, n * swell**2 / 3, mean - swell, mean + swell)
        return Statistics(n, *(np.where(n > 0, column, np.nan) for column in columns))


def _expected(base_ms: int) -> int:
    return int(RATE_HZ * base_ms / 1000)


def write_bins(
    path: Path, begin_ms: int, end_ms: int, base_ms: int, bins: Callable[[np.ndarray, int], Statistics] = steps
) -> None:
    """Write the bins of whole days.

    Parameters
    ----------
    path : Path
    begin_ms, end_ms, base_ms : int
        The window, milliseconds since 1970, and the length of a bin.
    bins : callable
        Returns the statistics of bins by their index and length.
    """
    file = BinsFile(path, begin_ms, end_ms, base_ms, {VARIABLE: np.dtype("f4")})
    days = (end_ms - begin_ms) // DAY_MS
    for start in range(file.first, file.first + file.bins, PIECE):
        index = np.arange(start, min(start + PIECE, file.first + file.bins))
        file.append({VARIABLE: bins(index, base_ms)})
    of_days = np.full(days, int(RATE_HZ * DAY_MS / 1000), np.int64)
    counts = {f"{VARIABLE}_{count}": of_days if count == "used" else of_days * 0 for count in COUNTS}
    about = {
        "base_interval_ms": base_ms,
        "window_begin_ms": begin_ms,
        "window_end_ms": end_ms,
        "data_origin": "synthetic: made by benchmarks/synthetic_bins.py",
    }
    file.close({VARIABLE: "psi"}, counts | {"received": of_days}, {}, about)


if __name__ == "__main__":
    for begin, end in pairwise(map(int, sys.argv[4:])):
        write_bins(Path(sys.argv[3]) / f"{begin}.nc", begin, end, int(sys.argv[2]), Sea(float(sys.argv[1])))
