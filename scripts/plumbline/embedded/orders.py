"""Orders: what was asked, which files answer it, and the ledger that outlives the server."""

import contextlib
import fcntl
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from plumbline.atomic import write_json
from plumbline.embedded import EMAIL
from plumbline.embedded.instruments import Instrument
from plumbline.embedded.parameters import ALWAYS, Parameter
from plumbline.embedded.sources import Source
from plumbline.errors import PlumblineError

# To be raised whenever the same order would give other bytes: older ledgers are then forgotten,
# and their results have vanished, as results on the real server do after some time.
EDITION = 1

HOUR_MS = 3_600_000
LOCK_PATIENCE_S = 15.0
UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def isoformat(time_ms: int) -> str:
    """Return a time as OOI's attributes have it: a fraction of six digits where there is one, no Z."""
    return (UNIX_EPOCH + timedelta(milliseconds=time_ms)).replace(tzinfo=None).isoformat()


@dataclass(frozen=True)
class Piece:
    """One data file of an order: a half-open window, and the samples in it.

    Attributes
    ----------
    begin_ms, end_ms : int
        Half-open window, milliseconds since 1970.
    first_ms, last_ms : int
        Times of the first and the last sample.
    count : int
    number : int
        Its place among the files of the order, from 0.
    deployment : int or None
        Number of the deployment; None: the order's own.
    """

    begin_ms: int
    end_ms: int
    first_ms: int
    last_ms: int
    count: int
    number: int = 0
    deployment: int | None = None

    def isoformat(self, which: str) -> str:
        """Return the time of the first or the last sample."""
        return isoformat(self.first_ms if which == "first" else self.last_ms)


@dataclass(frozen=True)
class FileEntry:
    """A file of a complete order: name, bytes, time of change (unix seconds), its piece if it holds data."""

    name: str
    bytes: int
    modified_s: int
    piece: Piece | None = None


@dataclass
class Order:
    """A data request that was accepted.

    Attributes
    ----------
    directory : str
        Name of the result directory: stamp, reference designator, method, stream.
    request_uuid : str
    accepted : str
        When it was accepted, ISO 8601 with Z; it dates the files.
    designator, method, stream : str
    begin_ms, end_ms : int
        Half-open window, milliseconds since 1970, cut to what exists.
    query : dict
        The parameters as they came, without credentials.
    media_type : str
    parameters : list of int
        PD numbers asked for; empty: all.
    include_provenance, include_annotations : bool
    deployment : int
    max_file_bytes, padding_samples : int
        The settings that shape the files, as they were.
    origin : str
        Where the data come from.
    files : list of FileEntry
        Filled when the order is complete.
    complete : bool
    edition : int
    asked_begin_ms : int or None
        The window's begin before it was cut to what exists; None: it was not cut.
    faults : list of dict
        What the order suffers from, drawn once when it was accepted: a `mode` each, and what belongs to it.
    completed_s : float
        When it was complete, seconds since 1970.
    """

    directory: str
    request_uuid: str
    accepted: str
    designator: str
    method: str
    stream: str
    begin_ms: int
    end_ms: int
    query: dict
    media_type: str
    parameters: list[int]
    include_provenance: bool
    include_annotations: bool
    deployment: int
    max_file_bytes: int
    padding_samples: int
    origin: str
    files: list[FileEntry] = field(default_factory=list)
    complete: bool = False
    edition: int = EDITION
    asked_begin_ms: int | None = None
    faults: list[dict] = field(default_factory=list)
    completed_s: float = 0.0

    def fault(self, mode: str) -> dict | None:
        """Return the fault of a mode, if the order suffers from it."""
        return next((fault for fault in self.faults if fault["mode"] == mode), None)

    def suffers(self, mode: str) -> bool:
        """Tell whether the order suffers from a fault."""
        return self.fault(mode) is not None

    @property
    def token(self) -> str:
        """Reference designator, method and stream as file names have them."""
        return f"{self.designator}-{self.method}-{self.stream}"

    def kept(self, variables: Sequence[Parameter]) -> list[Parameter]:
        """Return the variables that the files hold: all, or those asked for and what belongs to them."""
        if not self.parameters:
            return list(variables)
        asked = {variable.name for variable in variables if variable.pd in self.parameters}
        return [
            variable
            for variable in variables
            if variable.name in asked | set(ALWAYS) or variable.name.partition("_qartod_")[0] in asked
        ]

    def file_name(self, piece: Piece, suffix: str = "nc") -> str:
        """Return the name of a data file: deployment, token, first and last time."""
        first, last = (piece.isoformat(which).replace("-", "").replace(":", "") for which in ("first", "last"))
        if suffix != "nc" or self.suffers("whole_seconds"):  # text files always have whole seconds
            first, last = first[:15], last[:15]
        return f"deployment{self.number_of(piece):04d}_{self.token}_{first}-{last}.{suffix}"

    def number_of(self, piece: Piece) -> int:
        """Return the number of a file's deployment."""
        return self.deployment if piece.deployment is None else piece.deployment

    def deployment_at(self, time_ms: int, instrument: Instrument) -> int:
        """Return the number of the deployment at a time; a fault may have changed the order's numbers."""
        return instrument.deployed_at(time_ms).number + self.deployment - instrument.deployment


