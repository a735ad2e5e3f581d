"""Names of netCDF files that are here already: which of them may be a chunk's, without opening any."""

import glob
import hashlib
from datetime import datetime
from pathlib import Path

from plumbline.ooi.results import file_name_pattern, reaches_into, times_in_name


def paths_of(pattern: str) -> list[Path]:
    """Return the netCDF files of a folder or a pattern (``**``: any depth), sorted."""
    path = Path(pattern).expanduser()
    found = path.glob("*.nc") if path.is_dir() else map(Path, glob.glob(str(path), recursive=True))
    return sorted(one for one in found if one.is_file())


def candidates(pattern: str, designator: str, method: str, stream: str, begin: datetime, end: datetime) -> list[Path]:
    """Return the files that may hold samples of a window, without opening any.

    Of files that are named as OOI's, those of the stream whose times reach into the window; others all: only what
    is in them tells.
    """
    of_stream = file_name_pattern(designator, method, stream)
    return [
        path
        for path in paths_of(pattern)
        if (reaches_into(path.name, begin, end) if of_stream.fullmatch(path.name) else times_in_name(path.name) is None)
    ]


def state_of(paths: list[Path]) -> str:
    """Return a digest of the names, lengths and dates of files: it changes when one of them does."""
    lines = [f"{path} {stat.st_size} {stat.st_mtime_ns}" for path in paths if (stat := path.stat())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] if lines else ""
