"""Deployments: when an instrument was set down where, and what instrument it was."""

from datetime import datetime

import requests

from plumbline.chunks import isoformat
from plumbline.ooi.moments import from_milliseconds
from plumbline.ooi.names import split_reference_designator
from plumbline.ooi.numbers import finite
from plumbline.ooi.reading import read_list

# More than these are no deployments of one instrument.
MOST, LONGEST_TEXT = 200, 100


def deployments(session: requests.Session, api_url: str, designator: str) -> list[dict] | None:
    """Return the deployments of an instrument, in time order, each once.

    Cruises and the people on them are left out.

    Returns
    -------
    list of dict, or None where they cannot be read
        ``number``; ``begin``, ``end`` (ISO 8601, UTC; None while it lasts); ``latitude``, ``longitude`` (degrees
        north and east); ``depth_m`` of the instrument and ``water_depth_m``, both positive down; ``sensor_uid``,
        ``sensor_serial``. What is not told, or cannot be, is None.
    """
    path = "/".join(split_reference_designator(designator))
    rows = read_list(session, f"{api_url}/12587/events/deployment/inv/{path}/-1")
    if rows is None:
        return None
    found = [one for row in rows if isinstance(row, dict) and (one := _deployment(row))]
    distinct = {tuple(one.values()): one for one in found}.values()
    return sorted(distinct, key=lambda one: (one["begin"], str(one["number"]), str(one["end"])))[:MOST]


def overlapping(found: list[dict], begin: datetime, end: datetime) -> list[dict]:
    """Return the deployments that touch the half-open window [begin, end)."""
    return [
        one
        for one in found
        if datetime.fromisoformat(one["begin"]) < end
        and (one["end"] is None or datetime.fromisoformat(one["end"]) > begin)
    ]


def _deployment(row: dict) -> dict | None:
    begin, end = (from_milliseconds(row.get(key)) for key in ("eventStartTime", "eventStopTime"))
    if begin is None or (end is not None and end <= begin):
        return None
    place, sensor = (value if isinstance(value := row.get(key), dict) else {} for key in ("location", "sensor"))
    number = row.get("deploymentNumber")
    return {
        "number": number if isinstance(number, int) and not isinstance(number, bool) else None,
        "begin": isoformat(begin),
        "end": isoformat(end) if end else None,
        "latitude": _within(place.get("latitude"), 90),
        "longitude": _within(place.get("longitude"), 360),
        "depth_m": _within(place.get("depth"), 12_000),
        "water_depth_m": _within(row.get("waterDepth"), 12_000),
        "sensor_uid": _text(sensor.get("uid")),
        "sensor_serial": _text(sensor.get("serialNumber") or sensor.get("name")),
    }


def _within(value: object, most: float) -> float | None:
    """Return a number, or None where it is none or cannot be."""
    number = finite(value)
    return number if number is not None and abs(number) <= most else None


def _text(value: object) -> str | None:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    # A mail address is no serial number.
    return text[:LONGEST_TEXT] if text and text.isprintable() and "@" not in text else None
