"""Levels of detail: coarser records made of a fine one, which keep the least and the greatest value."""

from dataclasses import dataclass, replace

import numpy as np

from plumbline.intervals import DAY_MS, HOUR_MS

FINEST_MS = 15_000
# Each is 15 to 24 of the one before: few enough to be drawn, one or more to a pixel.
STEPS_MS = (240_000, HOUR_MS, DAY_MS)
# From here on a whole record is one piece.
OVERVIEW_MS = HOUR_MS
# So much of an interval has to be there for a mean. OOI asks 0.9 of a day (DPS 1341-00080): of less, the tide is in it.
LEAST_SHARE, LEAST_SHARE_OF_DAY = 0.5, 0.9
# Days in a piece, of levels finer than 4 min and from there on: some 100 kB each.
FINE_DAYS, COARSE_DAYS = 12, 180


@dataclass(frozen=True)
class Rows:
    """Consecutive rows of a record or of a level of it.

    Attributes
    ----------
    weight : ndarray of int64, shape (n,)
        How much a row counts in a mean: its samples.
    filled : ndarray of int64, shape (n,)
        How many of the finest rows that are in it have a value.
    mean, low, high : ndarray of float64, shape (n,)
        Mean, least and greatest value; NaN where `weight` is 0.
    """

    weight: np.ndarray
    filled: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def steps_of(base_ms: int) -> list[int]:
    """Return the levels of a record (ms), the finest first, of rows that are `base_ms` long."""
    finest = FINEST_MS if base_ms < FINEST_MS and FINEST_MS % base_ms == 0 else base_ms
    return [finest, *(step for step in STEPS_MS if step > finest and step % base_ms == 0)]


def piece_days(step_ms: int) -> int:
    """Return how many days a piece of a level holds."""
    if step_ms >= STEPS_MS[0]:
        return COARSE_DAYS
    # Bins of 2 s, say, of which no 15 s can be made.
    return FINE_DAYS if step_ms >= FINEST_MS else 1


def least_share(step_ms: int) -> float:
    """Return how much of a level's row has to be there for a mean."""
    return LEAST_SHARE_OF_DAY if step_ms >= DAY_MS else LEAST_SHARE


def finest(rows: Rows, together: int) -> Rows:
    """Return the rows of the finest level, of a record of which so many make one."""
    made = coarser(rows, together)
    return replace(made, filled=(made.weight > 0).astype(np.int64))


def coarser(rows: Rows, together: int) -> Rows:
    """Return rows of which each stands for so many, weighted with their samples.

    Parameters
    ----------
    rows : Rows
        A multiple of `together`.
    together : int
    """
    if together == 1:
        return rows
    weight, filled, mean, low, high = (
        column.reshape(-1, together) for column in (rows.weight, rows.filled, rows.mean, rows.low, rows.high)
    )
    there = weight > 0
    lowest = np.fmin.reduce(low, axis=1)
    # Above the least, not above 0: 2254 psi would cost digits.
    above = np.where(there, mean - lowest[:, None], 0.0) * weight
    total = weight.sum(axis=1)
    # Column by column: the order of a sum, and so its last bit, is the same everywhere.
    summed = np.zeros(total.size)
    for column in above.T:
        summed += column
    any_there = total > 0
    means = np.where(any_there, lowest + summed / np.where(any_there, total, 1), np.nan)
    return Rows(total, filled.sum(axis=1), means, lowest, np.fmax.reduce(high, axis=1))
