"""The kernel: samples in time order in, exact statistics of each bin out.

A bin's statistics depend on its own samples alone: not on blocks, files, chunks or the number of
cores. So whoever hands in complete bins gets the same bits, however the samples were cut.
"""

from dataclasses import dataclass

import numpy as np

# Where there are fewer samples in a bin, looking for its edge among them costs more than dividing every time.
SAMPLES_PER_EDGE = 40


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

    Sums are taken of differences from the bin's least value, so that M2 keeps its digits however far
    the values lie from zero: n (mean - min)^2 is at most n M2, hence M2 loses no more than a factor n + 1
    of the precision of float64 (shifted data, Chan, Golub and LeVeque 1983).

    Parameters
    ----------
    times : ndarray of float64
        Whole milliseconds since 1970, strictly increasing, none outside the bins asked for.
    values : ndarray of float32 or float64
        Finite.
    first_bin : int
        Index of the first bin; bin k is [k base_ms, (k + 1) base_ms).
    bins : int
        How many bins.
    base_ms : int
        Length of a bin, milliseconds.
    """
    result = Statistics(np.zeros(bins, np.int64), *np.full((4, bins), np.nan))
    if not times.size:
        return result
    filled, starts, counts = _places(times, first_bin, bins, base_ms)
    least = np.minimum.reduceat(values, starts).astype(np.float64)
    above = np.repeat(least, counts)
    np.subtract(values, above, out=above)
    total = np.add.reduceat(above, starts)
    np.multiply(above, above, out=above)
    squares = np.add.reduceat(above, starts)
    result.n[filled] = counts
    result.mean[filled] = least + total / counts
    result.m2[filled] = np.maximum(squares - total * total / counts, 0.0)
    result.minimum[filled] = least
    result.maximum[filled] = np.maximum.reduceat(values, starts)
    return result


def _places(times: np.ndarray, first_bin: int, bins: int, base_ms: int) -> tuple[np.ndarray | slice, ...]:
    """Return which bins hold samples, where each of these begins among the samples, and how many it holds."""
    if times.size > SAMPLES_PER_EDGE * bins:
        edges = (first_bin + np.arange(bins + 1, dtype=np.float64)) * base_ms
        places = np.searchsorted(times, edges)
        counts = np.diff(places)
        filled = counts > 0
        if filled.all():
            return slice(None), places[:-1], counts
        return filled, places[:-1][filled], counts[filled]
    # Whole numbers below 2^53, and a quotient that is not within a rounding error of the next: exact.
    bin_of = np.floor(times / base_ms)
    starts = np.concatenate(([0], np.flatnonzero(bin_of[1:] != bin_of[:-1]) + 1))
    return bin_of[starts].astype(np.int64) - first_bin, starts, np.diff(starts, append=times.size)


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
    result = Statistics(total, *np.full((4, bins), np.nan))
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
