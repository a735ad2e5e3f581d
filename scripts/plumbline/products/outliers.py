"""Outliers and steps: where values leave the medians of their neighbourhood, or these leave each other."""

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

# The standard deviation of a normal distribution in units of its median absolute deviation.
SIGMAS_PER_MAD = 1.4826
# Windows whose medians are taken at one time: 11 MB of those of 21 values.
WINDOWS = 1 << 16
# A level on one side of a step is the median over this long.
LEVEL_MS = 300_000
# A step falls into a bin as a rule, which then lies between both levels; so bins two apart are compared.
ACROSS = 2


def medians(rows: np.ndarray) -> np.ndarray:
    """Return the median of what is there in each row.

    Parameters
    ----------
    rows : ndarray of float64, shape (m, window)
        NaN where missing.

    Returns
    -------
    ndarray of float64, shape (m,)
        NaN where nothing is there.
    """
    ordered = np.sort(rows, axis=1)  # NaN come last
    count = (~np.isnan(rows)).sum(axis=1)
    every = np.arange(rows.shape[0])
    return (ordered[every, np.maximum(count - 1, 0) // 2] + ordered[every, count // 2]) / 2


def neighbours(values: np.ndarray, window: int) -> np.ndarray:
    """Return how many values are there in the window about each place, itself included.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where missing.
    window : int
        Odd.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    there = np.pad(~np.isnan(values), window // 2)
    # Sums of whole numbers along the record are exact, so these are the same in every block.
    counted = np.concatenate([[0], np.cumsum(there)])
    return counted[window:] - counted[:-window]


def deviations(values: np.ndarray, window: int, floor: float, mads: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the places where a deviation from the window's median may exceed the floor, and how far it does.

    Hampel's identifier about a trend: the line through the medians of the window's first and last third
    is taken off, or the tide would widen what it is measured with. The deviation is told in units of `mads`
    times the scaled median absolute deviation of the window, or of the floor where that is more.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        NaN where missing: skipped in windows.
    window : int
        Odd; windows are centred and shorter at the ends.
    floor : float
        In the unit of the values.
    mads : float

    Returns
    -------
    places : ndarray of int64, shape (m,)
        At every other place all values of the window are within the floor of its own.
    excess : ndarray of float64, shape (m,)
        Above 1, the value is an outlier.
    """
    half = window // 2
    padded = np.pad(values, half, constant_values=np.nan)
    lacking = np.isnan(padded)
    # Few values are far from any neighbour, so few need their median taken.
    highest = maximum_filter1d(np.where(lacking, -np.inf, padded), window)[half : half + values.size]
    lowest = minimum_filter1d(np.where(lacking, np.inf, padded), window)[half : half + values.size]
    places = np.flatnonzero((highest - values > floor) | (values - lowest > floor))
    around = np.lib.stride_tricks.sliding_window_view(padded, window)
    excess = np.empty(places.size)
    for begin in range(0, places.size, WINDOWS):
        some = slice(begin, begin + WINDOWS)
        rows = _level(around[places[some]])
        middle = medians(rows)
        limit = np.maximum(mads * SIGMAS_PER_MAD * medians(np.abs(rows - middle[:, None])), floor)
        excess[some] = np.abs(rows[:, half] - middle) / limit
    return places, excess


def _level(rows: np.ndarray) -> np.ndarray:
    """Return the windows without their trends, unchanged in their middle and where a third is missing."""
    window = rows.shape[1]
    third = max(window // 3, 1)
    slope = (medians(rows[:, -third:]) - medians(rows[:, :third])) / max(window - third, 1)
    return rows - np.nan_to_num(slope)[:, None] * (np.arange(window) - window // 2)


def steps(values: np.ndarray, base_ms: int, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Return where the level steps.

    Neither the tide nor a long wave is a step: at least half of the change between the levels, medians of
    5 minutes, must come within the two bins between them. Steep waves of a few minutes may yet be: those of
    the tsunami of March 2011 give some tens.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        NaN where missing.
    base_ms : int
        Length of a bin, milliseconds.
    least : float
        Least step, in the unit of the values.

    Returns
    -------
    behind, before : ndarray of int64, shape (m,)
        For each step places of the new level and of the old; a step may be found at up to three places.
    """
    jump = np.full(values.size, np.nan)
    jump[ACROSS:] = values[ACROSS:] - values[:-ACROSS]
    places = np.flatnonzero(np.abs(jump) >= least / 2)
    level = max(LEVEL_MS // base_ms, 3)
    padded = np.pad(values, level + ACROSS, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, level)
    change = medians(around[places + level + ACROSS]) - medians(around[places + 1])
    behind = places[(np.abs(change) >= least) & (jump[places] * np.sign(change) >= np.abs(change) / 2)]
    return behind, behind - ACROSS
