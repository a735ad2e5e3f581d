"""Pressure at the seafloor: 20 Hz samples, and OOI's 15 s products with exactly their means."""

from functools import lru_cache

import numpy as np

from plumbline.embedded.gaps import HOUR_MS, present
from plumbline.embedded.hashing import key_of, uniform
from plumbline.embedded.instruments import BY_DESIGNATOR
from plumbline.embedded.seafloor import METRES_PER_PSI, slow_pressure_psi
from plumbline.embedded.tide import tide_m
from plumbline.embedded.waves import (
    ROW_MS,
    ROW_SAMPLES,
    SAMPLE_MS,
    hour_of_waves_psi,
    mean_of_waves_psi,
    waves_psi,
)

Variables = dict[str, np.ndarray]

# White noise of the sensor, psi rms: below the resolution of the float32 in the files.
WHITE_PSI = 1e-5

# The slow terms of an hour as a polynomial through Chebyshev points (error below 1e-9 psi).
POINTS = 8
_NODES = np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
_TO_POWERS = np.linalg.inv(np.vander(_NODES, increasing=True))

BINS_PER_HOUR = HOUR_MS // ROW_MS
RATE_LAG_5MIN = 20  # bins, DPS 1341-00080: depth now minus depth 5 minutes ago
WINDOW_10MIN = 40  # bins in each of the two means whose difference is the 10-minute rate


def nano_hour(designator: str, hour: int) -> tuple[np.ndarray, Variables]:
    """Return an hour of samples at 20 Hz: times in milliseconds since 1970, and the variables."""
    there = present(designator, hour, SAMPLE_MS)
    time_ms = hour * HOUR_MS + SAMPLE_MS * np.flatnonzero(there)
    pressure = _hour_of_pressure_psi(designator, hour)[there].astype(np.float32)
    seconds = np.arange(hour * 3600, hour * 3600 + 3600)
    temperature = _transducer_temperature(designator, seconds)
    second_of_sample = (time_ms - hour * HOUR_MS) // 1000
    return time_ms, {"bottom_pressure": pressure, "press_trans_temp": temperature[second_of_sample]}


