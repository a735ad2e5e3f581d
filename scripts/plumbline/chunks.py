"""Chunks: the calendar pieces of a stream's window, each one order, one download, one binning job."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WORDS = ("day", "month", "year", "whole")

# Of these pieces there are names, the longest first: 2015, 2015-04, 2015-04-23.
LENGTHS = ("year", "month", "day")


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


def milliseconds(text: str) -> int:
    """Return an ISO 8601 time with a zone in milliseconds since 1970."""
    return unix_ms(datetime.fromisoformat(text))


def from_unix_ms(ms: int) -> datetime:
    """Return the UTC time of whole milliseconds since 1970-01-01T00:00Z."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(ms))


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


def split_open(begin: datetime, end: datetime, word: str, there: Collection[str]) -> Iterator[Chunk]:
    """Cut a window whose end moves on day by day, so that nothing that is there is ordered again.

    What is over is cut into pieces of the word, what is not over yet into shorter ones, down to days.
    A piece that was cut into days while it went on stays in days.

    Parameters
    ----------
    begin, end : datetime
        UTC, begin before end; the end is a midnight.
    word : {"day", "month", "year", "whole"}
        The largest piece; a whole record without an end is cut into years.
    there : collection of str
        Names of chunks that were ordered before.
    """
    lengths = LENGTHS[LENGTHS.index("year" if word == "whole" else word) :]
    # Years of which months are there, and months of which days are; they must not be asked for as a whole.
    broken = {name[:size] for name in there for size in (4, 7) if len(name) > size}
    start = begin
    while start < end:
        for length in lengths:
            name, following = _piece(start, length)
            whole = start == begin or _piece(start - timedelta(milliseconds=1), length)[0] != name
            if length == "day" or (whole and following <= end and (name in there or name not in broken)):
                break
        yield Chunk(name, start, min(following, end))
        start = following


def _piece(when: datetime, word: str) -> tuple[str, datetime]:
    """Return the name of the calendar piece around a time, and where the next one begins."""
    midnight = when.replace(hour=0, minute=0, second=0, microsecond=0)
    if word == "day":
        return f"{when.year:04}-{when.month:02}-{when.day:02}", midnight + timedelta(days=1)
    if word == "month":
        return f"{when.year:04}-{when.month:02}", (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
    if word == "year":
        return f"{when.year:04}", midnight.replace(year=when.year + 1, month=1, day=1)
    raise ValueError(f"no such chunk word: {word}")
