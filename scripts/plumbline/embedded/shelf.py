"""Files that are made when somebody asks for them, and do not stay longer than they are needed."""

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from plumbline.atomic import replacing
from plumbline.embedded import workshop
from plumbline.embedded.orders import FileEntry

# As for the results of orders: a large file goes when it was sent in one go, so many seconds after the last request.
LARGE_BYTES = 10_000_000
KEPT_S = 2.0
# What was asked for and not fetched, or is read piece by piece, goes when there is more than this.
ROOM_BYTES = 300_000_000


class Shelf:
    """A folder of files that can be made again with the same bytes.

    Parameters
    ----------
    folder : Path
        Its own; whatever lies in it is deleted.
    workers : Workshop
        Makes the files.
    """

    def __init__(self, folder: Path, workers: workshop.Workshop) -> None:
        self.folder, self.workers = folder, workers
        shutil.rmtree(folder, ignore_errors=True)
        self._sizes: dict[str, int] = {}
        self._asked: dict[str, float] = {}
        self._making: dict[str, asyncio.Task] = {}

    def size(self, name: str) -> int | None:
        """Return the length of a file that was made once, bytes; None where it is not known yet."""
        return self._sizes.get(name)

    def path(self, name: str) -> Path:
        """Return where a file lies, or would lie."""
        return self.folder / name

    async def get(
        self, name: str, modified_s: int, function: Callable[..., object], *arguments: object
    ) -> tuple[Path, FileEntry]:
        """Return a file, which is made if it is not there.

        Parameters
        ----------
        name : str
            Relative to the shelf.
        modified_s : int
            Its time of change, seconds since 1970.
        function, arguments
            A function of the workshop that writes it: it gets the arguments, and the path last.
        """
        path = self.path(name)
        self._asked[name] = time.monotonic()
        if not path.is_file():
            if name not in self._making:
                making = self._make(name, modified_s, function, *arguments)
                self._making[name] = asyncio.get_running_loop().create_task(making)
                self._making[name].add_done_callback(lambda _: self._making.pop(name, None))
            # Shielded: that one client goes away must not spoil the file for the others.
            await asyncio.shield(self._making[name])
        self._asked[name] = time.monotonic()
        return path, FileEntry(path.name, self._sizes[name], modified_s)

    async def _make(self, name: str, modified_s: int, function: Callable[..., object], *arguments: object) -> None:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as scratch:
            await self.workers.run(workshop.NEEDED_NOW, function, *arguments, scratch)
            os.utime(scratch, (modified_s, modified_s))
        self._sizes[name] = path.stat().st_size
        self._make_room(name)

    def _make_room(self, newest: str) -> None:
        """Remove what was not asked for longest while there is too much, but for what is about to be opened."""
        there = sorted((asked, name) for name, asked in self._asked.items() if self.path(name).is_file())
        total = sum(self._sizes.get(name, 0) for _, name in there)
        for asked, name in there:
            if total <= ROOM_BYTES or time.monotonic() - asked < KEPT_S:
                return
            if name != newest:
                self.path(name).unlink(missing_ok=True)
                total -= self._sizes.get(name, 0)

    def delivered(self, name: str) -> None:
        """Give the room of a large file back once it was sent in one go."""
        if self._sizes.get(name, 0) >= LARGE_BYTES:
            asyncio.get_running_loop().call_later(KEPT_S, self._free, name)

    def _free(self, name: str) -> None:
        if time.monotonic() - self._asked.get(name, 0.0) >= KEPT_S:
            self.path(name).unlink(missing_ok=True)

    def close(self) -> None:
        """Stop making files, and delete all."""
        for task in self._making.values():
            task.cancel()
        shutil.rmtree(self.folder, ignore_errors=True)
