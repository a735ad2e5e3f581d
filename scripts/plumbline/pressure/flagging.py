"""Quality of a record: flags of every bin, and from the good ones the pressure and the tide of every hour.

What comes after (uplift, its pairs, forecasts) needs nothing finer than hours, so the bins are gone through
once, here, in blocks of days with as much of their neighbours as the tests look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from plumbline.errors import PlumblineError
from plumbline.intervals import DAY_MS, HOUR_MS
from plumbline.pressure.annotations import NotedSpan, noted
from plumbline.pressure.fifteen import HALF_MS, merged
from plumbline.pressure.record import BinsRecord
from plumbline.products import qartod, quality
from plumbline.products.depth import METRES_PER_PSI
from plumbline.products.tide import Constituents, predicted_tide

# Days in a block: 3 MB for each column of 7.5 s.
BLOCK_DAYS = 32
# How far the tests look: `near_gap` two hours, a gap's least length and the level behind it.
CONTEXT_MS = 3 * HOUR_MS
# Limits for what is over in a minute mean nothing to values that are farther apart.
COARSEST_MS = 60_000


@dataclass(frozen=True)
class Limits:
    """What the tests of quality allow; see `plumbline.products.quality`."""

    gross_range: tuple[float, float] = quality.GROSS_RANGE_PSI
    spike_psi: float = 0.075
    flat_line: tuple[float, float] = (5.0, 10.0)
    bin_coverage: float = 0.5


@dataclass(frozen=True)
class Hours:
    """Consecutive hours, arrays of one length.

    Attributes
    ----------
    time_ms : ndarray of int64
        Starts, milliseconds since 1970.
    n : ndarray of int64
        Samples in bins that did not fail.
    pressure_psi, tide_m : ndarray of float64
        Mean over these samples; NaN without any.
    coverage : ndarray of float64
        n over what the rate gives in an hour; NaN where the rate is not known.
    flag : ndarray of uint8
    """

    time_ms: np.ndarray
    n: np.ndarray
    pressure_psi: np.ndarray
    tide_m: np.ndarray
    coverage: np.ndarray
    flag: np.ndarray


def step_of(record: BinsRecord) -> int:
    """Return the length (ms) of the bins that are flagged: 7.5 s, or the record's own where they are longer.

    Raises
    ------
    PlumblineError
        If hours cannot be made of them.
    """
    step_ms = HALF_MS if HALF_MS % record.base_ms == 0 else record.base_ms
    if HOUR_MS % step_ms:
        raise PlumblineError(
            f"Hours cannot be made of bins of {step_ms} ms; set 'products: false' for this stream to go on without."
        )
    return step_ms


def flags_and_hours(
    record: BinsRecord,
    first_ms: int,
    hours: int,
    rate_hz: float | None,
    constituents: Constituents | None,
    limits: Limits,
    spans: list[NotedSpan],
) -> Iterator[tuple[np.ndarray, np.ndarray, Hours]]:
    """Yield the flags of the bins, by the tests and by OOI's annotations, and the hours, some days at a time.

    The tests and their source: `plumbline.products.quality`. Bins without samples are missing, and no flag depends on
    where a block ends.

    Parameters
    ----------
    record : BinsRecord
    first_ms : int
        Start of the first hour, milliseconds since 1970.
    hours : int
    rate_hz : float or None
        Nominal rate of sampling.
    constituents : Constituents or None
        Of the tide that is taken off before the tests; None: none is.
    limits : Limits
    spans : list of NotedSpan
        What OOI's annotations say of the data.
    """
    step_ms = step_of(record)
    # As far as the tests look; a standstill of a slow stream is ten samples long.
    longest_ms = max(10_000 / rate_hz if rate_hz else 0, 1000 * limits.flat_line[1], CONTEXT_MS)
    context_ms = -(-round(longest_ms) // HOUR_MS) * HOUR_MS
    end_ms = first_ms + hours * HOUR_MS
    begin_ms = first_ms
    while begin_ms < end_ms:
        # Blocks end at midnight, so that they are the same wherever the record begins.
        until_ms = min(end_ms, (begin_ms // DAY_MS + BLOCK_DAYS) * DAY_MS)
        n, mean, least, most = _columns(record, begin_ms - context_ms, until_ms + context_ms, step_ms)
        # A bin that holds a single sample has it at its start, others have theirs around the middle.
        middle_ms = step_ms // 2 if rate_hz is None or rate_hz * step_ms >= 2000 else 0
        time_ms = begin_ms - context_ms + middle_ms + step_ms * np.arange(n.size, dtype=np.int64)
        tide = np.full(n.size, np.nan) if constituents is None else predicted_tide(time_ms, constituents)
        detided = mean - np.nan_to_num(tide) / METRES_PER_PSI
        flags = _flags(detided, n, least, most, step_ms, rate_hz, limits)
        inside = slice(context_ms // step_ms, n.size - context_ms // step_ms)
        n, mean, tide, flags = (column[inside] for column in (n, mean, tide, flags))
        notes = noted(spans, begin_ms, step_ms, n)
        hours_of_block = _hours(begin_ms, step_ms, rate_hz, limits, n, mean, tide, qartod.combine(flags, notes))
        yield flags, notes, hours_of_block
        begin_ms = until_ms


def _columns(record: BinsRecord, begin_ms: int, end_ms: int, step_ms: int) -> list[np.ndarray]:
    """Return n, mean, min and max of bins of a given length."""
    n, mean, least, most = record.read(begin_ms, end_ms, "n", "mean", "min", "max")
    together = step_ms // record.base_ms
    if together == 1:
        return [n, mean, least, most]
    rows = [column.reshape(-1, together) for column in (n, mean, least, most)]
    return [rows[0].sum(axis=1), merged(*rows[:2]), np.fmin.reduce(rows[2], axis=1), np.fmax.reduce(rows[3], axis=1)]


def _flags(
    detided_psi: np.ndarray,
    n: np.ndarray,
    least: np.ndarray,
    most: np.ndarray,
    step_ms: int,
    rate_hz: float | None,
    limits: Limits,
) -> np.ndarray:
    found = [quality.gross_range(least, most, n, limits.gross_range)]
    if rate_hz is not None:
        expected = max(1, round(rate_hz * step_ms / 1000))
        found.append(quality.gap(n, expected, limits.bin_coverage))
        found.append(quality.flat_line(least, most, n, step_ms, rate_hz, limits.flat_line))
    if max(step_ms, 1000 / rate_hz if rate_hz else 0) <= COARSEST_MS:
        found.append(quality.spike(detided_psi, n, floor_psi=limits.spike_psi))
        found.append(quality.rate_of_change(detided_psi, n, step_ms))
        found.append(quality.near_gap(detided_psi, n, step_ms))
    return qartod.combine(*found)


def _hours(
    begin_ms: int,
    step_ms: int,
    rate_hz: float | None,
    limits: Limits,
    n: np.ndarray,
    mean: np.ndarray,
    tide: np.ndarray,
    flags: np.ndarray,
) -> Hours:
    """Return the hours of whole hours of bins."""
    per_hour = HOUR_MS // step_ms
    used = np.where(flags == qartod.FAIL, 0, n).reshape(-1, per_hour)
    total = used.sum(axis=1)
    coverage = total / (rate_hz * HOUR_MS / 1000) if rate_hz else np.full(total.size, np.nan)
    flag = qartod.roll_up(flags, per_hour)
    flag[(flag == qartod.PASS) & (coverage < limits.bin_coverage)] = qartod.SUSPECT
    return Hours(
        begin_ms + HOUR_MS * np.arange(total.size, dtype=np.int64),
        total,
        merged(used, mean.reshape(used.shape)),
        merged(used, tide.reshape(used.shape)),
        coverage,
        flag,
    )
