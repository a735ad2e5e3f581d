"""Files that are there whole or not at all: written beside their place, then renamed."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

# A folder on the machine that a job runs on; `$NAME` in it stands for a variable of the job.
SCRATCH_VARIABLE = "PLUMBLINE_SCRATCH"


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a scratch path beside `path`; rename it to `path` when the block ends well.

    Where the environment names a folder for scratch that this machine has, that is where the block writes, and
    the whole file is copied beside `path` before the rename: a file system over a network sees it written once,
    from begin to end.

    Parameters
    ----------
    path : str or Path
        The file to be written. Its folder is made if it is missing.

    Yields
    ------
    Path
        Where to write.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder, so that the rename is atomic.
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with contextlib.ExitStack() as stack:
            folder = scratch_folder()
            if folder:
                room = stack.enter_context(tempfile.TemporaryDirectory(prefix="plumbline-", dir=folder))
                scratch = Path(room) / path.name
                yield scratch
                shutil.copyfile(scratch, beside)
            else:
                yield beside
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def scratch_folder() -> Path | None:
    """Return the folder for scratch that the environment names, if it is there."""
    named = os.path.expandvars(os.environ.get(SCRATCH_VARIABLE, ""))
    return Path(named) if named and Path(named).is_dir() else None


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
