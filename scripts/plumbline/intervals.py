"""Intervals: pandas offsets that divide a day, and the base interval that serves them all."""

import functools
import math
import re

from plumbline.errors import PlumblineError

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

# OOI's own 15 s means are centred on the quarter minute, so their edges lie on odd multiples of
# 7.5 s (DPS 1341-00080). Bins this fine serve them and every table of 15 s and coarser.
STANDARD_BASE_MS = 7_500

# Products of pressure need to know when a sample was taken: to the minute, half a degree of the M2 tide.
SLOWEST_BASE_MS = 60_000

# Bins finer than this are made only where a table asks for them.
LEAST_SHARED_MS = 1_000

# The offsets that nearly everybody writes. pandas, which knows the others, takes a third of a second to import,
# at every start of Snakemake.
COMMON = re.compile(r"(\d+)(ms|s|min|h|D)")
UNIT_MS = {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "D": DAY_MS}

ALLOWED = "pandas offsets of whole milliseconds that divide a day, such as 1s, 15s, 1min, 1h or 1D"


@functools.cache
def interval_ms(text: str) -> int:
    """Return the length of an interval in milliseconds.

    Parameters
    ----------
    text : str
        A pandas offset such as ``15s``, ``1min``, ``1h`` or ``1D``.

    Raises
    ------
    PlumblineError
        If it is not an offset of fixed length, or does not divide a day.
    """
    common = COMMON.fullmatch(text)
    milliseconds, rest = (int(common[1]) * UNIT_MS[common[2]], 0) if common else divmod(_by_pandas(text), 1_000_000)
    if milliseconds <= 0 or rest or DAY_MS % milliseconds:
        raise PlumblineError(f"{text!r} does not divide a day; allowed are {ALLOWED}")
    return milliseconds


def _by_pandas(text: str) -> int:
    """Return the length of a pandas offset in nanoseconds."""
    from pandas.tseries.frequencies import to_offset
    from pandas.tseries.offsets import Day, Tick

    try:
        offset = to_offset(text)
    except (ValueError, TypeError):
        offset = None
    if isinstance(offset, Day):
        return offset.n * DAY_MS * 1_000_000
    if isinstance(offset, Tick):
        return offset.nanos
    raise PlumblineError(f"{text!r} is not an interval of fixed length; allowed are {ALLOWED}")


def base_interval_ms(intervals: list[int], rate_hz: float | None) -> int:
    """Return the interval of the bins from which every table is built.

    It is the greatest common divisor of the intervals asked for and of 7.5 s (or of the
    sampling period, where that is longer), so that a new interval of 15 s or coarser
    finds its bins ready made. Where an interval and 7.5 s share only a small part, as 1 s does, it
    is that of the intervals alone: bins of half a second would be twice the work and twice the bytes.

    Parameters
    ----------
    intervals : list of int
        Lengths of the tables' bins, milliseconds.
    rate_hz : float or None
        Nominal sampling rate, if it is known.
    """
    period_ms = round(1000 / rate_hz) if rate_hz else 0
    standard = period_ms if period_ms > STANDARD_BASE_MS and DAY_MS % period_ms == 0 else STANDARD_BASE_MS
    asked = math.gcd(*intervals)
    shared = math.gcd(standard, asked)
    # 500 ms out of 1 s and 7.5 s; 2.5 s, out of 5 s and 7.5 s, is no burden.
    return asked if shared < LEAST_SHARED_MS and asked % standard else shared


def with_fifteen_seconds(intervals: list[int], rate_hz: float | None) -> list[int]:
    """Return intervals (ms) with one added, so that OOI's centred 15 s bins can be made of the bins of them all.

    Their edges lie on odd multiples of 7.5 s. A stream of 15 s means needs no edges within its samples' bins.
    """
    if rate_hz and round(1000 / rate_hz) < 2 * STANDARD_BASE_MS:
        return [*intervals, STANDARD_BASE_MS]
    together = math.gcd(*intervals, 2 * STANDARD_BASE_MS)
    return [*intervals, together if together == 2 * STANDARD_BASE_MS else math.gcd(together, STANDARD_BASE_MS)]
