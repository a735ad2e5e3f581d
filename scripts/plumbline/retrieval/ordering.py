"""The request step: one order for a chunk, made once."""

from datetime import datetime, timedelta
from pathlib import Path

import requests

from plumbline.atomic import reserved, write_json
from plumbline.chunks import isoformat
from plumbline.ooi.annotations import annotations
from plumbline.ooi.deployments import deployments, overlapping
from plumbline.ooi.inventory import data_range
from plumbline.ooi.orders import Answer, Query, estimate_of, place, urls_of
from plumbline.ooi.session import api_session, api_url
from plumbline.reporting import human_bytes, human_seconds, log
from plumbline.retrieval import records

# What a record needs at the most, beside its earlier attempts; so much room is made before the server is asked.
RECORD_BYTES = 1 << 18

# So long after its end a chunk that was empty is asked for again.
LATE = timedelta(days=3)


def order(api: str, stream_name: str, chunk: str, query: Query, record_path: str | Path, mail: bool = True) -> None:
    """Order a chunk and write its request record.

    An order that the server has accepted is never sent again: a record that holds one for the same
    question is kept as it is, unless the order was given up.

    Parameters
    ----------
    api : str
        ``embedded`` or the API's URL.
    stream_name, chunk : str
        Names for the record.
    query : Query
        What is asked.
    record_path : str or Path
        The request record; an earlier one is read first.
    mail : bool
        Whether OOI sends a mail when the order is ready.

    Raises
    ------
    PlumblineError
        If the server refuses, or stays busy or out of reach.
    """
    asked = question(api, stream_name, chunk, query)
    earlier = records.read_if_there(record_path) or {}
    same = all(earlier.get(key) == value for key, value in asked.items())
    if same and earlier.get("outcome") == records.ACCEPTED and "given_up" not in earlier:
        log.info("The order of %s still stands; it is not sent again.", earlier.get("ordered_at"))
        write_json(record_path, earlier)
        return
    log.info("Ordering %s to %s from %s.", *asked["window"].values(), api)
    # An answer that could not be written down would be an order lost: the room is made first.
    with reserved(record_path, RECORD_BYTES):
        record = _placed(asked, query, earlier, mail)
    write_json(record_path, record)


def question(api: str, stream_name: str, chunk: str, query: Query) -> dict:
    """Return what is asked, as a request record begins with it."""
    return {
        "stream": stream_name,
        "chunk": chunk,
        "window": {"begin": isoformat(query.begin), "end": isoformat(query.end)},
        "server": api,
        "query": {
            "reference_designator": query.designator,
            "method": query.method,
            "stream": query.stream,
            "path": query.path(),
            "parameters": query.parameters(),
        },
    }


def asked_again(record_path: Path, end: datetime, as_of: datetime) -> str:
    """Return on which day a chunk that the server had nothing for is to be asked for again.

    Data of a live stream may come late. A chunk that was empty is asked for once a day, until three
    days after its end.

    Parameters
    ----------
    record_path : Path
        The request record of the chunk; it may be missing.
    end : datetime
        The chunk's end, UTC.
    as_of : datetime
        The present day's midnight, UTC.

    Returns
    -------
    str
        The day as ``2026-11-24``; "" if it was asked for once at the most. The same day gives the
        same answer, before and after it was asked.
    """
    record = records.read_if_there(record_path) or {}
    asked_on = str(record.get("ordered_at", ""))[:10]
    empty = record.get("outcome") == records.NO_DATA
    if empty and as_of - end <= LATE and asked_on < f"{as_of:%Y-%m-%d}":
        return f"{as_of:%Y-%m-%d}"
    attempts = record.get("attempts")
    repeated = isinstance(attempts, list) and any(
        isinstance(attempt, dict) and attempt.get("outcome") == records.NO_DATA for attempt in attempts
    )
    return asked_on if repeated else ""


def looked_again(record_path: Path, end: datetime, as_of: datetime) -> str:
    """Return on which day a chunk of staged files is to be looked for again.

    Staged files follow the instrument after some days, and grow. A chunk is looked for every day until three days
    after its end, and then every week as long as the source has nothing beyond it.

    Parameters
    ----------
    record_path, end, as_of
        As in `asked_again`.

    Returns
    -------
    str
        The day as ``2026-11-24``; the same day gives the same answer, before and after it was looked.
    """
    day = min(as_of, end + LATE)
    if as_of - end > LATE:
        reaches = (records.read_if_there(record_path) or {}).get("reaches")
        if reaches and str(reaches) < isoformat(end):
            day = as_of - timedelta(days=as_of.weekday())
    return f"{day:%Y-%m-%d}"


def query_of(record: dict) -> Query:
    """Return the question that a request record holds."""
    begin, end = (datetime.fromisoformat(record["window"][key]) for key in ("begin", "end"))
    asked = record["query"]
    return Query(asked["reference_designator"], asked["method"], asked["stream"], begin, end)


def reorder(record: dict, reason: str, mail: bool = True) -> dict:
    """Order anew what an earlier order did not deliver, and return the new request record."""
    log.info("Ordering anew: %s.", reason)
    asked = {key: record[key] for key in ("stream", "chunk", "window", "server", "query")}
    return _placed(asked, query_of(record), record | {"given_up": reason}, mail)


def _placed(asked: dict, query: Query, earlier: dict, mail: bool) -> dict:
    """Place an order and return its request record."""
    api = asked["server"]
    session, url = api_session(api), api_url(api)
    reason, answer = _nothing_to_order(session, url, query), None
    notes = notes_of(session, url, query)
    if not reason:
        answer = place(session, url, query, mail=mail)
    if answer is None or not answer.accepted:
        log.info("The server has no data in this window; that is written down.")
        content = answer.content if answer else {}
        notes |= {"reason": reason} if reason else {}
        return records.answered(asked, content, records.NO_DATA, earlier) | notes
    urls_of(answer.content)  # an answer that names no folder is refused before it is kept
    size, seconds = estimate_of(answer.content)
    log.info("Accepted: about %s, ready in %s by the server's estimate.", human_bytes(size), human_seconds(seconds))
    return records.answered(asked, answer.content, records.ACCEPTED, earlier) | notes


def notes_of(session: requests.Session, url: str, query: Query) -> dict:
    """Return what the API has noted of an instrument in a window; None in place of what it does not tell."""
    deployed = deployments(session, url, query.designator)
    return {
        "annotations": annotations(session, url, *_of_stream(query), query.begin, query.end),
        "deployments": None if deployed is None else overlapping(deployed, query.begin, query.end),
    }


def _nothing_to_order(session: requests.Session, url: str, query: Query) -> str:
    """Return why there is nothing to order, or "".

    The inventory may be behind or mistaken, so that what it says is confirmed by the server's own
    estimate, which orders nothing.
    """
    known = data_range(session, url, *_of_stream(query))
    if known is None or known.overlaps(query.begin, query.end):
        return ""
    answer: Answer = place(session, url, query, estimate_only=True)
    if answer.accepted:
        return ""
    # Not when it ends: for a live stream that is another time at every call.
    if query.end <= known.begin:
        return f"its inventory has data from {isoformat(known.begin)} on"
    return "its inventory ends before"


def _of_stream(query: Query) -> tuple[str, str, str]:
    return query.designator, query.method, query.stream
