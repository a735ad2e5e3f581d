"""Patience with servers: delays that grow and are never in step, and what a server asks us to wait."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

# A delay is drawn from its last third, so that clients which began together do not come together.
JITTER = 1 / 3

# A server that asks for more than this is not obeyed to the letter: a deadline of ours comes first.
LONGEST_RETRY_AFTER_S = 900.0


def growing_delays(first_s: float, factor: float, longest_s: float) -> Iterator[float]:
    """Yield waiting times in seconds that grow by a factor up to the longest, without end.

    Each is up to a third shorter than it would be, by chance.
    """
    delay = first_s
    while True:
        yield delay * (1 - JITTER * random.random())
        delay = min(delay * factor, longest_s)


def retry_after_s(response: requests.Response) -> float:
    """Return the seconds that a server asks us to wait (``Retry-After``, RFC 9110), 0 if it does not.

    The header holds seconds or a date; both are cut to a quarter of an hour.
    """
    header = response.headers.get("Retry-After", "").strip()
    if header.isascii() and header.isdigit():
        return min(float(header), LONGEST_RETRY_AFTER_S)
    try:
        when = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return 0.0
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max((when - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)


def elapsed_since(start: float) -> float:
    """Return seconds since a reading of the monotonic clock, which no change of the date moves."""
    return time.monotonic() - start
