"""The kernel: samples in time order in, exact statistics of each bin out.

A bin's statistics depend on its own samples alone: not on blocks, files, chunks or the number of
cores. So whoever hands in complete bins gets the same bits, however the samples were cut.
"""

from dataclasses import dataclass

import numpy as np


@dataclass
class Statistics:
    """Statistics of consecutive bins, arrays of one length.

    Attributes
    ----------
    n : ndarray of int64
        Number of samples.
    mean, m2, minimum, maximum : ndarray of float64
        Arithmetic mean; sum of squared deviations from it; extremes. NaN where n is 0.
    """

    n: np.ndarray
    mean: np.ndarray
    m2: np.ndarray
    minimum: np.ndarray
    maximum: np.ndarray


def reduce_bins(times: np.ndarray, values: np.ndarray, first_bin: int, bins: int, base_ms: int) -> Statistics:
    """Reduce samples to the statistics of consecutive bins.

    Two passes: the mean, then squared deviations from it, so that M2 keeps its digits however far
    the values lie from zero (Chan, Golub and LeVeque 1983).

    Parameters
    ----------
    times : ndarray of int64
        Milliseconds since 1970, strictly increasing, none outside the bins asked for.
    values : ndarray of float64
        Finite.
    first_bin : int
        Index of the first bin; bin k is [k base_ms, (k + 1) base_ms).
    bins : int
        How many bins.
    base_ms : int
        Length of a bin, milliseconds.
    """
    edges = (first_bin + np.arange(bins + 1, dtype=np.int64)) * base_ms
    places = np.searchsorted(times, edges)
    n = np.diff(places)
    empty = np.full(bins, np.nan)
    result = Statistics(n, empty, empty.copy(), empty.copy(), empty.copy())
    filled = n > 0
    if not filled.any():
        return result
    starts, counts = places[:-1][filled], n[filled]
    mean = np.add.reduceat(values, starts) / counts
    deviations = values - np.repeat(mean, counts)
    # What rounding left in the mean shows as a mean deviation other than zero.
    residual = np.add.reduceat(deviations, starts)
    deviations *= deviations
    m2 = np.add.reduceat(deviations, starts) - residual * residual / counts
    result.mean[filled] = mean + residual / counts
    result.m2[filled] = np.maximum(m2, 0.0)
    result.minimum[filled] = np.minimum.reduceat(values, starts)
    result.maximum[filled] = np.maximum.reduceat(values, starts)
    return result


def merge_bins(start_ms: np.ndarray, fine: Statistics, first_bin: int, bins: int, interval_ms: int) -> Statistics:
    """Merge fine bins to coarser ones, in time order (Chan, Golub and LeVeque 1983).

    Parameters
    ----------
    start_ms : ndarray of int64
        Starts of the fine bins, increasing; every coarse bin asked for is covered whole.
    fine : Statistics
        Of the fine bins.
    first_bin, bins, interval_ms : int
        As in `reduce_bins`, for the coarse bins.
    """
    used = fine.n > 0
    start_ms, n = start_ms[used], fine.n[used]
    edges = (first_bin + np.arange(bins + 1, dtype=np.int64)) * interval_ms
    places = np.searchsorted(start_ms, edges)
    pieces = np.diff(places)
    total = np.zeros(bins, dtype=np.int64)
    empty = np.full(bins, np.nan)
    result = Statistics(total, empty, empty.copy(), empty.copy(), empty.copy())
    filled = pieces > 0
    if not filled.any():
        return result
    starts, counts = places[:-1][filled], pieces[filled]
    mean, m2 = fine.mean[used], fine.m2[used]
    total[filled] = np.add.reduceat(n, starts)
    # About the first mean of each coarse bin, so that nothing large cancels.
    about = mean[starts]
    merged = about + np.add.reduceat(n * (mean - np.repeat(about, counts)), starts) / total[filled]
    between = n * np.square(mean - np.repeat(merged, counts))
    result.mean[filled] = merged
    result.m2[filled] = np.add.reduceat(m2, starts) + np.add.reduceat(between, starts)
    result.minimum[filled] = np.minimum.reduceat(fine.minimum[used], starts)
    result.maximum[filled] = np.maximum.reduceat(fine.maximum[used], starts)
    return result


def in_order(times: np.ndarray) -> np.ndarray | None:
    """Return the stable order that sorts times, or None where they are sorted already."""
    if times.size < 2 or (times[1:] >= times[:-1]).all():
        return None
    return np.argsort(times, kind="stable")


def first_of_each(times: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Keep one sample for each time: the first.

    Parameters
    ----------
    times : ndarray of int64
        Not decreasing; equal times in file order.
    values : ndarray of float64
        Finite.

    Returns
    -------
    times, values : ndarray
        One for each time.
    repeated : ndarray of int64
        The times of the samples left out.
    conflicting : ndarray of int64
        Those of them whose value differs from the one kept.
    """
    again = times[1:] == times[:-1]
    if not again.any():
        nothing = times[:0]
        return times, values, nothing, nothing
    keep = np.concatenate(([True], ~again))
    kept_values = values[keep]
    first = kept_values[np.cumsum(keep) - 1]
    return times[keep], kept_values, times[~keep], times[~keep & (values != first)]
