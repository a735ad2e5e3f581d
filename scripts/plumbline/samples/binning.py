"""Binning one chunk: every sample of its files, once, into exact bins.

Two ways lead to the same bins. Files in time order, as OOI writes them, are streamed: each block is
read once, and what belongs to a bin that may still grow is carried on. Where a sample turns up for a
bin that is already closed (files that overlap, rows far out of order) the chunk is begun again in
slabs: for each stretch of time, the blocks of all files that reach into it are read.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from plumbline.atomic import replacing
from plumbline.errors import PlumblineError
from plumbline.intervals import DAY_MS
from plumbline.reporting import counted, log
from plumbline.samples.bins import COUNTS, BinsFile, grid
from plumbline.samples.kernel import first_of_each, in_order, reduce_bins
from plumbline.samples.reader import SampleFile

# Rows may be this far out of order from one block to the next and still be streamed.
SLACK_MS = 60_000
# Samples that a slab should hold at the most: 12 MB a column.
SLAB_ROWS = 1_500_000
# Bins that are reduced at one time: 20 MB a variable.
MOST_BINS = 500_000


class _TooLateError(Exception):
    """A sample belongs to bins that are closed already."""


@dataclass
class _Rows:
    """Samples in the order of the files: times in ms, and a column of values for each variable."""

    times: np.ndarray
    values: dict[str, np.ndarray]

    def where(self, rows: np.ndarray | slice) -> "_Rows":
        return _Rows(self.times[rows], {name: column[rows] for name, column in self.values.items()})

    @staticmethod
    def joined(pieces: list["_Rows"]) -> "_Rows":
        if len(pieces) == 1:
            return pieces[0]
        columns = {name: np.concatenate([piece.values[name] for piece in pieces]) for name in pieces[0].values}
        return _Rows(np.concatenate([piece.times for piece in pieces]), columns)


def bin_files(
    paths: list[Path],
    begin_ms: int,
    end_ms: int,
    base_ms: int,
    variables: list[str],
    output: Path,
    attributes: dict[str, str],
) -> dict[str, int]:
    """Reduce the samples of a chunk's files to bins and write them.

    Used are samples inside [begin, end) by their time rounded to the millisecond, finite and not a
    fill value, one for each time: the first in the order of `paths`, and of rows in a file.

    Parameters
    ----------
    paths : list of Path
        netCDF files; may be empty. The bins do not depend on how samples are cut into files.
    begin_ms, end_ms : int
        The window, milliseconds since 1970.
    base_ms : int
        Length of a bin, milliseconds.
    variables : list of str
    output : Path
        The bins file; it appears whole or not at all.
    attributes : dict
        Global attributes to add.

    Returns
    -------
    dict
        Totals: ``received`` rows, and ``used``, ``duplicate``, ``conflicting`` and ``rejected``
        over all variables; ``undated`` rows, which have no time, and rows ``outside`` the window.

    Raises
    ------
    PlumblineError
        If a file cannot be read, lacks a variable, or has it in another unit than the others.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(SampleFile(path, variables)) for path in paths]
        units = _units(files, variables)
        origins = sorted({file.origin for file in files} - {""})
        about = {
            "Conventions": "CF-1.8",
            "title": "Statistics of samples in bins of equal length",
            "base_interval_ms": base_ms,
            "window_begin_ms": begin_ms,
            "window_end_ms": end_ms,
            "data_origin": "; ".join(origins),
        } | attributes
        try:
            counts = _written(_stream, files, (begin_ms, end_ms), base_ms, variables, output, units, about)
        except _TooLateError:
            log.info("Samples are far out of order, or files overlap: binning in slabs.")
            counts = _written(_slabs, files, (begin_ms, end_ms), base_ms, variables, output, units, about)
    totals = counts.totals()
    log.info("%s.", ", ".join(f"{count} {name}" for name, count in totals.items()))
    if counts.undated:
        log.warning("%s without a time could not be used.", counted(counts.undated, "row"))
    return totals


def _written(
    way: Callable,
    files: list[SampleFile],
    window_ms: tuple[int, int],
    base_ms: int,
    variables: list[str],
    output: Path,
    units: dict[str, str],
    attributes: dict[str, object],
) -> "_Counts":
    """Write the bins file, taking the samples one way or the other."""
    counts = _Counts(*window_ms, variables)
    with replacing(output) as scratch:
        bins = BinsFile(scratch, *window_ms, base_ms, variables)
        try:
            for rows, first, number in _in_pieces(way(files, *window_ms, base_ms, counts), base_ms):
                bins.append(_reduced(rows, variables, first, number, base_ms, counts))
            # Not the rows outside: how far files reach beyond a window depends on how they were cut.
            bins.close(units, counts.arrays, counts.rejected_bins(), attributes | {"undated": counts.undated})
        finally:
            bins.abandon()
    return counts


def _in_pieces(yielded: Iterator[tuple["_Rows", int, int]], base_ms: int) -> Iterator[tuple["_Rows", int, int]]:
    """Cut what spans very many bins, as a hole of years does, into pieces of bounded size."""
    for rows, first, number in yielded:
        for start in range(first, first + number, MOST_BINS):
            stop = min(start + MOST_BINS, first + number)
            if number <= MOST_BINS:
                yield rows, start, stop - start
            else:
                yield rows.where((rows.times >= start * base_ms) & (rows.times < stop * base_ms)), start, stop - start


def _units(files: list[SampleFile], variables: list[str]) -> dict[str, str]:
    """Return the units of each variable, which must be the same in every file."""
    units: dict[str, str] = {}
    for name in variables:
        found = {file.units[name]: file.path.name for file in files if file.rows}
        if len(found) > 1:
            said = "; ".join(f"'{unit}' in {path}" for unit, path in sorted(found.items()))
            raise PlumblineError(
                f"Files of one chunk hold '{name}' in different units: {said}; cut the window, or take smaller chunks."
            )
        units[name] = next(iter(found), "")
    return units


