"""Found streams as YAML that can be pasted into a configuration."""

import json
import re
from datetime import datetime, timedelta

import yaml

from plumbline.catalog.finding import Found, is_live
from plumbline.chunks import isoformat
from plumbline.configuration.streams import last_midnight
from plumbline.configuration.values import RESERVED_NAMES
from plumbline.ooi.names import STREAMS
from plumbline.reporting import human_bytes

LONGEST_NAME = 64
# An order of about so much can be waited for, fetched and repeated.
GOOD_ORDER_BYTES = 2.5e9
DAYS = {"year": 366, "month": 31, "day": 1}
BYTES_PER_SAMPLE = 100.0

HEADER = """# Streams of {server} that {found}, as it told at {asked_at}.
# Paste those that you want below `streams:` of a configuration whose `ooi.api` is {api}, or name this file
# with --configfile. The windows are all that there is: cut them to what you need before you order.
"""


def as_yaml(streams: list[Found], words: list[str], api: str, asked_at: datetime, now: datetime) -> str:
    """Return streams as the text of a configuration file.

    Parameters
    ----------
    streams : list of Found
    words : list of str
        By which they were found.
    api : str
        ``embedded``, or the API's URL.
    asked_at : datetime
        When the server told of them.
    now : datetime
        The present: streams whose data still come get no end.
    """
    server = "the embedded server (synthetic data)" if api == "embedded" else api
    # The words come from outside: whatever they hold, they stay within the comment.
    found = f"fit {json.dumps(' '.join(words), ensure_ascii=False)}" if words else "there are"
    head = HEADER.format(server=server, found=found, asked_at=isoformat(asked_at), api=api)
    names = names_for(streams)
    rows = [_row(one, name, now) for one, name in zip(streams, names, strict=True)]
    return head + ("streams:\n" if rows else "streams: []\n") + "".join(rows)


def names_for(streams: list[Found]) -> list[str]:
    """Return a short name for each stream, which can name a folder and is none of the others.

    A name is made of place and stream; of the instrument or the method, too, where two would be the same.
    """
    short = [_slug(one.names.get("place") or one.designator[:8], one.stream) for one in streams]
    longer = [
        name if short.count(name) == 1 else _slug(one.designator, one.stream, one.method)
        for name, one in zip(short, streams, strict=True)
    ]
    return [name if longer.count(name) == 1 else f"stream-{place}" for place, name in enumerate(longer, start=1)]


def _slug(*parts: str) -> str:
    text = re.sub(r"[^a-z0-9]+", "-", " ".join(parts).casefold()).strip("-")
    if len(text) > LONGEST_NAME:
        # The end of a stream's name tells more than the middle of a place's.
        stream = re.sub(r"[^a-z0-9]+", "-", " ".join(parts[1:]).casefold()).strip("-")[: LONGEST_NAME - 9]
        text = f"{text[: LONGEST_NAME - 1 - len(stream)].strip('-')}-{stream}".strip("-")
    return text if text and text not in RESERVED_NAMES else "stream"


def _row(found: Found, name: str, now: datetime) -> str:
    """Return one entry of the list; what cannot be ordered as it is becomes a comment."""
    window = _window(found, now)
    if not found.variables or window is None:
        why = "no time range" if window is None else "no variables that are quantities"
        return f"  # {found.designator} {found.method} {found.stream}: the inventory tells {why}\n"
    begin, end = window
    names = {"reference_designator": found.designator, "method": found.method, "stream": found.stream}
    entry = {"name": name, **names, "variables": found.variables, "begin": begin.date()}
    entry |= {"end": end.date() if end else None, "chunk": chunk_for(found)}
    lines = yaml.safe_dump(entry, sort_keys=False, width=100, default_flow_style=None).splitlines()
    comments = [" ".join(filter(None, (found.names.get("place"), found.names.get("instrument"))))]
    if end is None:
        lines[lines.index("end: null")] += "   # data still come: up to the last complete day"
    rate = found.known_rate_hz
    if rate is None and found.about_hz:
        lines.append(f"# sample_rate_hz: {found.about_hz:.3g}   # about, by count; left out, the data tell it")
    size = _bytes_per_day(found) * ((end or now) - begin).total_seconds() / 86_400
    comments.append(f"about {human_bytes(size)} of netCDF" if size else "")
    comment = "; ".join(filter(None, comments))
    return (
        (f"  # {comment}\n" if comment else "")
        + "\n".join(f"  {'- ' if place == 0 else '  '}{line}" for place, line in enumerate(lines))
        + "\n"
    )


def _window(found: Found, now: datetime) -> tuple[datetime, datetime | None] | None:
    """Return the days from the first with data to the one after the last; no end where data still come."""
    if not (found.begin and found.end) or found.end < found.begin or not 1970 < found.begin.year < 2199:
        return None
    begin = last_midnight(found.begin)
    if is_live(found, now) and begin < last_midnight(now):
        return begin, None
    end = last_midnight(found.end) + timedelta(days=1) if found.end.year < 2199 else None
    return (begin, end) if end else None


def _bytes_per_day(found: Found) -> float:
    known = STREAMS.get(found.stream)
    rate = found.known_rate_hz or found.about_hz or 0.0
    return 86_400 * rate * (known.bytes_per_sample if known else BYTES_PER_SAMPLE)


def chunk_for(found: Found) -> str:
    """Return the longest calendar piece of a stream that is still a good order."""
    per_day = _bytes_per_day(found)
    if not per_day:
        return "month"
    return next((word for word, days in DAYS.items() if days * per_day <= GOOD_ORDER_BYTES), "day")
