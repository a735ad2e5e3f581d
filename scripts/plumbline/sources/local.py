"""netCDF files that are here already: which of them hold samples of a chunk."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from plumbline.atomic import write_json
from plumbline.chunks import from_unix_ms
from plumbline.errors import PlumblineError
from plumbline.ooi.orders import Query
from plumbline.ooi.places import Place
from plumbline.reporting import counted, log
from plumbline.retrieval import records
from plumbline.samples.reader import SampleFile
from plumbline.sources.found import Found, marked_by_folder
from plumbline.sources.names_here import candidates, is_named_by_ooi, paths_of, state_of

# Where it is kept which times are in files whose names do not tell.
SPANS = Path(".snakemake") / "plumbline" / "file-times"


def find_here(place: Place, query: Query, stream_name: str) -> Found:
    """Return the files that hold samples of a window.

    Raises
    ------
    PlumblineError
        If there is no file at all, or one cannot be read.
    """
    there = paths_of(place.address, stream_name)
    if not there:
        raise PlumblineError(
            f"There is no netCDF file at '{place.address}': check the stream's 'files', a folder or a pattern, "
            "as seen from here."
        )
    names = (query.designator, query.method, query.stream)
    may = candidates(there, *names, query.begin, query.end)
    foreign = sum(is_named_by_ooi(path.name) for path in there) - sum(is_named_by_ooi(path.name) for path in may)
    if foreign:
        log.info("Passed over by their names: %s of other streams or times.", counted(foreign, "file"))
    chosen = [path for path in may if is_named_by_ooi(path.name) or _holds(path, query.begin, query.end)]
    reason = "" if chosen else f"of {counted(len(there), 'file')} at '{place.address}' none reaches into it"
    return Found([_told(path, name) for path, name in marked_by_folder(chosen)], reason)


def _told(path: Path, name: str) -> dict:
    stat = path.stat()
    when = datetime.fromtimestamp(stat.st_mtime, UTC).isoformat()
    return {"name": name, "url": str(path), "bytes": stat.st_size, "last_modified": when, "etag": ""}


def _holds(path: Path, begin: datetime, end: datetime) -> bool:
    """Tell whether a file has a sample near a window, by the times in it."""
    span = _span_ms(path)
    return span is not None and from_unix_ms(span[0]) < end and from_unix_ms(span[1]) >= begin


def _span_ms(path: Path) -> tuple[int, int] | None:
    """Return the least and the greatest time in a file, milliseconds since 1970; None where it has no sample.

    Every chunk asks this of every file, so that the answer is kept as long as the file stays as it is.
    """
    kept = SPANS / f"{state_of([path])}.json"
    known = records.read_if_there(kept)
    if known is None:
        known = {"span": _read_span(path)}
        write_json(kept, known)
    return tuple(known["span"]) if known["span"] else None


def _read_span(path: Path) -> list[int] | None:
    spans = []
    try:
        with SampleFile(path, []) as file:
            for rows in file.blocks():
                times = file.times(rows)[0]
                times = times[np.isfinite(times)]
                spans += [(times.min(), times.max())] if times.size else []
    except PlumblineError as error:
        words = str(error).partition(". It could")[0].rstrip(".")
        raise PlumblineError(
            f"{path} cannot be read as netCDF-4 with times ({words}): leave it out of the stream's 'files', or mend "
            "it; netCDF-3 becomes netCDF-4 by 'nccopy -k nc4 old.nc new.nc'."
        ) from None
    return [int(min(first for first, _ in spans)), int(max(last for _, last in spans))] if spans else None
