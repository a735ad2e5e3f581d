"""Uplift: how far the seafloor has risen since a reference day, one station against another, and its rates.

Depths are up positive (a seafloor that rises has a depth that becomes less negative), so inflation is
positive everywhere. No drift is corrected here: whoever shows these numbers says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from plumbline.chunks import from_unix_ms, isoformat
from plumbline.errors import PlumblineError
from plumbline.intervals import DAY_MS, HOUR_MS

# The Julian year. OOI's own 4WKRATE and 8WKRATE take 365 days, which makes them 0.07 % smaller.
YEAR_DAYS = 365.25

# OOI's own least coverage of a day (dday_coverage, ion-functions, prs_functions.py).
LEAST_COVERAGE = 0.90

# Days after an onset from which the seafloor counts as settled: the slower of the two decays of 2015 (46 h at
# the centre) has left 0.7 cm by then, a day's noise.
SETTLED_DAYS = 7

# A slope over fewer days says more of the weather than of the volcano.
LEAST_DAYS = 30

# The first day of a year's rate where it is not 1 January: in 2015 the co-eruptive fall and what followed it.
YEAR_STARTS_MS: Mapping[int, int] = MappingProxyType({2015: 1_431_648_000_000})  # 2015-05-15


def uplift(
    time_ms: np.ndarray, detided_depth_m: np.ndarray, reference_ms: int, reference_days: float = 1.0
) -> np.ndarray:
    """Return the height of the seafloor above its mean over the reference days.

    Parameters
    ----------
    time_ms : ndarray of int64, shape (n,)
        Milliseconds since 1970.
    detided_depth_m : ndarray of float64, shape (n,)
        Depth without tide, m, up positive; NaN where missing.
    reference_ms : int
        Start of the reference.
    reference_days : float
        Its length, days; the end is excluded.

    Returns
    -------
    ndarray of float64, shape (n,)
        Uplift, m, up positive; NaN where the depth is.

    Raises
    ------
    PlumblineError
        If there is no depth in the reference.
    """
    end_ms = reference_ms + round(reference_days * DAY_MS)
    inside = (time_ms >= reference_ms) & (time_ms < end_ms) & np.isfinite(detided_depth_m)
    if not inside.any():
        there = time_ms[np.isfinite(detided_depth_m)]
        known = f"; the record has data from {_iso(there[0])} to {_iso(there[-1])}" if there.size else ""
        raise PlumblineError(
            f"there is no depth between {_iso(reference_ms)} and {_iso(end_ms)} to refer uplift to: "
            f"choose a reference on days with data{known}"
        )
    return detided_depth_m - detided_depth_m[inside].mean()


def differential(
    time_centre_ms: np.ndarray,
    uplift_centre_m: np.ndarray,
    time_reference_ms: np.ndarray,
    uplift_reference_m: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the uplift of the centre less that of the reference station; inflation is positive.

    What the ocean does to both stations alike falls out. In depths counted downwards this is the depth of
    the reference station less that of the centre (PMEL/OSU, Axial forecasts: E less F).

    Parameters
    ----------
    time_centre_ms, time_reference_ms : ndarray of int64, shapes (n,) and (m,)
        Milliseconds since 1970, strictly increasing, on one grid though not of one extent.
    uplift_centre_m, uplift_reference_m : ndarray of float64, shapes (n,) and (m,)
        Uplift, m; NaN where missing.

    Returns
    -------
    time_ms : ndarray of int64, shape (k,)
        Every time of either station.
    differential_m : ndarray of float64, shape (k,)
        NaN where either is missing.
    """
    time_ms = np.union1d(time_centre_ms, time_reference_ms).astype(np.int64)
    both = np.full((2, time_ms.size), np.nan)
    both[0, np.searchsorted(time_ms, time_centre_ms)] = uplift_centre_m
    both[1, np.searchsorted(time_ms, time_reference_ms)] = uplift_reference_m
    return time_ms, both[0] - both[1]


