"""How far a chunk is, told from the files that its steps leave."""

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from plumbline.chunks import Chunk, isoformat
from plumbline.configuration import Stream
from plumbline.ooi.orders import estimate_of
from plumbline.retrieval import records

# In the order in which a chunk goes through them.
NOT_ASKED, ORDERED, GIVEN_UP, NO_DATA = "not asked", "ordered", "given up", "no data"
READY, DOWNLOADING, DOWNLOADED, BINNED = "ready", "downloading", "downloaded", "binned"
STATES = (NOT_ASKED, GIVEN_UP, ORDERED, READY, DOWNLOADING, DOWNLOADED, NO_DATA, BINNED)

# The rules of each step: files are ordered, or found.
STEPS = (
    ("request_data", "find_files"),
    ("await_data",),
    ("download_netcdf",),
    ("verify_netcdf",),
    ("bin_samples",),
    ("free_netcdf",),
)
FOLDERS = ("requests", "complete", "netcdf", "bins")
ERROR = re.compile(r"^\S+ \S+ ERROR (.*)")


@dataclass
class ChunkState:
    """How far one chunk is.

    Attributes
    ----------
    chunk, begin, end : str
        Name and window, ISO 8601.
    state : str
        One of `STATES`.
    ordered_at : str or None
        When its order was accepted.
    left_s : float or None
        Of an order that is waited for: seconds left by the server's estimate, not below 0.
    bytes_total, bytes_here : int
        Of its netCDF files: as the server tells, and on this disk.
    share : float
        About which share of them is fetched; 1: all.
    freed : bool
        Whether the files were removed after binning.
    used, expected : int or None
        Samples in the bins, and what the nominal rate gives.
    failed_slices : int
        Slices that the server failed on.
    error : str
        The last error of a step that has not succeeded since, "" if there is none.
    steps_done : int
        How many of `STEPS` are done.
    """

    chunk: str
    begin: str
    end: str
    state: str = NOT_ASKED
    ordered_at: str | None = None
    left_s: float | None = None
    bytes_total: int = 0
    bytes_here: int = 0
    share: float = 1.0
    freed: bool = False
    used: int | None = None
    expected: int | None = None
    failed_slices: int = 0
    error: str = ""
    steps_done: int = field(default=0, repr=False)

    @property
    def coverage(self) -> float | None:
        """Share of the expected samples that is in the bins; None where it is not known."""
        return self.used / self.expected if self.used is not None and self.expected else None


def states_of(
    results: Path, logs: Path, stream: Stream, as_of: datetime, count_used: Callable[[Path], int], share: float = 1.0
) -> list[ChunkState]:
    """Tell how far every chunk of a stream is, in time order; see `state_of`. `share` of its files is fetched."""
    folder = results / stream.name
    chunks = stream.chunks(as_of, records.names_of_requests(folder) if stream.end is None else ())
    # Thousands of files that are not there yet are seen to be missing at one look.
    folders = [*(folder / name for name in FOLDERS), *(logs / rule / stream.name for step in STEPS for rule in step)]
    there = {path: _names_in(path) for path in folders}
    rate_hz = stream.rate_hz or estimated_rate(results, stream)
    states = [state_of(folder, logs, chunk, rate_hz, count_used, there) for chunk in chunks.values()]
    return [replace(state, share=share) for state in states]


def estimated_rate(results: Path, stream: Stream) -> float | None:
    """Return the rate in Hz that a run has estimated for a stream whose rate is not known; None if there is none."""
    path = results / stream.name / "rate.json"
    return (records.read_if_there(path) or {}).get("rate_hz") if stream.rate_hz is None else None


def _names_in(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()


def state_of(
    folder: Path,
    logs: Path,
    chunk: Chunk,
    rate_hz: float | None,
    count_used: Callable[[Path], int],
    there: Mapping[Path, Collection[str]],
) -> ChunkState:
    """Tell how far a chunk is.

    Parameters
    ----------
    folder : Path
        The stream's results.
    logs : Path
        Where logs are, a folder for each rule, in it one for each stream.
    chunk : Chunk
    rate_hz : float or None
        The stream's rate.
    count_used : callable
        Gives the number of samples used in a bins file.
    there : mapping
        The names in the folders of every step and of its logs.
    """
    requests, complete, netcdf, bins = (folder / name for name in FOLDERS)
    record_name, log_name = f"{chunk.name}.json", f"{chunk.name}.log"
    state = ChunkState(chunk.name, isoformat(chunk.begin), isoformat(chunk.end))
    if rate_hz:
        state.expected = round(rate_hz * (chunk.end - chunk.begin).total_seconds())
    record = records.read_if_there(requests / record_name) if record_name in there[requests] else None
    if record:
        _tell_order(state, record)
    marker = records.read_if_there(complete / record_name) if record and record_name in there[complete] else None
    if marker and marker.get("order") == records.order_id(record):
        _tell_files(state, marker, netcdf / chunk.name)
    if state.state in (READY, DOWNLOADING) and record_name in there[netcdf]:
        state.state, state.steps_done = DOWNLOADED, 4
    state.freed = f"{chunk.name}.freed" in there[netcdf] and not state.bytes_here
    if state.state in (DOWNLOADED, NO_DATA) and f"{chunk.name}.nc" in there[bins]:
        state.used, state.steps_done = count_used(bins / f"{chunk.name}.nc"), len(STEPS)
        state.state = NO_DATA if state.state == NO_DATA else BINNED
    folders = (logs / rule / folder.name for step in STEPS[state.steps_done :] for rule in step)
    state.error = _last_error(path / log_name for path in folders if log_name in there[path])
    return state


def _tell_order(state: ChunkState, record: dict) -> None:
    state.ordered_at = str(record.get("ordered_at"))
    if record.get("given_up"):
        state.state = GIVEN_UP
        return
    if record.get("outcome") == records.NO_DATA:
        state.state, state.steps_done = NO_DATA, 1
        return
    state.state, state.steps_done = ORDERED, 1
    answer = record.get("answer")
    size, seconds = estimate_of(answer if isinstance(answer, dict) else {})
    state.bytes_total = int(size)
    try:
        age = (datetime.now(UTC) - datetime.fromisoformat(state.ordered_at)).total_seconds()
    except ValueError:
        return
    state.left_s = max(0.0, seconds - age)


def _tell_files(state: ChunkState, marker: dict, netcdf: Path) -> None:
    files = [file for file in marker.get("files", []) if isinstance(file, dict)]
    failed = marker.get("failed_slices")
    state.failed_slices = len(failed) if isinstance(failed, dict) else 0
    if state.state in (NO_DATA, GIVEN_UP):
        return
    state.left_s = None
    state.bytes_total = sum(int(file.get("bytes", 0)) for file in files)
    names = {str(file.get("name")) for file in files}
    try:
        there = [path for path in netcdf.iterdir() if path.name in names or path.suffix == ".part"]
        state.bytes_here = sum(path.stat().st_size for path in there)
    except FileNotFoundError:  # none yet, or one that was renamed between the listing and the look
        pass
    state.state, state.steps_done = (DOWNLOADING if state.bytes_here else READY), 2


def _last_error(logs: Iterable[Path]) -> str:
    """Return the error at the end of the first log that tells of one, "" if none does."""
    for log in logs:
        try:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        errors = [match[1] for line in lines if (match := ERROR.match(line))]
        if errors:
            return errors[-1]
    return ""
