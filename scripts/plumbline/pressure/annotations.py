"""What OOI's annotations say of how good the pressure is."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plumbline.coverage.annotated import Annotation, annotations_in, record_beside
from plumbline.products.qartod import FAIL, MISSING, NOT_EVALUATED, PASS, RANK, SUSPECT
from plumbline.tables.lists import iso

# OOI's words (``qcFlag``). Data of an instrument that is said not to be at work are doubtful; words on data that are
# not there, or that nobody looked at, say nothing of those that are.
FLAG_OF = {"pass": PASS, "suspect": SUSPECT, "fail": FAIL, "not_operational": SUSPECT}
# OOI's numbers of pressure, and of the products of 15 s that are made of it.
PRESSURE_PARAMETERS = {848, 8058, 8059, 8060, 8061, 8062, 8067}


@dataclass(frozen=True)
class NotedSpan:
    """A stretch [begin, end) with a flag that an annotation gives it, milliseconds since 1970."""

    begin_ms: float
    end_ms: float
    flag: int


def flagging_annotations(bins: list[Path]) -> list[Annotation]:
    """Return the annotations that flag the pressure of a stream, in time order.

    Parameters
    ----------
    bins : list of Path
        Bins files of its chunks, with the request records beside them where they are there.
    """
    # One annotation stands in the records of every chunk that it overlaps.
    found = {note for path in bins for note in annotations_in(record_beside(path, "requests"))}
    return sorted(note for note in found if note.flag in FLAG_OF and _is_on_pressure(note))


def spans_of(annotations: list[Annotation]) -> list[NotedSpan]:
    """Return the stretches that annotations flag."""
    return [NotedSpan(note.begin_ms, note.end_ms, FLAG_OF[note.flag]) for note in annotations]


def in_words(annotations: list[Annotation]) -> str:
    """Return which annotations flag the data, as metadata say it."""
    told = []
    for note in annotations:
        until = "on" if note.end_ms == float("inf") else f"to {iso(int(note.end_ms))}"
        told.append(f"{note} ({note.flag} from {iso(int(note.begin_ms))} {until})")
    return "; ".join(told) or "none that says how good the data are"


def noted(spans: list[NotedSpan], begin_ms: int, step_ms: int, n: np.ndarray) -> np.ndarray:
    """Return flags of consecutive bins by annotations: the worst of those that a bin touches.

    Parameters
    ----------
    spans : list of NotedSpan
    begin_ms : int
        Start of the first bin, milliseconds since 1970.
    step_ms : int
        Length of a bin.
    n : ndarray of int64, shape (bins,)
        Samples of each bin.

    Returns
    -------
    ndarray of uint8, shape (bins,)
        2 where no annotation says anything, 9 without samples.
    """
    flags = np.full(n.size, NOT_EVALUATED, np.uint8)
    end_ms = begin_ms + n.size * step_ms
    for span in spans:
        if span.begin_ms >= span.end_ms:
            continue
        first = (max(span.begin_ms, begin_ms) - begin_ms) // step_ms
        beyond = -((begin_ms - min(span.end_ms, end_ms)) // step_ms)
        inside = flags[max(int(first), 0) : max(int(beyond), 0)]
        inside[RANK[inside] < RANK[span.flag]] = span.flag
    flags[n == 0] = MISSING
    return flags


def _is_on_pressure(note: Annotation) -> bool:
    return not note.parameters or not PRESSURE_PARAMETERS.isdisjoint(note.parameters)
