"""The shapes that faults give to an order's files: how its window is cut, and what its variables are.

The samples in the files stay the same whatever the shape, but for those of failed slices.
"""

import itertools
from dataclasses import replace

import numpy as np

from plumbline.embedded.instruments import Instrument
from plumbline.embedded.orders import HOUR_MS, Order, Piece, padded, plan
from plumbline.embedded.parameters import PROVENANCE, Parameter
from plumbline.embedded.particles import variables_of
from plumbline.embedded.sources import Source
from plumbline.embedded.streams import Stream

DAY_MS = 24 * HOUR_MS
FEW_FILES, MANY_FILES = 6, 240
OVERLAP_MS, OVERLAP_PERIODS = 5_000, 3
FAILURES = (
    (408, "Data processing timed out after 3600 seconds"),
    (500, "Unexpected internal error during request"),
)

LATITUDE = Parameter("lat", None, "f8", "degrees_north", "latitude", None)
LONGITUDE = Parameter("lon", None, "f8", "degrees_east", "longitude", None)

Windows = list[tuple[int, int]]


def pieces_of(order: Order, source: Source, instrument: Instrument, stream: Stream) -> list[Piece]:
    """Return the data files of an order, whichever faults shape them; none holds samples of two deployments."""
    begin_ms, end_ms = padded(order, source)
    runs = [span for run in _good_runs(order, begin_ms, end_ms) for span in instrument.spans(*run)]
    windows = _windows(order, begin_ms, end_ms, stream)
    if windows:
        cut = [(max(a, c), min(b, d)) for a, b in windows for c, d in runs if max(a, c) < min(b, d)]
        pieces = [piece for window in cut if (piece := _piece(source, *window))]
    else:
        pieces = [
            piece
            for begin, end in runs
            for piece in plan(replace(order, begin_ms=begin, end_ms=end, padding_samples=0), source, stream.file_bytes)
        ]
    # Where samples are few, two windows can hold the same ones, and would have one name.
    distinct = {(piece.first_ms, piece.last_ms): piece for piece in pieces}
    pieces = [replace(piece, number=number) for number, piece in enumerate(distinct.values())]
    if len(instrument.deployments) == 1:
        return pieces
    return [replace(piece, deployment=order.deployment_at(piece.first_ms, instrument)) for piece in pieces]


def slices(order: Order) -> list[tuple[int, int, tuple[int, str] | None]]:
    """Return the time slices of an order: half-open window, and why it failed if it did.

    Of every four the second failed: slices of an hour, or of a day where the window is longer
    than two. What is shorter than two slices is cut in four.
    """
    begin_ms, end_ms = order.begin_ms, order.end_ms
    if not order.suffers("failed_slices"):
        return [(begin_ms, end_ms, None)]
    length = end_ms - begin_ms
    step = HOUR_MS if length <= 2 * DAY_MS else DAY_MS
    if length < 2 * step + 2_000:
        step = max(1_000, length // 4_000 * 1_000)
    # A client asks a little more than it means: a rest of less than a second is no slice.
    inner = range(-(-(begin_ms + 1_000) // step) * step, end_ms - 999, step)
    edges = [begin_ms, *inner, end_ms]
    return [
        (first, last, FAILURES[number // 4 % len(FAILURES)] if number % 4 == 1 else None)
        for number, (first, last) in enumerate(itertools.pairwise(edges))
    ]


def _good_runs(order: Order, begin_ms: int, end_ms: int) -> Windows:
    """Return the windows between failed slices; the first and the last reach as far as the padding does."""
    cut = slices(order)
    runs: Windows = []
    for first, last, failure in cut:
        first, last = begin_ms if first == order.begin_ms else first, end_ms if last == order.end_ms else last
        if failure:
            continue
        if runs and runs[-1][1] == first:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return runs


def _windows(order: Order, begin_ms: int, end_ms: int, stream: Stream) -> Windows:
    """Return the windows into which a fault cuts an order; none where none does."""
    many, overlap = order.suffers("unaggregated"), order.suffers("overlap")
    if not many and not overlap:
        return []
    least_ms = max(4 * stream.period_ms if overlap else stream.period_ms, 1_000)
    count = max(1, min(MANY_FILES if many else FEW_FILES, (end_ms - begin_ms) // least_ms))
    # Edges at whole seconds: names without fractions must differ too.
    inner = np.linspace(begin_ms, end_ms, count + 1)[1:-1] // 1_000 * 1_000
    edges = [begin_ms, *(int(edge) for edge in inner), end_ms]
    back_ms = max(OVERLAP_MS, OVERLAP_PERIODS * stream.period_ms) if overlap else 0
    return [(max(first - back_ms, begin_ms), last) for first, last in itertools.pairwise(edges)]


def _piece(source: Source, begin_ms: int, end_ms: int) -> Piece | None:
    """Return a window as a piece, or None where it holds no sample."""
    first, last, count = 0, 0, 0
    for hour in range(begin_ms // HOUR_MS, -(-end_ms // HOUR_MS)):
        time_ms = source.hour_of_times(hour)
        time_ms = time_ms[slice(*np.searchsorted(time_ms, (begin_ms, end_ms)))]
        if len(time_ms):
            first, last = first if count else int(time_ms[0]), int(time_ms[-1])
            count += len(time_ms)
    return Piece(begin_ms, end_ms, first, last, count) if count else None


def differs(order: Order, piece: Piece) -> bool:
    """Tell whether a file is one of those whose variables are those of older results: every other one."""
    return order.suffers("variables_differ") and piece.number % 2 == 0


def variables_in(order: Order, piece: Piece, stream: Stream) -> list[Parameter]:
    """Return the variables of a file."""
    variables = order.kept(variables_of(stream, order.include_provenance))
    if not differs(order, piece):
        return variables
    older = [PROVENANCE] if PROVENANCE not in variables else []
    for variable in variables:
        checked, _, what = variable.name.partition("_qartod_")
        if what:
            older.append(Parameter(f"{checked}_qc_{what}", None, "u1", "1", f"{checked} QC {what}", None))
        else:
            older.append(replace(variable, units="psia") if variable.units == "psi" else variable)
    return [*older, LATITUDE, LONGITUDE]