def order_from(content: dict) -> Order:
    """Read an order as the ledger keeps it."""
    files = [
        FileEntry(**{**entry, "piece": Piece(**entry["piece"]) if entry["piece"] else None})
        for entry in content["files"]
    ]
    return Order(**{**content, "files": files})


def plan(order: Order, source: Source, bytes_per_sample: float) -> list[Piece]:
    """Cut an order's window into files: a new one at the hour after the estimated size is reached.

    Times alone are looked at, so that a year takes a second and not minutes.
    """
    begin_ms, end_ms = padded(order, source)
    pieces, times, start = [], [], begin_ms
    for hour in range(begin_ms // HOUR_MS, -(-end_ms // HOUR_MS)):
        stop = min((hour + 1) * HOUR_MS, end_ms)
        time_ms = source.hour_of_times(hour)
        time_ms = time_ms[slice(*np.searchsorted(time_ms, (begin_ms, end_ms)))]
        if len(time_ms):
            times.append((int(time_ms[0]), int(time_ms[-1]), len(time_ms)))
        count = sum(part[2] for part in times)
        if count and (stop == end_ms or count * bytes_per_sample >= order.max_file_bytes):
            pieces.append(Piece(start, stop, times[0][0], times[-1][1], count))
            times, start = [], stop
    if times:
        pieces.append(Piece(start, end_ms, times[0][0], times[-1][1], sum(part[2] for part in times)))
    return pieces


def padded(order: Order, source: Source) -> tuple[int, int]:
    """Return the window with the padding that is set: some samples more at either end."""
    if not order.padding_samples:
        return order.begin_ms, order.end_ms
    hour = order.begin_ms // HOUR_MS
    before = np.concatenate([source.hour_of_times(hour - 1), source.hour_of_times(hour)])
    before = before[before < order.begin_ms][-order.padding_samples :]
    hour = order.end_ms // HOUR_MS
    after = np.concatenate([source.hour_of_times(hour), source.hour_of_times(hour + 1)])
    after = after[after >= order.end_ms][: order.padding_samples]
    begin_ms = int(before[0]) if len(before) else order.begin_ms
    end_ms = int(after[-1]) + 1 if len(after) else order.end_ms
    return begin_ms, end_ms


class Ledger:
    """The orders in a store: one JSON file each, and a folder of results each.

    Parameters
    ----------
    store : Path
        Folder that is the server's own; it is made if it is missing.
    """

    def __init__(self, store: Path) -> None:
        self.folder = store / "ledger"
        self.results = store / "async_results" / EMAIL
        self.folder.mkdir(parents=True, exist_ok=True)
        self.results.mkdir(parents=True, exist_ok=True)
        self._lock = (store / "lock").open("w")
        self._take_lock(store)
        self.orders: dict[str, Order] = {}
        for path in sorted(self.folder.glob("*.json")):
            # A ledger entry of another edition, or one that cannot be read, tells nothing any more.
            with contextlib.suppress(ValueError, KeyError, TypeError):
                order = order_from(json.loads(path.read_text(encoding="utf-8")))
                if order.edition == EDITION and order.directory == path.stem:
                    self.orders[order.directory] = order
                    continue
            path.unlink(missing_ok=True)

    def _take_lock(self, store: Path) -> None:
        """Make sure that no other server works in this store; one that is ending is waited for."""
        deadline = time.monotonic() + LOCK_PATIENCE_S
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise PlumblineError(f"Another embedded server is working in {store}; stop it first.") from None
                time.sleep(0.05)
            except OSError:  # a file system without locks: nothing can be known
                return

    def path(self, order: Order) -> Path:
        """Return the folder of an order's results."""
        return self.results / order.directory

    def write(self, order: Order) -> None:
        """Keep an order."""
        self.orders[order.directory] = order
        write_json(self.folder / f"{order.directory}.json", asdict(order))

    def forget(self, order: Order) -> None:
        """Drop an order that can no longer be answered."""
        self.orders.pop(order.directory, None)
        (self.folder / f"{order.directory}.json").unlink(missing_ok=True)

    def close(self) -> None:
        """Let another server work in the store."""
        self._lock.close()
