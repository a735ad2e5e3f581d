"""Levels and rates of a record of uplift: how far eruptions let it fall, how far it has come back, year by year."""

import numpy as np

from plumbline.intervals import DAY_MS
from plumbline.pressure.pairs import UpliftRecord
from plumbline.products.uplift import SETTLED_DAYS, drop, yearly_rates
from plumbline.tables.csvw import Column

ERUPTION_COLUMNS = [
    Column("onset", "onset of the eruption, as configured", "datetime", required=True),
    Column("level_before_m", "median uplift of the last two whole days before the day of the onset", "double", "m"),
    Column("level_after_m", "median uplift of the seventh to the eleventh day after it", "double", "m"),
    Column("fall_m", "the first less the second", "double", "m"),
    Column("last_day", "the last day with a value before the next eruption, or in the record", "datetime"),
    Column("last_level_m", "uplift on that day", "double", "m"),
    Column("regained", "share of the fall that had been regained by then; drift of the sensors is in it unless it was "
           "corrected", "double", "1"),
]  # fmt: skip
RATE_COLUMNS = [
    Column("year", "calendar year; of 2015 only 15 May and later", "integer", "1", required=True),
    Column("rate_cm_per_yr", "slope of daily uplift; empty with fewer than 30 days", "double", "cm/yr"),
    Column("standard_error_cm_per_yr", "of the slope, with neighbouring days alike", "double", "cm/yr"),
    Column("days", "daily values in the slope", "nonNegativeInteger", "1", required=True),
]


def eruption_rows(record: UpliftRecord, onsets_ms: list[int]) -> list[tuple]:
    """Return the rows of the table of eruptions; see `plumbline.products.uplift.drop` for how a fall is taken.

    Parameters
    ----------
    record : UpliftRecord
        Daily uplift. Days without a value are skipped; without any before or after, the row has empty fields.
    onsets_ms : list of int
        Milliseconds since 1970. Those outside of the record have no row.
    """
    day, there = record.time_ms // DAY_MS, np.isfinite(record.uplift_m)
    rows = []
    onsets = sorted(onset for onset in onsets_ms if day.size and day[0] <= onset // DAY_MS <= day[-1])
    for onset, following in zip(onsets, [*onsets[1:], None], strict=True):
        first = onset // DAY_MS
        before = _median(record.uplift_m[there & (day >= first - 2) & (day < first)])
        fall = drop(record.time_ms, record.uplift_m, onset)
        until = day[-1] + 1 if following is None else following // DAY_MS
        later = np.flatnonzero(there & (day >= first + SETTLED_DAYS) & (day < until))
        last_ms, last = (
            (int(record.time_ms[later[-1]]), float(record.uplift_m[later[-1]])) if later.size else (None, np.nan)
        )
        after = before - fall
        regained = (last - after) / fall if fall > 0 else np.nan
        rows.append((onset, before, after, fall, last_ms, last, regained))
    return rows


def rate_rows(record: UpliftRecord) -> list[tuple]:
    """Return the rows of the table of yearly rates; see `plumbline.products.uplift.yearly_rates`."""
    rates = yearly_rates(record.time_ms, record.uplift_m)
    columns = rates.years, rates.cm_per_yr, rates.standard_error, rates.days
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if values.size else np.nan
