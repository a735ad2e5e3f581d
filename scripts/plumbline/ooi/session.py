"""HTTP sessions: one with the account for the M2M API, one without it for the results."""

import os
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util.retry import Retry

from plumbline.errors import PlumblineError, RefusedError
from plumbline.ooi.credentials import credentials
from plumbline.ooi.patience import LONGEST_RETRY_AFTER_S

# The gateway gives up on its own back end after 90 s of silence (ui-services' configuration), so
# a shorter limit of ours would cut off answers that are still coming.
CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 120
TIMEOUT = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)

# Files lie ready at the result host; one that sends nothing for so long is asked again.
FILE_TIMEOUT_S = 30

# Where the workflow tells its jobs the address of the embedded server.
EMBEDDED_API_VARIABLE = "PLUMBLINE_EMBEDDED_API"

# ... and the names of the streams whose results are read from THREDDS, with commas between. They are no part of any
# command, since a change of them is no reason to fetch anything again.
THREDDS_VARIABLE = "PLUMBLINE_RESULTS_FROM_THREDDS"


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


class _Session(requests.Session):
    """A session that stays at the host that it was sent to.

    A redirect to another host is refused: what such a host says is no word of the server's, and
    the account must never arrive there.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target is not None and not _same_host(resp.url, urljoin(resp.url, target)):
            here, there = urlsplit(resp.url), urlsplit(urljoin(resp.url, target))
            raise RefusedError(
                f"{here.netloc} sends the request on to {there.netloc or 'nowhere'}, another host, which was refused."
            )
        return target

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Keep a redirected request as it is: requests would look into ``~/.netrc`` here."""
        if isinstance(self.auth, _NoAuth):
            prepared_request.headers.pop("Authorization", None)


def _same_host(here: str, there: str) -> bool:
    """Tell whether a redirect stays at a host; the way from http to https of the same name does."""
    first, second = urlsplit(here), urlsplit(there)
    if (first.scheme, first.netloc) == (second.scheme, second.netloc):
        return True
    ports = (first.port or 80, second.port or 443)
    return (first.scheme, second.scheme, *ports) == ("http", "https", 80, 443) and first.hostname == second.hostname


def api_session(api: str) -> requests.Session:
    """Return a session that sends the account with every request to the API.

    Nothing is repeated here: what an answer means, and whether a question may be asked twice, is the
    caller's business.
    """
    session = _Session()
    session.auth = credentials(api)
    _mount(session, Retry(total=None, connect=0, read=0, status=0, redirect=5, other=0))
    return session


def result_session(patient: bool = True) -> requests.Session:
    """Return a session without credentials, for results.

    Parameters
    ----------
    patient : bool
        Whether a server that is busy is asked again, when it says; False leaves that to the caller.
    """
    session = _Session()
    session.auth = _NoAuth()
    session.headers["Accept-Encoding"] = "identity"  # lengths are compared, so nothing may be re-packed
    retry = Retry(
        total=6,
        backoff_factor=0.5,
        backoff_jitter=0.5,
        status_forcelist=(408, 429, 500, 502, 503, 504),
        allowed_methods=("GET", "HEAD"),
        respect_retry_after_header=True,
        retry_after_max=round(LONGEST_RETRY_AFTER_S),
        raise_on_status=False,
    )
    _mount(session, retry if patient else Retry(total=None, connect=0, read=0, status=0, redirect=5, other=0))
    return session


def _mount(session: requests.Session, retry: Retry) -> None:
    session.headers["User-Agent"] = "plumbline/0.1.0 (a Snakemake workflow)"
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
