"""One file over the wire: resumed where it broke off, never taken for whole before it is."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from plumbline.errors import PlumblineError
from plumbline.ooi.patience import elapsed_since, growing_delays
from plumbline.ooi.session import CONNECT_TIMEOUT_S, FILE_TIMEOUT_S, TIMEOUT, result_session
from plumbline.reporting import counted, human_bytes, human_seconds, log

# A transfer that moves nothing forward is tried this often before the file is named.
TRIES = 5
# One that turns out longer than it was announced is believed to be so the second time.
LIES = 2
# ... and one that ends this often at the same place, short of its length, to end there.
REPEATED = 3
# What is lost of a transfer that breaks off is less than this.
BLOCK = 1 << 16

# A file may take an hour, or what it takes at 10 kB/s; one that only drips is gone on with in another run.
LEAST_PATIENCE_S, LEAST_RATE = 3600.0, 10_000

# sh counts a file's limit in these.
LIMIT_BLOCK = 512
# How a program ends that writes beyond it: by SIGXFSZ, directly or as a shell tells it.
LIMIT_EXCEEDED = (-signal.SIGXFSZ, 128 + signal.SIGXFSZ)


class UnusableFileError(PlumblineError):
    """A file that the server has, but does not hand out as it announced it."""


class GoneError(Exception):
    """A file that the server does not have any more; its name."""


@dataclass(frozen=True)
class _Attempt:
    """How one attempt ended: why it stopped, "" if it did not; was the file not there, or not as announced?"""

    reason: str = ""
    missing: bool = False
    lying: bool = False
    new_url: str = ""


def fetch(url: str, part: Path, length: int, etag: str = "", is_gone: Callable[[], bool] = lambda: True) -> None:
    """Bring a file to exactly its announced length, going on where an earlier try stopped.

    Parameters
    ----------
    url : str
        Where it lies. No credentials are sent there.
    part : Path
        Where it is collected, a ``.part`` name. What lies there already is taken as its beginning.
    length : int
        Its announced length, bytes; what comes beyond is not written.
    etag : str
        Its tag, if the server gave one: a file that was replaced meanwhile is not gone on with.
    is_gone : callable
        Asked where the server answers that it does not have the file: is that its last word?

    Raises
    ------
    GoneError
        If the server does not have it any more.
    UnusableFileError
        If the server is there and does not give it whole in a bounded number of tries.
    PlumblineError
        If it does not arrive because of the network or this machine's disk.
    """
    way = _by_wget if shutil.which("wget") else _by_requests
    delays, start = _delays(), time.monotonic()
    patience = max(LEAST_PATIENCE_S, length / LEAST_RATE)
    attempt, tries, lies, farthest, repeated = _Attempt(), 0, 0, 0, 0
    part.touch()
    while True:
        before = _size(part)
        if before == length:
            return
        if before > length:
            part.unlink()
            before = 0
        attempt = way(url, part, length, etag, patience - elapsed_since(start))
        after = _size(part)
        if after == length:
            return
        url = attempt.new_url or url
        _stop_if_disk_is_full(part, length - after)
        if attempt.missing and is_gone():
            raise GoneError(_name(part))
        if elapsed_since(start) > patience:
            raise PlumblineError(
                f"{_name(part)} drips: {human_bytes(after)} of {human_bytes(length)} in {human_seconds(patience)}. "
                "Run again to go on."
            )
        # A server that does not resume leaves the beginning as it was: only then is it of no use.
        if after == before > 0 and not _resumes(url, before):
            part.unlink(missing_ok=True)
        if max(before, farthest) < after < length:
            farthest, delays = after, _delays()
        else:
            tries += 1
            repeated += 0 < after == farthest
        lies += attempt.lying
        if tries == TRIES or lies == LIES:
            break
        log.info(
            "%s stopped at %d of %d bytes (%s); going on.", _name(part), after, length, attempt.reason or "cut off"
        )
        time.sleep(next(delays))
    if attempt.missing:
        raise GoneError(_name(part))
    what = (
        f"{_name(part)} could not be downloaded whole in {counted(tries, 'try', 'tries')} "
        f"({attempt.reason or 'cut off'}): {_size(part)} of {length} bytes."
    )
    # That it ends time and again at the same place is no matter of the network.
    if lies == LIES or repeated >= REPEATED:
        raise UnusableFileError(what)
    raise PlumblineError(f"{what} Run again to go on.")


def _delays() -> Iterator[float]:
    return growing_delays(0.5, 2.0, 30.0)


def _name(part: Path) -> str:
    """Return the name that a file will have: the scratch name tells the order, too."""
    return re.sub(r"(\.[0-9a-f]{8})?\.part$", "", part.name)


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _stop_if_disk_is_full(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if needed > 0 and free < min(needed, BLOCK):
        raise PlumblineError(
            f"The disk is full: {_name(part)} needs {human_bytes(needed)} more, and {human_bytes(free)} are free. "
            "Make room and run again: what has arrived is kept."
        )


def _by_wget(url: str, part: Path, length: int, etag: str, patience_s: float) -> _Attempt:
    """Download with wget, as OOI tells its users to."""
    command = [
        "wget",
        "--quiet",
        "--no-config",
        "--no-netrc",
        "--continue",
        "--tries=1",
        "--max-redirect=0",
        f"--connect-timeout={CONNECT_TIMEOUT_S}",
        f"--read-timeout={FILE_TIMEOUT_S}",
        "--header=Accept-Encoding: identity",
        f"--output-document={part}",
    ]
    if _size(part) and is_strong(etag):
        command.append(f"--header=If-Range: {etag}")
    # The shell's limit on the size of files ends a body that never does.
    blocks = length // LIMIT_BLOCK + 2 * BLOCK // LIMIT_BLOCK
    limited = ["sh", "-c", f'ulimit -c 0; ulimit -f {blocks}; exec "$@"', "sh", *command, url]
    with subprocess.Popen(limited, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as wget:
        try:
            wget.communicate(timeout=max(patience_s, 1.0))
        except subprocess.TimeoutExpired:
            wget.kill()
            return _Attempt("it drips")
        except BaseException:
            wget.kill()
            raise
    if wget.returncode == 8:  # the server answered with an error, or with a redirect
        return _why_refused(url)
    reasons = {
        3: "it could not be written",
        4: "the connection broke",
    }
    if wget.returncode in LIMIT_EXCEEDED:
        return _Attempt(f"it sends more than the {length} bytes that it announced", lying=True)
    return _Attempt(reasons.get(wget.returncode, f"wget ended with {wget.returncode}") if wget.returncode else "")


def _by_requests(url: str, part: Path, length: int, etag: str, patience_s: float) -> _Attempt:
    """Download with requests."""
    start, begun = _size(part), time.monotonic()
    headers = {"Range": f"bytes={start}-"} if start else {}
    if start and is_strong(etag):
        headers["If-Range"] = etag
    try:
        with result_session().get(
            url, headers=headers, timeout=(CONNECT_TIMEOUT_S, FILE_TIMEOUT_S), stream=True
        ) as response:
            if response.status_code not in (200, 206):
                return _Attempt(f"the server answered {response.status_code}", response.status_code in (404, 410))
            room = length - (start if response.status_code == 206 else 0)
            with open(part, "ab" if response.status_code == 206 else "wb") as file:
                for block in response.iter_content(BLOCK):
                    file.write(block)
                    room -= len(block)
                    if room < 0:
                        return _Attempt(f"it sends more than the {length} bytes that it announced", lying=True)
                    if elapsed_since(begun) > patience_s:
                        return _Attempt("it drips")
    except requests.RequestException as error:
        return _Attempt(f"the connection broke: {type(error).__name__}")
    except OSError as error:
        return _Attempt(f"it could not be written: {os.strerror(error.errno or 0)}")
    return _Attempt()


def is_strong(etag: str) -> bool:
    """Tell whether a tag stands for the very bytes (RFC 9110, 8.8.1), and can go on a command line."""
    return etag.startswith('"') and etag.isascii() and etag.isprintable()


def _why_refused(url: str) -> _Attempt:
    """Ask again without reading the body, to learn what wget does not tell; a server that is busy is waited for."""
    try:
        with result_session().get(url, timeout=TIMEOUT, stream=True) as response:
            status, new_url = response.status_code, response.url
    except requests.RequestException as error:
        return _Attempt(f"the connection broke: {type(error).__name__}")
    if status == 200:
        moved = new_url != url
        reason = "it lies at another address of that host" if moved else "the server was busy"
        return _Attempt(reason, new_url=new_url if moved else "")
    return _Attempt(f"the server answered {status}", status in (404, 410))


def _resumes(url: str, start: int) -> bool:
    """Tell whether a server goes on from a place in a file; True as well where it cannot be asked."""
    try:
        with result_session(patient=False).get(
            url, headers={"Range": f"bytes={start}-"}, timeout=TIMEOUT, stream=True
        ) as response:
            return response.status_code not in (200, 416)
    except requests.RequestException:
        return True
