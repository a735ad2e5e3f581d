"""Faulty transfers of data files: cut, stalled, wrong of length or damaged, as the faults that strike ask."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

from aiohttp import web

from plumbline.embedded.apifaults import hang_up, other_host
from plumbline.embedded.faultmodes import Fault
from plumbline.embedded.faults import Faults, Occasion
from plumbline.embedded.orders import FileEntry

PIECE_BYTES = 256 * 1024
EXCESS_BYTES = 7
STALL_S = 3600.0
STALL_STEP_S = 0.1
DAMAGED_HEAD_BYTES, DAMAGED_MIDDLE_BYTES = 512, 4096
SHORT_PART = 0.75
HTML = (
    b"<!DOCTYPE html>\n<html><head><title>Error</title></head>\n"
    b"<body><h1>Error</h1><p>The file is temporarily unavailable.</p></body></html>\n"
)
# What these do to a transfer is done here; no_head and redirect_results need no transfer.
MODES = (
    "cut_download",
    "stalled_download",
    "wrong_length",
    "short_file",
    "corrupt_file",
    "html_file",
    "no_range",
    "no_length",
)


@dataclass(frozen=True)
class Content:
    """What is sent in place of a file.

    Attributes
    ----------
    path : Path
    size : int
        Bytes that can be sent.
    damaged : tuple of range
        Where bytes are inverted.
    """

    path: Path
    size: int
    damaged: tuple[range, ...] = ()

    def read(self, begin: int, end: int) -> bytes:
        """Return the bytes of a half-open range."""
        with self.path.open("rb") as file:
            file.seek(begin)
            content = bytearray(file.read(end - begin))
        for span in self.damaged:
            for place in range(max(span.start, begin), min(span.stop, end)):
                content[place - begin] ^= 0xFF
        return bytes(content)


def content_of(path: Path, size: int, modes: set[str]) -> Content:
    """Return what is sent in place of a file under some faults."""
    damaged: tuple[range, ...] = ()
    if "corrupt_file" in modes:
        middle = size // 2
        damaged = (range(DAMAGED_HEAD_BYTES), range(max(middle, DAMAGED_HEAD_BYTES), middle + DAMAGED_MIDDLE_BYTES))
    return Content(path, int(size * SHORT_PART) if "short_file" in modes else size, damaged)


def announced_bytes(size: int, modes: set[str]) -> int:
    """Return the length that is told of a file of some length."""
    return size + EXCESS_BYTES if "wrong_length" in modes else size


def struck_at(faults: Faults, request: web.Request, occasion_of: Callable[[str], Occasion]) -> list[Fault]:
    """Return the faults that strike when a data file is fetched, or described.

    Parameters
    ----------
    faults : Faults
    request : Request
    occasion_of : callable
        Returns the occasion that a call for something named is.

    Raises
    ------
    HTTPException
        Where a fault sends the client away, or HEAD is not allowed.
    """
    name = request.match_info["name"]
    if faults.sends_away(occasion_of(f"{request.method} {name}"), request.url.host):
        raise web.HTTPFound(other_host(request))
    occasion = occasion_of(name)
    if request.method != "HEAD":
        return faults.struck(MODES, occasion)
    if faults.struck(("no_head",), occasion):
        raise web.HTTPMethodNotAllowed("HEAD", ["GET"])
    # A length that will be wrong is told wrong beforehand.
    return faults.struck(("wrong_length",), occasion, count=False)


async def send(
    request: web.Request, path: Path, entry: FileEntry, headers: dict[str, str], faults: list[Fault]
) -> web.StreamResponse:
    """Send a file as some faults ask.

    Parameters
    ----------
    request : Request
    path : Path
        The file as it should be sent.
    entry : FileEntry
    headers : dict
        Its type, date and tag; the length is reckoned here.
    faults : list of Fault
        With modes of `MODES`.

    Raises
    ------
    ConnectionResetError
        When the connection was closed before everything that was announced was sent.
    """
    struck = {fault.mode: fault for fault in faults}
    modes = set(struck)
    if "html_file" in modes:
        return web.Response(body=HTML, content_type="text/html")
    content = await asyncio.to_thread(content_of, path, entry.bytes, modes)
    told = announced_bytes(content.size, modes)
    try:
        begin, end, status = _asked(request, headers, told, modes)
    except ValueError:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{told}"})
    response = _opened(headers, begin, end, told, status, modes)
    await response.prepare(request)
    halfway = modes & {"cut_download", "stalled_download"}
    await _pour(response, content, begin, begin + (end - begin) // 2 if halfway else min(end, content.size))
    if "stalled_download" in modes:
        seconds = struck["stalled_download"].seconds
        await _wait_for_the_end(request, STALL_S if seconds is None else seconds)
    if halfway or end > content.size:
        hang_up(request)
    await response.write_eof()
    return response


def _asked(request: web.Request, headers: dict[str, str], told: int, modes: set[str]) -> tuple[int, int, int]:
    """Return the half-open range that a call asks for, and the status of the answer.

    Raises
    ------
    ValueError
        If there is no such range.
    """
    condition = request.headers.get("If-Range")
    if "no_range" in modes or "Range" not in request.headers or (condition and not _same(condition, headers)):
        return 0, told, 200
    asked = request.http_range
    begin, end = asked.start or 0, told if asked.stop is None else min(asked.stop, told)
    if begin < 0:
        begin = max(0, begin + told)
    if begin >= end:
        raise ValueError(f"bytes {begin} to {end} of {told}")
    return begin, end, 206


def _same(condition: str, headers: dict[str, str]) -> bool:
    """Tell whether a condition of If-Range names the file as it is."""
    if condition.startswith('"'):
        return condition == headers["ETag"]
    try:
        return parsedate_to_datetime(condition) >= parsedate_to_datetime(headers["Last-Modified"])
    except (TypeError, ValueError):
        return False


def _opened(
    headers: dict[str, str], begin: int, end: int, told: int, status: int, modes: set[str]
) -> web.StreamResponse:
    """Return the answer's head."""
    kept = {name: value for name, value in headers.items() if name != "Content-Length"}
    if "no_range" in modes:
        kept.pop("Accept-Ranges", None)
    if status == 206:
        kept["Content-Range"] = f"bytes {begin}-{end - 1}/{told}"
    response = web.StreamResponse(status=status, headers=kept)
    if "no_length" in modes:
        response.enable_chunked_encoding()
    else:
        response.content_length = end - begin
    return response


async def _pour(response: web.StreamResponse, content: Content, begin: int, end: int) -> None:
    """Send the bytes of a half-open range."""
    for place in range(begin, end, PIECE_BYTES):
        await response.write(await asyncio.to_thread(content.read, place, min(place + PIECE_BYTES, end)))


async def _wait_for_the_end(request: web.Request, seconds: float) -> None:
    """Send nothing for some seconds, or until the client goes away."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(STALL_STEP_S)
