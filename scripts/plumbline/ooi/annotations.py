"""Annotations: what OOI's people have noted about an instrument in a window."""

from datetime import datetime

import requests

from plumbline.chunks import isoformat, unix_ms
from plumbline.ooi.moments import from_milliseconds
from plumbline.ooi.reading import read_list

# More than these are not notes that a person reads.
MOST_NOTES, LONGEST_NOTE = 200, 500


def annotations(
    session: requests.Session, api_url: str, designator: str, method: str, stream: str, begin: datetime, end: datetime
) -> list[dict] | None:
    """Return the annotations of a stream that overlap a window.

    Notes on the whole instrument, node or site are among them. Whoever wrote them is left out: it
    is a mail address.

    Returns
    -------
    list of dict, or None where they cannot be read
        ``id``, ``begin``, ``end`` (ISO 8601; None while it lasts), ``text``, ``flag``, ``parameters`` (numbers of
        those that it is on; none of them for all).
    """
    asked = {"beginDT": str(unix_ms(begin)), "endDT": str(unix_ms(end)), "refdes": designator}
    rows = read_list(session, f"{api_url}/12580/anno/find", asked)
    if rows is None:
        return None
    notes = [_note(row) for row in rows if isinstance(row, dict) and _concerns(row, method, stream)]
    return sorted((note for note in notes if note), key=lambda note: (note["begin"], str(note["id"])))[:MOST_NOTES]


def _concerns(row: dict, method: str, stream: str) -> bool:
    """Tell whether a note is on this stream, or on all of an instrument's."""
    return row.get("method") in (None, "", method) and row.get("stream") in (None, "", stream)


def _note(row: dict) -> dict | None:
    begin, end = (from_milliseconds(row.get(key)) for key in ("beginDT", "endDT"))
    if begin is None:
        return None
    begin, end = isoformat(begin), isoformat(end) if end else None
    text = " ".join(str(row.get("annotation") or "").split())[:LONGEST_NOTE]
    listed = row.get("parameters")
    numbers = [number for number in listed if isinstance(number, int)] if isinstance(listed, list) else []
    about = {"flag": row.get("qcFlag"), "parameters": numbers[:MOST_NOTES]}
    return {"id": row.get("id"), "begin": begin, "end": end, "text": text} | about
