"""Resampling: the bins of every chunk, merged to the bins of a table, in bounded pieces."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from plumbline.errors import PlumblineError
from plumbline.samples.binned import read_attributes, read_slices
from plumbline.samples.bins import grid
from plumbline.samples.directions import PARTS
from plumbline.samples.kernel import Statistics, merge_bins

# Bins that are merged at one time: 5 MB for their statistics.
SLICE_BINS = 1 << 17


def resample(
    bins_paths: list[Path], variable: str, interval_ms: int, begin_ms: int, end_ms: int, part: str = ""
) -> Iterator[tuple[np.ndarray, Statistics]]:
    """Merge bins to a coarser interval.

    An interval divides a day and chunks meet at midnight, so that no bin of a table needs two
    chunks; within one, pieces are cut at midnight too. The result depends on the bins alone.

    Parameters
    ----------
    bins_paths : list of Path
        Bins files of consecutive chunks, in time order.
    variable : str
    interval_ms : int
        Length of the table's bins, milliseconds; a multiple of the base interval.
    begin_ms, end_ms : int
        The window, milliseconds since 1970.
    part : str
        Of a direction: its sine or its cosine (`plumbline.samples.directions`).

    Yields
    ------
    start_ms : ndarray of int64
        Starts of consecutive bins of the table; together every bin that overlaps the window.
    statistics : Statistics

    Raises
    ------
    PlumblineError
        If the bins do not cover the window one after the other, or are too coarse.
    """
    expected, last = (bound for bound in _bounds(begin_ms, end_ms, interval_ms))
    for path in bins_paths:
        base_ms = int(read_attributes(path)["base_interval_ms"])
        if interval_ms % base_ms:
            raise PlumblineError(f"The bins {path} are of {base_ms} ms, too coarse for {interval_ms} ms.")
        slice_ms = max(1, SLICE_BINS * base_ms // interval_ms) * interval_ms
        for starts, fine in read_slices(path, variable, slice_ms, part):
            first, bins = grid(int(starts[0]), int(starts[-1]) + base_ms, interval_ms)
            if first != expected:
                raise PlumblineError(f"The bins {path} do not follow those before them; remove them and run again.")
            coarse = merge_bins(starts, fine, first, bins, interval_ms)
            yield (first + np.arange(bins, dtype=np.int64)) * interval_ms, coarse
            expected = first + bins
    demand_end(expected, last, variable)


def resample_direction(
    bins_paths: list[Path], variable: str, interval_ms: int, begin_ms: int, end_ms: int
) -> Iterator[tuple[np.ndarray, Statistics, Statistics]]:
    """Yield starts, and the statistics of the sine and of the cosine of a direction; as `resample`."""
    both = (resample(bins_paths, variable, interval_ms, begin_ms, end_ms, part) for part in PARTS)
    for (starts, sine), (_, cosine) in zip(*both, strict=True):
        yield starts, sine, cosine


def demand_end(reached: int, wanted: int, variable: str) -> None:
    """Raise a PlumblineError where bins end elsewhere than the window does."""
    if reached != wanted:
        raise PlumblineError(f"The bins of '{variable}' end before the window does; remove them and run again.")


def _bounds(begin_ms: int, end_ms: int, interval_ms: int) -> tuple[int, int]:
    first, bins = grid(begin_ms, end_ms, interval_ms)
    return first, first + bins
