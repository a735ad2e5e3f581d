"""Orders: asking the M2M API for a window of a stream, and what its answers mean."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests

from plumbline.errors import PlumblineError
from plumbline.ooi.inventory import check_stream
from plumbline.ooi.names import split_reference_designator
from plumbline.ooi.session import TIMEOUT, growing_delays, retry_after_s
from plumbline.reporting import human_seconds, log

# A busy server is asked again this often, after 2, 4, 8 ... 60 s: some five minutes in all.
TRIES = 10
FIRST_DELAY_S = 2.0
LONGEST_DELAY_S = 60.0

# Refusals that no waiting cures, as stream_engine words them.
HOPELESS = ("does not exist", "malformed", "__getitem__", "not properly formatted", "not exposed")


@dataclass(frozen=True)
class Query:
    """What is asked of the server: a stream over a half-open window [begin, end), UTC."""

    designator: str
    method: str
    stream: str
    begin: datetime
    end: datetime

    def path(self) -> str:
        """Return the path below the API: ``12576/sensor/inv/site/node/sensor/method/stream``."""
        names = (*split_reference_designator(self.designator), self.method, self.stream)
        return "12576/sensor/inv/" + "/".join(names)

    def parameters(self) -> dict[str, str]:
        """Return the request's parameters.

        The server takes both ends as inclusive and compares times as they are, while Plumbline
        rounds them to the millisecond. It is asked for one millisecond more at the begin, so that
        a sample which rounds up to it is not lost; what lies outside is cut when bins are made.
        """
        return {
            "beginDT": _stamp(self.begin - timedelta(milliseconds=1)),
            "endDT": _stamp(self.end),
            "format": "application/netcdf",
        }


@dataclass(frozen=True)
class Answer:
    """The server's word: an accepted order, or that it has no data.

    Attributes
    ----------
    content : dict
        Its JSON, as it came.
    accepted : bool
        False: it has no data in the window.
    """

    content: dict
    accepted: bool


def _stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def place(session: requests.Session, api_url: str, query: Query) -> Answer:
    """Ask for a window, patiently, until the server accepts or has nothing.

    Parameters
    ----------
    session : requests.Session
        With the account.
    api_url : str
        The API's base URL.
    query : Query
        What is asked.

    Raises
    ------
    PlumblineError
        If the server refuses, or stays busy or out of reach.
    """
    url = f"{api_url}/{query.path()}"
    delays = growing_delays(FIRST_DELAY_S, 2.0, LONGEST_DELAY_S)
    reason = ""
    for attempt in range(1, TRIES + 1):
        asked_delay = None
        try:
            response = session.get(url, params=query.parameters(), timeout=TIMEOUT)
        except requests.RequestException as error:
            reason = f"it could not be reached ({type(error).__name__})"
        else:
            answer, reason = _understand(session, api_url, query, response)
            if answer:
                return answer
            asked_delay = retry_after_s(response)
        if attempt < TRIES:
            delay = max(next(delays), asked_delay or 0.0)
            log.info("The server does not take the order: %s. Asking again in %s.", reason, human_seconds(delay))
            time.sleep(delay)
    raise PlumblineError(
        f"{urlsplit(api_url).hostname} did not take the order in {TRIES} tries; at last {reason}. "
        "Run again later: nothing is lost."
    )


def _understand(
    session: requests.Session, api_url: str, query: Query, response: requests.Response
) -> tuple[Answer | None, str]:
    """Return (answer, "") or (None, why to ask again); raise on a refusal."""
    try:
        content = response.json()
    except ValueError:
        content = None
    here, there = (urlsplit(url).netloc for url in (api_url, response.url))
    if here != there:
        # The account did not go there, and what such a server says of data is no word of OOI's.
        raise PlumblineError(f"{here} sends the order on to {there}; set ooi.api to that address if it is right.")
    status, message = response.status_code, _message(content)
    if status == 200:
        if isinstance(content, dict) and content.get("allURLs"):
            return Answer(content, accepted=True), ""
        if "no data" in message.lower():
            return _no_data(session, api_url, query, content), ""
        if content is None and "maintenance" in response.text[:4000].lower():
            return None, "it says that it is under maintenance"
        return None, f"its answer is not an order ({message or 'no JSON'})"
    if status == 401:
        raise PlumblineError(
            f"{urlsplit(api_url).hostname} does not know this user name and token (401): check OOI_USERNAME and "
            "OOI_TOKEN, or ~/.netrc, against the user profile at https://ooinet.oceanobservatories.org."
        )
    if status == 404:
        return _no_data(session, api_url, query, content), ""
    if status in (403, 413) or (400 <= status < 500 and any(word in message.lower() for word in HOPELESS)):
        raise PlumblineError(f"The server refuses the order ({status}): {message or 'without a reason'}.")
    return None, f"it answered {status} ({message or 'without a reason'})"


def _no_data(session: requests.Session, api_url: str, query: Query, content: object) -> Answer:
    check_stream(session, api_url, query.designator, query.method, query.stream)
    return Answer(content if isinstance(content, dict) else {}, accepted=False)


def _message(content: object) -> str:
    """Return the text in the gateway's layers of ``message`` and ``status``, shortened."""
    while isinstance(content, dict):
        content = content.get("message") or content.get("status") or content.get("error") or ""
    text = " ".join(str(content or "").split())
    return text if len(text) <= 200 else text[:197] + "..."


def urls_of(content: dict) -> tuple[str, str | None]:
    """Return (Apache URL, THREDDS URL or None) of an accepted order, told apart by their content.

    Raises
    ------
    PlumblineError
        If the answer names no Apache folder.
    """
    urls = [str(url) for url in content.get("allURLs", [])]
    apache = next((url for url in urls if "/async_results/" in url), None)
    thredds = next((url for url in urls if "/thredds/" in url), None)
    if apache is None:
        raise PlumblineError(f"The server's answer names no async_results folder: {', '.join(urls)[:200]}.")
    return apache.rstrip("/"), thredds
