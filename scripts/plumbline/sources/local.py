"""netCDF files that are there already: a folder, or a pattern of names."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from plumbline.atomic import write_json
from plumbline.chunks import from_unix_ms
from plumbline.errors import PlumblineError
from plumbline.ooi.orders import Query
from plumbline.ooi.places import Place
from plumbline.ooi.results import times_in_name
from plumbline.retrieval import records
from plumbline.samples.reader import SampleFile
from plumbline.sources.names_here import candidates, paths_of, state_of

# Where it is kept which times are in files whose names do not tell.
SPANS = Path(".snakemake") / "plumbline" / "file-times"


def find_here(place: Place, query: Query) -> tuple[list[dict], str]:
    """Return the files that hold samples of a window, and why there are none.

    Raises
    ------
    PlumblineError
        If there is no file at all, or one cannot be read.
    """
    there = paths_of(place.address)
    if not there:
        raise PlumblineError(
            f"There is no netCDF file at '{place.address}': check the stream's 'files', a folder or a pattern, "
            "as seen from here."
        )
    names = (query.designator, query.method, query.stream)
    chosen = [
        path
        for path in candidates(place.address, *names, query.begin, query.end)
        if times_in_name(path.name) or _holds(path, query.begin, query.end)
    ]
    if not chosen:
        return [], f"none of the {len(there)} files reaches into it"
    taken = [path.name for path in chosen]
    return [_told(path, taken.count(path.name) > 1) for path in chosen], ""


def _told(path: Path, shared_name: bool) -> dict:
    stat = path.stat()
    # Two folders may hold files of one name.
    mark = f"{hashlib.sha256(str(path.parent).encode()).hexdigest()[:8]}_" if shared_name else ""
    when = datetime.fromtimestamp(stat.st_mtime, UTC).isoformat()
    return {"name": f"{mark}{path.name}", "url": str(path), "bytes": stat.st_size, "last_modified": when, "etag": ""}


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
        file, spans = SampleFile(path, []), []
        with file:
            for rows in file.blocks():
                times = file.times(rows)[0]
                times = times[np.isfinite(times)]
                spans += [(times.min(), times.max())] if times.size else []
        known = {
            "span": [int(min(first for first, _ in spans)), int(max(last for _, last in spans))] if spans else None
        }
        write_json(kept, known)
    return tuple(known["span"]) if known["span"] else None
