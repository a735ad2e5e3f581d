"""Stretches of time without samples, found in the numbers of samples of the bins."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plumbline.errors import PlumblineError
from plumbline.samples.binned import read_attributes, read_numbers
from plumbline.samples.bins import grid

# [begin, end) in milliseconds since 1970
Stretch = tuple[int, int]


@dataclass(frozen=True)
class BinnedChunk:
    """A chunk's bins file: its window and bins, milliseconds since 1970, and its rows without a time."""

    path: Path
    begin_ms: int
    end_ms: int
    base_ms: int
    undated: int

    @staticmethod
    def of(path: Path) -> "BinnedChunk":
        """Read a chunk's attributes."""
        about = read_attributes(path)
        names = ("window_begin_ms", "window_end_ms", "base_interval_ms")
        return BinnedChunk(path, *(int(about[name]) for name in names), int(about.get("undated", 0)))


def consecutive(bins_paths: list[Path], begin_ms: int, end_ms: int) -> list[BinnedChunk]:
    """Return the chunks of bins files, which must cover a window one after the other.

    Raises
    ------
    PlumblineError
        If they do not, or have bins of different lengths.
    """
    chunks = [BinnedChunk.of(path) for path in bins_paths]
    expected = begin_ms
    for chunk in chunks:
        if chunk.begin_ms != expected or chunk.base_ms != chunks[0].base_ms:
            raise PlumblineError(f"The bins {chunk.path} do not follow those before them; remove them and run again.")
        expected = chunk.end_ms
    if expected != end_ms:
        raise PlumblineError("The bins end before the window does; remove them and run again.")
    return chunks


def period_of(chunks: list[BinnedChunk], variables: list[str], rate_hz: float | None) -> int:
    """Return the time between samples, milliseconds: by the rate, or else the most common one between filled bins."""
    if rate_hz:
        return max(1, round(1000 / rate_hz))
    spacings: Counter[int] = Counter()
    last = None
    for place, numbers in _pieces(chunks, variables):
        filled = place + np.flatnonzero(numbers.any(axis=0))
        known = filled if last is None else np.concatenate([[last], filled])
        for spacing, count in zip(*np.unique(np.diff(known), return_counts=True), strict=True):
            spacings[int(spacing)] += int(count)
        last = known[-1] if known.size else last
    # Of spacings as common as each other, the shortest.
    bins = min(spacings, key=lambda spacing: (-spacings[spacing], spacing), default=1)
    return bins * chunks[0].base_ms


def empty_stretches(chunks: list[BinnedChunk], variables: list[str], period_ms: int) -> dict[str | None, list[Stretch]]:
    """Find where there are no samples for longer than the time between two.

    A stretch begins with the bin in which the first missing sample was due and ends where the next
    one is: at a sample every 15 s and bins of 7.5 s, one sample missing makes a stretch of 15 s.

    Parameters
    ----------
    chunks : list of BinnedChunk
    variables : list of str
    period_ms : int
        Time between samples, milliseconds.

    Returns
    -------
    dict
        None: stretches in which no variable has samples; and for each of several variables those in
        which it has none and another has.
    """
    base_ms = chunks[0].base_ms
    first, bins = grid(chunks[0].begin_ms, chunks[-1].end_ms, base_ms)
    names = [None, *variables] if len(variables) > 1 else [None]
    finders = {name: _Finder(first, base_ms, period_ms) for name in names}
    for place, numbers in _pieces(chunks, variables):
        finders[None].take(place + np.flatnonzero(numbers.any(axis=0)))
        for name, row in zip(names[1:], numbers, strict=False):
            finders[name].take(place + np.flatnonzero(row))
    found = {name: finder.found(first + bins) for name, finder in finders.items()}
    least_ms = max(base_ms, period_ms)
    return {None: found[None]} | {name: _without(found[name], found[None], least_ms) for name in names[1:]}


class _Finder:
    """Finds wide spaces between filled bins that are handed in piece by piece."""

    def __init__(self, first: int, base_ms: int, period_ms: int) -> None:
        self.base_ms, self.period_ms = base_ms, period_ms
        self.step = -(-period_ms // base_ms)
        # As if there were a sample just before the window, so that the first one is due at its begin.
        self.last = first - self.step
        self.spaces: list[np.ndarray] = []

    def take(self, filled: np.ndarray) -> None:
        """Take the indices of the next filled bins."""
        if filled.size:
            bins = np.concatenate([[self.last], filled])
            wide = np.flatnonzero((np.diff(bins) - 1) * self.base_ms > self.period_ms)
            # Within one bin a sample is due in every following one.
            self.spaces.append(np.stack([bins[wide] + self.step, bins[wide + 1]], axis=1))
            self.last = int(filled[-1])

    def found(self, end: int) -> list[Stretch]:
        """Return the stretches up to the last bin, in whole bins."""
        self.take(np.array([end]))
        return [tuple(space) for space in (np.concatenate(self.spaces) * self.base_ms).tolist()]


def _pieces(chunks: list[BinnedChunk], variables: list[str]) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (first bin, numbers of samples) through all chunks."""
    for chunk in chunks:
        yield from read_numbers(chunk.path, variables)


def _without(stretches: list[Stretch], others: list[Stretch], least_ms: int) -> list[Stretch]:
    """Return what is left of stretches outside the others (both sorted, none overlapping), if it is long enough."""
    left = []
    place = 0
    for begin, end in stretches:
        while place < len(others) and others[place][1] <= begin:
            place += 1
        here = place
        while here < len(others) and others[here][0] < end:
            left.append((begin, others[here][0]))
            begin = max(begin, others[here][1])
            here += 1
        left.append((begin, end))
    return [(begin, end) for begin, end in left if end - begin >= least_ms]
