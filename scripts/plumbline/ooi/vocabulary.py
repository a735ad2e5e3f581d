"""The vocabulary: what OOI's designators stand for, in words."""

import requests

from plumbline.errors import RefusedError
from plumbline.ooi.reading import FEW_TRIES, read_patiently
from plumbline.reporting import log

# Some thousand records of a third of a kilobyte.
LONGEST_VOCABULARY = 64_000_000
KEYS = {"array": "tocL1", "place": "tocL2", "node": "tocL3", "instrument": "instrument"}
LONGEST_NAME = 120


def vocabulary(session: requests.Session, api_url: str) -> dict[str, dict[str, str]] | None:
    """Return the names of every designator, or None where the server does not give them.

    Returns
    -------
    dict of str to dict
        By reference designator (of an instrument, a node or a site): ``array``, ``place``, ``node``,
        ``instrument``; "" where there is no name.
    """
    try:
        reply = read_patiently(session, f"{api_url}/12586/vocab", longest=LONGEST_VOCABULARY, tries=FEW_TRIES)
    except RefusedError as error:
        log.info("Going on without names of places: %s", error)
        return None
    rows = reply.json() if reply.status == 200 else None
    if not isinstance(rows, list):
        return None
    return {
        row["refdes"]: {name: _text(row.get(key)) for name, key in KEYS.items()}
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("refdes"), str)
    }


def _text(value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text[:LONGEST_NAME] if text.isprintable() else ""
