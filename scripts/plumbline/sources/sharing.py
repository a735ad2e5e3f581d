"""Files that several chunks need: fetched by one of them, linked by the others.

Of a catalog, files are cut as its server likes, and a month of them may reach into thirty days.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from plumbline.retrieval import records
from plumbline.retrieval.integrity import sha256
from plumbline.sources.found import VERSION

ABOUT = (*VERSION, "range")


@contextlib.contextmanager
def alone_with(folder: Path, name: str) -> Iterator[None]:
    """Hold a file of a stream, so that two chunks do not fetch it at one time.

    Parameters
    ----------
    folder : Path
        Of the chunk's files; those of the stream's other chunks lie beside it.
    name : str
    """
    # Removed with all scratch files when the next run begins.
    with open(folder.parent / f".{name}.lock.tmp", "w") as lock:
        with contextlib.suppress(OSError):  # a file system without locks: then it is fetched twice
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def taken_before(
    folder: Path, file: dict, part: Path, progress_name: str, serves: Callable[[dict | None], bool]
) -> tuple[str, dict | None] | None:
    """Link a file that another chunk of the stream has, the very same version of it.

    Parameters
    ----------
    folder : Path
        Of the chunk's files.
    file : dict
        What is wanted, as the completion marker has it.
    part : Path
        The link that is made. Nothing may be written into it: it is the other chunk's file.
    progress_name : str
        What a chunk's file is called that tells of its files while they come.
    serves : callable
        Tells of what it is a part (None: it is whole) whether that will do.

    Returns
    -------
    (SHA-256, what it is a part of or None) or None
        None: no other chunk has it unharmed.
    """
    for there in sorted(folder.parent.glob(f"*/{file['name']}")):
        other = there.parent
        if other == folder:
            continue
        marker = records.read_if_there(folder.parent.parent / "complete" / f"{other.name}.json") or {}
        if not any(_same(file, listed) for listed in marker.get("files", [])):
            continue
        known = _known_of(other, file["name"], marker, progress_name)
        if known and serves(known[1]) and sha256(there) == known[0]:
            part.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # freed meanwhile, or a file system without links
                os.link(there, part)
                return known
    return None


def _same(file: dict, other: object) -> bool:
    return isinstance(other, dict) and all(file.get(key) == other.get(key) for key in ("name", *ABOUT))


def _known_of(folder: Path, name: str, marker: dict, progress_name: str) -> tuple[str, dict | None] | None:
    """Return hash and origin of another chunk's file: from its progress while it goes on, then from its manifest."""
    progress = records.read_if_there(folder / progress_name) or {}
    if progress.get("order") == marker.get("order") and name in progress.get("files", {}):
        return progress["files"][name], progress.get("subsets", {}).get(name)
    manifest = records.read_if_there(folder.with_name(f"{folder.name}.json")) or {}
    if manifest.get("order") == marker.get("order"):
        for listed in manifest.get("files", []):
            if listed.get("name") == name:
                return listed["sha256"], listed.get("subset_of")
    return None
