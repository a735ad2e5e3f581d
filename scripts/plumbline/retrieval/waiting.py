"""The wait step: until the server says that an order is complete, and what it then holds."""

import json
import time
from dataclasses import asdict
from pathlib import Path

import requests

from plumbline.atomic import write_json
from plumbline.errors import PlumblineError
from plumbline.ooi.orders import urls_of
from plumbline.ooi.results import describe, fetch_text, file_name_pattern, list_names
from plumbline.ooi.session import elapsed_since, growing_delays, reachable, result_session
from plumbline.reporting import counted, human_bytes, human_seconds, log
from plumbline.retrieval import records
from plumbline.retrieval.ordering import query_of, reorder

# Polls grow from half a second to two minutes; a line is said at least this often.
FIRST_POLL_S, POLL_FACTOR, LONGEST_POLL_S = 0.5, 1.3, 120.0
SAY_EVERY_S = 60.0

# An order that the server failed or lost is made anew once in a run; then a person should look.
REORDERS = 1

# How stream_engine says that a slice failed because there is nothing in it (MissingDataException).
NOTHING_THERE = ("returned no results", "no data")


class OrderFailedError(Exception):
    """The server says that it failed, or has nothing where the order's results were."""


def wait(record_path: str | Path, deadline_s: float, completion_path: str | Path) -> None:
    """Wait for a chunk's order and write its completion marker.

    Parameters
    ----------
    record_path : str or Path
        The request record; rewritten if the order has to be made anew.
    deadline_s : float
        How long this run waits, seconds.
    completion_path : str or Path
        The completion marker. One of the same order that is there already is kept as it is: what
        has been downloaded since needs the server no more.

    Raises
    ------
    PlumblineError
        At the deadline, or if the server fails the order again.
    """
    start = time.monotonic()
    record = records.read(record_path, "request record")
    earlier = records.read_if_there(completion_path) or {}
    same = earlier.get("outcome") == records.COMPLETE and earlier.get("order") == records.order_id(record)
    if same and "given_up" not in record:
        log.info("The order of %s was complete before.", record["ordered_at"])
        write_json(completion_path, earlier)
        return
    for left in range(REORDERS, -1, -1):
        try:
            marker = _outcome(record, start, deadline_s)
            break
        except OrderFailedError as failure:
            if not left:
                records.give_up(record_path, str(failure))
                raise PlumblineError(f"The order failed twice: {failure}. Run again to order it anew.") from None
            record = reorder(record, str(failure))
            write_json(record_path, record)
    write_json(completion_path, marker)


def _outcome(record: dict, start: float, deadline_s: float) -> dict:
    """Return the completion marker of an order, once there is one."""
    marker = {key: record[key] for key in ("stream", "chunk", "window", "server")}
    marker |= {"order": records.order_id(record), "outcome": record["outcome"]}
    if record["outcome"] == records.NO_DATA:
        return marker | {"failed_slices": {}, "files": [], "other_files": []}
    if "given_up" in record:
        raise OrderFailedError(record["given_up"])
    session, folder = result_session(), reachable(record["server"], urls_of(record["answer"])[0])
    _until_complete(session, folder, record, start, deadline_s)
    failed = _failed_slices(session, folder)
    query = query_of(record)
    pattern = file_name_pattern(query.designator, query.method, query.stream)
    names = list_names(session, folder)
    files = [describe(session, folder, name) for name in names if pattern.fullmatch(name)]
    for span, reason in failed.items():
        log.warning("The server failed on the slice %s: %s.", span, reason)
    harm = [reason for reason in failed.values() if not any(words in reason.lower() for words in NOTHING_THERE)]
    if harm and not files:
        raise OrderFailedError(f"the server wrote no file, and reports '{harm[0]}'")
    if not files:
        log.warning("The order is complete, but it holds no file of this stream: the chunk will have no samples.")
    log.info("Complete: %s, %s.", counted(len(files), "file"), human_bytes(sum(file.bytes for file in files)))
    return marker | {
        "outcome": records.COMPLETE,
        "completed_at": records.now(),
        "folder": urls_of(record["answer"])[0],
        "failed_slices": failed,
        "files": [asdict(file) for file in files],
        "other_files": [name for name in names if not pattern.fullmatch(name)],
    }


def _until_complete(session: requests.Session, folder: str, record: dict, start: float, deadline_s: float) -> None:
    """Poll ``status.txt`` until it says ``complete``."""
    said = -SAY_EVERY_S
    estimate = float(record["answer"].get("timeCalculation") or 0)
    for delay in growing_delays(FIRST_POLL_S, POLL_FACTOR, LONGEST_POLL_S):
        state = _state(session, folder)
        if state == "complete":
            return
        waited = elapsed_since(start)
        if waited + delay > deadline_s:
            raise PlumblineError(
                f"The order of {record['ordered_at']} is not complete after {human_seconds(waited)} of waiting "
                f"({state}); the deadline is {human_seconds(deadline_s)} (ooi.deadline). Run again to go on "
                "waiting for the same order."
            )
        if waited - said >= SAY_EVERY_S:
            log.info(
                "Waiting for the order of %s%s; %s; the server's estimate is %s in all.",
                record["ordered_at"],
                f", {human_seconds(waited)} so far" if waited >= 1 else "",
                state,
                human_seconds(estimate),
            )
            said = waited
        time.sleep(min(delay, max(0.0, deadline_s - waited)))


def _state(session: requests.Session, folder: str) -> str:
    """Return ``complete``, or in words how far the order is.

    Raises
    ------
    OrderFailedError
        If the server wrote a failure where ``complete`` should stand.
    """
    try:
        status, text = fetch_text(session, f"{folder}/status.txt")
    except requests.RequestException as error:
        return f"the result host cannot be reached: {type(error).__name__}"
    if status == 404:
        return "the server is still working"
    if status != 200:
        return f"the result host answers {status}"
    if text.strip() == "complete":
        return "complete"
    try:
        failure = json.loads(text)
    except ValueError:
        # Neither word nor JSON: a page from something in between; what counts is the next poll.
        return "status.txt holds neither 'complete' nor a failure"
    raise OrderFailedError(f"the server reports '{_reason(failure if isinstance(failure, dict) else text)}'")


def _failed_slices(session: requests.Session, folder: str) -> dict[str, str]:
    """Return the slices of the order that the server failed on, with its reasons."""
    status, text = fetch_text(session, f"{folder}/status.json")
    if status != 200:
        return {}
    try:
        slices = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(slices, dict):
        return {}
    if "message" in slices:  # of the aggregation, which came to nothing, and not of slices
        slices = {"the whole order": slices}
    return {str(span): _reason(state) for span, state in slices.items() if state != "complete"}


def _reason(state: object) -> str:
    """Return the server's words for a failure on one line, shortened."""
    text = state.get("message", state) if isinstance(state, dict) else state
    return " ".join(str(text).split())[:200]
