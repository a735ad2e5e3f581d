"""A table that grows: when a day has come, its lines are appended, and those before it are not written again.

The lines lie in a file of their own and the table is a second name of it (a hard link), for Snakemake
removes a table before it is made anew. Beside it stands of which bins it was made, and how long
it was after each; lines beyond that, of a job that was killed, are cut off. Where the two cannot
be one file, because results lie on another disk, the table is copied and the next one is written whole.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from plumbline.atomic import replacing, write_json
from plumbline.retrieval import records

# The end of the file that is compared before lines are appended.
TAIL_BYTES = 1 << 16


class GrowingTable:
    """The lines of a table, and of which bins they were made.

    Parameters
    ----------
    path : Path
        Where the lines are kept.
    about : dict
        Everything that the lines depend on beside the bins (plain values): if it differs, nothing is kept.
    """

    def __init__(self, path: Path, about: dict) -> None:
        self.path, self.notes = path, path.with_name(f"{path.name}.json")
        earlier = records.read_if_there(self.notes) or {}
        self._about = about
        usable = earlier.get("about") == about and self._is_as_left(earlier)
        self.pieces: list[dict] = earlier["pieces"] if usable else []

    def keep(self, bins_paths: list[Path]) -> int:
        """Keep the lines of the first bins files that are as they were; return of how many."""
        kept = 0
        for path, piece in zip(bins_paths, self.pieces, strict=False):
            if piece["bins"] != _identity(path):
                break
            kept += 1
        del self.pieces[kept:]
        return kept

    @contextlib.contextmanager
    def appended(self) -> Iterator[BinaryIO]:
        """Yield the file, cut to the lines that are kept, open at its end."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.notes.unlink(missing_ok=True)
        if not self.pieces:
            # Another file: the table that is there may be a name of the old one.
            self.path.unlink(missing_ok=True)
        with open(self.path, "ab") as file:
            file.truncate(self.pieces[-1]["bytes"] if self.pieces else 0)
            yield file
            file.flush()
            os.fsync(file.fileno())

    def add(self, bins: Path, length: int, facts: dict) -> None:
        """Note that the lines of a bins file are written, how long the file is now, and what the bins say."""
        self.pieces.append({"bins": _identity(bins), "bytes": length, **facts})

    def publish(self, table: Path) -> None:
        """Give the file the table's name."""
        os.utime(self.path)
        with replacing(table) as scratch:
            try:
                os.link(self.path, scratch)
            except OSError:
                shutil.copyfile(self.path, scratch)
                self.path.unlink()
                return
        status = self.path.stat()
        left = {"bytes": status.st_size, "mtime_ns": status.st_mtime_ns, "tail": self._tail()}
        write_json(self.notes, {"about": self._about, "file": left, "pieces": self.pieces})

    def remove(self) -> None:
        """Keep nothing; the table, which is another name of the file, stays."""
        self.path.unlink(missing_ok=True)
        self.notes.unlink(missing_ok=True)

    def _is_as_left(self, earlier: dict) -> bool:
        """Tell whether nobody has changed the file, under this name or that of the table."""
        try:
            status, left = self.path.stat(), earlier["file"]
            same = (status.st_size, status.st_mtime_ns) == (left["bytes"], left["mtime_ns"])
            return same and bool(earlier["pieces"]) and self._tail() == left["tail"]
        except (OSError, KeyError, TypeError):
            return False

    def _tail(self) -> str:
        with open(self.path, "rb") as file:
            file.seek(max(0, self.path.stat().st_size - TAIL_BYTES))
            return hashlib.sha256(file.read()).hexdigest()


def remove_orphans(folder: Path) -> None:
    """Remove the lines of tables that are not there any more."""
    for path in folder.glob("*/*.csv"):
        if path.stat().st_nlink < 2:
            path.unlink()
            path.with_name(f"{path.name}.json").unlink(missing_ok=True)


def _identity(bins: Path) -> list:
    status = bins.stat()
    return [str(bins), status.st_size, status.st_mtime_ns]
