"""Annotations: what OOI's people noted about a stream, as the request records of its chunks keep it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from plumbline.chunks import unix_ms
from plumbline.coverage.text import plain
from plumbline.retrieval import records


@dataclass(frozen=True, order=True)
class Annotation:
    """A note of OOI's on a stretch of time [begin, end), milliseconds since 1970; an open one ends at infinity.

    `flag` is OOI's word on the data (``qcFlag``: pass, suspect, fail, ...), empty where there is none;
    `parameters` are the numbers of the parameters that the note is on, none of them for all.
    """

    begin_ms: float
    end_ms: float
    number: str
    text: str
    flag: str = ""
    parameters: tuple[int, ...] = ()

    def __str__(self) -> str:
        name = f"annotation {self.number}" if self.number else "an annotation"
        return f"{name}: {self.text}" if self.text else name


def annotations_in(record: dict) -> list[Annotation]:
    """Return the annotations in a request record; what is not as it should be is passed over.

    Parameters
    ----------
    record : dict
    """
    notes = record.get("annotations")
    annotations = []
    for note in notes if isinstance(notes, list) else ():
        if not isinstance(note, dict):
            continue
        begin_ms, end_ms = _instant(note.get("begin")), _instant(note.get("end"))
        if note.get("end") is None:
            end_ms = float("inf")
        if begin_ms is not None and end_ms is not None:
            words = plain(note.get("id"), 20), plain(note.get("text")), plain(note.get("flag"), 20)
            annotations.append(Annotation(begin_ms, end_ms, *words, _numbers(note.get("parameters"))))
    return annotations


def record_beside(bins_path: Path, kind: str) -> dict:
    """Return a record of the chunk that a bins file is of; nothing where it is missing or cannot be read.

    Parameters
    ----------
    bins_path : Path
        ``{stream}/bins/{chunk}.nc``.
    kind : str
        ``requests``, ``complete`` or ``netcdf``: the folder (of the stream) that the record stands in.
    """
    try:
        return records.read_if_there(bins_path.parent.parent / kind / f"{bins_path.stem}.json") or {}
    except (OSError, RecursionError):
        return {}


def _numbers(parameters: object) -> tuple[int, ...]:
    listed = parameters if isinstance(parameters, list) else ()
    return tuple(number for number in listed if isinstance(number, int) and not isinstance(number, bool))


def _instant(text: object) -> int | None:
    try:
        when = datetime.fromisoformat(text)
        return unix_ms(when if when.tzinfo else when.replace(tzinfo=UTC))
    except (TypeError, ValueError, OverflowError):
        return None
