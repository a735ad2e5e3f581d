"""HTTP sessions: one with the account for the M2M API, one without it for the results."""

import os
import time
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util.retry import Retry

from plumbline.errors import PlumblineError
from plumbline.ooi.credentials import credentials

# The gateway gives up on its own back end after 90 s of silence (ui-services' configuration), so
# a shorter limit of ours would cut off answers that are still coming.
CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 120
TIMEOUT = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)

# Where the workflow tells its jobs the address of the embedded server.
EMBEDDED_API_VARIABLE = "PLUMBLINE_EMBEDDED_API"


class _NoAuth(AuthBase):
    """Sends no credentials, not even those that requests would find in ``~/.netrc``."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def api_url(api: str) -> str:
    """Return the URL of an API: that of the running embedded server, or the one given.

    Raises
    ------
    PlumblineError
        If the embedded server is asked for and is not running.
    """
    if api != "embedded":
        return api
    url = os.environ.get(EMBEDDED_API_VARIABLE)
    if not url:
        raise PlumblineError(
            "The embedded server is not running: the workflow starts it by itself; to run this script alone, "
            f"start scripts/serve_ooi.py and set {EMBEDDED_API_VARIABLE} to the address that it prints."
        )
    return url


def reachable(api: str, url: str) -> str:
    """Return a result's URL as it can be reached now.

    The embedded server has a new port in every run, while records keep its answers as they
    were; every other server's URL is returned as it is.
    """
    if api != "embedded":
        return url
    here, there = urlsplit(api_url(api)), urlsplit(url)
    return urlunsplit((here.scheme, here.netloc, there.path, there.query, there.fragment))


def api_session(api: str) -> requests.Session:
    """Return a session that sends the account with every request to the API.

    Connections are retried, and so are refusals that say when to come back; what an answer means
    is the caller's business.
    """
    session = requests.Session()
    session.auth = credentials(api)
    _mount(session, Retry(total=None, connect=5, read=0, status=0, redirect=5, other=0, backoff_factor=0.5))
    return session


def result_session() -> requests.Session:
    """Return a session without credentials, for results; safe requests are repeated on failure."""
    session = requests.Session()
    session.auth = _NoAuth()
    session.headers["Accept-Encoding"] = "identity"  # lengths are compared, so nothing may be re-packed
    retry = Retry(
        total=6,
        backoff_factor=0.5,
        backoff_jitter=0.5,
        status_forcelist=(408, 429, 500, 502, 503, 504),
        allowed_methods=("GET", "HEAD"),
        respect_retry_after_header=True,
        raise_on_status=False,
    )
    _mount(session, retry)
    return session


def _mount(session: requests.Session, retry: Retry) -> None:
    session.headers["User-Agent"] = "plumbline/0.1.0 (a Snakemake workflow)"
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))


def growing_delays(first_s: float, factor: float, longest_s: float) -> Iterator[float]:
    """Yield waiting times in seconds that grow by a factor up to the longest, without end."""
    delay = first_s
    while True:
        yield delay
        delay = min(delay * factor, longest_s)


def retry_after_s(response: requests.Response) -> float | None:
    """Return the seconds that a server asks us to wait (``Retry-After``), if it does."""
    header = response.headers.get("Retry-After", "")
    if header.isdigit():
        return float(header)
    return None


def elapsed_since(start: float) -> float:
    """Return seconds since a reading of the monotonic clock, which no change of the date moves."""
    return time.monotonic() - start
