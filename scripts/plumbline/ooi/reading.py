"""Reading answers that may be anything: of bounded length, in bounded time, as text or JSON."""

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from plumbline.errors import RefusedError
from plumbline.ooi.patience import elapsed_since, growing_delays, retry_after_s
from plumbline.ooi.session import TIMEOUT
from plumbline.reporting import log

# Longer or slower than this is no answer of the API: its longest here is a list of annotations.
LONGEST_ANSWER = 16_000_000
LONGEST_ANSWER_S = 120.0
BLOCK = 1 << 16

# Small questions are repeated when the answer is an error that may pass: those on which a step hangs for a
# minute, those that only add to what is known for some seconds.
TRIES, FEW_TRIES = 7, 3

# ... and no longer than this, whatever the server asks for.
LONGEST_PATIENCE_S = 120.0
TOLD_DELAY_S = 2.0
PASSING = (400, 408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Reply:
    """An HTTP answer that was read to its end.

    Attributes
    ----------
    status : int
    text : str
        Its body, decoded as UTF-8.
    retry_after_s : float
        How long the server asks us to wait, 0 if it does not.
    """

    status: int
    text: str
    retry_after_s: float = 0.0

    def json(self) -> Any:
        """Return the body as JSON, or None where it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


def message_of(content: object) -> str:
    """Return the text in the gateway's layers of ``message`` and ``status``, shortened."""
    while isinstance(content, dict):
        content = content.get("message") or content.get("status") or content.get("error") or ""
    text = " ".join(str(content or "").split())
    return text if len(text) <= 200 else text[:197] + "..."


def read(
    session: requests.Session,
    url: str,
    params: dict[str, str] | None = None,
    longest: int = LONGEST_ANSWER,
    longest_s: float | None = None,
) -> Reply:
    """Fetch a text of bounded length in bounded time.

    Raises
    ------
    requests.RequestException
        If there is no answer, or it breaks off.
    RefusedError
        If it is longer than `longest` bytes, or takes longer than `longest_s`, seconds; None: two minutes.
    """
    status, body, retry_s = _body(session, url, params, longest, longest_s)
    return Reply(status, body.decode("utf-8", "replace"), retry_s)


def read_bytes(session: requests.Session, url: str, longest: int) -> tuple[int, bytes]:
    """Fetch an answer of bounded length in bounded time, and return its status and its body; errors as of `read`."""
    status, body, _ = _body(session, url, None, longest, None)
    return status, bytes(body)


def _body(
    session: requests.Session, url: str, params: dict[str, str] | None, longest: int, longest_s: float | None
) -> tuple[int, bytearray, float]:
    start, limit_s = time.monotonic(), LONGEST_ANSWER_S if longest_s is None else longest_s
    with session.get(url, params=params, timeout=TIMEOUT, stream=True) as response:
        body = bytearray()
        for piece in pieces_of(response):
            body += piece
            if len(body) > longest:
                raise RefusedError(f"The answer at {url} is longer than {longest} bytes; it was refused.")
            if elapsed_since(start) > limit_s:
                raise RefusedError(f"The answer at {url} does not end within {limit_s:.0f} s; it was refused.")
        return response.status_code, body, retry_after_s(response)


def pieces_of(response: requests.Response) -> Iterator[bytes]:
    """Yield a body as it arrives: requests' own iterator waits until a whole block is there."""
    try:
        while piece := response.raw.read1(BLOCK, decode_content=True):
            yield piece
    except HTTPError as error:
        raise requests.ConnectionError(error) from None


def read_patiently(
    session: requests.Session,
    url: str,
    params: dict[str, str] | None = None,
    longest: int = LONGEST_ANSWER,
    tries: int = TRIES,
    longest_s: float | None = None,
) -> Reply:
    """Fetch a text as `read` does, and again some times where the answer is an error that may pass.

    Returns
    -------
    Reply
        The last one; status 0 and the kind of failure as its text where there was no answer at all.
    """
    delays, start = growing_delays(0.5, 2.0, 30.0), time.monotonic()
    for left in range(tries - 1, -1, -1):
        try:
            reply = read(session, url, params, longest, longest_s)
        except requests.RequestException as error:
            reply = Reply(0, type(error).__name__)
        if not left or (reply.status and reply.status not in PASSING):
            break
        delay = max(next(delays), reply.retry_after_s)
        if elapsed_since(start) + delay > LONGEST_PATIENCE_S:
            break
        # A person who waits for longer wants to know for what.
        level = logging.INFO if delay >= TOLD_DELAY_S else logging.DEBUG
        log.log(level, "%s at %s; asking again in %.0f s.", reply.status or reply.text, url, delay)
        time.sleep(delay)
    return reply


def read_list(session: requests.Session, url: str, params: dict[str, str] | None = None) -> list | None:
    """Return a JSON list that only adds to what is known, or None where the server does not give it.

    Nothing that the server does here is an error of the step that asks.
    """
    try:
        reply = read_patiently(session, url, params, tries=FEW_TRIES)
    except RefusedError as error:
        log.info("Going on without what %s would have told: %s", url, error)
        return None
    content = reply.json() if reply.status == 200 else None
    return content if isinstance(content, list) else None
