"""Samples on their way from files to bins: sorted by time, whatever order they come in."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

# More pieces than this are sorted as a whole: looking at each would take longer.
MOST_RUNS = 2_000


@dataclass
class Rows:
    """Samples sorted by time; those of equal time in the order of the files.

    Attributes
    ----------
    times : ndarray of float64
        Whole milliseconds since 1970, not decreasing.
    values : dict
        A column for each variable, float32 or float64, NaN where there is no measurement.
    distinct : bool
        Whether it is known that no two times are equal.
    """

    times: np.ndarray
    values: dict[str, np.ndarray]
    distinct: bool

    def where(self, rows: slice) -> "Rows":
        """Return consecutive rows."""
        return Rows(self.times[rows], {name: column[rows] for name, column in self.values.items()}, self.distinct)

    def split(self, when_ms: float) -> tuple["Rows", "Rows"]:
        """Return the rows before a time, and the others."""
        place = int(np.searchsorted(self.times, float(when_ms)))
        return self.where(slice(place)), self.where(slice(place, None))

    def between(self, begin_ms: float, end_ms: float) -> "Rows":
        """Return the rows of a stretch of time, begin inclusive, end exclusive."""
        return self.where(slice(*np.searchsorted(self.times, (float(begin_ms), float(end_ms)))))

    @staticmethod
    def none(variables: list[str]) -> "Rows":
        """Return no rows."""
        return Rows(np.empty(0), {name: np.empty(0) for name in variables}, True)

    @staticmethod
    def sorted(times: np.ndarray, values: dict[str, np.ndarray]) -> "Rows":
        """Sort samples by time; of equal times, those that come first stay first. The arrays may be changed."""
        places = out_of_place(times)
        if places.size:
            order = places[np.argsort(times[places], kind="stable")]
            for column in (times, *values.values()):
                column[places] = column[order]
        return Rows(times, values, distinct=not places.size)

    @staticmethod
    def joined(pieces: list["Rows"]) -> "Rows":
        """Join pieces, given in the order of the files."""
        if len(pieces) == 1:
            return pieces[0]
        times = np.concatenate([piece.times for piece in pieces])
        values = {name: np.concatenate([piece.values[name] for piece in pieces]) for name in pieces[0].values}
        filled = [piece.times for piece in pieces if piece.times.size]
        if all(one[-1] < other[0] for one, other in pairwise(filled)):
            return Rows(times, values, all(piece.distinct for piece in pieces))
        return Rows.sorted(times, values)


def out_of_place(times: np.ndarray) -> np.ndarray:
    """Return the positions whose rows sorting may move; every other row is later than all before, and earlier than
    all behind it.

    What is in disorder is a small part of most records, so that sorting this part alone saves most
    of the work. Between two places where time goes back, times increase: these runs are compared
    by their ends.

    Parameters
    ----------
    times : ndarray of float64
        No NaN.
    """
    breaks = np.flatnonzero(times[1:] <= times[:-1]) + 1
    if not breaks.size:
        return breaks
    if breaks.size >= MOST_RUNS:
        return np.arange(times.size)
    starts, stops = np.concatenate(([0], breaks)), np.concatenate((breaks, [times.size]))
    before = np.concatenate(([-np.inf], np.maximum.accumulate(times[stops - 1])[:-1]))
    behind = np.concatenate((np.minimum.accumulate(times[starts][::-1])[::-1][1:], [np.inf]))
    pieces = []
    for start, stop, latest, earliest in zip(starts, stops, before, behind, strict=True):
        run = times[start:stop]
        head = start + np.searchsorted(run, latest, side="right")
        tail = start + np.searchsorted(run, earliest, side="left")
        pieces += [np.arange(start, stop)] if head >= tail else [np.arange(start, head), np.arange(tail, stop)]
    return np.concatenate(pieces)


def repeated(rows: Rows, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which samples are left out because there is one of the same time already.

    Parameters
    ----------
    rows : Rows
    values : ndarray of float
        One of their columns. Where it is NaN, there is no sample.

    Returns
    -------
    repeats : ndarray of int64
        Positions of samples that are not the first of their time.
    conflicting : ndarray of int64
        Those of them whose value differs from the first.
    """
    nothing = np.empty(0, np.int64)
    if rows.distinct:
        return nothing, nothing
    again = np.flatnonzero(rows.times[1:] == rows.times[:-1]) + 1
    if not again.size:
        return nothing, nothing
    members = np.union1d(again - 1, again)
    members = members[~np.isnan(values[members])]
    times, values = rows.times[members], values[members]
    later = np.concatenate(([False], times[1:] == times[:-1]))[: members.size]
    first = values[~later][np.cumsum(~later) - 1]
    return members[later], members[later & (values != first)]


def without(column: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return a column without the rows at some places (sorted)."""
    if places.size > MOST_RUNS:
        keep = np.ones(column.size, bool)
        keep[places] = False
        return column[keep]
    # A few long copies are quicker than a look at every row.
    edges = [-1, *places.tolist(), column.size]
    return np.concatenate([column[one + 1 : other] for one, other in pairwise(edges)])
