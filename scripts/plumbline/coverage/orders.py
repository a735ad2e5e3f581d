"""What was ordered of a stream and what came, chunk by chunk, as its records tell."""

import hashlib
from pathlib import Path

from plumbline.coverage.annotated import record_beside
from plumbline.coverage.text import plain
from plumbline.tables.csvw import Column

COLUMNS = [
    Column("chunk", "calendar piece of the window", "string", required=True),
    Column("begin", "begin of what was asked for", "datetime", required=True),
    Column("end", "its end, exclusive", "datetime", required=True),
    Column("server", "the server that was asked; empty where the record is lost", "string"),
    Column("outcome", "accepted, or no data", "string"),
    Column("files", "number of files that came", "nonNegativeInteger", "1", required=True),
    Column("bytes", "their size together", "nonNegativeInteger", "byte", required=True),
    Column("sha256", "SHA-256 of the lines of SHA256SUMS, one for each file, in the order of their names", "string"),
]


def order_rows(bins: list[Path], windows_ms: list[tuple[int, int]]) -> list[tuple]:
    """Return the rows of the table of orders.

    Parameters
    ----------
    bins : list of Path
        Bins file of each chunk, whose records lie beside it; a lost record leaves fields empty.
    windows_ms : list of (int, int)
        Window of each chunk, milliseconds since 1970.
    """
    return [_row(path, *window_ms) for path, window_ms in zip(bins, windows_ms, strict=True)]


def _row(path: Path, begin_ms: int, end_ms: int) -> tuple:
    record, manifest = record_beside(path, "requests"), record_beside(path, "netcdf")
    files = [file for file in manifest.get("files") or [] if isinstance(file, dict)]
    lines = sorted((plain(file.get("name")), plain(file.get("sha256"))) for file in files)
    digest = hashlib.sha256("".join(f"{sha256}  {name}\n" for name, sha256 in lines).encode()).hexdigest()
    size = sum(file["bytes"] for file in files if isinstance(file.get("bytes"), int))
    words = plain(record.get("server")), plain(record.get("outcome"))
    return path.stem, begin_ms, end_ms, *words, len(files), size, digest if files else ""
