"""Deployments joined to one series, by offsets that are estimated, each with its standard deviation.

The datum of a pressure sensor is not maintained from one deployment to the next (PSMSL). What a seafloor did
in the gap nobody saw: the offset is where two lines, fitted on either side, pass each other in the middle of the gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plumbline.errors import PlumblineError
from plumbline.intervals import DAY_MS

WINDOW_DAYS = 14.0
# An eruption moves the seafloor from a day before its onset, as far as that is known, until a week after.
BEFORE_ONSET_MS, SETTLED_MS = DAY_MS, 7 * DAY_MS
# Of the days of a window, the part that has to hold values.
LEAST_PART = 0.5
# A line and a correlation take more days than this.
LEAST_DAYS = 5
# Huber's constant, 95 % efficient for normal noise, in standard deviations; and how often weights are worked out anew.
HUBER = 1.345
ROUNDS = 20
# No correlation of neighbouring days above this is believed: two fortnights cannot tell it from a trend.
GREATEST_CORRELATION = 0.9


@dataclass(frozen=True)
class Join:
    """The join of a deployment to that before it.

    Attributes
    ----------
    begin_ms : int
        Beginning of the later deployment, milliseconds since 1970.
    offset_m, sigma_m : float
        What the later deployment reads more, metres, and its standard deviation; NaN where they could not be joined.
    days_before, days_after : float
        Days with values in the windows on either side.
    gap_days : float
        From the last value of the earlier to the first of the later; NaN where one of them has none.
    reason : str
        Why they could not be joined; empty where they were.
    """

    begin_ms: int
    offset_m: float
    sigma_m: float
    days_before: float
    days_after: float
    gap_days: float
    reason: str = ""


@dataclass(frozen=True)
class _Line:
    """A line through the daily means on one side of a gap.

    Its height (m) is that in the middle of the gap, its slope in m a day; `columns` are the unknowns' columns, one row
    a day, `left` the residuals (m), clipped like the fit, `fit` the matrix that makes the two unknowns of the means.
    """

    height_m: float
    slope: float
    columns: np.ndarray
    left: np.ndarray
    fit: np.ndarray


def join(
    time_ms: np.ndarray,
    depth_m: np.ndarray,
    starts_ms: Sequence[int],
    window_days: float = WINDOW_DAYS,
    onsets_ms: Sequence[int] = (),
) -> tuple[np.ndarray, list[Join]]:
    """Join deployments to one series on the datum of the first.

    Daily means on either side of the gap carry a robust line (Huber 1981). The standard deviation of an offset holds
    the noise of both lines, with the correlation of the days' residuals, and for a rate that changed at an unknown
    moment in the gap (difference of slopes) x gap / sqrt(12): it grows with the gap.

    A deployment with less than half a window of values on either side of its gap is not joined: it and all that follow
    have no value in the joined series, for they have no known height above the first. To use them, join them
    by themselves.

    An eruption near the gap shortens the window: values from before its fall, or from the first week after it, say
    nothing of a line on its other side. An eruption within the gap cannot be told from an offset: not joined.

    Parameters
    ----------
    time_ms : ndarray of int64, shape (n,)
        Milliseconds since 1970, increasing.
    depth_m : ndarray of float64, shape (n,)
        Depth from which the tide was taken, metres, up positive; NaN where missing.
    starts_ms : sequence of int
        Beginnings of the deployments, the first included, milliseconds since 1970, increasing.
    window_days : float
        How many days on either side, counted from the gap, carry a line.
    onsets_ms : sequence of int
        Onsets of eruptions, milliseconds since 1970.

    Returns
    -------
    joined_m : ndarray of float64, shape (n,)
        Depth less the offsets up to then.
    joins : list of Join
        One for each deployment but the first.

    Raises
    ------
    PlumblineError
        If times or beginnings do not increase, times and values differ in number, or the window is too short.
    """
    time_ms, depth_m = np.asarray(time_ms, dtype=np.int64), np.asarray(depth_m, dtype=np.float64)
    _demand_order(time_ms, depth_m, starts_ms, window_days)
    joined, joins, shift = depth_m.copy(), [], 0.0
    edges = np.append(np.searchsorted(time_ms, starts_ms), time_ms.size)
    for number in range(1, len(starts_ms)):
        earlier, later = slice(edges[number - 1], edges[number]), slice(edges[number], edges[number + 1])
        found = _estimate(time_ms, depth_m, earlier, later, int(starts_ms[number]), window_days, onsets_ms)
        joins.append(found)
        shift += found.offset_m
        joined[later] -= shift
    return joined, joins


def _estimate(time_ms, depth_m, earlier: slice, later: slice, begin_ms: int, window_days: float, onsets_ms) -> Join:
    """Estimate the offset between two deployments."""
    present = [side.start + np.flatnonzero(np.isfinite(depth_m[side])) for side in (earlier, later)]
    if not (present[0].size and present[1].size):
        return Join(begin_ms, np.nan, np.nan, 0.0, 0.0, np.nan, "one of the two has no values")
    last, first = int(time_ms[present[0][-1]]), int(time_ms[present[1][0]])
    middle, gap_days = (last + first) / 2, (first - last) / DAY_MS
    if any(last - BEFORE_ONSET_MS < onset < first + BEFORE_ONSET_MS for onset in onsets_ms):
        return Join(begin_ms, np.nan, np.nan, 0.0, 0.0, gap_days, "an eruption lies in the gap")
    quiet = _quiet(time_ms[present[0]], time_ms[present[1]], onsets_ms)
    # Whole days, counted away from the gap.
    days_before = (last - time_ms[present[0]]) // DAY_MS
    days_after = (time_ms[present[1]] - first) // DAY_MS
    near = quiet[0] & (days_before < window_days), quiet[1] & (days_after < window_days)
    counted = [float(np.unique(days[side]).size) for days, side in zip((days_before, days_after), near, strict=True)]
    least = max(LEAST_PART * window_days, LEAST_DAYS)
    if min(counted) < least:
        near_eruption = ", an eruption is near" if not (quiet[0].all() and quiet[1].all()) else ""
        reason = f"fewer than {least:g} days of values on either side{near_eruption}"
        return Join(begin_ms, np.nan, np.nan, *counted, gap_days, reason)
    before, after = (
        _line((time_ms[places[side]] - middle) / DAY_MS, depth_m[places[side]], days[side])
        for places, days, side in zip(present, (days_before, days_after), near, strict=True)
    )
    changed = ((after.slope - before.slope) * gap_days) ** 2 / 12
    sigma = float(np.sqrt(_variance(before, after) + changed))
    return Join(begin_ms, after.height_m - before.height_m, sigma, *counted, gap_days)


def _quiet(before_ms: np.ndarray, after_ms: np.ndarray, onsets_ms: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Tell which times on either side of a gap no eruption parts from the gap."""
    before, after = np.ones(before_ms.size, bool), np.ones(after_ms.size, bool)
    for onset in onsets_ms:
        if onset < before_ms[-1]:
            before &= before_ms >= onset + SETTLED_MS
        elif onset > after_ms[0]:
            after &= after_ms < onset - BEFORE_ONSET_MS
    return before, after


