"""Low-pass filters of hourly depth, which know their gaps.

Both are weights about an hour, so that a value depends on the hours of its window alone. A window that touches
a gap gives no value: carried over a day's gap by a straight line, the tide becomes decimetres of false signal. An
eruption is smeared over the window: where its onset matters, subtract the tide and leave the filter.
"""

import functools
import itertools

import numpy as np
from scipy.interpolate import BarycentricInterpolator
from scipy.signal import butter, sosfiltfilt

from plumbline.errors import PlumblineError

GODIN_HOURS = (24, 24, 25)
CUTOFF_HOURS = 40.0
ORDER = 4
# The weights of the Butterworth filter never end; these end where what is cut off adds up to less than this.
TAIL = 0.01
TOLERANCE_HOURS = 3
# Present hours on either side that carry a cubic over a short gap.
CARRYING = 2


def godin(hourly: np.ndarray, tolerance_hours: int = TOLERANCE_HOURS) -> np.ndarray:
    """Filter by running means of 24, 24 and 25 hours, one after the other (Godin 1972; Thomson and Emery 2014).

    It takes the tides off to a few thousandths, halves what has a period of 67 h, and its window is 71 hours long.

    Parameters
    ----------
    hourly : ndarray of float64, shape (n,)
        One value for every hour, in order; NaN where missing.
    tolerance_hours : int
        The longest gap that is filled, by a cubic through two hours on either side. It errs by some 8 cm in the
        middle of three hours of an undisturbed ocean tide of 0.8 m, by nothing to speak of in detided depth.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where the window touches a longer gap or an end of the record.

    Raises
    ------
    PlumblineError
        If the tolerance is negative.
    """
    return _weighted(hourly, _godin_weights(), tolerance_hours)


def butterworth(
    hourly: np.ndarray,
    cutoff_hours: float = CUTOFF_HOURS,
    order: int = ORDER,
    tolerance_hours: int = TOLERANCE_HOURS,
) -> np.ndarray:
    """Filter by a Butterworth filter, forwards and backwards, so that nothing is shifted in time.

    Twice over, it halves the amplitude at the cutoff. Its weights are cut off where less than 1 % of them is left:
    75 hours on either side by default. Diurnal tides are left at 1 to 6 %, so detided depth is what it is for.

    Parameters
    ----------
    hourly : ndarray of float64, shape (n,)
        One value for every hour, in order; NaN where missing.
    cutoff_hours : float
        Period that comes through with half its amplitude.
    order : int
        Of the filter, which is applied twice.
    tolerance_hours : int
        As in `godin`.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where the window touches a longer gap or an end of the record.

    Raises
    ------
    PlumblineError
        If the cutoff is not longer than two hours, the order is less than 1, or the tolerance is negative.
    """
    if not cutoff_hours > 2:
        raise PlumblineError(f"A low-pass filter of hourly values has to cut off above 2 h, not at {cutoff_hours} h.")
    if order < 1:
        raise PlumblineError(f"A Butterworth filter has an order of 1 or more, not {order}.")
    return _weighted(hourly, _butterworth_weights(float(cutoff_hours), order), tolerance_hours)


def fill_short_gaps(hourly: np.ndarray, tolerance_hours: int) -> np.ndarray:
    """Fill gaps of at most `tolerance_hours`, where two hours are present on either side, by a cubic through these."""
    filled = np.array(hourly, dtype=np.float64)
    present = np.isfinite(filled)
    filled[~present] = np.nan
    edges = np.flatnonzero(np.diff(present)) + 1
    # Between an edge where values end and the next, where they begin again.
    for begin, end in itertools.pairwise(edges):
        around = np.r_[begin - CARRYING : begin, end : end + CARRYING]
        inside = around[0] >= 0 and around[-1] < filled.size
        if present[begin] or end - begin > tolerance_hours or not inside or not present[around].all():
            continue
        filled[begin:end] = BarycentricInterpolator(around - begin, hourly[around])(np.arange(end - begin))
    return filled


def _weighted(hourly: np.ndarray, weights: np.ndarray, tolerance_hours: int) -> np.ndarray:
    """Return the weighted mean about every hour, NaN where one of the window's hours is missing."""
    if tolerance_hours < 0:
        raise PlumblineError(f"A gap that is filled cannot be of {tolerance_hours} h.")
    filled = fill_short_gaps(np.asarray(hourly, dtype=np.float64), tolerance_hours)
    result = np.full(filled.size, np.nan)
    if filled.size < weights.size:
        return result
    missing = np.isnan(filled)
    # Millimetres are asked of depths of 1500 m: the mean is taken of what lies about their middle.
    about = np.median(filled[~missing]) if not missing.all() else 0.0
    means = about + np.convolve(np.where(missing, 0.0, filled - about), weights, mode="valid")
    touched = np.convolve(missing, np.ones(weights.size, dtype=np.int64), mode="valid") > 0
    half = weights.size // 2
    result[half : filled.size - half] = np.where(touched, np.nan, means)
    return result


def _godin_weights() -> np.ndarray:
    """Return 71 weights, which add up to 1 and are the same forwards and backwards."""
    means = [np.full(hours, 1 / hours) for hours in GODIN_HOURS]
    return functools.reduce(np.convolve, means)


@functools.cache
def _butterworth_weights(cutoff_hours: float, order: int) -> np.ndarray:
    """Return what the filter, run forwards and backwards, makes of a single 1, cut off and brought to a sum of 1."""
    # Long enough that nothing comes back from its ends.
    far = int(40 * cutoff_hours * order)
    single = np.zeros(2 * far + 1)
    single[far] = 1.0
    response = sosfiltfilt(butter(order, 1 / cutoff_hours, fs=1.0, output="sos"), single)
    beyond = 2 * np.abs(response[far:])[::-1].cumsum()[::-1]
    reach = int(np.argmax(beyond < TAIL))
    weights = response[far - reach : far + reach + 1]
    # Forwards and backwards are one to rounding errors only.
    weights = weights + weights[::-1]
    return weights / weights.sum()
