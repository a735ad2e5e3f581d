"""An HTTP server for a folder on this machine, with Range, a limit for each connection, and a count of bytes.

``loopback.py FOLDER [BYTES_PER_SECOND]`` prints its port. Files are found by their names wherever
they are asked for; ``/-/sent`` tells how many bytes of bodies were sent so far, and how many answers.
"""

import asyncio
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

# A limited connection gets so many pieces a second.
PIECES_PER_S = 20
UNLIMITED_PIECE = 1_000_000


class Host:
    """Serves the files of a folder.

    Parameters
    ----------
    folder : Path
    bytes_per_s : float
        What each connection gets; 0: as fast as it goes.
    """

    def __init__(self, folder: Path, bytes_per_s: float) -> None:
        self.folder, self.bytes_per_s = folder, bytes_per_s
        self.sent = self.answers = 0

    async def count(self, _: web.Request) -> web.Response:
        """Tell what was sent."""
        return web.json_response({"bytes": self.sent, "answers": self.answers})

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Send a file, or the part that was asked for."""
        path = self.folder / request.match_info["name"]
        if not path.is_file():
            raise web.HTTPNotFound
        size = path.stat().st_size
        start, stop = _asked(request.headers.get("Range", ""), size)
        answer = web.StreamResponse(status=200 if (start, stop) == (0, size) else 206)
        answer.headers["Accept-Ranges"] = "bytes"
        answer.headers["ETag"] = f'"{size:x}"'
        if answer.status == 206:
            answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        answer.content_length = stop - start
        await answer.prepare(request)
        self.answers += 1
        if request.method == "GET":
            with path.open("rb") as file:
                file.seek(start)
                await self._send(answer, file, stop - start)
        return answer

    async def _send(self, answer: web.StreamResponse, file, left: int) -> None:
        piece = int(self.bytes_per_s / PIECES_PER_S) or UNLIMITED_PIECE
        loop = asyncio.get_running_loop()
        due = loop.time()
        while left:
            content = file.read(min(piece, left))
            await answer.write(content)
            self.sent += len(content)
            left -= len(content)
            if self.bytes_per_s:
                due += len(content) / self.bytes_per_s
                await asyncio.sleep(max(0.0, due - loop.time()))


def _asked(header: str, size: int) -> tuple[int, int]:
    """Return the half-open part of a file that a Range header asks for: one range, or all."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header)
    if not match or match[0] == "bytes=-":
        return 0, size
    if not match[1]:
        return max(0, size - int(match[2])), size
    start, stop = int(match[1]), min(size, int(match[2]) + 1 if match[2] else size)
    if start >= stop:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return start, stop


@contextmanager
def serving(folder: Path, bytes_per_s: float = 0.0) -> Iterator[str]:
    """Serve a folder from a process of its own; yields the address."""
    command = [sys.executable, __file__, str(folder), str(bytes_per_s)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


def sent(address: str) -> dict[str, int]:
    """Return ``bytes`` and ``answers`` so far."""
    with urllib.request.urlopen(f"{address}/-/sent") as answer:
        return json.load(answer)


async def main(folder: Path, bytes_per_s: float) -> None:
    """Serve until told to end."""
    host, app = Host(folder, bytes_per_s), web.Application()
    app.router.add_get("/-/sent", host.count)
    app.router.add_get("/{folder:.*}/{name}", host.file)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
