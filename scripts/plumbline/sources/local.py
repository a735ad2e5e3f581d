"""netCDF files that are here already: which of them hold samples of a chunk."""

from datetime import UTC, datetime
from pathlib import Path

import h5py
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
        deeper = Path(place.address).expanduser().is_dir() and next(
            Path(place.address).expanduser().rglob("*.nc"), None
        )
        hint = f"there are some in its subfolders, for which write '{place.address.rstrip('/')}/**/*.nc'"
        advice = hint if deeper else "check the stream's 'files', a folder or a pattern, as seen from here"
        raise PlumblineError(f"There is no netCDF file at '{place.address}': {advice}.")
    names = (query.designator, query.method, query.stream)
    may = candidates(there, *names, query.begin, query.end)
    foreign = sum(is_named_by_ooi(path.name) for path in there) - sum(is_named_by_ooi(path.name) for path in may)
    if foreign:
        log.info("Passed over by their names: %s of other streams or times.", counted(foreign, "file"))
    chosen = [path for path in may if is_named_by_ooi(path.name) or (_is_of(path, names) and _holds(path, query))]
    reason = "" if chosen else f"of {counted(len(there), 'file')} at '{place.address}' none reaches into it"
    return Found([_told(path, name) for path, name in marked_by_folder(chosen)], reason)


def _told(path: Path, name: str) -> dict:
    stat = path.stat()
    when = datetime.fromtimestamp(stat.st_mtime, UTC).isoformat()
    return {"name": name, "url": str(path), "bytes": stat.st_size, "last_modified": when, "etag": ""}


def _is_of(path: Path, names: tuple[str, str, str]) -> bool:
    """Tell whether a file is of a stream, as far as it says of which it is; say so if it is of another."""
    said = _seen(path)["of"]
    if said is None or tuple(said) == names:
        return True
    log.warning("Passed over: %s says that it is %s, and not %s.", path, " ".join(said), " ".join(names))
    return False


def _holds(path: Path, query: Query) -> bool:
    """Tell whether a file has a sample near a window, by the times in it."""
    span = _seen(path)["span"]
    return span is not None and from_unix_ms(span[0]) < query.end and from_unix_ms(span[1]) >= query.begin


def _seen(path: Path) -> dict:
    """Return the least and the greatest time in a file (``span``, milliseconds since 1970), and of which stream it is.

    Every chunk asks this of every file, so that the answer is kept as long as the file stays as it is. Either is
    None where the file does not tell.
    """
    kept = SPANS / f"{state_of([path])}.json"
    known = records.read_if_there(kept)
    if known is None or "of" not in known:
        known = {"span": _read_span(path), "of": _read_names(path)}
        write_json(kept, known)
    return known


def _read_names(path: Path) -> list[str] | None:
    """Return designator, method and stream as OOI's global attributes tell them."""
    with h5py.File(path) as file:
        told = {key: file.attrs.get(key) for key in ("subsite", "node", "sensor", "collection_method", "stream")}
    texts = {
        key: value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for key, value in told.items()
        if isinstance(value, str | bytes)
    }
    if len(texts) < len(told):
        return None
    designator = "-".join(texts[key] for key in ("subsite", "node", "sensor"))
    return [designator, texts["collection_method"], texts["stream"]]


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
