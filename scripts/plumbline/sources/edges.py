"""A stretch of a remote text file: the whole lines in it."""

import time
from pathlib import Path

import requests

from plumbline.errors import PlumblineError
from plumbline.ooi.patience import growing_delays
from plumbline.ooi.reading import pieces_of
from plumbline.ooi.session import TIMEOUT, result_session

TRIES = 4


class _IncompleteError(Exception):
    """Why a stretch did not come."""


def fetch_lines(url: str, begin: int, end: int, output: Path) -> None:
    """Write the whole lines in a stretch of a remote file.

    Parameters
    ----------
    url : str
    begin, end : int
        The stretch, bytes; the end is exclusive.
    output : Path
        What is there is replaced.

    Raises
    ------
    PlumblineError
        If they do not come in a bounded number of tries.
    """
    delays, reason = growing_delays(0.5, 2.0, 30.0), ""
    for left in range(TRIES - 1, -1, -1):
        try:
            content = _read(url, begin, end)
            break
        except requests.RequestException as error:
            reason = f"the connection broke: {type(error).__name__}"
        except _IncompleteError as error:
            reason = str(error)
        if not left:
            raise PlumblineError(
                f"Bytes {begin} to {end} of {url} could not be read in {TRIES} tries ({reason}). Run again to go on."
            )
        time.sleep(next(delays))
    # A stretch begins and ends within a line.
    first = content.find(b"\n") + 1 if begin else 0
    output.write_bytes(content[first : content.rfind(b"\n") + 1])


def _read(url: str, begin: int, end: int) -> bytes:
    session, headers = result_session(patient=False), {"Range": f"bytes={begin}-{end - 1}"}
    with session.get(url, headers=headers, timeout=TIMEOUT, stream=True) as response:
        if response.status_code not in (200, 206):
            raise _IncompleteError(f"the server answered {response.status_code}")
        # A server without ranges begins at the beginning.
        ahead, content = (begin if response.status_code == 200 else 0), bytearray()
        for piece in pieces_of(response):
            content += piece[ahead:]
            ahead = max(0, ahead - len(piece))
            if len(content) >= end - begin:
                break
    if len(content) < end - begin:
        raise _IncompleteError(f"{len(content)} of {end - begin} bytes came")
    return bytes(content[: end - begin])
