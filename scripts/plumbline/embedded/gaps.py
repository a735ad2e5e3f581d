"""Which samples are missing: single ones, some minutes now and then, a whole day seldom."""

from functools import lru_cache

import numpy as np

from plumbline.embedded.hashing import key_of, mixed, uniform
from plumbline.embedded.instruments import BY_DESIGNATOR

HOUR_MS = 3_600_000
DAY_MS = 86_400_000

MINUTES_GAPS_PER_DAY = 0.3
DAY_LONG_GAPS_PER_DAY = 1 / 120
MOST_SINGLE_LOSSES_PER_HOUR = 3

# The days of the 2015 eruption, 2015-04-20 to 2015-05-02: nothing is missing by chance, and each
# station has one gap of some minutes on 25 April, a day after the onset.
QUIET_DAYS = range(16_545, 16_557)
GAP_DAY_2015 = 16_550


@lru_cache(maxsize=16)
def missing_intervals(designator: str, day: int) -> list[tuple[int, int]]:
    """Return the gaps that begin on a day.

    Parameters
    ----------
    designator : str
        The instrument.
    day : int
        Days since 1970-01-01.

    Returns
    -------
    list of (int, int)
        Half-open intervals in milliseconds since 1970, at most a day long.
    """
    key = key_of("gaps", designator)
    chance = uniform(key, np.arange(4) + 4 * day)
    midnight = day * DAY_MS
    if day in QUIET_DAYS:
        if day != GAP_DAY_2015:
            return []
        begin = midnight + 3 * HOUR_MS + int(key % 16) * HOUR_MS + 17 * 60_000 + 23_450
        return [(begin, begin + int(4 + key % 5) * 60_000 + 11_700)]
    gaps = []
    if chance[0] < MINUTES_GAPS_PER_DAY:
        begin = midnight + int(chance[1] * DAY_MS) // 50 * 50
        gaps.append((begin, begin + 120_000 + int(chance[2] * 780_000) // 50 * 50))
    # A long gap may run into the next day, which must not be one of the quiet ones.
    if chance[3] < DAY_LONG_GAPS_PER_DAY and day + 1 not in QUIET_DAYS:
        begin = midnight + int(chance[1] * 24) * HOUR_MS
        gaps.append((begin, begin + DAY_MS))
    return gaps


def covered(designator: str, begin_ms: int, end_ms: int) -> bool:
    """Tell whether a half-open window lies in a single gap, which is at most a day long."""
    if end_ms - begin_ms > DAY_MS:
        return False
    day = begin_ms // DAY_MS
    gaps = missing_intervals(designator, day - 1) + missing_intervals(designator, day)
    return any(begin <= begin_ms and end_ms <= end for begin, end in gaps)


@lru_cache(maxsize=64)
def present(designator: str, hour: int, period_ms: int) -> np.ndarray:
    """Return which samples of an hour exist.

    Parameters
    ----------
    designator : str
        The instrument.
    hour : int
        Hours since 1970-01-01T00:00Z.
    period_ms : int
        Time between samples; divides an hour.

    Returns
    -------
    ndarray of bool, shape (3 600 000 / period_ms,), read-only
    """
    begin = hour * HOUR_MS
    count = HOUR_MS // period_ms
    there = np.ones(count, dtype=bool)
    first = BY_DESIGNATOR[designator].begin_ms
    gaps = missing_intervals(designator, hour // 24 - 1) + missing_intervals(designator, hour // 24)
    for gap_begin, gap_end in [*gaps, (min(begin, first), first)]:
        # The first sample at or after a time, counted from the beginning of the hour.
        low = max(-((begin - gap_begin) // period_ms), 0)
        high = max(-((begin - gap_end) // period_ms), 0)
        there[low:high] = False
    bits = mixed(key_of("single losses", designator), np.arange(8) + 8 * hour)
    losses = int(bits[0] % np.uint64(MOST_SINGLE_LOSSES_PER_HOUR + 1))
    there[(bits[1 : 1 + losses] % np.uint64(count)).astype(int)] = False
    there.setflags(write=False)
    return there
