"""Days: how many samples were due, came and were used on each, and why fewer were."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from plumbline.chunks import from_unix_ms, isoformat
from plumbline.coverage.gaps import Gap
from plumbline.coverage.stretches import BinnedChunk
from plumbline.coverage.text import LONGEST, plain
from plumbline.intervals import DAY_MS
from plumbline.reporting import counted
from plumbline.samples.binned import read_daily_counts, read_rejected
from plumbline.samples.bins import COUNTS

COLUMNS = ("date", "expected", "received", *COUNTS, "reason")
# Gaps of one day that are spelled out, the longest ones.
MOST_GAPS = 5


def counts_of(bins_path: Path) -> dict[str, int]:
    """Return what became of the rows of a chunk, quickly: no bin is read.

    Returns
    -------
    dict
        ``days``, ``received``, ``used``, ``duplicate``, ``conflicting`` and ``rejected``, as in the
        coverage table, summed over the days.
    """
    counts = read_daily_counts(bins_path)
    return {"days": counts["day"].size} | {name: int(counts[name].sum()) for name in ("received", *COUNTS)}


def day_rows(
    chunks: list[BinnedChunk], variables: list[str], gaps: list[Gap], rate_hz: float | None
) -> Iterator[list[object]]:
    """Yield the rows of the coverage table, one for each UTC day of the window.

    Parameters
    ----------
    chunks : list of BinnedChunk
        Consecutive.
    variables : list of str
    gaps : list of Gap
        Of the whole window, in time order.
    rate_hz : float or None
        Nominal sampling rate, Hz.
    """
    begin_ms, end_ms = chunks[0].begin_ms, chunks[-1].end_ms
    by_day = _by_day(gaps)
    for chunk in chunks:
        counts = read_daily_counts(chunk.path, variables)
        for place, day in enumerate(counts["day"].tolist()):
            low_ms, high_ms = max(begin_ms, day * DAY_MS), min(end_ms, (day + 1) * DAY_MS)
            numbers = {name: int(counts[name][place]) for name in ("received", *COUNTS)}
            expected = round(rate_hz * (high_ms - low_ms) / 1000) if rate_hz else None
            parts = []
            if expected is None or numbers["used"] < expected:
                inside = [gap.within(low_ms, high_ms) for gap in by_day[day]]
                parts += _gap_texts(inside)
                if numbers["rejected"]:
                    parts.append(f"{numbers['rejected']} rejected: fill values or no number")
                if expected is not None:
                    beside = _rejected_beside(chunk, variables, inside, low_ms, high_ms) if numbers["rejected"] else 0
                    parts += _missing_text(expected - numbers["used"] - beside, inside, rate_hz)
            if chunk.undated and place == 0:
                parts.append(f"{counted(chunk.undated, 'row')} without a time in chunk {chunk.path.stem}")
            name = (date(1970, 1, 1) + timedelta(days=day)).isoformat()
            yield [name, "" if expected is None else expected, *numbers.values(), "; ".join(parts)]


def _by_day(gaps: list[Gap]) -> dict[int, list[Gap]]:
    """Return the gaps of each day, days since 1970."""
    days: dict[int, list[Gap]] = defaultdict(list)
    for gap in gaps:
        for day in range(gap.begin_ms // DAY_MS, -(-gap.end_ms // DAY_MS)):
            days[day].append(gap)
    return days


def _gap_texts(gaps: list[Gap]) -> list[str]:
    """Return the longest gaps of a day in words, in time order, and how many more there are.

    Those in which the server failed go before all others: a new order may fill them.
    """
    longest = sorted(gaps, key=lambda gap: (not gap.failed, gap.begin_ms - gap.end_ms))[:MOST_GAPS]
    texts = []
    for gap in sorted(longest, key=lambda gap: (not gap.failed, gap.begin_ms, gap.end_ms)):
        # The midnight that ends a day is 24:00:00.
        end = "24:00:00" if gap.end_ms % DAY_MS == 0 else _clock(gap.end_ms)
        when = "all day" if gap.end_ms - gap.begin_ms == DAY_MS else f"{_clock(gap.begin_ms)} to {end}"
        of = f" of {gap.variable}" if gap.variable else ""
        texts.append(f"no samples{of} {when} ({plain(gap.cause, LONGEST)})")
    more = len(gaps) - len(longest)
    return texts + ([f"and {counted(more, 'more gap')}"] if more else [])


def _rejected_beside(chunk: BinnedChunk, variables: list[str], gaps: list[Gap], begin_ms: int, end_ms: int) -> int:
    """Return how many samples of a day were rejected outside its gaps; of several variables, the most."""
    most = 0
    for variable in variables:
        starts, numbers = read_rejected(chunk.path, variable)
        beside = (starts + chunk.base_ms > begin_ms) & (starts < end_ms)
        for gap in gaps:
            if gap.variable in ("", variable):
                beside &= (starts + chunk.base_ms <= gap.begin_ms) | (starts >= gap.end_ms)
        most = max(most, int(numbers[beside].sum()))
    return most


def _missing_text(missing: int, gaps: list[Gap], rate_hz: float) -> list[str]:
    """Return in words the samples that are missing outside the gaps, if there are any."""
    in_gaps: dict[str, float] = defaultdict(float)
    for gap in gaps:
        in_gaps[gap.variable] += gap.missing(rate_hz)
    left = round(missing - in_gaps.pop("", 0.0) - max(in_gaps.values(), default=0.0))
    if left <= 0:
        return []
    if gaps:
        return [f"{counted(left, 'more sample')} missing, at the edges of gaps or a few at a time"]
    return [f"{counted(left, 'sample')} missing, one or a few at a time"]


def _clock(ms: int) -> str:
    """Return the time of day, with milliseconds where there are any."""
    return isoformat(from_unix_ms(ms))[11:-1]
