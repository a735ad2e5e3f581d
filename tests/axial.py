"""Seafloor of Axial as it was about the eruption of 2015: hourly uplift of two stations, without tide."""

import numpy as np

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
ONSET_MS = 1_429_855_200_000  # 2015-04-24T06:00Z

# Fall (m), its time scale (h), rate before and after (cm/yr): MEASURED on OOI's own depths
CENTRAL = ((2.156, 4.44), (0.272, 46.0)), 62.6, 91.4
EASTERN = ((0.822, 4.50), (0.206, 63.0)), 22.4, 32.8


def ms(text):
    return int(np.datetime64(text, "ms").astype(np.int64))


def hours(first, last):
    return np.arange(ms(first), ms(last), HOUR_MS, dtype=np.int64)


def height(time_ms, station):
    """Return uplift without noise, m, zero just before the onset."""
    falls, before, after = station
    since = (time_ms - ONSET_MS) / HOUR_MS
    rate = np.where(since < 0, before, after) / 100 / 8766
    later = np.maximum(since, 0)
    return rate * since - sum(size * -np.expm1(-later / scale) for size, scale in falls)


def noise(rng, size, sigma_m, hours_kept=96):
    """Return a first-order autoregression of hourly values."""
    from scipy.signal import lfilter

    r = np.exp(-1 / hours_kept)
    return sigma_m * lfilter([np.sqrt(1 - r * r)], [1, -r], rng.standard_normal(size))


def stations(first="2015-01-01", last="2016-01-01", seed=1):
    """Return hours and uplift of the central and the eastern station: 2 cm of common noise, 0.3 cm of their own."""
    time_ms = hours(first, last)
    rng = np.random.default_rng(seed)
    common = noise(rng, time_ms.size, 0.02)
    both = [height(time_ms, each) + common + noise(rng, time_ms.size, 0.003, 24) for each in (CENTRAL, EASTERN)]
    return time_ms, *both