def _hour_of_pressure_psi(designator: str, hour: int) -> np.ndarray:
    """Return 72 000 pressures, psi, float64, as if nothing were missing."""
    index = hour * (HOUR_MS // SAMPLE_MS) + np.arange(HOUR_MS // SAMPLE_MS)
    pressure = _polynomial(_slow_terms(designator, hour), _unit_time(index * SAMPLE_MS, hour))
    pressure += hour_of_waves_psi(designator, hour * HOUR_MS)
    pressure += _white_psi(designator, index)
    return pressure


def _white_psi(designator: str, index: np.ndarray) -> np.ndarray:
    """Return sensor noise by the number of the sample, psi; uniform, which nobody can tell from normal."""
    return (uniform(key_of("white", designator), index) - 0.5) * (WHITE_PSI * np.sqrt(12.0))


@lru_cache(maxsize=64)
def _slow_terms(designator: str, hour: int) -> np.ndarray:
    """Return the polynomial of the slow pressure in an hour; the hour runs from -1 to 1."""
    deployed_s = BY_DESIGNATOR[designator].deployed_ms / 1000.0
    values = slow_pressure_psi(designator, _node_times(hour), _tide_at_nodes(hour), deployed_s)
    return (_TO_POWERS * values[None, :]).sum(axis=1)


def _node_times(hour: int) -> np.ndarray:
    """Return the seconds since 1970 of an hour's nodes, all inside: a kink at a full hour is not seen."""
    return hour * 3600.0 + 1800.0 * (1.0 + _NODES)


@lru_cache(maxsize=64)
def _tide_at_nodes(hour: int) -> np.ndarray:
    return tide_m(_node_times(hour))


def _unit_time(time_ms: np.ndarray, hour: int) -> np.ndarray:
    return (time_ms - hour * HOUR_MS) * (2.0 / HOUR_MS) - 1.0


def _polynomial(powers: np.ndarray, x: np.ndarray) -> np.ndarray:
    total = np.full_like(x, powers[-1])
    for power in powers[-2::-1]:
        total *= x
        total += power
    return total


def _transducer_temperature(designator: str, unix_s: np.ndarray) -> np.ndarray:
    """Return the temperature inside the sensor, degrees Celsius, new once a second."""
    phase = uniform(key_of("temperature", designator), np.arange(2))
    season = 0.02 * np.cos(2.0 * np.pi * (unix_s / (47.3 * 86400.0) + phase[0]))
    tidal = 0.004 * np.cos(2.0 * np.pi * (unix_s / (12.42 * 3600.0) + phase[1]))
    return np.round(2.7536 + season + tidal, 9)


def _bin_presence(designator: str, hour: int) -> np.ndarray:
    """Return which samples exist in an hour's bins, bool, shape (240, 300); bin k is centred on 15 k s."""
    before = present(designator, hour - 1, SAMPLE_MS)[-ROW_SAMPLES // 2 :]
    there = np.concatenate([before, present(designator, hour, SAMPLE_MS)[: -ROW_SAMPLES // 2]])
    return there.reshape(BINS_PER_HOUR, ROW_SAMPLES)


@lru_cache(maxsize=16)
def _mean_pressure_psi(designator: str, hour: int) -> np.ndarray:
    """Return the means of 20 Hz pressure in an hour's 240 bins, psi, float64, NaN where empty.

    No 20 Hz sample is made for a full bin: waves have their exact boxcar response, and the slow
    terms are taken at the mean time of either half (they may have a kink at a full hour, which is
    always the middle of a bin). Bins in which samples are missing are averaged sample by sample.
    """
    centre_ms = hour * HOUR_MS + ROW_MS * np.arange(BINS_PER_HOUR)
    quarter_ms = ROW_MS // 4
    early = _slow_at(designator, centre_ms - quarter_ms - SAMPLE_MS // 2, hour)
    late = _slow_at(designator, centre_ms + quarter_ms - SAMPLE_MS // 2, hour)
    means = 0.5 * (early + late) + mean_of_waves_psi(designator, centre_ms)
    there = _bin_presence(designator, hour)
    counts = there.sum(axis=1)
    partial = (counts > 0) & (counts < ROW_SAMPLES)
    means[counts == 0] = np.nan
    means[partial] = _partial_means(designator, hour, centre_ms[partial], there[partial])
    return means


def _slow_at(designator: str, time_ms: np.ndarray, hour: int) -> np.ndarray:
    """Return the slow pressure, psi; times lie in an hour, the first perhaps in the one before."""
    values = _polynomial(_slow_terms(designator, hour), _unit_time(time_ms, hour))
    if time_ms[0] < hour * HOUR_MS:
        values[0] = _polynomial(_slow_terms(designator, hour - 1), _unit_time(time_ms[:1], hour - 1))[0]
    return values


def _partial_means(designator: str, hour: int, centre_ms: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return the means of the samples that exist in some bins of an hour, psi, shape (m,).

    Parameters
    ----------
    centre_ms : ndarray of int64, shape (m,)
        Centres of the bins, milliseconds since 1970.
    there : ndarray of bool, shape (m, 300)
        Which samples exist; at least one in each bin.
    """
    index = (centre_ms // SAMPLE_MS - ROW_SAMPLES // 2)[:, None] + np.arange(ROW_SAMPLES)
    time_ms = index.ravel() * SAMPLE_MS
    early = time_ms < hour * HOUR_MS  # the first half of the bin at the full hour
    pressure = _polynomial(_slow_terms(designator, hour), _unit_time(time_ms, hour))
    pressure[early] = _polynomial(_slow_terms(designator, hour - 1), _unit_time(time_ms[early], hour - 1))
    pressure += waves_psi(designator, time_ms) + _white_psi(designator, index.ravel())
    return (pressure.reshape(there.shape) * there).sum(axis=1) / there.sum(axis=1)


@lru_cache(maxsize=16)
def depth_m(designator: str, hour: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (depth, predicted tide) at an hour's bin centres, m, float64; depth is NaN where empty."""
    unix_s = hour * 3600.0 + (ROW_MS / 1000.0) * np.arange(BINS_PER_HOUR)
    # As smooth as the slow terms, so the same polynomial serves.
    powers = (_TO_POWERS * _tide_at_nodes(hour)[None, :]).sum(axis=1)
    tide = _polynomial(powers, _unit_time(unix_s * 1000.0, hour))
    return tide - METRES_PER_PSI * _mean_pressure_psi(designator, hour), tide


def fifteen_second_times(designator: str, hour: int) -> np.ndarray:
    """Return the centres of an hour's bins that are not empty, milliseconds since 1970."""
    centres = hour * HOUR_MS + ROW_MS * np.arange(BINS_PER_HOUR)
    return centres[_bin_presence(designator, hour).any(axis=1)]


def fifteen_second_hour(designator: str, hour: int) -> tuple[np.ndarray, Variables]:
    """Return OOI's 15 s products (DPS 1341-00080), with rates from the hours before and after."""
    around = np.concatenate([depth_m(designator, near)[0] for near in (hour - 1, hour, hour + 1)])
    here = BINS_PER_HOUR + np.arange(BINS_PER_HOUR)
    five = 20.0 * (around[here] - around[here - RATE_LAG_5MIN])
    # The mean at i covers i - 19 to i + 20, which is how the reference implementation registers it.
    windows = np.lib.stride_tricks.sliding_window_view(around, WINDOW_10MIN).mean(axis=1)
    late = windows[here - WINDOW_10MIN // 2 + 1]
    ten = 600.0 * (late - windows[here - WINDOW_10MIN // 2 + 1 - WINDOW_10MIN])
    mean, (depth, tide) = _mean_pressure_psi(designator, hour), depth_m(designator, hour)
    there = np.isfinite(mean)
    columns = {"meanpres": mean, "predtide": tide, "meandepth": depth, "5minrate": five, "10minrate": ten}
    time_ms = fifteen_second_times(designator, hour)
    variables = {"botsflu_time15s": time_ms / 1000.0 + 2_208_988_800.0}
    variables |= {f"botsflu_{name}": values[there].astype(np.float32) for name, values in columns.items()}
    return time_ms, variables
