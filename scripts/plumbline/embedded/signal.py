"""The signal model: samples as a function of instrument, stream and time alone.

Everything is evaluated hour by hour of the clock and then cut, so that a window gives the same
samples bit for bit whatever else was asked with it, in whichever process.
"""

from collections.abc import Callable

import numpy as np

from plumbline.embedded import daily, mooring, pressure, tilt
from plumbline.embedded.gaps import HOUR_MS, covered, present
from plumbline.embedded.hashing import key_of, mixed
from plumbline.embedded.instruments import Instrument
from plumbline.embedded.streams import (
    HEAT_SAMPLE,
    IRIS_SAMPLE,
    LILY_SAMPLE,
    MOORED_CTD_STREAMS,
    NANO_15S,
    NANO_24H,
    NANO_SAMPLE,
    OPTODE,
    Stream,
)
from plumbline.embedded.water import ctd_hour

Variables = dict[str, np.ndarray]

_SAMPLES: dict[str, Callable[[str, int], tuple[np.ndarray, Variables]]] = {
    NANO_SAMPLE.name: pressure.nano_hour,
    NANO_15S.name: pressure.fifteen_second_hour,
    NANO_24H.name: daily.one_day_hour,
    LILY_SAMPLE: tilt.lily_hour,
    IRIS_SAMPLE: tilt.iris_hour,
    HEAT_SAMPLE: tilt.heat_hour,
    OPTODE.name: ctd_hour,
    **{one.name: mooring.sampler(one) for one in MOORED_CTD_STREAMS},
}
# Streams whose times are not simply the multiples of a period at which the instrument delivers.
_TIMES: dict[str, Callable[[str, int], np.ndarray]] = {
    NANO_15S.name: pressure.fifteen_second_times,
    NANO_24H.name: daily.one_day_times,
    **{one.name: mooring.timer(one) for one in MOORED_CTD_STREAMS},
}
_PERIODS_MS = {NANO_SAMPLE.name: 50, LILY_SAMPLE: 1_000, IRIS_SAMPLE: 1_000, HEAT_SAMPLE: 3_000, OPTODE.name: 1_000}


def samples(reference_designator: str, stream: str, begin_ms: int, end_ms: int) -> tuple[np.ndarray, Variables]:
    """Return the synthetic samples of a stream in the half-open window [begin, end).

    Parameters
    ----------
    reference_designator, stream : str
        An instrument of `instruments.ALL` and one of its streams.
    begin_ms, end_ms : int
        Milliseconds since 1970-01-01T00:00Z.

    Returns
    -------
    time_ms : ndarray of int64, shape (n,)
        Times of the samples that exist, ascending.
    variables : dict of str to ndarray, each shape (n,)
        The measured and derived variables, in the dtype that the files hold.
    """
    hours = range(begin_ms // HOUR_MS, -(-end_ms // HOUR_MS))
    times, pieces = [np.empty(0, np.int64)], []
    for hour in hours:
        time_ms, variables = hour_of_samples(reference_designator, stream, hour)
        inside = slice(*np.searchsorted(time_ms, (begin_ms, end_ms)))
        times.append(time_ms[inside])
        pieces.append({name: values[inside] for name, values in variables.items()})
    if not pieces:
        _, variables = hour_of_samples(reference_designator, stream, begin_ms // HOUR_MS)
        pieces.append({name: values[:0] for name, values in variables.items()})
    return np.concatenate(times), {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def hour_of_samples(designator: str, stream: str, hour: int) -> tuple[np.ndarray, Variables]:
    """Return the samples of an hour of the clock, as `samples` does."""
    return _SAMPLES[stream](designator, hour)


def hour_of_times(designator: str, stream: str, hour: int) -> np.ndarray:
    """Return the times at which an hour has samples, milliseconds since 1970, without the samples."""
    if stream in _TIMES:
        return _TIMES[stream](designator, hour)
    period_ms = _PERIODS_MS[stream]
    return hour * HOUR_MS + period_ms * np.flatnonzero(present(designator, hour, period_ms))


def first_ms(instrument: Instrument, stream: Stream) -> int:
    """Return when a stream begins, milliseconds since 1970: the first time at which it could have a sample."""
    if stream.name == NANO_24H.name:
        return daily.first_day_ms(instrument.begin_ms)
    if stream in MOORED_CTD_STREAMS:
        return mooring.ends_ms(instrument.designator, stream)[0]
    # The first multiple of the period at which the instrument delivers.
    return -(-instrument.begin_ms // stream.period_ms) * stream.period_ms


def last_ms(instrument: Instrument, stream: Stream, now_ms: int) -> int:
    """Return the last time, milliseconds since 1970, at which a stream could have a sample by now."""
    if stream.name == NANO_24H.name:
        return daily.last_day_ms(now_ms)
    if stream in MOORED_CTD_STREAMS:
        return mooring.ends_ms(instrument.designator, stream)[1]
    return now_ms // stream.period_ms * stream.period_ms


def nominal_ends(instrument: Instrument, stream: Stream, begin_ms: int, end_ms: int) -> tuple[int, int] | None:
    """Return when the first and the last sample of a half-open window should be, milliseconds since 1970.

    That single ones are missing is not looked at; None where the window can have no sample.
    """
    if stream in MOORED_CTD_STREAMS:
        return mooring.nominal_ends(instrument.designator, stream, begin_ms, end_ms)
    period_ms = stream.period_ms
    first, last = -(-begin_ms // period_ms) * period_ms, (end_ms - 1) // period_ms * period_ms
    if first > last or covered(instrument.designator, begin_ms, end_ms):
        return None
    return first, last


def sample_key(designator: str, stream: str) -> int:
    """Return the key from which the identifiers of a stream's samples are made."""
    return int(mixed(key_of("sample", designator, stream), np.zeros(1))[0])
