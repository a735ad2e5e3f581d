"""Where the samples of a stream come from: the signal model, or a record that is replayed."""

import time
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from plumbline.embedded import signal
from plumbline.embedded.instruments import Instrument
from plumbline.embedded.replay import load
from plumbline.embedded.settings import Replay
from plumbline.embedded.streams import Stream

HOUR_MS = 3_600_000
MODEL_ORIGIN = "synthetic: signal model of Plumbline's embedded OOI server"


class Source(Protocol):
    """Samples of one stream, hour by hour of the clock.

    Attributes
    ----------
    begin_ms : int
        Milliseconds since 1970 of the first sample.
    origin : str
        Where the data come from, for everyone who reads the file.
    title : str
        First word of a file's title.
    live : bool
        True where samples go on coming.
    """

    begin_ms: int
    origin: str
    title: str
    live: bool

    def end_ms(self) -> int:
        """Return milliseconds since 1970 of the last sample; of a live stream, it advances."""

    def nominal_ends(self, begin_ms: int, end_ms: int) -> tuple[int, int] | None:
        """Return when the first and the last sample of a half-open window should be, at once; None: there is none."""

    def hour_of_times(self, hour: int) -> np.ndarray:
        """Return the times in an hour, milliseconds since 1970, int64."""

    def hour_of_samples(self, hour: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the times in an hour and the variables that are known."""


class ModelSource:
    """The signal model; live, so that its end is now."""

    title = "Synthetic"
    origin = MODEL_ORIGIN

    def __init__(self, instrument: Instrument, stream: Stream) -> None:
        self.instrument, self.designator, self.stream = instrument, instrument.designator, stream
        self.begin_ms = signal.first_ms(instrument, stream)
        self.live = instrument.deployments[-1].end_ms is None

    def end_ms(self) -> int:
        """Return the last sampling time that has passed."""
        return signal.last_ms(self.instrument, self.stream, int(time.time() * 1000))

    def nominal_ends(self, begin_ms: int, end_ms: int) -> tuple[int, int] | None:
        """Return when the first and the last sample of a window should be, milliseconds since 1970."""
        return signal.nominal_ends(self.instrument, self.stream, begin_ms, end_ms)

    def hour_of_times(self, hour: int) -> np.ndarray:
        """Return the times in an hour, milliseconds since 1970, int64."""
        return signal.hour_of_times(self.designator, self.stream.name, hour)

    def hour_of_samples(self, hour: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the times in an hour and the measured and derived variables."""
        return signal.hour_of_samples(self.designator, self.stream.name, hour)


def source_of(instrument: Instrument, stream: Stream, replays: tuple[Replay, ...]) -> Source:
    """Return the source of a stream: the record that replaces it, or the model."""
    for replay in replays:
        if (replay.reference_designator, replay.stream) == (instrument.designator, stream.name):
            return load(replay)
    return ModelSource(instrument, stream)


def batches(
    source: Source, begin_ms: int, end_ms: int, rows: int
) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Yield the samples of a half-open window in batches of whole hours, of at least `rows` each.

    Yields
    ------
    time_ms : ndarray of int64, shape (n,)
        Milliseconds since 1970; n > 0.
    variables : dict of str to ndarray, shape (n,)
    """
    times, pieces, count = [], [], 0
    last = -(-end_ms // HOUR_MS) - 1
    for hour in range(begin_ms // HOUR_MS, last + 1):
        time_ms, known = source.hour_of_samples(hour)
        inside = slice(*np.searchsorted(time_ms, (begin_ms, end_ms)))
        times.append(time_ms[inside])
        pieces.append({name: values[inside] for name, values in known.items()})
        count += len(times[-1])
        if count and (count >= rows or hour == last):
            yield (
                np.concatenate(times),
                {name: np.concatenate([piece[name] for piece in pieces]) for name in known},
            )
            times, pieces, count = [], [], 0
