"""Binning one chunk: every sample of its files, once, into exact bins.

Two ways lead to the same bins. Files in time order, as OOI writes them, are streamed: each block is
read once, and what belongs to a bin that may still grow is carried on. Where a sample turns up for a
bin that is already closed (files that overlap, rows far out of order) the chunk is begun again in
slabs: for each stretch of time, the blocks of all files that reach into it are read.
"""

from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

import numpy as np

from plumbline.atomic import replacing
from plumbline.errors import PlumblineError
from plumbline.intervals import DAY_MS
from plumbline.reporting import counted, log
from plumbline.samples.bins import BinsFile, grid
from plumbline.samples.counts import Counts
from plumbline.samples.directions import DEGREES, PARTS, unit_vectors
from plumbline.samples.kernel import reduce_bins
from plumbline.samples.marks import unmarked
from plumbline.samples.reader import SampleFile
from plumbline.samples.rows import Rows, repeated, without

# Rows may be this far out of order from one block to the next and still be streamed.
SLACK_MS = 60_000
# Samples that a slab should hold at the most: 12 MB a column.
SLAB_ROWS = 1_500_000
# Bins that are reduced at one time: 20 MB a variable.
MOST_BINS = 500_000


class _TooLateError(Exception):
    """A sample belongs to bins that are closed already."""


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
        With ``:direction`` behind the name of one that is a direction: its sine and cosine are binned.
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
        If a file cannot be read, lacks a variable, has it in another unit than the others, or a direction in
        another than degrees.
    """
    variables, directions = unmarked(variables)
    files = [SampleFile(path, variables) for path in paths]
    units = _units(files, variables)
    if any(file.rows for file in files):
        _demand_degrees(units, directions)
    about = {
        "Conventions": "CF-1.8",
        "title": "Statistics of samples in bins of equal length",
        "base_interval_ms": base_ms,
        "window_begin_ms": begin_ms,
        "window_end_ms": end_ms,
        "data_origin": "; ".join(sorted({file.origin for file in files} - {""})),
    } | attributes
    try:
        counts = _written(_stream, files, (begin_ms, end_ms), base_ms, variables, directions, output, units, about)
    except _TooLateError:
        log.info("Samples are far out of order, or files overlap: binning in slabs.")
        counts = _written(_slabs, files, (begin_ms, end_ms), base_ms, variables, directions, output, units, about)
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
    directions: set[str],
    output: Path,
    units: dict[str, str],
    attributes: dict[str, object],
) -> Counts:
    """Write the bins file, taking the samples one way or the other."""
    counts = Counts(*window_ms, variables)
    with replacing(output) as scratch:
        precision = {name: np.result_type(np.float32, *(file.dtypes[name] for file in files)) for name in variables}
        bins = BinsFile(scratch, *window_ms, base_ms, precision, directions)
        try:
            for rows, first, number in _in_pieces(way(files, *window_ms, base_ms, counts), base_ms):
                bins.append(_reduced(rows, variables, directions, first, number, base_ms, counts))
            # Not the rows outside: how far files reach beyond a window depends on how they were cut.
            bins.close(units, counts.arrays, counts.rejected_bins(), attributes | {"undated": counts.undated})
        finally:
            bins.abandon()
    return counts


def _in_pieces(yielded: Iterator[tuple[Rows, int, int]], base_ms: int) -> Iterator[tuple[Rows, int, int]]:
    """Cut what spans very many bins, as a hole of years does, into pieces of bounded size."""
    for rows, first, number in yielded:
        for start in range(first, first + number, MOST_BINS):
            stop = min(start + MOST_BINS, first + number)
            piece = rows if number <= MOST_BINS else rows.between(start * base_ms, stop * base_ms)
            yield piece, start, stop - start


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


def _demand_degrees(units: dict[str, str], directions: set[str]) -> None:
    for name in sorted(directions):
        if units[name] not in DEGREES:
            unit = f"is in '{units[name]}', not in degrees" if units[name] else "has no unit"
            raise PlumblineError(
                f"'{name}' is taken for a direction and {unit}; take it out of the "
                "stream's 'variables', or, if it is none, give the stream 'directions' without it."
            )


def _stream(
    files: list[SampleFile], begin_ms: int, end_ms: int, base_ms: int, counts: Counts
) -> Iterator[tuple[Rows, int, int]]:
    """Yield (samples, first bin, number of bins) in time order, reading every block once."""
    first, bins = grid(begin_ms, end_ms, base_ms)
    closed, last = first, first + bins
    carried: list[Rows] = []
    for file in files:
        with file:
            for block in file.blocks():
                rows = _inside(file, block, begin_ms, end_ms, counts=counts)
                if not rows.times.size:
                    continue
                if rows.times[0] < closed * base_ms:
                    raise _TooLateError
                # Bins before this one are taken to be complete; a sample that says otherwise is too late.
                ready = min((int(rows.times[-1]) - SLACK_MS) // base_ms, last)
                if ready <= closed:
                    carried.append(rows)
                    continue
                if carried:
                    # Only the bins that reach over the border between two blocks are put together.
                    border = min(max(int(piece.times[-1]) for piece in carried) // base_ms + 1, ready)
                    head, rows = rows.split(border * base_ms)
                    done, late = Rows.joined([*carried, head]).split(border * base_ms)
                    yield done, closed, border - closed
                    rows, closed = Rows.joined([late, rows]) if late.times.size else rows, border
                done, late = rows.split(ready * base_ms)
                if ready > closed:
                    yield done, closed, ready - closed
                carried, closed = [late] if late.times.size else [], ready
    yield Rows.joined(carried or [Rows.none(files[0].variables if files else [])]), closed, last - closed


def _slabs(
    files: list[SampleFile], begin_ms: int, end_ms: int, base_ms: int, counts: Counts
) -> Iterator[tuple[Rows, int, int]]:
    """Yield (samples, first bin, number of bins) slab by slab, whatever the order of rows and files."""
    first, bins = grid(begin_ms, end_ms, base_ms)
    spans, total = [], 0
    for file in files:
        with file:
            for block in file.blocks():
                times = _inside(file, block, begin_ms, end_ms, with_values=False, counts=counts).times
                if times.size:
                    spans.append((file, block, times[0], times[-1]))
                    total += times.size
    pieces = max(1, -(-total // SLAB_ROWS), -(-bins * base_ms // DAY_MS))
    edges = np.linspace(first, first + bins, pieces + 1).astype(np.int64)
    for start, stop in pairwise(edges):
        low, high = max(begin_ms, int(start) * base_ms), min(end_ms, int(stop) * base_ms)
        reaching = [(file, block) for file, block, least, most in spans if least < high and most >= low]
        rows = []
        for file, blocks in groupby(reaching, key=itemgetter(0)):
            with file:
                rows += [_inside(file, block, low, high) for _, block in blocks]
        yield Rows.joined(rows or [Rows.none(files[0].variables)]), int(start), int(stop - start)


def _inside(
    file: SampleFile,
    block: slice,
    begin_ms: int,
    end_ms: int,
    with_values: bool = True,
    counts: Counts | None = None,
) -> Rows:
    """Return the rows of a block that lie inside a window, sorted, and count the others."""
    times, increasing = file.times(block)
    if increasing:
        inside = slice(*np.searchsorted(times, (float(begin_ms), float(end_ms))))
        undated, left = 0, times.size - (inside.stop - inside.start)
    else:
        inside = (times >= begin_ms) & (times < end_ms)  # a comparison with NaN is false
        undated = int(np.count_nonzero(np.isnan(times)))
        left = times.size - int(np.count_nonzero(inside)) - undated
    if counts:
        counts.undated += undated
        counts.outside += left
    if undated + left == times.size:
        return Rows.none(file.variables)
    if undated + left == 0:
        inside = slice(None)
    values = {name: file.values(name, block)[inside] for name in file.variables} if with_values else {}
    return Rows(times[inside], values, True) if increasing else Rows.sorted(times[inside], values)


def _reduced(
    rows: Rows, variables: list[str], directions: set[str], first: int, bins: int, base_ms: int, counts: Counts
) -> dict:
    """Return every variable's statistics of consecutive bins, and count what was left out."""
    counts.add("received", rows.times)
    result = {}
    for name in variables:
        times, values = rows.times, rows.values.get(name, np.empty(0))
        # NaN comes through a minimum.
        missing = np.flatnonzero(np.isnan(values)) if values.size and np.isnan(values.min()) else np.empty(0, np.int64)
        repeats, conflicting = repeated(rows, values)
        if missing.size:
            counts.add(f"{name}_rejected", times[missing])
            counts.reject(name, times[missing] // base_ms)
        counts.add(f"{name}_duplicate", times[repeats])
        counts.add(f"{name}_conflicting", times[conflicting])
        if missing.size or repeats.size:
            gone = np.union1d(missing, repeats)
            times, values = without(times, gone), without(values, gone)
        counts.add(f"{name}_used", times)
        if name in directions:
            for part, column in zip(PARTS, unit_vectors(values), strict=True):
                result[name + part] = reduce_bins(times, column, first, bins, base_ms)
        else:
            result[name] = reduce_bins(times, values, first, bins, base_ms)
    return result
