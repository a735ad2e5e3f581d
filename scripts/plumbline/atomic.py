"""Files that are there whole or not at all: written beside their place, then renamed."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a scratch path beside `path`; rename it to `path` when the block ends well.

    Parameters
    ----------
    path : str or Path
        The file to be written. Its folder is made if it is missing.

    Yields
    ------
    Path
        Where to write. It lies in the same folder, so that the rename is atomic.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield scratch
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


def write_json(path: str | Path, content: object) -> None:
    """Write `content` as indented JSON, atomically, keys in the order given."""
    with replacing(path) as scratch:
        scratch.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@contextlib.contextmanager
def reserved(path: str | Path, size: int) -> Iterator[None]:
    """Keep room on the disk for a file that will be written in a moment, and find out now if there is none.

    Parameters
    ----------
    path : str or Path
        The file to come; its folder is made if it is missing.
    size : int
        Bytes.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written to.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    room = path.with_name(f".{path.name}.{os.getpid()}.room.tmp")
    try:
        room.write_bytes(b" " * size)
        yield
    finally:
        room.unlink(missing_ok=True)
