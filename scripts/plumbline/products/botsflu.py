"""OOI's BOTSFLU products: rates of the seafloor's height over 5 and 10 minutes, 4 and 8 weeks.

The algorithms are those of OOI's data product specification 1341-00080 as its own code has them
(`oceanobservatories/ion-functions`, prs_functions.py), quirks and all, so that numbers agree with OOI's:

- 15 s bins are centred on :00, :15, :30, :45 and closed on the left: [c - 7.5 s, c + 7.5 s). One
  sample makes a bin, and it counts as a whole one in a day's coverage.
- The 5 minute rate looks back: it ends at its label. The 10 minute rate, a difference of two means of
  10 minutes, looks 5 minutes into the future: it needs values from 59 places before to 20 behind.
- One missing value in a window makes these rates missing: up to 80 places of the 10 minute rate.
- A day runs from noon to noon and is labelled with the midnight between: 24 April holds 23 April 12:00
  to 24 April 12:00. All of its values weigh the same, wherever gaps are.
- The rates of weeks are backward looking slopes over 29 and 57 days, both ends counted, of days that
  are there; a year has 365 days (0.07 % less than the mean one). Near a gap or the beginning of the
  record a slope comes from part of its window.
- The atmosphere is not removed and 0.67 m per psi is a convention: depths come in here ready made.

OOI computes for each request alone, without context: the first 5 or 15 minutes and the last 5 of any
request are missing there. Here the caller hands over blocks with context (`BEFORE`, `BEHIND`), and the
rates are those of the whole record. Nothing here sums along the record, so a value has the same bits
whatever the block. Depth is up positive: a seafloor that rises has positive rates.
"""

import numpy as np

from plumbline.intervals import DAY_MS

STEP_MS = 15_000
POINTS_PER_DAY = DAY_MS // STEP_MS

# Places of context that the rates need: the 10 minute rate, two means of 40 places side by side.
BEFORE = 59
BEHIND = 20

FIVE_MINUTES = 20
TEN_MINUTES = 40
# 100 cm per m; per 5 minutes to per minute; per 10 minutes to per hour.
CM_PER_MIN = 100.0 / 5.0
CM_PER_HOUR = 100.0 * 6.0

# Days from the first to the last of the slopes' windows; OOI's threshold of their coverage.
FOUR_WEEKS = 29
EIGHT_WEEKS = 57
RATE_COVERAGE = 0.75
DAY_COVERAGE = 0.9
DAYS_PER_YEAR = 365.0
# OOI's allowance for the rounding of n / window, in units of the float64 epsilon.
COVERAGE_SLACK = 100 * np.finfo(np.float64).eps


