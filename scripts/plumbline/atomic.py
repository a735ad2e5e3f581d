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
