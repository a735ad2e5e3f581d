"""Chunks: the calendar pieces of a stream's window, each one order, one download, one binning job."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WORDS = ("day", "month", "year", "whole")


@dataclass(frozen=True)
class Chunk:
    """A piece of a window: its calendar name and its half-open [begin, end) in UTC."""

    name: str
    begin: datetime
    end: datetime

    @property
    def begin_ms(self) -> int:
        """Begin as milliseconds since 1970-01-01T00:00Z."""
        return unix_ms(self.begin)

    @property
    def end_ms(self) -> int:
        """End (exclusive) as milliseconds since 1970-01-01T00:00Z."""
        return unix_ms(self.end)


def unix_ms(when: datetime) -> int:
    """Return a UTC time as whole milliseconds since 1970-01-01T00:00Z."""
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def from_unix_ms(ms: int) -> datetime:
    """Return the UTC time of whole milliseconds since 1970-01-01T00:00Z."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def isoformat(when: datetime) -> str:
    """Return a UTC time as ISO 8601 with ``Z``, with milliseconds only where there are any."""
    precision = "milliseconds" if when.microsecond else "seconds"
    return when.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def split(begin: datetime, end: datetime, word: str) -> Iterator[Chunk]:
    """Cut the window [begin, end) into calendar pieces.

    Parameters
    ----------
    begin, end : datetime
        UTC, begin before end.
    word : {"day", "month", "year", "whole"}
        The piece. The first and the last are cut to the window; names tell the whole piece.
    """
    if word == "whole":
        yield Chunk("whole", begin, end)
        return
    start = begin
    while start < end:
        name, following = _piece(start, word)
        yield Chunk(name, start, min(following, end))
        start = following


def _piece(when: datetime, word: str) -> tuple[str, datetime]:
    """Return the name of the calendar piece around a time, and where the next one begins."""
    midnight = when.replace(hour=0, minute=0, second=0, microsecond=0)
    if word == "day":
        return f"{when:%Y-%m-%d}", midnight + timedelta(days=1)
    if word == "month":
        return f"{when:%Y-%m}", (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
    if word == "year":
        return f"{when:%Y}", midnight.replace(year=when.year + 1, month=1, day=1)
    raise ValueError(f"no such chunk word: {word}")
