"""What was ordered of a stream and what came, chunk by chunk, as its records tell.

Sizes and checksums of the files are left to the manifests: OOI writes the order's number into each file, so they are
others in every order of the same data.
"""

from pathlib import Path

from plumbline.coverage.annotated import record_beside
from plumbline.coverage.deployed import deployments_of
from plumbline.coverage.text import plain
from plumbline.retrieval import records
from plumbline.tables.about_products import About
from plumbline.tables.csvw import Column, origins_of, subject_of
from plumbline.tables.lists import write_list

COLUMNS = [
    Column("chunk", "calendar piece of the window", "string", required=True),
    Column("begin", "begin of what was asked for", "datetime", required=True),
    Column("end", "its end, exclusive", "datetime", required=True),
    Column("server", "the server that was asked; empty where the record is lost", "string"),
    Column("source", "m2m: ordered; otherwise where files were found", "string"),
    Column("outcome", "accepted (or found), or no data", "string"),
    Column("files", "number of files that came", "nonNegativeInteger", "1", required=True),
]


def write_orders(
    bins: list[Path], windows_ms: list[tuple[int, int]], stream: dict[str, str], server: str, path: Path
) -> None:
    """Write the table of orders, and its metadata beside it.

    Parameters
    ----------
    bins : list of Path
        Bins file of each chunk, whose records lie beside it; a lost record leaves fields empty.
    windows_ms : list of (int, int)
        Window of each chunk, milliseconds since 1970.
    stream, server
        As in `plumbline.tables.csvw.Subject`.
    path : Path
    """
    about = About(
        subject_of(origins_of(bins), windows_ms[0][0], windows_ms[-1][1], stream, server, deployments_of(bins)),
        f"Orders of {stream['stream']} of {stream['reference_designator']}",
        "What was asked for, from which server, and what came. Times and numbers of the orders stand in the "
        "request records, sizes and checksums of files in the manifests.",
        COLUMNS,
    )
    rows = [_row(one, *window_ms) for one, window_ms in zip(bins, windows_ms, strict=True)]
    write_list(path, about, rows, "chunk")


def _row(path: Path, begin_ms: int, end_ms: int) -> tuple:
    record, manifest = record_beside(path, "requests"), record_beside(path, "netcdf")
    files = manifest.get("files")
    source = (records.source_of(record) or "m2m") if record else ""
    words = plain(record.get("server")), source, plain(record.get("outcome"))
    return path.stem, begin_ms, end_ms, *words, len(files) if isinstance(files, list) else 0
