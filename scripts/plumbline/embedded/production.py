"""The life of a result directory: hidden, empty, filled file by file, complete; and made again later."""

import asyncio
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

from plumbline.atomic import replacing
from plumbline.embedded import textfiles, workshop
from plumbline.embedded.instruments import BY_DESIGNATOR
from plumbline.embedded.orders import FileEntry, Ledger, Order, Piece
from plumbline.embedded.settings import Settings
from plumbline.reporting import human_bytes, log

SUFFIXES = {"application/netcdf": "nc", "application/csv": "csv", "application/json": "json"}


class Production:
    """Carries out orders, and keeps their files.

    Parameters
    ----------
    ledger : Ledger
    settings : Settings
    """

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self.ledger, self.settings = ledger, settings
        self.workshop = workshop.Workshop(settings.workers)
        self._lives: set[asyncio.Task] = set()
        self._making: dict[Path, asyncio.Task] = {}

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
        """Fill the result directory in the order in which stream_engine does, ``status.txt`` last."""
        folder, delays = self.ledger.path(order), self.settings.delays
        started = time.monotonic()
        try:
            await asyncio.sleep(delays.hidden_s)
            pieces = await self._run(workshop.plan_files, order)
            folder.mkdir(parents=True, exist_ok=True)
            await asyncio.sleep(delays.empty_s)
            entries = [_write_text(folder / "status.json", textfiles.status_json(order, pieces))]
            for piece in pieces:
                await asyncio.sleep(delays.step_s)
                path = folder / order.file_name(piece, SUFFIXES[order.media_type])
                size = await self._run(workshop.write_file, order, piece, path)
                entries.append(_entry(path, size, piece))
            for name, text in _companions(order, pieces):
                await asyncio.sleep(delays.step_s)
                entries.append(_write_text(folder / name, text))
            await asyncio.sleep(delays.step_s)
            entries.append(_write_text(folder / "status.txt", textfiles.DONE))
        except Exception as error:
            log.exception("Order %s failed", order.directory)
            folder.mkdir(parents=True, exist_ok=True)
            _write_text(folder / "status.txt", textfiles.failure(str(error)))
            return
        self.ledger.write(replace(order, files=sorted(entries, key=lambda entry: entry.name), complete=True))
        size = human_bytes(sum(entry.bytes for entry in entries))
        log.info("%s: %d files, %s, %.1f s", order.directory, len(entries), size, time.monotonic() - started)

    async def _run(self, function: object, order: Order, *arguments: object) -> object:
        return await self.workshop.run(workshop.NEW_ORDER, function, order, *arguments, self.settings.replay)

    def listing(self, directory: str) -> list[FileEntry] | None:
        """Return the files that can be seen in a result directory now, or None where there is none."""
        order = self.ledger.orders.get(directory)
        if order is None:
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

    def entry(self, directory: str, name: str) -> FileEntry | None:
        """Return a file that can be seen in a result directory, or None."""
        return next((entry for entry in self.listing(directory) or [] if entry.name == name), None)

    async def file(self, directory: str, entry: FileEntry) -> Path | None:
        """Return the path of a listed file, which is made again if it is not there; None if it cannot be."""
        order = self.ledger.orders[directory]
        path = self.ledger.path(order) / entry.name
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
        for order in self.ledger.orders.values():
            folder = self.ledger.path(order)
            if not order.complete:
                shutil.rmtree(folder, ignore_errors=True)
            for entry in order.files:
                if entry.piece:
                    (folder / entry.name).unlink(missing_ok=True)
        self.ledger.close()


def _companions(order: Order, pieces: list[Piece]) -> list[tuple[str, str]]:
    """Return the names and contents of what goes with the data files, in stream_engine's order."""
    instrument, files = BY_DESIGNATOR[order.designator], []
    if order.include_provenance and pieces:
        files.append(textfiles.provenance(order, instrument))
    if order.include_annotations:
        files.append(textfiles.annotation_file(order, instrument))
    if pieces and order.media_type == "application/netcdf":
        files.append(textfiles.ncml(order, pieces, instrument))
    return files


def _write_text(path: Path, text: str) -> FileEntry:
    content = text.encode()
    with replacing(path) as scratch:
        scratch.write_bytes(content)
    return _entry(path, len(content), None)


def _entry(path: Path, size: int, piece: Piece | None) -> FileEntry:
    """Note a finished file; its time of change is cut to the second, so that it can be set again."""
    modified_s = int(path.stat().st_mtime)
    os.utime(path, (modified_s, modified_s))
    return FileEntry(path.name, size, modified_s, piece)