def _line(since_days: np.ndarray, depth_m: np.ndarray, day: np.ndarray) -> _Line:
    """Fit a robust line to daily means: least squares with Huber's weights, worked out anew in rounds."""
    _, places, counts = np.unique(day, return_inverse=True, return_counts=True)
    # About a height of the window's own, so that the sums of a day keep their digits.
    about = np.median(depth_m)
    means = np.bincount(places, depth_m - about) / counts
    columns = np.stack([np.ones(counts.size), np.bincount(places, since_days) / counts], axis=1)
    roots = np.ones(counts.size)
    for _ in range(ROUNDS):
        fit = np.linalg.pinv(columns * roots[:, np.newaxis]) * roots
        left = means - columns @ (fit @ means)
        far = np.abs(left) / (HUBER * 1.4826 * np.median(np.abs(left)) + np.finfo(float).tiny)
        roots = 1 / np.sqrt(np.maximum(far, 1.0))
    height, slope = fit @ means
    return _Line(about + float(height), float(slope), columns, left * roots, fit)


def _variance(before: _Line, after: _Line) -> float:
    """Return the variance of the difference of two lines in the middle of the gap, from the noise of both.

    Residuals of neighbouring days are alike, with the correlation r of an autoregressive process of first order,
    the same on both sides. In n residuals of a line it is seen too small by (2 + 4 r) / n (as Kendall 1954 has it for
    a mean), and a month shows it badly: one standard error is added, so that the doubt falls to the safe side.
    The covariance of an estimate A y under that process is A R A'.
    """
    sides = (before, after)
    squares = sum(np.dot(side.left, side.left) for side in sides) + np.finfo(float).tiny
    seen = sum(np.dot(side.left[1:], side.left[:-1]) for side in sides) / squares
    n = min(side.left.size for side in sides)
    unbiased = np.clip((n * seen + 2) / max(n - 4, 1), 0.0, 1.0)
    doubt = np.sqrt((1 - unbiased**2) / (before.left.size + after.left.size))
    correlation = min(unbiased + doubt, GREATEST_CORRELATION)
    remains = heights = 0.0
    for side in sides:
        apart = np.abs(np.subtract.outer(np.arange(side.left.size), np.arange(side.left.size)))
        likeness = correlation**apart
        # What a line leaves of such noise: less than all, for it goes along with what is slow.
        remains += np.trace(likeness) - np.trace(side.columns @ side.fit @ likeness)
        heights += (side.fit @ likeness @ side.fit.T)[0, 0]
    return float(squares / remains * heights)


def _demand_order(time_ms: np.ndarray, depth_m: np.ndarray, starts_ms: Sequence[int], window_days: float) -> None:
    if time_ms.shape != depth_m.shape or time_ms.ndim != 1:
        raise PlumblineError(
            f"Deployments are joined by as many times as values, not {time_ms.size} and {depth_m.size}."
        )
    if np.any(np.diff(time_ms) <= 0):
        raise PlumblineError("Deployments are joined in the order of time: the times given do not increase.")
    if not len(starts_ms) or np.any(np.diff(np.asarray(starts_ms, dtype=np.int64)) <= 0):
        raise PlumblineError("Deployments are joined in the order of time: their beginnings do not increase.")
    if not window_days >= LEAST_DAYS:
        raise PlumblineError(f"A window of {window_days} days is too short for a line: it takes {LEAST_DAYS} or more.")
