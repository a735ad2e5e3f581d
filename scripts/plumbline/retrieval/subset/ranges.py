"""The bytes of one remote file, asked for in ranges: one version of it, or none."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import requests

from plumbline.errors import PlumblineError
from plumbline.ooi.patience import elapsed_since, growing_delays
from plumbline.ooi.reading import pieces_of
from plumbline.ooi.session import CONNECT_TIMEOUT_S, FILE_TIMEOUT_S, result_session
from plumbline.reporting import human_seconds
from plumbline.retrieval.transfer import LEAST_PATIENCE_S, LEAST_RATE, TRIES, GoneError, is_strong

CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")


class WholeOnlyError(Exception):
    """Why a file can only be had whole."""


class ChangedError(Exception):
    """The file is not any more what it was when its reading began; what was found in its place."""


@dataclass(frozen=True)
class Version:
    """What tells one version of a file from another.

    Attributes
    ----------
    bytes : int
        The length of the whole file.
    etag, last_modified : str
        As in the HTTP headers; empty where the server gives none.
    """

    bytes: int
    etag: str
    last_modified: str


class Ranges:
    """One remote file, of which ranges are read.

    Parameters
    ----------
    url : str
        Where it lies. No credentials are sent there.
    name : str
        What it is called in messages.
    is_gone : callable
        Asked where the server answers that it does not have the file: is that its last word?
    arrived : callable
        Told how many bytes have come, as they come.

    Attributes
    ----------
    version : Version or None
        What the first answer told; every later one must tell the same.
    bytes, requests : int
        What was fetched, everything counted, and how often the server was asked.
    """

    def __init__(self, url: str, name: str, is_gone: Callable[[], bool], arrived: Callable[[int], None]) -> None:
        self.url, self.name, self._is_gone, self._arrived = url, name, is_gone, arrived
        self.version: Version | None = None
        self.bytes = self.requests = 0
        self._session, self._start = result_session(), time.monotonic()

    def get(self, begin: int, end: int) -> bytes:
        """Return the bytes of a half-open range, or fewer where the file ends before.

        Raises
        ------
        ChangedError
            If the file was replaced since it was first read from.
        WholeOnlyError
            If the server does not give ranges, or more was fetched than the file is long.
        GoneError
            If the server does not have it any more.
        PlumblineError
            If the range does not arrive because of the network.
        """
        body, tries, delays = bytearray(), 0, _delays()
        while True:
            before = len(body)
            trouble, answered = self._ask(begin + before, end, body)
            if self.version:
                end = min(end, self.version.bytes)
            if len(body) >= end - begin:
                return bytes(body)
            if len(body) == before:
                tries += 1
            else:
                tries, delays = 0, _delays()
            if tries == TRIES and answered:
                raise WholeOnlyError(f"bytes {begin + before} to {end} of it do not come: {trouble}")
            if tries == TRIES:
                raise PlumblineError(
                    f"{self.name} could not be read in {TRIES} tries ({trouble}): bytes {begin + before} to {end}. "
                    "Run again to go on."
                )
            time.sleep(next(delays))

    def _ask(self, begin: int, end: int, body: bytearray) -> tuple[str, bool]:
        """Add what one answer brings to the body; return why it is not all, and whether there was an answer."""
        headers = {"Range": f"bytes={begin}-{end - 1}"}
        if self.version and is_strong(self.version.etag):
            headers["If-Range"] = self.version.etag
        self.requests += 1
        try:
            with self._session.get(
                self.url, headers=headers, timeout=(CONNECT_TIMEOUT_S, FILE_TIMEOUT_S), stream=True
            ) as response:
                if response.status_code in (404, 410) and self._is_gone():
                    raise GoneError(self.name)
                if response.status_code not in (200, 206, 416):
                    return f"the server answered {response.status_code}", False
                self._check(response, begin, end)
                self.url = response.url  # where a redirect within the host led
                self._read(response, end - begin, body)
        except requests.RequestException as error:
            return f"the connection broke: {type(error).__name__}", False
        return "it was cut off", True

    def _check(self, response: requests.Response, begin: int, end: int) -> None:
        """See to it that an answer is the range that was asked for, of the same file as the first."""
        match = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if response.status_code != 206 or not match:
            if self.version is None:
                raise WholeOnlyError(f"the server does not give ranges, it answered {response.status_code}")
            raise ChangedError(f"the server answered {response.status_code}")
        first, last, length = map(int, match.groups())
        found = Version(length, response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""))
        if self.version is None:
            self.version = found
        elif found != self.version:
            raise ChangedError(f"it had {self.version.bytes} bytes, and has {found.bytes}")
        if first != begin or not begin <= last < min(end, length):
            raise WholeOnlyError(f"asked for bytes {begin} to {end - 1}, the server gave {first} to {last}")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise WholeOnlyError("the server re-packs ranges")

    def _read(self, response: requests.Response, wanted: int, body: bytearray) -> None:
        """Add an answer's body to what is there, no more than was asked for."""
        patience_s = max(LEAST_PATIENCE_S, self.version.bytes / LEAST_RATE)
        left = wanted
        for piece in pieces_of(response):
            body += piece
            left -= len(piece)
            self.bytes += len(piece)
            self._arrived(len(piece))
            if left < 0:
                raise WholeOnlyError("the server sends more than the range that it announced")
            if self.bytes > self.version.bytes:
                raise WholeOnlyError("its parts take more than the whole")
            if elapsed_since(self._start) > patience_s:
                raise PlumblineError(
                    f"{self.name} drips: {self.bytes} bytes in {human_seconds(patience_s)}. Run again to go on."
                )


def _delays() -> Iterator[float]:
    return growing_delays(0.5, 2.0, 30.0)
