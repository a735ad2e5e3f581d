"""Forecasts: when a line through the last weeks of uplift reaches a level, and how well such forecasts did.

The methods are those of the PMEL/OSU pages on Axial Seamount (axial.ceoas.oregonstate.edu, Forecasts 1 to 3):
a straight line through the last 4 or 12 weeks of daily values, drawn on to the level before the last eruption,
or 20 cm higher. The interval tells how well the line is known, not whether the seafloor will keep to it: rates
change by a factor of ten within years. `score` tells how often past intervals held. Drift of the sensors is in
all of it unless the caller has taken it out.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plumbline.errors import PlumblineError
from plumbline.products.lines import lines_through
from plumbline.products.uplift import DAY_MS, SETTLED_DAYS, YEAR_DAYS


@dataclass(frozen=True)
class Method:
    """A method of the PMEL/OSU pages: which uplift it looks at ('single' or 'differential'), and how many days."""

    record: str
    days: int


METHODS = {
    "single-12wk": Method("single", 84),
    "differential-4wk": Method("differential", 28),
    "differential-12wk": Method("differential", 84),
}

# The onset of the last eruption, 2015-04-24, and the pages' second level above the first, m.
LAST_ONSET_MS = 1_429_833_600_000
HIGHER_M = 0.20

# Part of a window's days that a line needs; OOI's own rule for its 4 and 8 week rates (ion-functions).
LEAST_DAYS = 0.75
REPLICATES = 500
INTERVAL = (0.025, 0.975)
# A date beyond these is no forecast.
HORIZON_DAYS = 100 * YEAR_DAYS


@dataclass(frozen=True)
class Forecast:
    """One line and where it crosses a level; a row of the table has these columns.

    Attributes
    ----------
    as_of : int
        The moment of the forecast, milliseconds since 1970; only days that had ended by then are used.
    method : str
        One of `METHODS`.
    level_m : float
        The level, m of uplift.
    rate_cm_per_yr : float
        Slope of the line; NaN where the window has too few days, and then nothing is forecast.
    crossing : int or None
        Start of the UTC day in which the line reaches the level. None if the line had reached it by `as_of`,
        if it does not rise, or if that takes longer than 100 years.
    crossing_low, crossing_high : int or None
        Days of the 2.5 and 97.5 % points. None where there is no crossing; the high one also where more
        than 2.5 % of the replicates do not cross within 100 years.
    """

    as_of: int
    method: str
    level_m: float
    rate_cm_per_yr: float
    crossing: int | None
    crossing_low: int | None
    crossing_high: int | None


@dataclass(frozen=True)
class Score:
    """What became of a forecast.

    Attributes
    ----------
    forecast : Forecast
        Whose level was reached later.
    crossed : int
        The day on which it was, milliseconds since 1970.
    error_days : float
        Forecast less truth, days: positive if the level came earlier than forecast. NaN if no crossing was.
    held : bool
        Whether the interval holds the day. One without an upper end holds all that comes after its lower.
    """

    forecast: Forecast
    crossed: int
    error_days: float
    held: bool


def level_before(
    day_ms: np.ndarray, uplift_m: np.ndarray, onset_ms: int = LAST_ONSET_MS, before_days: int = 3
) -> float:
    """Return the level before an eruption: the median uplift of the last whole days before the day of its onset.

    Parameters
    ----------
    day_ms : ndarray of int64, shape (n,)
        Starts of days, milliseconds since 1970.
    uplift_m : ndarray of float64, shape (n,)
        Daily uplift, m; NaN where missing.
    onset_ms : int
        Onset of the eruption.
    before_days : int
        How many days. More of them lie lower, by 0.17 cm a day at the rates of 2015.

    Raises
    ------
    PlumblineError
        If there is no uplift on these days.
    """
    ago = onset_ms // DAY_MS - day_ms // DAY_MS
    before = uplift_m[(ago >= 1) & (ago <= before_days) & np.isfinite(uplift_m)]
    if not before.size:
        raise PlumblineError(
            f"there is no uplift in the {before_days} days before {_date(onset_ms)} to take the level before the "
            "eruption from: give the level in metres, or take a record that has these days"
        )
    return float(np.median(before))


def as_of_days(day_ms: np.ndarray, step_days: int = 7) -> np.ndarray:
    """Return the moments of forecasts: every so many days since 1970, and when the last day of the record ended.

    Counted from 1970, not from the record, so that a longer record adds moments and moves none.

    Parameters
    ----------
    day_ms : ndarray of int64, shape (n,)
        Starts of days, milliseconds since 1970, increasing.
    step_days : int
        Days between moments.
    """
    if not day_ms.size:
        return np.empty(0, np.int64)
    step_ms = step_days * DAY_MS
    end_ms = day_ms[-1] // DAY_MS * DAY_MS + DAY_MS
    regular = np.arange(-(-day_ms[0] // step_ms) * step_ms, end_ms + 1, step_ms, dtype=np.int64)
    return np.union1d(regular, [end_ms]).astype(np.int64)


def forecasts(
    day_ms: np.ndarray,
    uplift_m: np.ndarray,
    method: str,
    levels_m: Sequence[float],
    as_of_ms: Iterable[int],
    onsets_ms: Sequence[int] = (),
    replicates: int = REPLICATES,
) -> list[Forecast]:
    """Return the forecasts of one method at many moments, each of what was known at its moment.

    An ordinary least-squares line through the daily values of the window, taken at the middles of the days.
    Its uncertainty is that of lines through the fit plus resampled residuals: a moving-block bootstrap
    (Kuensch 1989), with blocks as long as the residuals' memory asks for (`lines.block_length`). The seed is made of
    the moment and the method, so the same days give the same interval everywhere.

    Days without a value are skipped; a window with less than 75 % of its days has a row without a rate. A
    block holds values that follow each other, though there may be a gap between them.

    Parameters
    ----------
    day_ms : ndarray of int64, shape (n,)
        Starts of days, milliseconds since 1970, strictly increasing.
    uplift_m : ndarray of float64, shape (n,)
        Daily uplift of the method's record, m; NaN where missing.
    method : str
        One of `METHODS`.
    levels_m : sequence of float
        Levels, m of the same uplift.
    as_of_ms : iterable of int
        Moments of the forecasts.
    onsets_ms : sequence of int
        Onsets of eruptions. Once one has been, windows begin when the seafloor has settled, 7 days after it.
    replicates : int
        Lines of the bootstrap.

    Returns
    -------
    list of Forecast
        By moment, then by level, in the orders given.

    Raises
    ------
    PlumblineError
        If there is no such method.
    """
    if method not in METHODS:
        raise PlumblineError(f"there is no forecast method {method!r}; allowed are {', '.join(METHODS)}")
    window = METHODS[method].days
    there = np.isfinite(uplift_m)
    day, values = day_ms[there] // DAY_MS, uplift_m[there]
    rows = []
    for as_of in map(int, as_of_ms):
        end = as_of // DAY_MS
        begin = max([end - window, *(onset // DAY_MS + SETTLED_DAYS for onset in onsets_ms if onset < as_of)])
        used = slice(*np.searchsorted(day, (begin, end)))
        lines = None
        if used.stop - used.start >= LEAST_DAYS * window:
            seed = (end, zlib.crc32(method.encode()))
            lines = lines_through(day[used] + 0.5 - as_of / DAY_MS, values[used], replicates, seed)
        rows.extend(_crossing(as_of, method, float(level), lines) for level in levels_m)
    return rows


def _crossing(as_of: int, method: str, level_m: float, lines: tuple[np.ndarray, np.ndarray] | None) -> Forecast:
    """Return where the lines reach the level."""
    if lines is None:
        return Forecast(as_of, method, level_m, np.nan, None, None, None)
    now_m, slopes = lines
    rate = float(slopes[0] * 100 * YEAR_DAYS)
    if now_m[0] >= level_m or slopes[0] <= 0:
        return Forecast(as_of, method, level_m, rate, None, None, None)
    # A replicate that is there already is there now; one that does not rise never will be.
    wait = np.full(slopes.size, np.inf)
    np.divide(level_m - now_m, slopes, out=wait, where=slopes > 0)
    wait[now_m >= level_m] = 0.0
    wait[wait > HORIZON_DAYS] = np.inf
    # Order statistics: between two of them, one of which never comes, there is nothing to interpolate.
    low, high = np.quantile(wait[1:], INTERVAL, method="inverted_cdf")
    crossing = _day(as_of, wait[0])
    if crossing is None:
        return Forecast(as_of, method, level_m, rate, None, None, None)
    return Forecast(as_of, method, level_m, rate, crossing, _day(as_of, low), _day(as_of, high))


def _day(as_of: int, wait_days: float) -> int | None:
    """Return the start of a day, so that a last bit that differs between machines makes no other date."""
    return int((as_of + wait_days * DAY_MS) // DAY_MS) * DAY_MS if np.isfinite(wait_days) else None


def score(made: Iterable[Forecast], day_ms: np.ndarray, uplift_m: np.ndarray) -> list[Score]:
    """Return what became of the forecasts whose level was reached later.

    The level counts as reached on the first day, from the forecast's on, on which the median of the week round
    it (at least 4 values) is not below: a single noisy day is not a crossing. A forecast made when that had
    been so on the day before, and that for this reason has no crossing, is left out. An eruption between a
    forecast and the crossing is not excused.

    Parameters
    ----------
    made : iterable of Forecast
        Of one record, single or differential.
    day_ms : ndarray of int64, shape (n,)
        Starts of days, milliseconds since 1970, strictly increasing.
    uplift_m : ndarray of float64, shape (n,)
        Daily uplift of that record, m; NaN where missing.
    """
    days = pd.Series(uplift_m, index=day_ms // DAY_MS)
    if days.empty:
        return []
    days = days.reindex(np.arange(days.index[0], days.index[-1] + 1))
    week = days.rolling(7, center=True, min_periods=4).median().to_numpy()
    scores = []
    for forecast in made:
        place = max(forecast.as_of // DAY_MS - int(days.index[0]), 0)
        if forecast.crossing is None and np.any(week[max(place - 1, 0) : place] >= forecast.level_m):
            continue
        reached = np.flatnonzero(week[place:] >= forecast.level_m)
        if reached.size:
            scores.append(_scored(forecast, int(days.index[place + reached[0]]) * DAY_MS))
    return scores


def _scored(forecast: Forecast, crossed: int) -> Score:
    if forecast.crossing is None:
        return Score(forecast, crossed, np.nan, False)
    low, high = forecast.crossing_low, forecast.crossing_high
    held = (low is not None and low <= crossed) and (high is None or crossed <= high)
    return Score(forecast, crossed, (forecast.crossing - crossed) / DAY_MS, held)


def _date(time_ms: int) -> str:
    return str(np.datetime64(int(time_ms), "ms").astype("datetime64[D]"))
