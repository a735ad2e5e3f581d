"""A subset of one remote file: its structure, then the chunks that are needed, in few ranges."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import h5py

from plumbline.errors import PlumblineError
from plumbline.reporting import human_bytes, log
from plumbline.retrieval.subset.blocks import RemoteFile
from plumbline.retrieval.subset.ranges import ChangedError, Ranges, Version, WholeOnlyError
from plumbline.retrieval.subset.structure import Structure, Variable, structure_of
from plumbline.retrieval.subset.writing import SubsetFile

# Chunks that lie closer together than this are fetched together ...
MOST_GAP_BYTES = 1 << 16
# ... up to this length, which is held in memory.
MOST_RANGE_BYTES = 8 << 20

# A file that changes while it is read is begun again so often, before it is fetched whole.
BEGINNINGS = 3

# What the small file takes beside the values: its own structure.
STRUCTURE_BYTES = 2_000_000

# What h5py raises about a file that is not in order.
H5PY_ERRORS = (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError, MemoryError)


class UnreadableError(Exception):
    """What is wrong with a file whose structure cannot be read."""


@dataclass(frozen=True)
class Subset:
    """What was fetched.

    Attributes
    ----------
    version : Version
        Length, tag and date of the whole file.
    variables : list of str
        What the small file holds.
    bytes, requests : int
        What was fetched for it, everything counted.
    """

    version: Version
    variables: list[str]
    bytes: int
    requests: int


def fetch_subset(
    url: str,
    part: Path,
    name: str,
    told_as: str,
    variables: list[str],
    is_gone: Callable[[], bool] = lambda: True,
    arrived: Callable[[int], None] = lambda count: None,
) -> Subset:
    """Write a netCDF file with some variables of a remote one, every value and attribute as it is there.

    Parameters
    ----------
    url : str
        Where the file lies. No credentials are sent there.
    part : Path
        Where the small file is written; what is there is replaced.
    name : str
        What the file is called in messages.
    told_as : str
        Where it lies, as the small file tells it.
    variables : list of str
        Without ``time``, which is always taken, and first.
    is_gone : callable
        Asked where the server answers that it does not have the file: is that its last word?
    arrived : callable
        Told how many bytes have come, as they come.

    Raises
    ------
    WholeOnlyError
        If it can only be had whole, with the reason.
    UnreadableError
        If its structure cannot be read.
    GoneError
        If the server does not have it any more.
    PlumblineError
        If it does not arrive because of the network or this machine's disk.
    """
    wanted = list(dict.fromkeys(["time", *variables]))
    for left in range(BEGINNINGS - 1, -1, -1):
        ranges = Ranges(url, name, is_gone, arrived)
        try:
            return _copied(ranges, part, told_as, wanted)
        except ChangedError as change:
            if not left:
                raise WholeOnlyError(f"it changed {BEGINNINGS} times while it was read: {change}") from None
            log.info("%s changed while it was read (%s); beginning again.", name, change)
    raise AssertionError


def _copied(ranges: Ranges, part: Path, told_as: str, wanted: list[str]) -> Subset:
    remote = RemoteFile(ranges)
    structure = _structure(remote, wanted)
    source = ranges.version
    _make_sure_of_room(part, structure.bytes)
    marks = {
        "plumbline_subset_of": told_as,
        "plumbline_subset_of_bytes": source.bytes,
        "plumbline_subset_of_etag": source.etag,
        "plumbline_subset_of_last_modified": source.last_modified,
        "plumbline_subset_variables": ", ".join(wanted),
    }
    try:
        with SubsetFile(part, structure, marks) as file:
            for variable, place, content in _pieces(remote, ranges, structure):
                file.put(variable, place, content)
    except H5PY_ERRORS as error:
        if getattr(error, "errno", None):  # of this machine's disk
            raise
        raise WholeOnlyError(f"it cannot be copied: {error}") from None
    return Subset(source, wanted, ranges.bytes, ranges.requests)


def _make_sure_of_room(part: Path, size: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if free < size + STRUCTURE_BYTES:
        raise PlumblineError(
            f"The disk is full: what is needed of a file is {human_bytes(size)}, and {human_bytes(free)} are free. "
            "Make room and run again: what has arrived is kept."
        )


def _structure(remote: RemoteFile, wanted: list[str]) -> Structure:
    """Read the structure; tell a failure of the network from one of the file."""
    structure, trouble = None, None
    try:
        with h5py.File(remote, "r") as file:
            structure = structure_of(file, wanted, remote.size)
    except H5PY_ERRORS as error:
        trouble = UnreadableError(f"its structure cannot be read: {error}")
    if remote.failure is not None:
        raise remote.failure
    if trouble is not None:
        raise trouble
    return structure


def _pieces(remote: RemoteFile, ranges: Ranges, structure: Structure) -> Iterator[tuple[Variable, int, bytes]]:
    """Yield (variable, number of the chunk, bytes), each once: what is here first, then in the order of the file."""
    to_come = []
    for variable in structure.variables:
        for place, (offset, size) in enumerate(zip(variable.offsets, variable.sizes, strict=True)):
            if remote.holds(offset, offset + size):
                yield variable, place, remote.bytes_at(offset, offset + size)
            else:
                to_come.append(_Piece(offset, offset + size, variable, place))
    to_come.sort(key=lambda piece: piece.begin)
    for run in runs_of(to_come):
        begin = run[0].begin
        content = ranges.get(begin, max(piece.end for piece in run))
        for piece in run:
            yield piece.variable, piece.place, content[piece.begin - begin : piece.end - begin]


class _Piece(NamedTuple):
    """A chunk, or a piece of a contiguous variable, and its half-open range in the remote file."""

    begin: int
    end: int
    variable: Variable
    place: int


def runs_of(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Yield pieces that are fetched together; they are sorted."""
    run: list[_Piece] = []
    for piece in pieces:
        if run and (piece.begin - run[-1].end > MOST_GAP_BYTES or piece.end - run[0].begin > MOST_RANGE_BYTES):
            yield run
            run = []
        run.append(piece)
    if run:
        yield run
