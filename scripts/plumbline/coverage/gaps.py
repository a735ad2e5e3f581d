"""Gaps: stretches without samples, cut to pieces that have one reason each."""

import bisect
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from plumbline.coverage.annotated import Annotation
from plumbline.coverage.deployed import deployments_of, undeployed
from plumbline.coverage.stretches import BinnedChunk, Stretch, empty_stretches, period_of
from plumbline.coverage.told import Span, Told, told_of, widened
from plumbline.samples.binned import read_rejected
from plumbline.tables.places import Deployment

REJECTED = "samples are fill values or no number"
UNKNOWN = "not in the files"
# More annotations of one gap than this are only counted.
MOST_ANNOTATIONS = 3


@dataclass(frozen=True)
class Gap:
    """A stretch of time without samples.

    Attributes
    ----------
    begin_ms, end_ms : int
        [begin, end), milliseconds since 1970.
    cause : str
        Why, as far as it is known.
    variable : str
        The one of several variables that has none; "" where no variable has any.
    failed : bool
        Whether the server failed there, so that a new order may bring what is missing.
    """

    begin_ms: int
    end_ms: int
    cause: str
    variable: str = ""
    failed: bool = False

    @property
    def reason(self) -> str:
        """The cause, with the variable's name where the others have samples."""
        return f"{self.variable} alone: {self.cause}" if self.variable else self.cause

    def missing(self, rate_hz: float) -> float:
        """Return how many samples the gap has room for."""
        return (self.end_ms - self.begin_ms) / 1000 * rate_hz

    def within(self, begin_ms: int, end_ms: int) -> "Gap":
        """Return the part of the gap inside a window."""
        return replace(self, begin_ms=max(self.begin_ms, begin_ms), end_ms=min(self.end_ms, end_ms))


def find_gaps(
    chunks: list[BinnedChunk], variables: list[str], rate_hz: float | None, within_ms: int | None = None
) -> list[Gap]:
    """Find the gaps of a stream, in time order.

    A gap goes on from chunk to chunk as long as its reason is the same.

    Parameters
    ----------
    chunks : list of BinnedChunk
        Consecutive.
    variables : list of str
    rate_hz : float or None
        Sampling rate; None: the most common time between samples stands for it.
    within_ms : int, optional
        Longest time between samples, where it is longer than the rate tells.
    """
    period_ms = within_ms or period_of(chunks, variables, rate_hz)
    # Read where there are gaps alone, and then of all chunks: what ended before a gap stands in another's record.
    known = cache(lambda: deployments_of(chunk.path for chunk in chunks))
    annotations: set[Annotation] = set()
    gaps: list[Gap] = []
    for variable, stretches in empty_stretches(chunks, variables, period_ms).items():
        pieces = []
        for chunk, inside in _by_chunk(chunks, stretches):
            told = told_of(chunk.path, chunk.begin_ms, chunk.end_ms, chunk.base_ms, period_ms)
            annotations.update(told.annotations)
            rejected = _rejected_spans(chunk, variable or variables[0], period_ms, rate_hz)
            # Where other variables have samples, the server did deliver.
            spans = [] if variable else _not_deployed(known(), chunk, told) + told.spans
            pieces += _cut(inside, spans + rejected, variable or "")
        gaps += _merged(pieces)
    # One annotation stands in the records of every chunk that it overlaps.
    notes = sorted(annotations)
    begin_ms, end_ms = chunks[0].begin_ms, chunks[-1].end_ms
    gaps = [_annotated(gap, [note for note in notes if _is_about(note, gap, begin_ms, end_ms)]) for gap in gaps]
    return sorted(gaps, key=lambda gap: (gap.begin_ms, gap.end_ms, gap.variable))