def centre_of(time_ms: np.ndarray) -> np.ndarray:
    """Return the centre of the 15 s bin that each time falls in (bins closed on the left).

    Parameters
    ----------
    time_ms : ndarray of int64, any shape
        Milliseconds since 1970.

    Returns
    -------
    ndarray of int64, same shape
        Milliseconds since 1970, a multiple of `STEP_MS`.
    """
    return STEP_MS * ((time_ms - STEP_MS // 2) // STEP_MS + 1)


def day_of(centre_ms: np.ndarray) -> np.ndarray:
    """Return the midnight that labels the day, noon to noon, of each centre of a 15 s bin.

    Parameters
    ----------
    centre_ms : ndarray of int64, any shape
        Milliseconds since 1970.

    Returns
    -------
    ndarray of int64, same shape
        Milliseconds since 1970, a multiple of a day.
    """
    return DAY_MS * ((centre_ms - DAY_MS // 2) // DAY_MS + 1)


def sliding_means(values: np.ndarray, window: int) -> np.ndarray:
    """Return the mean of each window of consecutive values.

    The window of place i is i - (window - 1) // 2 to i + window // 2: centred if it is odd, else with
    one more value behind than before, as numpy's `convolve(..., "same")` has it and so OOI.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where missing.
    window : int
        At least 1.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where any value of the window is missing or lies beyond the ends.

    Raises
    ------
    ValueError
        If the window is less than 1.
    """
    if window < 1:
        raise ValueError(f"a window of {window} values: at least 1 is needed")
    means = np.full(values.size, np.nan)
    if values.size >= window:
        before = (window - 1) // 2
        means[before : before + values.size - window + 1] = _sliding_sums(values, window) / window
    return means


def _sliding_sums(values: np.ndarray, window: int) -> np.ndarray:
    """Return the n - window + 1 sums: of powers of two, each from two of half its length.

    The order of additions depends on the window alone, so sums have the same bits in any block, which
    those of a running sum have not; and it takes a few additions a place instead of `window`.
    """
    count = values.size - window + 1
    power, doubled, begin, total = 1, np.asarray(values, dtype=np.float64), 0, None
    while power <= window:
        if window & power:
            part = doubled[begin : begin + count]
            total = part if total is None else total + part
            begin += power
        power *= 2
        if power <= window:
            doubled = doubled[: -power // 2] + doubled[power // 2 :]
    return total


def rate_5min(depth_m: np.ndarray) -> np.ndarray:
    """Return the change of depth over the 5 minutes that end at each place (BOTSFLU-5MINRATE).

    Parameters
    ----------
    depth_m : ndarray, shape (n,)
        Depth on the complete 15 s grid, tide removed, m, up positive; NaN where missing.

    Returns
    -------
    ndarray of float64, shape (n,)
        cm per minute; NaN at the first 20 places and where either depth is missing.
    """
    rate = np.full(depth_m.size, np.nan)
    depth = np.asarray(depth_m, dtype=np.float64)
    rate[FIVE_MINUTES:] = CM_PER_MIN * (depth[FIVE_MINUTES:] - depth[:-FIVE_MINUTES])
    return rate


def rate_10min(depth_m: np.ndarray) -> np.ndarray:
    """Return the change between means over 10 minutes, one after the other (BOTSFLU-10MINRATE).

    At place i: the mean of i - 19 to i + 20, less that of i - 59 to i - 20.

    Parameters
    ----------
    depth_m : ndarray, shape (n,)
        Depth on the complete 15 s grid, tide removed, m, up positive; NaN where missing.

    Returns
    -------
    ndarray of float64, shape (n,)
        cm per hour; NaN at the first 59 and the last 20 places and where any of the 80 depths is missing.
    """
    rate = np.full(depth_m.size, np.nan)
    means = sliding_means(depth_m, TEN_MINUTES)
    rate[TEN_MINUTES:] = CM_PER_HOUR * (means[TEN_MINUTES:] - means[:-TEN_MINUTES])
    return rate


def day_depths(depth_m: np.ndarray, day_coverage: float = DAY_COVERAGE) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean depth of each day, noon to noon (BOTSFLU-DAYDEPTH).

    Parameters
    ----------
    depth_m : ndarray, shape (days * 5760,)
        Depth on the complete 15 s grid of whole days, the first place a noon, m; NaN where missing.
    day_coverage : float
        Least share of a day's 5760 places that must be there; a day that has just this is kept.

    Returns
    -------
    n : ndarray of int64, shape (days,)
        Places that are there.
    depth : ndarray of float64, shape (days,)
        Mean of these, m; NaN where there are too few, or none.

    Raises
    ------
    ValueError
        If the depths are not whole days.
    """
    if depth_m.size % POINTS_PER_DAY:
        raise ValueError(f"{depth_m.size} depths are not whole days of {POINTS_PER_DAY} places of 15 s")
    days = np.asarray(depth_m, dtype=np.float64).reshape(-1, POINTS_PER_DAY)
    there = ~np.isnan(days)
    n = there.sum(axis=1, dtype=np.int64)
    enough = (n > 0) & (n / POINTS_PER_DAY >= day_coverage)
    depth = np.full(n.size, np.nan)
    depth[enough] = np.where(there[enough], days[enough], 0.0).sum(axis=1) / n[enough]
    return n, depth


def sliding_slopes(values: np.ndarray, window: int, coverage: float) -> np.ndarray:
    """Return the slope of the least squares line through each window, which ends at its place.

    Parameters
    ----------
    values : ndarray, shape (n,)
        At equal steps; NaN where missing. Before the first, all counts as missing.
    window : int
        Values in a window; an even one is made odd by one more, as OOI does.
    coverage : float
        Least share of the window that must be there; the place itself may be missing.

    Returns
    -------
    ndarray of float64, shape (n,)
        Units of the values per step; NaN where there are too few values, or fewer than two.
    """
    window += 1 - window % 2
    if not values.size:
        return np.empty(0)
    padded = np.concatenate([np.full(window - 1, np.nan), np.asarray(values, dtype=np.float64)])
    y = np.lib.stride_tricks.sliding_window_view(padded, window)
    there = ~np.isnan(y)
    n = there.sum(axis=1)
    enough = (n >= 2) & (n / window + COVERAGE_SLACK >= coverage)
    y, there, n = y[enough], there[enough], n[enough, None]
    x = np.where(there, np.arange(window, dtype=np.float64), 0.0)
    y = np.where(there, y, 0.0)
    # About the means of x and y, so that a depth of 1500 m takes no digits from a slope of mm.
    x = np.where(there, x - x.sum(axis=1, keepdims=True) / n, 0.0)
    y = np.where(there, y - y.sum(axis=1, keepdims=True) / n, 0.0)
    slopes = np.full(values.size, np.nan)
    slopes[enough] = (x * y).sum(axis=1) / (x * x).sum(axis=1)
    return slopes


def rate_4wk(
    day_depth_m: np.ndarray, rate_coverage: float = RATE_COVERAGE, days_per_year: float = DAYS_PER_YEAR
) -> np.ndarray:
    """Return the rate of uplift over the 29 days that end at each day (BOTSFLU-4WKRATE).

    Parameters
    ----------
    day_depth_m : ndarray, shape (days,)
        As `day_depths` gives it, m; NaN where missing.
    rate_coverage : float
        Least share of the 29 days that must be there (at 0.75: 22 days).
    days_per_year : float
        OOI's is 365.

    Returns
    -------
    ndarray of float64, shape (days,)
        cm per year, NaN where there are too few days.
    """
    return sliding_slopes(day_depth_m, FOUR_WEEKS, rate_coverage) * (100.0 * days_per_year)


def rate_8wk(
    day_depth_m: np.ndarray, rate_coverage: float = RATE_COVERAGE, days_per_year: float = DAYS_PER_YEAR
) -> np.ndarray:
    """Return the rate of uplift over the 57 days that end at each day (BOTSFLU-8WKRATE).

    All else is as in `rate_4wk`: source (DPS 1341-00080), unit (cm/yr), missing days (at a coverage of 0.75 it takes
    43 days).
    """
    return sliding_slopes(day_depth_m, EIGHT_WEEKS, rate_coverage) * (100.0 * days_per_year)
