"""NetCDF files that lie beside the asked ones and do not belong to them, which faults switch on."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from plumbline.atomic import replacing
from plumbline.embedded import netcdf
from plumbline.embedded.instruments import Instrument
from plumbline.embedded.orders import Order, Piece
from plumbline.embedded.sources import Source
from plumbline.embedded.streams import Stream

# deployment0000_..._19700101T000140-19700101T000419.nc lay in a result of 2018.
FIRST_1970_MS, LAST_1970_MS, STEP_1970_MS = 100_000, 259_000, 1_000
# Whoever takes samples of another stream for the asked ones is to notice.
STRANGE = 4_321.0
LONGEST_MS = 300_000


class _Strange:
    """Samples that nobody asked for: the times of a source or of 1970, and absurd values."""

    title = "Synthetic"

    def __init__(self, stream: Stream, source: Source | None, origin: str) -> None:
        self.stream, self.source, self.origin = stream, source, origin
        self.begin_ms = FIRST_1970_MS if source is None else source.begin_ms

    def end_ms(self) -> int:
        """Return the time of the last sample, milliseconds since 1970."""
        return LAST_1970_MS if self.source is None else self.source.end_ms()

    def hour_of_times(self, hour: int) -> np.ndarray:
        """Return the times in an hour, milliseconds since 1970, int64."""
        if self.source is not None:
            return self.source.hour_of_times(hour)
        return np.arange(FIRST_1970_MS, LAST_1970_MS + 1, STEP_1970_MS) if hour == 0 else np.empty(0, np.int64)

    def hour_of_samples(self, hour: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the times in an hour, and the same absurd number for every measured value."""
        time_ms = self.hour_of_times(hour)
        measured = [
            one
            for one in self.stream.parameters
            if one.dtype[0] in "fi" and not one.name.endswith(("_timestamp", "time15s"))
        ]
        return time_ms, {one.name: np.full(len(time_ms), STRANGE).astype(one.dtype) for one in measured}


def write(
    folder: Path, order: Order, pieces: list[Piece], instrument: Instrument, stream: Stream, source: Source
) -> list[str]:
    """Write what the order's faults ask for, and return the names."""
    names = []
    plain = replace(order, faults=[fault for fault in order.faults if fault["mode"] == "whole_seconds"])
    if order.suffers("deployment_zero"):
        count = (LAST_1970_MS - FIRST_1970_MS) // STEP_1970_MS + 1
        piece = Piece(FIRST_1970_MS, LAST_1970_MS + 1, FIRST_1970_MS, LAST_1970_MS, count)
        strange = _Strange(stream, None, source.origin)
        names.append(_written(folder, replace(plain, deployment=0), piece, instrument, stream, strange))
    if order.suffers("ancillary") and pieces:
        site, node, _ = instrument.path
        beside = (
            (instrument.designator, f"{stream.name}_native"),
            (f"{site}-{node}-12-CTDPFB399", "ctdpf_optode_sample"),
        )
        for designator, name in beside:
            other = replace(plain, designator=designator, stream=name, parameters=[])
            kinds = replace(instrument, designator=designator), replace(stream, name=name)
            names.append(
                _written(folder, other, _short(pieces[0], source), *kinds, _Strange(stream, source, source.origin))
            )
    return names


def _short(piece: Piece, source: Source) -> Piece:
    """Return the first minutes of a piece."""
    end_ms = min(piece.end_ms, piece.first_ms + LONGEST_MS)
    hours = range(piece.first_ms // 3_600_000, -(-end_ms // 3_600_000))
    times = np.concatenate([source.hour_of_times(hour) for hour in hours])
    times = times[(times >= piece.first_ms) & (times < end_ms)]
    return Piece(piece.first_ms, end_ms, int(times[0]), int(times[-1]), len(times))


def _written(folder: Path, order: Order, piece: Piece, instrument: Instrument, stream: Stream, source: _Strange) -> str:
    name = order.file_name(piece)
    with replacing(folder / name) as scratch:
        netcdf.write(scratch, order, piece, instrument, stream, source)
    return name
