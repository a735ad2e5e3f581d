"""The wait step: until the server says that an order is complete, and what it then holds."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

from plumbline.atomic import write_json
from plumbline.errors import PlumblineError
from plumbline.ooi.orders import estimate_of, urls_of
from plumbline.ooi.patience import elapsed_since, growing_delays
from plumbline.ooi.reading import read
from plumbline.ooi.results import Way, ways_to
from plumbline.ooi.session import THREDDS_VARIABLE, reachable, result_session
from plumbline.reporting import human_seconds, log
from plumbline.retrieval import records
from plumbline.retrieval.completion import LONGEST_STATUS, OrderFailedError, contents_of, reason_of
from plumbline.retrieval.ordering import reorder

# Polls grow from half a second to two minutes; a line is said at least this often.
FIRST_POLL_S, POLL_FACTOR, LONGEST_POLL_S = 0.5, 1.3, 120.0
SAY_EVERY_S = 60.0

# An order that the server failed or lost is made anew once in a run; then a person should look.
REORDERS = 1

# An order of which nothing can be seen so long after it was made is taken for lost.
LOST_AFTER = timedelta(days=7)

# The other of two servers is asked at every so many polls.
OTHER_EVERY = 4

# What the server writes into status.txt when it is done.
COMPLETE = "complete"


def wait(record_path: str | Path, deadline_s: float, completion_path: str | Path, mail: bool = True) -> None:
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
    mail : bool
        Whether OOI sends a mail, if the order has to be made anew.

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
            record = _anew(record, str(failure), mail)
            write_json(record_path, record)
    write_json(completion_path, marker)


def _anew(record: dict, reason: str, mail: bool) -> dict:
    """Order anew what an order did not deliver, or look again for what was found."""
    if not records.source_of(record):
        return reorder(record, reason, mail)
    # Only then: it brings what reads files.
    from plumbline.sources.finding import find_again

    return find_again(record, reason)


def _outcome(record: dict, start: float, deadline_s: float) -> dict:
    """Return the completion marker of an order, once there is one."""
    marker = {key: record[key] for key in ("stream", "chunk", "window", "server")}
    marker |= {"order": records.order_id(record), "outcome": record["outcome"]}
    if "given_up" in record:
        raise OrderFailedError(record["given_up"])
    if record["outcome"] == records.NO_DATA:
        reason = {"reason": record["reason"]} if "reason" in record else {}
        return marker | reason | {"failed_slices": {}, "files": [], "other_files": []}
    if source := records.source_of(record):
        # It was found, and nothing is to be waited for.
        nothing_failed = {
            "failed_slices": {},
            "slices_known": True,
            "files": record["answer"]["files"],
            "other_files": [],
        }
        anew = {"anew": times} if (times := records.times_anew(record)) else {}
        about = {"outcome": records.COMPLETE, "completed_at": records.now(), "source": source}
        return marker | about | anew | nothing_failed
    ways = _ways(record)
    _until_complete([way.folder for way in ways], record, start, deadline_s)
    contents, folder = contents_of(record, ways)
    return marker | {
        "outcome": records.COMPLETE,
        "completed_at": records.now(),
        "folder": folder,
        **contents.marker(),
    }


def _ways(record: dict) -> list[Way]:
    """Return the ways to an order's results, the one that its stream asks for first."""
    urls = [url and reachable(record["server"], url) for url in urls_of(record["answer"])]
    return ways_to(*urls, thredds_first=record["stream"] in os.environ.get(THREDDS_VARIABLE, "").split(","))


def _until_complete(folders: list[str], record: dict, start: float, deadline_s: float) -> None:
    """Poll ``status.txt`` until it says ``complete``; at the second server now and then, if the first has none."""
    session, said = result_session(patient=False), -SAY_EVERY_S
    estimate, folder = estimate_of(record["answer"])[1], folders[0]
    for poll, delay in enumerate(growing_delays(FIRST_POLL_S, POLL_FACTOR, LONGEST_POLL_S), start=1):
        state, asked_delay = _state(session, folder)
        if state != COMPLETE and poll % OTHER_EVERY == 0 and folders[1:]:
            state = COMPLETE if _state(session, folders[1])[0] == COMPLETE else state
        if state == COMPLETE:
            return
        waited = elapsed_since(start)
        if said < 0:
            _take_for_lost_if_old(session, folders, record)
        if waited >= deadline_s:
            raise PlumblineError(
                f"The order of {record['ordered_at']} is not complete after {human_seconds(waited)} of waiting "
                f"({state}), and the deadline is {human_seconds(deadline_s)} (ooi.deadline). Run again to go on "
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
        time.sleep(min(max(delay, asked_delay), max(0.0, deadline_s - waited)))


def _take_for_lost_if_old(session: requests.Session, folders: list[str], record: dict) -> None:
    """Take an order for lost that is days old and of which nothing can be seen: its results have vanished."""
    age = datetime.now(UTC) - datetime.fromisoformat(record["ordered_at"])
    if age < LOST_AFTER:
        return
    try:
        nothing = all(
            read(session, f"{folder}/{name}").status == 404 for folder in folders for name in ("", "status.json")
        )
    except requests.RequestException:
        return
    if nothing:
        raise OrderFailedError(f"nothing can be seen of it {human_seconds(age.total_seconds())} after it was made")


def _state(session: requests.Session, folder: str) -> tuple[str, float]:
    """Return (`COMPLETE`, or in words how far the order is; how long the server asks us to wait, seconds).

    Raises
    ------
    OrderFailedError
        If the server wrote a failure where ``complete`` should stand.
    """
    try:
        reply = read(session, f"{folder}/status.txt", longest=LONGEST_STATUS)
    except requests.RequestException as error:
        return f"the result host cannot be reached: {type(error).__name__}", 0.0
    if reply.status == 404:
        return "the server is still working", 0.0
    if reply.status != 200:
        return f"the result host answers {reply.status}", reply.retry_after_s
    if reply.text.strip() == COMPLETE:
        return COMPLETE, 0.0
    try:
        failure = json.loads(reply.text)
    except (ValueError, RecursionError):
        # Neither word nor JSON: a page from something in between; what counts is the next poll.
        return "status.txt holds neither 'complete' nor a failure", 0.0
    raise OrderFailedError(f"the server reports '{reason_of(failure if isinstance(failure, dict) else reply.text)}'")