def daily(
    time_ms: np.ndarray,
    values: np.ndarray,
    coverage: np.ndarray | None = None,
    least_coverage: float = LEAST_COVERAGE,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return means of UTC days of hourly values that hold no tide, each hour weighted with its coverage.

    Parameters
    ----------
    time_ms : ndarray of int64, shape (n,)
        Starts or middles of the hours, milliseconds since 1970, increasing.
    values : ndarray of float64, shape (n,)
        NaN where missing; the result has their unit.
    coverage : ndarray of float64, shape (n,), optional
        Part of the hour that was measured, 0 to 1; more counts as 1. Without it every value counts as whole.
    least_coverage : float
        Part of the day that a mean needs; with less it is NaN.

    Returns
    -------
    day_ms : ndarray of int64, shape (d,)
        Starts of all days from the first to the last, those without data too.
    mean : ndarray of float64, shape (d,)
        Weighted mean; NaN where the day is covered too little.
    day_coverage : ndarray of float64, shape (d,)
        Part of the day that is covered by values that are there.
    """
    if not time_ms.size:
        return np.empty(0, np.int64), np.empty(0), np.empty(0)
    weight = np.ones(values.shape) if coverage is None else np.clip(np.nan_to_num(coverage), 0, 1)
    there = np.isfinite(values) & (weight > 0)
    day = time_ms // DAY_MS
    place, days = day - day[0], int(day[-1] - day[0]) + 1
    covered = np.bincount(place[there], weight[there], days)
    # About one of the values, so that a depth of 1500 m costs no digits.
    about = values[there][0] if there.any() else 0.0
    total = np.bincount(place[there], weight[there] * (values[there] - about), days)
    share = covered * HOUR_MS / DAY_MS
    # A share that is short by the rounding of a sum is not short.
    enough = (covered > 0) & (share >= least_coverage - 1e-9)
    mean = np.full(days, np.nan)
    mean[enough] = about + total[enough] / covered[enough]
    return (day[0] + np.arange(days)) * DAY_MS, mean, share


def drop(
    time_ms: np.ndarray,
    values: np.ndarray,
    onset_ms: int,
    before_days: int = 2,
    after_days: tuple[int, int] = (SETTLED_DAYS, 11),
) -> float:
    """Return how far the seafloor fell in an eruption: the median before less the median after.

    Medians of whole UTC days, so that neither the hours of the fall nor a bad hour count. For the onset of
    2015-04-24 they are 22-23 April and 1-5 May: 2.436 m at the central station, 1.028 m at the eastern
    (measured on OOI's own depths, 0.67 m/psi).

    Parameters
    ----------
    time_ms : ndarray of int64, shape (n,)
        Milliseconds since 1970.
    values : ndarray of float64, shape (n,)
        Uplift or depth without tide, m, up positive; NaN where missing.
    onset_ms : int
        Onset of the eruption.
    before_days : int
        How many days, the last whole ones before the day of the onset.
    after_days : tuple of int
        The first and the last day, both included, counted from the day of the onset.

    Returns
    -------
    float
        Positive for a fall, in the unit of the values; NaN if there is no value before or none after.
    """
    day = time_ms // DAY_MS - onset_ms // DAY_MS
    there = np.isfinite(values)
    before = values[there & (day >= -before_days) & (day < 0)]
    after = values[there & (day >= after_days[0]) & (day <= after_days[1])]
    return float(np.median(before) - np.median(after)) if before.size and after.size else np.nan


@dataclass(frozen=True)
class YearlyRates:
    """Rates of calendar years, arrays of one length.

    Attributes
    ----------
    years : ndarray of int64
        Every year from the first to the last.
    cm_per_yr : ndarray of float64
        Slope, cm in 365.25 days; NaN where the year has too few days.
    standard_error : ndarray of float64
        Of the slope, cm/yr, widened for residuals that resemble those of the day before.
    days : ndarray of int64
        Number of daily values in the slope.
    """

    years: np.ndarray
    cm_per_yr: np.ndarray
    standard_error: np.ndarray
    days: np.ndarray


def yearly_rates(
    time_ms: np.ndarray,
    values_m: np.ndarray,
    starts_ms: Mapping[int, int] = YEAR_STARTS_MS,
    least_days: int = LEAST_DAYS,
) -> YearlyRates:
    """Return the slope of daily uplift in each calendar year, by ordinary least squares.

    The standard error is that of least squares times sqrt((1 + r) / (1 - r)), where r is the correlation of
    neighbouring days' residuals (the variance of a first-order autoregression, von Storch and Zwiers 1999,
    section 6.6): a curve that is no line makes it large, as it should. Days without a value are skipped.

    Parameters
    ----------
    time_ms : ndarray of int64, shape (n,)
        Days, milliseconds since 1970, increasing.
    values_m : ndarray of float64, shape (n,)
        Daily uplift, m; NaN where missing.
    starts_ms : mapping of int to int
        First day of a year's slope, where it is not 1 January; the default leaves out the eruption of 2015.
    least_days : int
        A year with fewer daily values has no rate.
    """
    year = time_ms.astype("datetime64[ms]").astype("datetime64[Y]").astype(np.int64) + 1970
    years = np.arange(year[0], year[-1] + 1) if year.size else np.empty(0, np.int64)
    rates = np.full((2, years.size), np.nan)
    days = np.zeros(years.size, np.int64)
    for place, one in enumerate(years):
        used = (year == one) & (time_ms >= starts_ms.get(int(one), 0)) & np.isfinite(values_m)
        days[place] = used.sum()
        if days[place] >= max(least_days, 3):
            rates[:, place] = _slope(time_ms[used], values_m[used])
    rates *= 100 * YEAR_DAYS
    return YearlyRates(years, rates[0], rates[1], days)


def _slope(time_ms: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Return the slope of values without gaps, per day, and its standard error."""
    days = time_ms / DAY_MS
    x = days - days.mean()
    spread = np.sum(x * x)
    slope = np.sum(x * values) / spread
    residual = values - values.mean() - slope * x
    squares = np.sum(residual * residual)
    error = np.sqrt(squares / (values.size - 2) / spread)
    neighbours = np.diff(time_ms) == DAY_MS
    # Below zero it would make the error smaller than that of independent days; at one it would be infinite.
    pairs = np.sum((residual[1:] * residual[:-1])[neighbours])
    r = np.clip(pairs / squares * values.size / max(neighbours.sum(), 1), 0, 0.999) if squares > 0 else 0.0
    return float(slope), float(error * np.sqrt((1 + r) / (1 - r)))


def _iso(time_ms: int) -> str:
    return isoformat(from_unix_ms(int(time_ms)))
