"""Orders: asking the M2M API for a window of a stream, and what its answers mean."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests

from plumbline.errors import PlumblineError, RefusedError
from plumbline.ooi.credentials import unknown_account
from plumbline.ooi.inventory import check_stream
from plumbline.ooi.names import split_reference_designator
from plumbline.ooi.patience import growing_delays
from plumbline.ooi.reading import Reply, message_of, read
from plumbline.reporting import counted, human_seconds, log

# A busy server is asked again this often, after 2, 4, 8 ... 60 s: some four minutes in all; one that cannot be
# reached at all, half a minute.
TRIES, UNREACHABLE_TRIES = 9, 5
FIRST_DELAY_S = 2.0
LONGEST_DELAY_S = 60.0
# At the start of a run, some seconds in all.
REACH_TRIES, REACH_DELAY_S = 4, 1.0

# A window that the server has nothing in is asked for again after 2 and 4 s: a 404 may be a passing one.
ASKED_FOR_NOTHING = 3

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

    def parameters(self, mail: bool = True, estimate_only: bool = False) -> dict[str, str]:
        """Return the request's parameters.

        The server takes both ends as inclusive and compares times as they are, while Plumbline
        rounds them to the millisecond. It is asked for one millisecond more at the begin, so that
        a sample which rounds up to it is not lost; what lies outside is cut when bins are made.

        Parameters
        ----------
        mail : bool
            False: no mail when the order is ready.
        estimate_only : bool
            True: nothing is ordered, the answer tells size and time.
        """
        asked = {
            "beginDT": _stamp(self.begin - timedelta(milliseconds=1)),
            "endDT": _stamp(self.end),
            "format": "application/netcdf",
        }
        if not mail:
            asked["email"] = "none"
        if estimate_only:
            asked["estimate_only"] = "true"
        return asked


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


def place(
    session: requests.Session, api_url: str, query: Query, *, mail: bool = True, estimate_only: bool = False
) -> Answer:
    """Ask for a window, patiently, until the server accepts or has nothing.

    Parameters
    ----------
    session : requests.Session
        With the account.
    api_url : str
        The API's base URL.
    query : Query
        What is asked.
    mail, estimate_only : bool
        As in `Query.parameters`.

    Raises
    ------
    PlumblineError
        If the server refuses, or stays busy or out of reach.
    """
    url, asked = f"{api_url}/{query.path()}", query.parameters(mail, estimate_only)
    delays = growing_delays(FIRST_DELAY_S, 2.0, LONGEST_DELAY_S)
    reason, nothing, unreachable = "", 0, 0
    for attempt in range(1, TRIES + 1):
        asked_delay = 0.0
        try:
            reply = read(session, url, asked)
        except requests.RequestException as error:
            reason = f"it could not be reached ({type(error).__name__})"
            unreachable += 1
        else:
            answer, reason = _understand(api_url, reply)
            if answer and not answer.accepted:
                nothing += 1
                reason = "it has no data in the window"
            if answer and (answer.accepted or nothing >= ASKED_FOR_NOTHING):
                return answer if answer.accepted else _no_data(session, api_url, query, answer)
            asked_delay = reply.retry_after_s
        if unreachable == UNREACHABLE_TRIES:
            break
        if attempt < TRIES:
            delay = max(next(delays), asked_delay)
            log.info("The server does not take the order: %s. Asking again in %s.", reason, human_seconds(delay))
            time.sleep(delay)
    raise PlumblineError(
        f"{urlsplit(api_url).hostname} did not take the order in {attempt} tries; at last {reason}. "
        "Run again later: nothing is lost."
    )


def _understand(api_url: str, reply: Reply) -> tuple[Answer | None, str]:
    """Return (answer, "") or (None, why to ask again); raise on a refusal."""
    content = reply.json()
    status, message = reply.status, message_of(content)
    if status == 200:
        if isinstance(content, dict) and content.get("allURLs"):
            return Answer(content, accepted=True), ""
        if "no data" in message.lower():
            return Answer(content, accepted=False), ""
        if content is None and "maintenance" in reply.text[:4000].lower():
            return None, "it says that it is under maintenance"
        return None, f"its answer is not an order ({message or 'no JSON'})"
    if status == 401:
        raise unknown_account(api_url)
    if status == 404 and isinstance(content, dict):  # the gateway's own answers are JSON; a page is not its word
        return Answer(content, accepted=False), ""
    if status in (403, 413) or (400 <= status < 500 and any(word in message.lower() for word in HOPELESS)):
        raise PlumblineError(f"The server refuses the order ({status}): {message or 'without a reason'}.")
    return None, f"it answered {status} ({message or 'without a reason'})"


def check_api(session: requests.Session, api_url: str, tries: int = REACH_TRIES) -> str:
    """Ask the smallest question of the API, to learn whether it can be reached and knows the account.

    Returns
    -------
    str
        Why it cannot be reached; "" if it can. A server that is busy or slow was reached.

    Raises
    ------
    PlumblineError
        If it does not know the account.
    """
    delays = growing_delays(REACH_DELAY_S, 2.0, LONGEST_DELAY_S)
    for left in range(tries - 1, -1, -1):
        try:
            reply = read(session, f"{api_url}/12576/sensor/inv")
        except requests.ConnectionError as error:
            reason = type(error).__name__
        except (requests.RequestException, RefusedError):
            return ""
        else:
            if reply.status == 401:
                raise unknown_account(api_url)
            return ""
        if left:
            time.sleep(next(delays))
    return f"{urlsplit(api_url).hostname} cannot be reached ({reason}, {counted(tries, 'try', 'tries')})"


def _no_data(session: requests.Session, api_url: str, query: Query, answer: Answer) -> Answer:
    """Return the answer once the inventory shows that there is such a stream at all."""
    check_stream(session, api_url, query.designator, query.method, query.stream)
    return answer


def urls_of(content: dict) -> tuple[str | None, str | None]:
    """Return (Apache URL, THREDDS URL) of an accepted order, told apart by their content; one may be None.

    Raises
    ------
    PlumblineError
        If the answer names neither.
    """
    listed = content.get("allURLs")
    urls = [url for url in (listed if isinstance(listed, list) else []) if _is_web_address(url)]
    apache = next((url for url in urls if "/async_results/" in url), None)
    thredds = next((url for url in urls if "/thredds/" in url), None)
    if apache is None and (thredds is None or "/catalog/" not in thredds):
        raise PlumblineError(f"The server's answer names no async_results folder: {str(listed)[:200]}.")
    return apache.rstrip("/") if apache else None, thredds


def _is_web_address(url: object) -> bool:
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        return False
    return bool(parts and parts.scheme in ("http", "https") and parts.hostname) and url.isprintable()


def estimate_of(content: dict) -> tuple[float, float]:
    """Return the server's estimate of an order, (bytes, seconds); 0 where it gives none."""
    numbers = (content.get(key) for key in ("sizeCalculation", "timeCalculation"))
    size, seconds = (float(value) if isinstance(value, int | float) and 0 <= value < 1e18 else 0.0 for value in numbers)
    return size, seconds