def _stream(
    files: list[SampleFile], begin_ms: int, end_ms: int, base_ms: int, counts: "_Counts"
) -> Iterator[tuple[_Rows, int, int]]:
    """Yield (samples, first bin, number of bins) in time order, reading every block once."""
    first, bins = grid(begin_ms, end_ms, base_ms)
    closed, last = first, first + bins
    carried: list[_Rows] = []
    for file in files:
        for block in file.blocks():
            rows = _inside(file, block, begin_ms, end_ms, counts=counts)
            if not rows.times.size:
                continue
            if rows.times.min() < closed * base_ms:
                raise _TooLateError
            carried.append(rows)
            # Bins before this one are taken to be complete; a sample that says otherwise is too late.
            ready = min((int(rows.times.max()) - SLACK_MS) // base_ms, last)
            if ready > closed:
                together = _Rows.joined(carried)
                late = together.times >= ready * base_ms
                carried = [together.where(late)]
                yield together.where(~late), closed, ready - closed
                closed = ready
    nothing = _Rows(np.empty(0, np.int64), {name: np.empty(0) for file in files[:1] for name in file.variables})
    yield _Rows.joined(carried or [nothing]), closed, last - closed


def _slabs(
    files: list[SampleFile], begin_ms: int, end_ms: int, base_ms: int, counts: "_Counts"
) -> Iterator[tuple[_Rows, int, int]]:
    """Yield (samples, first bin, number of bins) slab by slab, whatever the order of rows and files."""
    first, bins = grid(begin_ms, end_ms, base_ms)
    spans, total = [], 0
    for file in files:
        for block in file.blocks():
            times = _inside(file, block, begin_ms, end_ms, with_values=False, counts=counts).times
            if times.size:
                spans.append((file, block, int(times.min()), int(times.max())))
                total += times.size
    pieces = max(1, -(-total // SLAB_ROWS), -(-bins * base_ms // DAY_MS))
    edges = np.linspace(first, first + bins, pieces + 1).astype(np.int64)
    for start, stop in pairwise(edges):
        low, high = max(begin_ms, int(start) * base_ms), min(end_ms, int(stop) * base_ms)
        reaching = [(file, block) for file, block, least, most in spans if least < high and most >= low]
        rows = [_inside(file, block, low, high) for file, block in reaching]
        nothing = _Rows(np.empty(0, np.int64), {name: np.empty(0) for name in files[0].variables})
        yield _Rows.joined(rows or [nothing]), int(start), int(stop - start)


def _inside(
    file: SampleFile,
    block: slice,
    begin_ms: int,
    end_ms: int,
    with_values: bool = True,
    counts: "_Counts | None" = None,
) -> _Rows:
    """Return the rows of a block that lie inside a window, and count the others."""
    times, dated = file.times(block)
    inside = (times >= begin_ms) & (times < end_ms)
    if dated is not None:
        inside &= dated
    every = inside.all()
    if counts and not every:
        counts.leave_out(inside, dated)
    if not inside.any():
        return _Rows(times[:0], {name: np.empty(0) for name in file.variables})
    rows = _Rows(times, {name: file.values(name, block) for name in file.variables} if with_values else {})
    return rows if every else rows.where(inside)


def _reduced(rows: _Rows, variables: list[str], first: int, bins: int, base_ms: int, counts: "_Counts") -> dict:
    """Return every variable's statistics of consecutive bins, and count what was left out."""
    order = in_order(rows.times)
    if order is not None:
        rows = rows.where(order)
    counts.add("received", rows.times)
    result = {}
    for name in variables:
        times, values = rows.times, rows.values.get(name, np.empty(0))
        valid = np.isfinite(values)
        if not valid.all():
            counts.add(f"{name}_rejected", times[~valid])
            counts.reject(name, times[~valid] // base_ms)
            times, values = times[valid], values[valid]
        times, values, repeated, conflicting = first_of_each(times, values)
        counts.add(f"{name}_used", times)
        counts.add(f"{name}_duplicate", repeated)
        counts.add(f"{name}_conflicting", conflicting)
        result[name] = reduce_bins(times, values, first, bins, base_ms)
    return result


class _Counts:
    """What became of the samples of each UTC day."""

    def __init__(self, begin_ms: int, end_ms: int, variables: list[str]) -> None:
        first, days = grid(begin_ms, end_ms, DAY_MS)
        self._edges = (first + np.arange(days + 1, dtype=np.int64)) * DAY_MS
        names = ["received", *(f"{variable}_{count}" for variable in variables for count in COUNTS)]
        self.arrays = {name: np.zeros(days, dtype=np.int64) for name in names}
        self.undated = self.outside = 0
        self._rejected: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {variable: [] for variable in variables}

    def add(self, name: str, times: np.ndarray) -> None:
        """Count samples by the day of their times (sorted)."""
        if times.size:
            self.arrays[name] += np.diff(np.searchsorted(times, self._edges))

    def leave_out(self, inside: np.ndarray, dated: np.ndarray | None) -> None:
        """Count the rows of a block that are not inside the window."""
        undated = 0 if dated is None else int(np.count_nonzero(~dated))
        self.undated += undated
        self.outside += int(np.count_nonzero(~inside)) - undated

    def reject(self, variable: str, bins: np.ndarray) -> None:
        """Note in which bins samples were rejected; no bin comes twice."""
        self._rejected[variable].append(np.unique(bins, return_counts=True))

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
