"""A CTD near the surface off Oregon, which samples in bursts, and the three ways in which its data come ashore.

Every quarter of an hour it takes some ten samples, about ten seconds apart, and keeps them in its
own memory at whole seconds (recovered_inst). The logger on the mooring writes them down a moment
later by its own clock, and misses a few (recovered_host). Of those the first three of an hour are
sent home, on days on which the telemetry works (telemetered). All of it is made up.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from plumbline.embedded.gaps import HOUR_MS
from plumbline.embedded.hashing import key_of, uniform
from plumbline.embedded.instruments import BY_DESIGNATOR
from plumbline.embedded.streams import RECOVERED_INST, TELEMETERED, Stream

Variables = dict[str, np.ndarray]

BURST_S, BURSTS, MOST = 900, 96, 12  # seconds between bursts, bursts of a day, samples of a burst at most
SENT = 3
LOST_BURSTS, LOST_SAMPLES, LOST_DAYS = 0.03, 0.02, 0.04
UNIX_OF_2000_S = 946_684_800
DBAR_PER_METRE = 1.0071


def _bursts(designator: str, day: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the whole seconds at which the instrument samples on a day, and which are sent home."""
    burst = day * BURSTS + np.arange(BURSTS)
    late, counts, lost = (uniform(key_of("bursts", designator, what), burst) for what in ("late", "counts", "lost"))
    number = np.arange(MOST)
    steps = 9 + (uniform(key_of("steps", designator), (burst[:, None] * MOST + number).ravel()) * 3).astype(np.int64)
    steps = steps.reshape(BURSTS, MOST)
    steps[:, 0] = (late * 20.0).astype(np.int64)
    seconds = (burst * BURST_S)[:, None] + np.cumsum(steps, axis=1)
    taken = (number < 8 + (counts * 5).astype(int)[:, None]) & (lost >= LOST_BURSTS)[:, None]
    taken &= ~_outside(designator, seconds * 1000)
    sent = taken & (number < SENT) & (burst % 4 == 0)[:, None]
    return seconds[taken], sent[taken]


def _outside(designator: str, time_ms: np.ndarray) -> np.ndarray:
    """Tell which times lie outside all deployments."""
    outside = np.ones(time_ms.shape, dtype=bool)
    for one in BY_DESIGNATOR[designator].deployments:
        # The logger is some moments late; what is taken just before the end is not its affair.
        outside &= (time_ms < one.begin_ms) | (time_ms >= one.end_ms - 2_000)
    return outside


