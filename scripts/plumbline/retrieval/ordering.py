"""The request step: one order for a chunk, made once."""

from datetime import datetime
from pathlib import Path

from plumbline.atomic import write_json
from plumbline.chunks import isoformat
from plumbline.ooi.orders import Query, place, urls_of
from plumbline.ooi.session import api_session, api_url
from plumbline.reporting import human_bytes, human_seconds, log
from plumbline.retrieval import records


def order(api: str, stream_name: str, chunk: str, query: Query, record_path: str | Path) -> None:
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

    Raises
    ------
    PlumblineError
        If the server refuses, or stays busy or out of reach.
    """
    asked = {
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
    earlier = records.read_if_there(record_path) or {}
    same = all(earlier.get(key) == value for key, value in asked.items())
    if same and earlier.get("outcome") == records.ACCEPTED and "given_up" not in earlier:
        log.info("The order of %s still stands; it is not sent again.", earlier.get("ordered_at"))
        write_json(record_path, earlier)
        return
    log.info("Ordering %s to %s from %s.", *asked["window"].values(), api)
    write_json(record_path, _placed(asked, query, earlier))


def query_of(record: dict) -> Query:
    """Return the question that a request record holds."""
    begin, end = (datetime.fromisoformat(record["window"][key]) for key in ("begin", "end"))
    asked = record["query"]
    return Query(asked["reference_designator"], asked["method"], asked["stream"], begin, end)


def reorder(record: dict, reason: str) -> dict:
    """Order anew what an earlier order did not deliver, and return the new request record."""
    log.info("Ordering anew: %s.", reason)
    asked = {key: record[key] for key in ("stream", "chunk", "window", "server", "query")}
    return _placed(asked, query_of(record), record | {"given_up": reason})


def _placed(asked: dict, query: Query, earlier: dict) -> dict:
    """Place an order and return its request record."""
    api = asked["server"]
    answer = place(api_session(api), api_url(api), query)
    if not answer.accepted:
        log.info("The server has no data in this window; that is written down.")
        return records.answered(asked, answer.content, records.NO_DATA, earlier)
    urls_of(answer.content)  # an answer that names no folder is refused before it is kept
    log.info(
        "Accepted: about %s, ready in %s by the server's estimate.",
        human_bytes(float(answer.content.get("sizeCalculation") or 0)),
        human_seconds(float(answer.content.get("timeCalculation") or 0)),
    )
    return records.answered(asked, answer.content, records.ACCEPTED, earlier)
