"""OOI's one-day products of seafloor depth (DPS 1341-00080), from the 15 s depths of the model.

A day runs from noon to noon and is named by the midnight in its middle. Its depth is the mean of
its 15 s depths if nine tenths of them exist. Rates are slopes over the 28 and 56 days before, of
which three quarters must exist; OOI reckons a year as 365 days.
"""

from functools import lru_cache

import numpy as np

from plumbline.embedded.gaps import DAY_MS, HOUR_MS
from plumbline.embedded.pressure import BINS_PER_HOUR, depth_m

HALF_DAY_MS = DAY_MS // 2
BINS_PER_DAY = 24 * BINS_PER_HOUR
LEAST_OF_DAY, LEAST_OF_WINDOW = 0.90, 0.75
CM_PER_M_AND_DAYS_PER_YEAR = 100.0 * 365.0
UNIX_OF_1900_S = 2_208_988_800.0


def first_day_ms(begin_ms: int) -> int:
    """Return the midnight of the day, noon to noon, in which the data of an instrument begin."""
    return (begin_ms + HALF_DAY_MS) // DAY_MS * DAY_MS


def last_day_ms(now_ms: int) -> int:
    """Return the midnight of the last day that is over."""
    return (now_ms - HALF_DAY_MS) // DAY_MS * DAY_MS


@lru_cache(maxsize=1024)
def day_depth_m(designator: str, day: int) -> float:
    """Return the depth of a day (days since 1970), metres, NaN where too little of it exists."""
    depths = np.concatenate([depth_m(designator, hour)[0] for hour in range(24 * day - 12, 24 * day + 12)])
    depths = depths[np.isfinite(depths)]
    return float(depths.mean()) if len(depths) >= LEAST_OF_DAY * BINS_PER_DAY else np.nan


def _rate_cm_per_yr(designator: str, day: int, days: int) -> float:
    """Return the slope of the depths of a day and of so many days before it, cm per year."""
    numbers = np.arange(-days, 1, dtype=float)
    depths = np.array([day_depth_m(designator, day + int(number)) for number in numbers])
    there = np.isfinite(depths)
    if there.sum() < LEAST_OF_WINDOW * len(numbers):
        return np.nan
    x, y = numbers[there] - numbers[there].mean(), depths[there] - depths[there].mean()
    return float((x * y).sum() / (x * x).sum() * CM_PER_M_AND_DAYS_PER_YEAR)


def one_day_times(designator: str, hour: int) -> np.ndarray:
    """Return midnight, milliseconds since 1970, in an hour that begins with it."""
    return np.array([hour * HOUR_MS] if hour % 24 == 0 else [], dtype=np.int64)


def one_day_hour(designator: str, hour: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the products of a day in the hour after midnight, nothing in any other hour."""
    time_ms = one_day_times(designator, hour)
    days = [int(time) // DAY_MS for time in time_ms]
    columns = {
        "daydepth": [day_depth_m(designator, day) for day in days],
        "4wkrate": [_rate_cm_per_yr(designator, day, 28) for day in days],
        "8wkrate": [_rate_cm_per_yr(designator, day, 56) for day in days],
    }
    variables = {"botsflu_time24h": time_ms / 1000.0 + UNIX_OF_1900_S}
    return time_ms, variables | {f"botsflu_{name}": np.array(value, np.float32) for name, value in columns.items()}
