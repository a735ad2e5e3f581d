"""How a result directory is filled, in the order in which stream_engine does, with the faults of its order."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from plumbline.atomic import replacing
from plumbline.embedded import textfiles, workshop
from plumbline.embedded.instruments import BY_DESIGNATOR
from plumbline.embedded.orders import FileEntry, Order, Piece
from plumbline.embedded.settings import Delays

SUFFIXES = {"application/netcdf": "nc", "application/csv": "csv", "application/json": "json"}
EMPTY_S = 2.0
GROWING_S = 0.3  # how long a file of `partial_visible` grows
GROWN = (0.3, 0.6, 0.9)
SCRATCH = "aggregation_temp.nc"


class Filling:
    """Fills the directory of one order.

    Parameters
    ----------
    order : Order
    folder : Path
        The order's directory.
    delays : Delays
    run : callable
        Runs a function of the workshop with the order and further arguments, in a worker.
    """

    def __init__(self, order: Order, folder: Path, delays: Delays, run: Callable[..., Awaitable]) -> None:
        self.order, self.folder, self.delays, self.run = order, folder, delays, run
        self.entries: list[FileEntry] = []

    async def fill(self) -> list[FileEntry] | None:
        """Fill the directory, ``status.txt`` last; return its files, or None if it shall never be complete."""
        order, folder = self.order, self.folder
        await asyncio.sleep(self.delays.hidden_s)
        pieces = await self.run(workshop.plan_files, order)
        folder.mkdir(parents=True, exist_ok=True)
        await asyncio.sleep(self.delays.empty_s + lasting_s(order, "empty_directory", EMPTY_S))
        self._write("status.json", textfiles.status_json(order, pieces))
        if order.suffers("failed_status"):
            await asyncio.sleep(self.delays.step_s)
            self._write("status.txt", textfiles.failure("Aggregation failed for want of memory"))
            return self.entries
        if not order.suffers("no_files"):
            await self._data(pieces)
        if order.suffers("never_complete") and not await self._until_late():
            return None
        await asyncio.sleep(self.delays.step_s)
        self._write("status.txt", textfiles.DONE)
        return self.entries

    async def _until_late(self) -> bool:
        """Wait until so long after the order was accepted as its fault says; False if that is never."""
        seconds = self.order.fault("never_complete")["seconds"]
        if seconds is None:
            return False
        accepted = datetime.fromisoformat(self.order.accepted).timestamp()
        await asyncio.sleep(max(0.0, accepted + seconds - time.time()))
        return True

    async def _data(self, pieces: list[Piece]) -> None:
        """Write the data files and what goes with them."""
        for piece in pieces:
            await asyncio.sleep(self.delays.step_s)
            path = self.folder / self.order.file_name(piece, SUFFIXES[self.order.media_type])
            if self.order.suffers("partial_visible"):
                size = await self._growing(piece, path)
            else:
                size = await self.run(workshop.write_file, self.order, piece, path)
            self.entries.append(entry_of(path, size, piece))
        for name in await self.run(workshop.write_junk, self.order, pieces, self.folder):
            self.entries.append(entry_of(self.folder / name, (self.folder / name).stat().st_size, None))
        for name, text in _companions(self.order, pieces):
            await asyncio.sleep(self.delays.step_s)
            self._write(name, text)

    async def _growing(self, piece: Piece, path: Path) -> int:
        """Write a file so that it is seen before it is whole, beside the file that it is made from."""
        whole, scratch = path.with_name(f".{path.name}.whole"), path.with_name(SCRATCH)
        pause_s = lasting_s(self.order, "partial_visible", GROWING_S) / len(GROWN)
        try:
            size = await self.run(workshop.write_file, self.order, piece, whole)
            content = whole.read_bytes()
            scratch.write_bytes(content[: size // 2])
            with path.open("wb") as file:
                for part in GROWN:
                    file.write(content[file.tell() : int(size * part)])
                    file.flush()
                    await asyncio.sleep(pause_s)
                file.write(content[file.tell() :])
        finally:
            whole.unlink(missing_ok=True)
            scratch.unlink(missing_ok=True)
        return size

    def _write(self, name: str, text: str) -> None:
        self.entries.append(write_text(self.folder / name, text))


def lasting_s(order: Order, mode: str, default_s: float) -> float:
    """Return how long a fault of an order lasts, seconds: 0 where it has none."""
    fault = order.fault(mode)
    if fault is None:
        return 0.0
    return default_s if fault["seconds"] is None else fault["seconds"]


def _companions(order: Order, pieces: list[Piece]) -> list[tuple[str, str]]:
    """Return the names and contents of what goes with the data files, in stream_engine's order."""
    instrument, files = BY_DESIGNATOR[order.designator], []
    extras = order.suffers("extras")
    numbers = sorted({order.number_of(piece) for piece in pieces})
    if order.include_provenance or extras:
        files += [textfiles.provenance(order, instrument, number) for number in numbers]
    if order.include_annotations or extras:
        files.append(textfiles.annotation_file(order, instrument))
    if order.media_type == "application/netcdf" or extras:
        for number in numbers:
            of_it = [piece for piece in pieces if order.number_of(piece) == number]
            files.append(textfiles.ncml(order, of_it, instrument))
    if extras:
        files += textfiles.leftovers(order, pieces)
    return files


def write_text(path: Path, text: str) -> FileEntry:
    """Write a text file of a result directory."""
    content = text.encode()
    with replacing(path) as scratch:
        scratch.write_bytes(content)
    return entry_of(path, len(content), None)


def entry_of(path: Path, size: int, piece: Piece | None) -> FileEntry:
    """Note a finished file; its time of change is cut to the second, so that it can be set again."""
    modified_s = int(path.stat().st_mtime)
    os.utime(path, (modified_s, modified_s))
    return FileEntry(path.name, size, modified_s, piece)
