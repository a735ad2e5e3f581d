"""The processes that write files, so that the server itself always has time to answer."""

import asyncio
import heapq
import itertools
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from plumbline.embedded import junkfiles, netcdf, rawlines, textfiles
from plumbline.embedded.holdings import tightened
from plumbline.embedded.instruments import BY_DESIGNATOR, Instrument, find
from plumbline.embedded.orders import Order, Piece
from plumbline.embedded.settings import Replay
from plumbline.embedded.shapes import pieces_of
from plumbline.embedded.sources import Source, source_of
from plumbline.embedded.streams import Stream

# Somebody waits for a file that existed before; orders may take their time.
NEEDED_NOW, NEW_ORDER = 0, 1


class Workshop:
    """A pool of processes with a queue before it, in which the urgent goes first.

    Parameters
    ----------
    workers : int
        How many processes.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._free = workers
        self._waiting: list[tuple[int, int, asyncio.Future]] = []
        self._number = itertools.count()
        self._open_pool()

    def _open_pool(self) -> None:
        # Spawned and not forked: a fork would inherit listening sockets and the lifeline's ends.
        context = get_context("spawn")
        reading_end, self._lifeline = context.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(self.workers, context, _begin_work, (reading_end,))
        for _ in range(self.workers):  # so that the first order need not wait for imports
            self._pool.submit(os.getpid)

    async def run(self, priority: int, function: Callable[..., Any], *arguments: object) -> Any:
        """Return what a function of this module returns in a worker; the urgent goes first."""
        await self._acquire(priority)
        try:
            loop = asyncio.get_running_loop()
            try:
                return await loop.run_in_executor(self._pool, function, *arguments)
            except BrokenProcessPool:  # a worker was killed, for want of memory perhaps: once more
                self._lifeline.close()
                self._open_pool()
                return await loop.run_in_executor(self._pool, function, *arguments)
        finally:
            self._release()

    async def _acquire(self, priority: int) -> None:
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._number), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release()
            raise

    def _release(self) -> None:
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def close(self) -> None:
        """Stop the workers at once, in the middle of whatever they do."""
        self._lifeline.close()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _begin_work(lifeline: Connection) -> None:
    """Make this worker end with the server, however the server ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the server's business

    def watch() -> None:
        try:
            lifeline.recv_bytes()
        except (EOFError, OSError):
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _subject(order: Order, replays: tuple[Replay, ...]) -> tuple[Instrument, Stream, Source]:
    """Return the instrument, the stream and the source of an order."""
    found = find(order.designator, order.method, order.stream)
    source = source_of(*found, replays) if found else None
    if source is None or source.origin != order.origin:
        raise LookupError(f"the data of {order.directory} are no longer there")
    return *found, source


def plan_files(order: Order, replays: tuple[Replay, ...]) -> list[Piece]:
    """Return the pieces of an order; runs in a worker."""
    instrument, stream, source = _subject(order, replays)
    return pieces_of(order, source, instrument, stream)


def write_file(order: Order, piece: Piece, path: Path, replays: tuple[Replay, ...]) -> int:
    """Write one data file of an order and return its length in bytes; runs in a worker."""
    subject = _subject(order, replays)
    writer = netcdf.write if order.media_type == "application/netcdf" else textfiles.write_rows
    writer(path, order, piece, *subject)
    return path.stat().st_size


def write_holding(order: Order, piece: Piece, replays: tuple[Replay, ...], path: Path) -> None:
    """Write a file of the gold copy; runs in a worker."""
    instrument, stream, source = _subject(order, replays)
    netcdf.write(path, order, tightened(piece, source), instrument, stream, source)


def write_raw_day(designator: str, day: int, damaged: bool, replays: tuple[Replay, ...], path: Path) -> None:
    """Write a day of the raw archive; runs in a worker."""
    rawlines.write_day(path, BY_DESIGNATOR[designator], day, damaged, replays)


def write_junk(order: Order, pieces: list[Piece], folder: Path, replays: tuple[Replay, ...]) -> list[str]:
    """Write the netCDF files that do not belong to an order and return their names; runs in a worker."""
    return junkfiles.write(folder, order, pieces, *_subject(order, replays))
