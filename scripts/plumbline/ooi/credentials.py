"""The account at OOI: from the environment or ``~/.netrc``, and from nowhere else."""

import netrc
import os
from pathlib import Path
from urllib.parse import urlsplit

from plumbline import embedded
from plumbline.errors import PlumblineError

WHERE_FROM = (
    "log in at https://ooinet.oceanobservatories.org, open your user profile, and take the "
    "API username and API token from there"
)


def credentials(api: str) -> tuple[str, str]:
    """Return (user name, token) for an API.

    Parameters
    ----------
    api : str
        ``embedded``, whose account is fixed, or the API's URL.

    Raises
    ------
    PlumblineError
        If there are none, or only one half of them.
    """
    if api == "embedded":
        return embedded.USERNAME, embedded.TOKEN
    username, token = os.environ.get("OOI_USERNAME"), os.environ.get("OOI_TOKEN")
    if username and token:
        return username, token
    host = urlsplit(api).hostname or ""
    if username or token:
        missing = "OOI_TOKEN" if username else "OOI_USERNAME"
        raise PlumblineError(f"{missing} is not set, but its other half is; {WHERE_FROM}.")
    entry = _netrc_entry(host)
    if entry is None:
        raise PlumblineError(
            f"No OOI account for {host}: set OOI_USERNAME and OOI_TOKEN, or write a line "
            f"'machine {host} login NAME password TOKEN' in ~/.netrc; {WHERE_FROM}."
        )
    return entry


def unknown_account(api_url: str) -> PlumblineError:
    """Return the error for an account that the server refuses (401)."""
    return PlumblineError(
        f"{urlsplit(api_url).hostname} does not know this user name and token (401): check OOI_USERNAME and "
        "OOI_TOKEN, or ~/.netrc, against the user profile at https://ooinet.oceanobservatories.org."
    )


def _netrc_entry(host: str) -> tuple[str, str] | None:
    path = Path(os.environ.get("NETRC", "~/.netrc")).expanduser()
    try:
        found = netrc.netrc(path).authenticators(host)
    except FileNotFoundError:
        return None
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError):
        # The parser's own message would quote the line, and with it the token.
        raise PlumblineError(f"{path} cannot be read as a netrc file; mend it or remove it.") from None
    if found is None or not found[0] or not found[2]:
        return None
    return found[0], found[2]
