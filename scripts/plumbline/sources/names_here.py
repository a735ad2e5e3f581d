"""Names of netCDF files that are here already: which of them may be a chunk's, without opening any."""

import glob
import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from plumbline.ooi.names import REFERENCE_DESIGNATOR
from plumbline.ooi.results import file_name_pattern, reaches_into

# A file of OOI's, of whatever stream.
OOI_NAME = re.compile(rf"deployment\d{{4}}_{REFERENCE_DESIGNATOR.pattern}-\w+-\w+_\d{{8}}T[\d.]+-\d{{8}}T[\d.]+\.nc")
RESULTS = Path("results")


def paths_of(pattern: str, stream_name: str) -> list[Path]:
    """Return the netCDF files of a folder or a pattern (``**``: any depth), sorted.

    What Plumbline makes is left out, but raw files of other streams; of several links to one file, the first is
    taken.

    Parameters
    ----------
    pattern : str
    stream_name : str
        Short name of the stream that they are for.
    """
    path = Path(pattern).expanduser()
    found = path.glob("*.nc") if path.is_dir() else map(Path, glob.glob(str(path), recursive=True))
    distinct: dict[tuple[int, int], Path] = {}
    for one in sorted(found):
        try:
            stat = one.stat()
        except OSError:  # a link to nowhere, or a file that has just gone
            continue
        if one.is_file() and not _is_made(one, stream_name):
            distinct.setdefault((stat.st_dev, stat.st_ino), one)
    return list(distinct.values())


def _is_made(path: Path, stream_name: str) -> bool:
    """Tell whether a file is one that Plumbline has made here."""
    try:
        parts = path.absolute().relative_to(RESULTS.absolute()).parts
    except ValueError:
        return False
    return parts[0] == stream_name or parts[1:2] != ("netcdf",)


def is_named_by_ooi(name: str) -> bool:
    """Tell whether a file's name tells stream and times as OOI's do."""
    return bool(OOI_NAME.fullmatch(name))


def candidates(
    paths: Iterable[Path], designator: str, method: str, stream: str, begin: datetime, end: datetime
) -> list[Path]:
    """Return the files that may hold samples of a window.

    Of files that are named as OOI's, those of the stream whose times reach into the window; others all: only what
    is in them tells.
    """
    of_stream = file_name_pattern(designator, method, stream)
    return [
        path
        for path in paths
        if (
            bool(of_stream.fullmatch(path.name)) and reaches_into(path.name, begin, end)
            if is_named_by_ooi(path.name)
            else True
        )
    ]


def state_of(paths: Iterable[Path]) -> str:
    """Return a digest of the names, lengths and dates of files: it changes when one of them does."""
    lines = []
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            continue
        lines.append(f"{path} {stat.st_size} {stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] if lines else ""