@lru_cache(maxsize=64)
def _day(designator: str, method: str, day: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a day's times of samples, milliseconds since 1970, and the seconds at which they were taken."""
    second, sent = _bursts(designator, day)
    if method == RECOVERED_INST:
        return second * 1000, second
    delay = 300 + (uniform(key_of("logger", designator), second) * 500.0).astype(np.int64)
    heard = uniform(key_of("heard", designator), second) >= LOST_SAMPLES
    if method == TELEMETERED:
        heard &= sent & (uniform(key_of("telemetry", designator), np.array([day]))[0] >= LOST_DAYS)
    return (second * 1000 + delay)[heard], second[heard]


@lru_cache(maxsize=64)
def _variables(designator: str, method: str, day: int) -> Variables:
    """Return a day's values."""
    second = _day(designator, method, day)[1]
    water = _water(designator, second.astype(float))
    variables = {name: values.astype(np.float32) for name, values in water.items()}
    return variables | _counts(water, second) if method == RECOVERED_INST else variables


def _hour(designator: str, method: str, hour: int) -> slice:
    """Return which samples of its day an hour holds: a burst never runs into the next hour."""
    return slice(*np.searchsorted(_day(designator, method, hour // 24)[0], (hour * HOUR_MS, (hour + 1) * HOUR_MS)))


def timer(stream: Stream) -> Callable[[str, int], np.ndarray]:
    """Return the function that gives the times of an hour, milliseconds since 1970."""
    method = stream.method
    return lambda designator, hour: _day(designator, method, hour // 24)[0][_hour(designator, method, hour)]


def sampler(stream: Stream) -> Callable[[str, int], tuple[np.ndarray, Variables]]:
    """Return the function that gives the samples of an hour."""
    times, method = timer(stream), stream.method

    def hour_of_samples(designator: str, hour: int) -> tuple[np.ndarray, Variables]:
        inside = _hour(designator, method, hour)
        known = _variables(designator, method, hour // 24)
        return times(designator, hour), {name: values[inside] for name, values in known.items()}

    return hour_of_samples


def _water(designator: str, second: np.ndarray) -> Variables:
    """Return what the water is like at some seconds since 1970: seasons, days, tides, and a little noise.

    Density and conductivity are linear about 11 degrees Celsius and 32.4.
    """
    phase = uniform(key_of("surface water", designator), np.arange(4))
    sizes, periods = (2.6, 0.5, 0.4, 0.1), (31_556_952.0, 86_400.0, 44_714.0, 1_913.0)
    temperature = 11.0 + sum(
        size * np.cos(2.0 * np.pi * (second / period + shift))
        for size, period, shift in zip(sizes, periods, phase, strict=True)
    )
    temperature += 0.004 * (uniform(key_of("thermistor", designator), second.astype(np.int64)) - 0.5)
    salinity = 32.4 - 0.18 * (temperature - 11.0)
    # The frame hangs from a buoy: the tide does not change its depth, the swell does a little.
    pressure = 7.1 + 0.25 * np.cos(2.0 * np.pi * (second % 7_919.0) / 11.3)
    return {
        "sea_water_temperature": temperature,
        "sea_water_pressure": pressure,
        "sea_water_electrical_conductivity": 3.72 + 0.094 * (temperature - 11.0) + 0.103 * (salinity - 32.4),
        "sea_water_practical_salinity": salinity,
        "sea_water_density": 1024.73 - 0.19 * (temperature - 11.0) + 0.77 * (salinity - 32.4),
        "depth": pressure / DBAR_PER_METRE,
    }


def _counts(water: Variables, second: np.ndarray) -> Variables:
    """Return the counts of a made-up calibration, and the instrument's own time."""
    temperature = water["sea_water_temperature"]
    counts = {
        "temperature": 600_000.0 - 28_000.0 * temperature,
        "conductivity": water["sea_water_electrical_conductivity"] * 480_000.0,
        "pressure": 520_000.0 + water["sea_water_pressure"] * 2_600.0,
        "pressure_temp": 20_000.0 + 400.0 * temperature,
        "ctd_time": second - float(UNIX_OF_2000_S),
    }
    return {name: np.rint(values).astype(np.int32) for name, values in counts.items()}


def nominal_ends(designator: str, stream: Stream, begin_ms: int, end_ms: int) -> tuple[int, int] | None:
    """Return the times of the first and the last sample of a window, milliseconds since 1970; None: there is none."""
    begin_ms, end_ms = max(begin_ms, ends_ms(designator, stream)[0]), min(end_ms, ends_ms(designator, stream)[1] + 1)
    hours, times = range(begin_ms // HOUR_MS, -(-end_ms // HOUR_MS)), timer(stream)
    inside = (
        (found[(found >= begin_ms) & (found < end_ms)] for found in (times(designator, hour) for hour in run))
        for run in (hours, reversed(hours))
    )
    first, last = (next((found for found in some if len(found)), None) for some in inside)
    return None if first is None else (int(first[0]), int(last[-1]))


@lru_cache(maxsize=8)
def ends_ms(designator: str, stream: Stream) -> tuple[int, int]:
    """Return the times of a stream's first and last sample, milliseconds since 1970."""
    deployments = BY_DESIGNATOR[designator].deployments
    first, last = deployments[0].begin_ms // HOUR_MS, deployments[-1].end_ms // HOUR_MS
    times = timer(stream)
    begin = next(found[0] for hour in range(first, last) if len(found := times(designator, hour)))
    end = next(found[-1] for hour in range(last, first, -1) if len(found := times(designator, hour)))
    return int(begin), int(end)
