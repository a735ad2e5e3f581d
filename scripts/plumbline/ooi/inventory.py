"""The sensor inventory: is there such a stream, and what was meant if there is not."""

import difflib

import requests

from plumbline.errors import PlumblineError
from plumbline.ooi.names import split_reference_designator
from plumbline.ooi.session import TIMEOUT

LEVELS = ("site", "node", "sensor", "method", "stream")


def check_stream(session: requests.Session, api_url: str, designator: str, method: str, stream: str) -> None:
    """Walk down the inventory to a stream.

    The server answers 404 both for a stream without data in a window and for a name that
    does not exist; only the inventory tells them apart.

    Raises
    ------
    PlumblineError
        If a name on the way does not exist, with the nearest that does; or if the inventory
        cannot be read.
    """
    path = f"{api_url}/12576/sensor/inv"
    for level, name in zip(LEVELS, (*split_reference_designator(designator), method, stream), strict=True):
        listed = names_at(session, path)
        if name not in listed:
            raise PlumblineError(_not_listed(level, name, listed, path.rpartition("/sensor/inv")[2].strip("/")))
        path = f"{path}/{name}"


def names_at(session: requests.Session, url: str) -> list[str]:
    """Return the names that the inventory lists at a URL."""
    try:
        response = session.get(url, timeout=TIMEOUT)
        listed = response.json() if response.status_code == 200 else None
    except (requests.RequestException, ValueError):
        listed = None
    if not isinstance(listed, list):
        raise PlumblineError(
            f"The server has nothing for this window, and its inventory at {url} cannot be read, so that it "
            "cannot be told whether the stream exists; run again later."
        )
    return [str(name) for name in listed]


def _not_listed(level: str, name: str, listed: list[str], below: str) -> str:
    where = f"under {below}" if below else "at OOI"
    close = difflib.get_close_matches(name, listed, n=1, cutoff=0.5)
    hint = f"did you mean '{close[0]}'? " if close else ""
    shown = ", ".join(listed[:12]) + (", ..." if len(listed) > 12 else "")
    return f"There is no {level} '{name}' {where}: {hint}The inventory has {shown or 'nothing there'}."
