"""The sensor inventory: is there such a stream, what was meant if there is not, and from when to when it has data."""

import difflib
from dataclasses import dataclass
from datetime import datetime

import requests

from plumbline.errors import PlumblineError
from plumbline.ooi.moments import from_text
from plumbline.ooi.names import split_reference_designator
from plumbline.ooi.reading import read_list, read_patiently

LEVELS = ("site", "node", "sensor", "method", "stream")


def check_stream(session: requests.Session, api_url: str, designator: str, method: str, stream: str) -> None:
    """Walk down the inventory to a stream.

    The server answers 404 both for a stream without data in a window and for a name that
    does not exist; only the inventory tells them apart.

    Raises
    ------
    PlumblineError
        If a name on the way does not exist, with the nearest that does; or if the inventory
        cannot be read.
    """
    path = f"{api_url}/12576/sensor/inv"
    for level, name in zip(LEVELS, (*split_reference_designator(designator), method, stream), strict=True):
        listed = names_at(session, path)
        if name not in listed:
            raise PlumblineError(_not_listed(level, name, listed, path.rpartition("/sensor/inv")[2].strip("/")))
        path = f"{path}/{name}"


def names_at(session: requests.Session, url: str) -> list[str]:
    """Return the names that the inventory lists at a URL."""
    reply = read_patiently(session, url)
    listed = reply.json() if reply.status == 200 else None
    if not isinstance(listed, list):
        raise PlumblineError(
            f"The server has nothing for this window, and its inventory at {url} cannot be read, so that it "
            "cannot be told whether the stream exists; run again later."
        )
    return [str(name) for name in listed]


def _not_listed(level: str, name: str, listed: list[str], below: str) -> str:
    where = f"under {below}" if below else "at OOI"
    close = difflib.get_close_matches(name, listed, n=1, cutoff=0.5)
    hint = f"did you mean '{close[0]}'? " if close else ""
    shown = ", ".join(listed[:12]) + (", ..." if len(listed) > 12 else "")
    return f"There is no {level} '{name}' {where}: {hint}The inventory has {shown or 'nothing there'}."


@dataclass(frozen=True)
class DataRange:
    """From when to when the inventory has data of a stream, both inclusive, UTC."""

    begin: datetime
    end: datetime

    def overlaps(self, begin: datetime, end: datetime) -> bool:
        """Tell whether there may be data in the half-open window [begin, end)."""
        return self.begin < end and self.end >= begin


def data_range(session: requests.Session, api_url: str, designator: str, method: str, stream: str) -> DataRange | None:
    """Return the time range of a stream (``metadata/times``), or None where the inventory does not tell it."""
    path = "/".join(split_reference_designator(designator))
    rows = read_list(session, f"{api_url}/12576/sensor/inv/{path}/metadata/times")
    ranges = [
        DataRange(begin, end)
        for row in (rows or [])
        if isinstance(row, dict) and (row.get("method"), row.get("stream")) == (method, stream)
        if (begin := from_text(row.get("beginTime"))) and (end := from_text(row.get("endTime")))
    ]
    if not ranges:
        return None
    return DataRange(min(one.begin for one in ranges), max(one.end for one in ranges))