def _by_chunk(chunks: list[BinnedChunk], stretches: list[Stretch]) -> Iterator[tuple[BinnedChunk, list[Stretch]]]:
    """Yield the chunks with stretches in them, and those, cut to the chunk."""
    ends = [end for _, end in stretches]
    for chunk in chunks:
        place = bisect.bisect_right(ends, chunk.begin_ms)
        inside = []
        while place < len(stretches) and stretches[place][0] < chunk.end_ms:
            begin, end = stretches[place]
            inside.append((max(begin, chunk.begin_ms), min(end, chunk.end_ms)))
            place += 1
        if inside:
            yield chunk, inside


def _not_deployed(known: tuple[Deployment, ...], chunk: BinnedChunk, told: Told) -> list[Span]:
    """Return where the instrument was not deployed, in a chunk whose record tells of deployments."""
    if not told.knows_deployments:
        return []
    return [widened(span, chunk.base_ms) for span in undeployed(known, chunk.begin_ms, chunk.end_ms)]


def _rejected_spans(chunk: BinnedChunk, variable: str, period_ms: int, rate_hz: float | None) -> list[Span]:
    """Return where most of the samples that were due came, and were rejected."""
    starts, numbers = read_rejected(chunk.path, variable)
    due = rate_hz * chunk.base_ms / 1000 if rate_hz else 0.0
    starts = starts[numbers * 2 >= due]
    if not starts.size:
        return []
    length = -(-period_ms // chunk.base_ms) * chunk.base_ms
    borders = np.flatnonzero(np.diff(starts) > length)
    begins, ends = starts[np.append(0, borders + 1)], starts[np.append(borders, starts.size - 1)] + length
    return [Span(begin, end, REJECTED) for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]


def _cut(stretches: list[Stretch], spans: list[Span], variable: str) -> list[Gap]:
    """Cut stretches where the reason changes; of spans that overlap, the earlier in the list counts."""
    begins, ends = (np.array([getattr(span, name) for span in spans]) for name in ("begin_ms", "end_ms"))
    gaps = []
    for begin, end in stretches:
        unexplained = [(begin, end)]
        for place in np.flatnonzero((begins < end) & (ends > begin)).tolist() if spans else ():
            if not unexplained:
                break
            span, left = spans[place], []
            for low, high in unexplained:
                inner_low, inner_high = max(low, span.begin_ms), min(high, span.end_ms)
                if inner_low >= inner_high:
                    left.append((low, high))
                    continue
                gaps.append(Gap(inner_low, inner_high, span.reason, variable, span.failed))
                left += [(low, inner_low), (inner_high, high)]
            unexplained = [piece for piece in left if piece[0] < piece[1]]
        gaps += [Gap(low, high, UNKNOWN, variable) for low, high in unexplained]
    return gaps


def _merged(pieces: list[Gap]) -> list[Gap]:
    """Join pieces that follow one another with the same reason."""
    gaps: list[Gap] = []
    for piece in sorted(pieces, key=lambda gap: gap.begin_ms):
        if gaps and gaps[-1].end_ms == piece.begin_ms and gaps[-1].cause == piece.cause:
            gaps[-1] = replace(gaps[-1], end_ms=piece.end_ms)
        else:
            gaps.append(piece)
    return gaps


def _is_about(note: Annotation, gap: Gap, begin_ms: int, end_ms: int) -> bool:
    """Tell whether an annotation may explain a gap: one on the whole window, good data and bad, does not."""
    on_everything = note.begin_ms <= begin_ms and note.end_ms >= end_ms
    nothing_but_gap = gap.begin_ms <= begin_ms and gap.end_ms >= end_ms
    overlaps = note.begin_ms < gap.end_ms and note.end_ms > gap.begin_ms
    return overlaps and (nothing_but_gap or not on_everything)


def _annotated(gap: Gap, notes: list[Annotation]) -> Gap:
    """Append annotations to the cause of a gap."""
    texts = [str(note) for note in notes[:MOST_ANNOTATIONS]]
    if len(notes) > MOST_ANNOTATIONS:
        more = len(notes) - MOST_ANNOTATIONS
        texts.append(f"and {more} more annotation{'s' if more > 1 else ''}")
    return replace(gap, cause="; ".join([gap.cause, *texts]))
