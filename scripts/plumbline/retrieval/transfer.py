"""One file over the wire: resumed where it broke off, never taken for whole before it is."""

import shutil
import subprocess
import time
from pathlib import Path

import requests

from plumbline.errors import PlumblineError
from plumbline.ooi.session import READ_TIMEOUT_S, TIMEOUT, growing_delays, result_session
from plumbline.reporting import log

# A transfer that moves nothing forward is tried this often before the file is named as unreachable.
TRIES = 6
# What is lost of a transfer that breaks off is less than this.
BLOCK = 1 << 16


def fetch(url: str, part: Path, length: int) -> None:
    """Bring a file to exactly its announced length, going on where an earlier try stopped.

    Parameters
    ----------
    url : str
        Where it lies. No credentials are sent there.
    part : Path
        Where it is collected, a ``.part`` name. What lies there already is taken as its beginning.
    length : int
        Its announced length, bytes.

    Raises
    ------
    FileNotFoundError
        If the server does not have it any more.
    PlumblineError
        If it does not arrive whole in a bounded number of tries.
    """
    way = _by_wget if shutil.which("wget") else _by_requests
    delays = growing_delays(0.5, 2.0, 30.0)
    reason = ""
    tries = 0
    while tries < TRIES:
        before = _size(part)
        if before == length:
            return
        if before > length:
            part.unlink()
            before = 0
        reason = way(url, part)
        after = _size(part)
        if after == length:
            return
        # A server that does not resume leaves the beginning as it was: start from nothing.
        if after == before and before > 0:
            part.unlink(missing_ok=True)
        if after <= before:
            tries += 1
        log.info("%s stopped at %d of %d bytes (%s); going on.", part.stem, after, length, reason or "cut off")
        time.sleep(next(delays))
    raise PlumblineError(
        f"{part.stem} could not be downloaded whole in {TRIES} tries ({reason or 'cut off'}): "
        f"{_size(part)} of {length} bytes. Run again to go on."
    )


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _by_wget(url: str, part: Path) -> str:
    """Download with wget, as OOI tells its users to; return why it stopped, or ""."""
    command = [
        "wget",
        "--quiet",
        "--no-config",
        "--no-netrc",
        "--continue",
        "--tries=1",
        f"--timeout={READ_TIMEOUT_S}",
        "--header=Accept-Encoding: identity",
        f"--output-document={part}",
        url,
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode == 8:  # the server answered with an error
        _raise_if_gone(url)
        return "the server answered with an error"
    reasons = {4: "the connection broke", 3: "it could not be written: is the disk full?"}
    return reasons.get(done.returncode, f"wget ended with {done.returncode}") if done.returncode else ""


def _by_requests(url: str, part: Path) -> str:
    """Download with requests; return why it stopped, or ""."""
    start = _size(part)
    headers = {"Range": f"bytes={start}-"} if start else {}
    try:
        with result_session().get(url, headers=headers, timeout=TIMEOUT, stream=True) as response:
            if response.status_code == 404:
                raise FileNotFoundError(url)
            if response.status_code not in (200, 206):
                return f"the server answered {response.status_code}"
            with open(part, "ab" if response.status_code == 206 else "wb") as file:
                for block in response.iter_content(BLOCK):
                    file.write(block)
    except requests.RequestException as error:
        return f"the connection broke: {type(error).__name__}"
    return ""


def _raise_if_gone(url: str) -> None:
    try:
        response = result_session().head(url, timeout=TIMEOUT, allow_redirects=True)
    except requests.RequestException:
        return
    if response.status_code == 404:
        raise FileNotFoundError(url)
