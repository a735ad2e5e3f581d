"""What became of the rows of each UTC day: counts that coverage rests on."""

import numpy as np

from plumbline.intervals import DAY_MS
from plumbline.samples.bins import COUNTS, grid


class Counts:
    """What became of the samples of each UTC day.

    Parameters
    ----------
    begin_ms, end_ms : int
        The window, milliseconds since 1970.
    variables : list of str

    Attributes
    ----------
    arrays : dict
        ``received`` and, for each variable, ``{variable}_used`` and so on (`COUNTS`): int64, one for
        each day of the window.
    undated, outside : int
        Rows without a time, and rows that are not in the window.
    """

    def __init__(self, begin_ms: int, end_ms: int, variables: list[str]) -> None:
        first, days = grid(begin_ms, end_ms, DAY_MS)
        # As the times are: numpy would convert every time to compare it with an integer.
        self._edges = (first + np.arange(days + 1, dtype=np.float64)) * DAY_MS
        names = ["received", *(f"{variable}_{count}" for variable in variables for count in COUNTS)]
        self.arrays = {name: np.zeros(days, dtype=np.int64) for name in names}
        self.undated = self.outside = 0
        self._rejected: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {variable: [] for variable in variables}

    def add(self, name: str, times: np.ndarray) -> None:
        """Count samples by the day of their times (ms since 1970, sorted)."""
        if times.size:
            self.arrays[name] += np.diff(np.searchsorted(times, self._edges))

    def reject(self, variable: str, bins: np.ndarray) -> None:
        """Note in which bins samples were rejected; no bin comes twice."""
        self._rejected[variable].append(np.unique(bins.astype(np.int64), return_counts=True))

    def rejected_bins(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return, for each variable that has any, the bins with rejected samples, and how many in each."""
        return {
            variable: (np.concatenate([bins for bins, _ in pieces]), np.concatenate([n for _, n in pieces]))
            for variable, pieces in self._rejected.items()
            if pieces
        }

    def totals(self) -> dict[str, int]:
        """Return the sums over all days and variables."""
        totals = {"received": int(self.arrays["received"].sum())}
        for count in COUNTS:
            totals[count] = sum(int(array.sum()) for name, array in self.arrays.items() if name.endswith(f"_{count}"))
        return totals | {"undated": self.undated, "outside": self.outside}
