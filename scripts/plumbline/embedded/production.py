"""The life of a result directory: hidden, empty, filled file by file, complete; and made again later."""

import asyncio
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

from plumbline.atomic import replacing
from plumbline.embedded import textfiles, workshop
from plumbline.embedded.faults import Faults
from plumbline.embedded.filling import EMPTY_S, Filling, lasting_s, write_text
from plumbline.embedded.orders import FileEntry, Ledger, Order
from plumbline.embedded.settings import Settings
from plumbline.embedded.shelf import Shelf
from plumbline.reporting import human_bytes, log

# Files of at least this size are not kept for whoever might ask again, and so many seconds at most after the last
# request: what a run has on the disk is its own files, not the server's copies of them.
LARGE_BYTES = 10_000_000
KEPT_S = 2.0


class Production:
    """Carries out orders, and keeps their files.

    Parameters
    ----------
    ledger : Ledger
    settings : Settings
    """

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self.ledger, self.settings = ledger, settings
        self.faults = Faults(settings.faults)
        self.workshop = workshop.Workshop(settings.workers)
        self.shelf = Shelf(ledger.folder.parent / "made", self.workshop)
        self._lives: set[asyncio.Task] = set()
        self._making: dict[Path, asyncio.Task] = {}
        self._fetched: dict[str, set[str]] = {}
        self._asked: dict[Path, float] = {}

    def resume(self) -> None:
        """Clear what a killed server left, and go on with what was not finished."""
        known = {order.directory for order in self.ledger.orders.values() if order.complete}
        for folder in self.ledger.results.iterdir():
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)
        for order in list(self.ledger.orders.values()):
            if order.complete:
                self._keep_whole_files(order)
            else:
                self.begin(order)

    def _keep_whole_files(self, order: Order) -> None:
        """Remove what is not, byte for byte as far as one can see, a file of a complete order."""
        folder = self.ledger.path(order)
        folder.mkdir(exist_ok=True)
        sizes = {entry.name: entry.bytes for entry in order.files}
        for path in folder.iterdir():
            if path.stat().st_size != sizes.get(path.name):
                path.unlink()

    def accept(self, order: Order) -> None:
        """Write an order down and begin with it."""
        self.ledger.write(order)
        self.begin(order)

    def begin(self, order: Order) -> None:
        """Start the life of an order's directory."""
        task = asyncio.get_running_loop().create_task(self._live(order))
        self._lives.add(task)
        task.add_done_callback(self._lives.discard)

    async def _live(self, order: Order) -> None:
        """Fill the result directory, and write down what lies in it when it is complete."""
        folder = self.ledger.path(order)
        started = time.monotonic()
        try:
            entries = await Filling(order, folder, self.settings.delays, self._run).fill()
        except Exception as error:
            log.exception("Order %s failed", order.directory)
            folder.mkdir(parents=True, exist_ok=True)
            write_text(folder / "status.txt", textfiles.failure(str(error)))
            return
        if entries is None:
            return
        entries = sorted(entries, key=lambda entry: entry.name)
        self.ledger.write(replace(order, files=entries, complete=True, completed_s=time.time()))
        size = human_bytes(sum(entry.bytes for entry in entries))
        log.info("%s: %d files, %s, %.1f s", order.directory, len(entries), size, time.monotonic() - started)

    async def _run(self, function: object, order: Order, *arguments: object) -> object:
        return await self.workshop.run(workshop.NEW_ORDER, function, order, *arguments, self.settings.replay)

    def listing(self, directory: str) -> list[FileEntry] | None:
        """Return the files that can be seen in a result directory now, or None where there is none."""
        order = self.ledger.orders.get(directory)
        if order is None or self._vanished(order):
            return None
        if order.complete:
            return order.files
        try:
            with os.scandir(self.ledger.path(order)) as found:
                there = [(item.name, item.stat()) for item in found if not item.name.startswith(".")]
        except FileNotFoundError:
            return None
        return sorted(
            (FileEntry(name, stat.st_size, int(stat.st_mtime)) for name, stat in there),
            key=lambda entry: entry.name,
        )

    def _vanished(self, order: Order) -> bool:
        """Tell whether an order is one that vanishes and whose time has come; then it is gone for good."""
        fault = order.fault("vanish")
        if fault is None or not order.complete:
            return False
        seconds, files = fault["seconds"], fault["after_files"]
        late = (seconds is not None or files is None) and time.time() >= order.completed_s + (seconds or 0.0)
        if not late and (files is None or len(self._fetched.get(order.directory, ())) < files):
            return False
        log.info("%s has vanished, as it was to.", order.directory)
        self.ledger.forget(order)
        shutil.rmtree(self.ledger.path(order), ignore_errors=True)
        return True

    def fetched(self, order: Order, name: str) -> None:
        """Note that a data file was fetched whole."""
        if order.suffers("vanish") and name.endswith(".nc"):
            self._fetched.setdefault(order.directory, set()).add(name)

    def delivered(self, order: Order, entry: FileEntry) -> None:
        """Give the room of a large file back once it was sent in one go; who asks again has it made again."""
        if entry.piece and entry.bytes >= LARGE_BYTES:
            asyncio.get_running_loop().call_later(KEPT_S, self._free, self.ledger.path(order) / entry.name)

    def _free(self, path: Path) -> None:
        """Remove a file, unless somebody has asked for it a moment ago and may be about to open it."""
        if time.monotonic() - self._asked.get(path, 0.0) >= KEPT_S:
            path.unlink(missing_ok=True)

    def hushed(self, order: Order, mode: str) -> bool:
        """Tell whether a list of files is still empty although there are files."""
        return order.suffers(mode) and not (
            order.complete and time.time() >= order.completed_s + lasting_s(order, mode, EMPTY_S)
        )

    def entry(self, directory: str, name: str) -> FileEntry | None:
        """Return a file that can be seen in a result directory, or None."""
        return next((entry for entry in self.listing(directory) or [] if entry.name == name), None)

    async def file(self, directory: str, entry: FileEntry) -> Path | None:
        """Return the path of a listed file, which is made again if it is not there; None if it cannot be."""
        order = self.ledger.orders[directory]
        path = self.ledger.path(order) / entry.name
        self._asked[path] = time.monotonic()
        if path.is_file():
            return path
        if path not in self._making:
            self._making[path] = asyncio.get_running_loop().create_task(self._make_again(order, entry, path))
            self._making[path].add_done_callback(lambda _: self._making.pop(path, None))
        # Shielded: that one client goes away must not spoil the file for the others.
        return path if await asyncio.shield(self._making[path]) else None

    async def _make_again(self, order: Order, entry: FileEntry, path: Path) -> bool:
        """Make a file of a complete order as it was; an order whose data have changed is forgotten."""
        try:
            if entry.piece is None:
                raise LookupError(f"{entry.name} is no longer there")
            with replacing(path) as scratch:
                size = await self.workshop.run(
                    workshop.NEEDED_NOW, workshop.write_file, order, entry.piece, scratch, self.settings.replay
                )
                if size != entry.bytes:
                    raise LookupError(f"{entry.name} came out with {size} bytes and not {entry.bytes}")
                os.utime(scratch, (entry.modified_s, entry.modified_s))
        except RuntimeError:
            # The workers are gone, perhaps with the server: that says nothing of the order.
            raise
        except Exception as error:
            log.warning("%s has vanished: %s.", order.directory, error)
            self.ledger.forget(order)
            return False
        return True

    async def close(self) -> None:
        """Stop all work and delete the data files; the ledger tells how to make them again."""
        for task in [*self._lives, *self._making.values()]:
            task.cancel()
        self.workshop.close()
        self.shelf.close()
        for order in self.ledger.orders.values():
            folder = self.ledger.path(order)
            if not order.complete:
                shutil.rmtree(folder, ignore_errors=True)
            for entry in order.files:
                if entry.piece:
                    (folder / entry.name).unlink(missing_ok=True)
        self.ledger.close()
