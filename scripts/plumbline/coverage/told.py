"""What the server told of a chunk: why samples are missing, and what its annotations say.

The request record and the completion marker hold the server's words. They may be missing, and any
part of them may be of another type than it should: then it tells nothing.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from plumbline.chunks import unix_ms
from plumbline.coverage.annotated import Annotation, annotations_in, record_beside
from plumbline.coverage.text import plain
from plumbline.retrieval import records

MOMENT = r"(\d{8}T\d{6})(?:\.\d{1,9})?"
SLICE = re.compile(rf"{MOMENT}-{MOMENT}")
FILE_TIMES = re.compile(rf"_{MOMENT}-{MOMENT}\.nc$")
# What waiting writes where the aggregation failed and no single slice.
WHOLE_ORDER = "the whole order"


@dataclass(frozen=True)
class Span:
    """A stretch of time [begin, end), milliseconds since 1970, in which samples are missing for a reason.

    `failed`: the server failed there, so that a new order may bring them.
    """

    begin_ms: int
    end_ms: int
    reason: str
    failed: bool = False


@dataclass(frozen=True)
class Told:
    """What the records of a chunk tell: spans in order of precedence, annotations, and whether of deployments."""

    spans: list[Span] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    knows_deployments: bool = False


def told_of(bins_path: Path, begin_ms: int, end_ms: int, base_ms: int, period_ms: int) -> Told:
    """Return what the records beside a bins file tell.

    Parameters
    ----------
    bins_path : Path
        ``{stream}/bins/{chunk}.nc``; the records are ``{stream}/requests/{chunk}.json``,
        ``{stream}/complete/{chunk}.json`` and ``{stream}/netcdf/{chunk}.json``.
    begin_ms, end_ms : int
        The chunk's window, milliseconds since 1970.
    base_ms, period_ms : int
        Length of a bin and time between samples, milliseconds. Spans are widened to whole bins.
    """
    record, marker, manifest = (record_beside(bins_path, kind) for kind in ("requests", "complete", "netcdf"))
    spans = [
        *_of_whole_chunk(record, marker, begin_ms, end_ms),
        *_failed_slices(marker, begin_ms, end_ms),
        *_unreadable_files(manifest, period_ms),
    ]
    knows_deployments = isinstance(record.get("deployments"), list)
    return Told([widened(span, base_ms) for span in spans], annotations_in(record), knows_deployments)


def _of_whole_chunk(record: dict, marker: dict, begin_ms: int, end_ms: int) -> list[Span]:
    if record.get("outcome") == records.NO_DATA:
        reason = plain(record.get("reason"))
        words = "the server has no data in this window" + (f": {reason}" if reason else "")
        return [Span(begin_ms, end_ms, words)]
    if marker.get("outcome") == records.COMPLETE and marker.get("files") == []:
        return [Span(begin_ms, end_ms, "the order was complete without a file")]
    return []


def _failed_slices(marker: dict, begin_ms: int, end_ms: int) -> list[Span]:
    slices = marker.get("failed_slices")
    spans = []
    for name, words in slices.items() if isinstance(slices, dict) else ():
        reason = plain(words) or "without a reason"
        times = _times(SLICE.fullmatch(name))
        if name == WHOLE_ORDER:
            spans.append(Span(begin_ms, end_ms, f"{WHOLE_ORDER} failed: {reason}", failed=True))
        elif times:
            spans.append(Span(*times, f"slice {name} failed: {reason}", failed=True))
    return spans


def _unreadable_files(manifest: dict, period_ms: int) -> list[Span]:
    files = manifest.get("unreadable")
    spans = []
    for file in files if isinstance(files, list) else ():
        name = plain(file.get("name")) if isinstance(file, dict) else ""
        times = _times(FILE_TIMES.search(name))
        if times:
            reason = plain(file.get("reason")) or "without a reason"
            # A file's name gives the times of its first and its last sample.
            spans.append(Span(times[0], times[1] + period_ms, f"file {name} unreadable: {reason}"))
    return spans


def _times(match: re.Match | None) -> tuple[int, int] | None:
    """Return begin and end of a name with two times, or None where there are none."""
    if not match:
        return None
    try:
        begin, end = (datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=UTC) for text in match.groups())
    except ValueError:
        return None
    return unix_ms(begin), unix_ms(end)


def widened(span: Span, base_ms: int) -> Span:
    """Return a span that ends where bins do, and holds all of it."""
    return replace(span, begin_ms=span.begin_ms // base_ms * base_ms, end_ms=-(-span.end_ms // base_ms) * base_ms)
