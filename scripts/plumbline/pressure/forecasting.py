"""The forecasts of a pair, from the records of its uplift."""

import numpy as np

from plumbline.errors import PlumblineError
from plumbline.pressure.pairs import UpliftRecord
from plumbline.products.forecast import METHODS, as_of_days, forecasts, level_before
from plumbline.tables.csvw import Column
from plumbline.tables.lists import iso

COLUMNS = [
    Column(
        "as_of", "moment of the forecast: the line uses only days that had ended by then", "datetime", required=True
    ),
    Column(
        "method", "record (single: the centre; differential: the pair) and length of the line", "string", required=True
    ),
    Column("level_m", "level of uplift that is to be reached", "double", "m", required=True),
    Column("rate_cm_per_yr", "slope of the line; empty where the window has too few days", "double", "cm/yr"),
    Column("crossing", "day on which the line reaches the level; empty if it has, or does not", "datetime"),
    Column("crossing_low", "2.5 % point of the crossing", "datetime"),
    Column("crossing_high", "97.5 % point; empty if that many lines do not cross within 100 years", "datetime"),
]


def forecast_rows(
    records: dict[str, UpliftRecord],
    onsets_ms: list[int],
    level_m: float | None,
    above_m: float,
    every_days: int,
    as_of_ms: list[int],
) -> tuple[list[tuple], str]:
    """Return the rows of the table, and what the levels are.

    Parameters
    ----------
    records : dict of str to UpliftRecord
        Daily uplift, ``single`` and ``differential``.
    onsets_ms : list of int
        Onsets of eruptions, milliseconds since 1970.
    level_m : float or None
        The level of differential and single uplift; None: of each what it was before the last eruption within
        the record, and then only days after that eruption have forecasts. Without one there are none.
    above_m : float
        The second level, above the first.
    every_days : int
    as_of_ms : list of int
        Moments besides.
    """
    rows, told = [], []
    for method, about in METHODS.items():
        record = records[about.record]
        first, onset_ms, words = (level_m, None, f"{level_m} m") if level_m is not None else _level(record, onsets_ms)
        words = f"{about.record} {words}"
        if words not in told:
            told.append(words)
        if first is None:
            continue
        moments = np.union1d(as_of_days(record.time_ms, every_days), np.array(as_of_ms, dtype=np.int64))
        if onset_ms is not None:
            moments = moments[moments > onset_ms]
        levels = [first, first + above_m]
        made = forecasts(record.time_ms, record.uplift_m, method, levels, moments, onsets_ms)
        rows += [
            (one.as_of, one.method, one.level_m, one.rate_cm_per_yr, one.crossing, one.crossing_low, one.crossing_high)
            for one in made
        ]
    return sorted(rows, key=lambda row: row[:3]), "; ".join(told)


def _level(record: UpliftRecord, onsets_ms: list[int]) -> tuple[float | None, int | None, str]:
    """Return the level before the last eruption that the record shows, its onset, and both in words."""
    there = record.time_ms[np.isfinite(record.uplift_m)]
    within = [onset_ms for onset_ms in onsets_ms if there.size and there[0] < onset_ms < there[-1]]
    if not within:
        return None, None, "not known: no eruption in the record"
    onset_ms = max(within)
    try:
        level_m = level_before(record.time_ms, record.uplift_m, onset_ms)
    except PlumblineError:
        # An earlier eruption's level is another one.
        return None, None, f"not known: no value in the three days before the eruption of {iso(onset_ms)}"
    return level_m, onset_ms, f"{level_m:.4f} m, before the eruption of {iso(onset_ms)}"
