"""Which files the gold copy of a stream has: calendar pieces, known by name without making any of them."""

import itertools
import uuid
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from plumbline.embedded.hashing import key_of
from plumbline.embedded.instruments import Instrument
from plumbline.embedded.orders import HOUR_MS, Order, Piece, isoformat
from plumbline.embedded.sources import Source
from plumbline.embedded.streams import Stream

DAY_MS = 24 * HOUR_MS
FIFTEEN_S_MS = 15_000
# What a file has beside its samples, as measured, for estimates of its size.
FILE_BYTES = 50_000
OVERLAP_MS, OVERLAP_PERIODS = 3 * HOUR_MS, 3


@dataclass(frozen=True)
class Holding:
    """A file of the gold copy.

    Attributes
    ----------
    order : Order
        What it holds; never asked by anybody, and dated by the end of the piece, so that it never changes.
    piece : Piece
        The window, and the times of the first and last sample that it can hold.
    modified_s : int
        Seconds since 1970.
    estimated_bytes : int
    """

    order: Order
    piece: Piece
    modified_s: int
    estimated_bytes: int

    @cached_property
    def name(self) -> str:
        """Name of the file."""
        return self.order.file_name(self.piece)


def token_of(instrument: Instrument, stream: Stream) -> str:
    """Return the name of a stream's folder."""
    return f"{instrument.designator}-{stream.method}-{stream.name}"


def unit_of(stream: Stream) -> str:
    """Return the calendar piece that a file of a stream holds: D, M or Y."""
    if stream.period_ms < 1_000:
        return "D"
    return "M" if stream.period_ms < FIFTEEN_S_MS else "Y"


def holdings(instrument: Instrument, stream: Stream, source: Source, now_ms: int) -> list[Holding]:
    """Return the files of a stream, oldest first.

    A piece that is not over is left out; what a stream that has ended holds last is there.
    """
    end_ms = now_ms if source.live else source.end_ms() + 1
    unit = f"M8[{unit_of(stream)}]"
    first, last = (np.datetime64(time_ms, "ms").astype(unit) for time_ms in (source.begin_ms, end_ms))
    edges = [int(edge) for edge in np.arange(first, last + 2).astype("M8[ms]").astype(np.int64)]
    found, order = [], _order(instrument, stream, source.origin)
    for begin, end in itertools.pairwise(edges):
        if end > end_ms and source.live:
            break
        begin, end = max(begin, source.begin_ms), min(end, end_ms)
        if begin >= end:
            continue
        for span in instrument.spans(begin, end):
            holding = _holding(order, instrument, stream, source, *span)
            if holding:
                found.append(holding)
    return found


def _holding(
    order: Order, instrument: Instrument, stream: Stream, source: Source, begin_ms: int, end_ms: int
) -> Holding | None:
    """Return the file of a window, or None where the window can hold no sample."""
    ends = source.nominal_ends(begin_ms, end_ms)
    if ends is None:
        return None
    number = instrument.deployed_at(ends[0]).number
    count = (ends[1] - ends[0]) // stream.period_ms + 1
    piece = Piece(begin_ms, end_ms, *ends, count, deployment=number)
    dated = replace(order, accepted=f"{isoformat(end_ms)[:19]}.000Z")
    return Holding(dated, piece, end_ms // 1000, FILE_BYTES + int(count * stream.file_bytes))


def _order(instrument: Instrument, stream: Stream, origin: str) -> Order:
    token = token_of(instrument, stream)
    halves = (key_of("gold copy", token), key_of("gold copy", token, 2))
    return Order(
        directory=token,
        request_uuid=str(uuid.UUID(int=halves[0] << 64 | halves[1], version=4)),
        accepted="",
        designator=instrument.designator,
        method=stream.method,
        stream=stream.name,
        begin_ms=0,
        end_ms=0,
        query={},
        media_type="application/netcdf",
        parameters=[],
        include_provenance=False,
        include_annotations=False,
        deployment=instrument.deployment,
        max_file_bytes=0,
        padding_samples=0,
        origin=origin,
    )


def overlapping(holding: Holding, instrument: Instrument, stream: Stream, source: Source) -> Holding:
    """Return a file that begins some hours before its piece, with samples of its neighbour."""
    earlier = holding.piece.begin_ms - max(OVERLAP_MS, OVERLAP_PERIODS * stream.period_ms)
    deployed = instrument.deployed_at(holding.piece.first_ms).begin_ms
    begin_ms = max(earlier, source.begin_ms, deployed if holding.piece.deployment != instrument.deployment else earlier)
    return _holding(holding.order, instrument, stream, source, begin_ms, holding.piece.end_ms) or holding


def replaced(holding: Holding) -> Holding:
    """Return what takes the place of a file: the same samples, and a day younger."""
    order = replace(holding.order, faults=[{"mode": "goldcopy_replaced", "seconds": None, "after_files": None}])
    return replace(holding, order=order, modified_s=holding.modified_s + DAY_MS // 1000)


def tightened(piece: Piece, source: Source) -> Piece:
    """Return a piece with the times of the first and last sample that it does hold; its count stays nominal.

    Raises
    ------
    LookupError
        If it holds none.
    """
    hours = range(piece.begin_ms // HOUR_MS, -(-piece.end_ms // HOUR_MS))
    ends = [next(_inside(piece, source, order), None) for order in (hours, reversed(hours))]
    if ends[0] is None:
        raise LookupError(f"there is no sample from {isoformat(piece.begin_ms)} to {isoformat(piece.end_ms)}")
    return replace(piece, first_ms=int(ends[0][0]), last_ms=int(ends[1][-1]))


def _inside(piece: Piece, source: Source, hours: range):
    """Yield the times in each of some hours that has any inside a piece."""
    for hour in hours:
        time_ms = source.hour_of_times(hour)
        time_ms = time_ms[slice(*np.searchsorted(time_ms, (piece.begin_ms, piece.end_ms)))]
        if len(time_ms):
            yield time_ms
