"""Quality flags of bottom pressure, one per bin, after IOOS's QARTOD.

The tests and the meaning of the flags are those of QARTOD (U.S. IOOS, Manual for Real-Time Quality
Control of Water Level Data). They are written here for bins and not taken from ioos_qc 3.0.0, which was
tried: its spike test flags a spike's two neighbours too and evaluates neither end, it has no rolling
median and MAD, its tests take samples and not bins, and it brings shapely and more with it.

Pressure is in psi, the `values` of bins are their means, say, NaN where there is none. `n` is always the
number of samples of each bin, and a bin without any is flagged 9 by every test, whatever its values. The
grid of bins is complete; all arrays have the shape (bins,), flags are uint8. A flag depends only on the
bins within the reach of its test, so blocks with that much context on both sides have the flags of the
whole record: `spike` half a window; `rate_of_change` the larger of a bin and 15 s, before; `flat_line` the
bins of the longer run; `near_gap` its reach, the least gap and 6 minutes.
"""

import numpy as np

from plumbline.products.outliers import deviations, neighbours, steps
from plumbline.products.qartod import NOT_EVALUATED, flagged

# OOI's convention for depth (DPS 1341-00080), here only to state thresholds in metres of water.
PSI_PER_METRE = 1 / 0.67
# OOI's own tables (qc-lookup, qartod/botpt) of gross range and flat line for bottom_pressure.
GROSS_RANGE_PSI = (1500.0, 3200.0)
FLAT_PSI = 1e-5
# Below this many values in a window, a median says nothing about a spike.
LEAST_NEIGHBOURS = 5
# A change of pressure is taken over at least this long: over less, it would be the swell's.
CHANGE_MS = 15_000


def gap(n: np.ndarray, expected: int, coverage: float = 0.5) -> np.ndarray:
    """Flag bins with too few samples (QARTOD test 1, gap, as it is for bins).

    Parameters
    ----------
    n : ndarray of int64, shape (bins,)
    expected : int
        Samples of a complete bin.
    coverage : float
        Below this share of them a bin is suspect.

    Returns
    -------
    ndarray of uint8, shape (bins,)
        9 without samples, 3 with too few, else 1.
    """
    return flagged(n, n < coverage * expected)


def gross_range(
    minimum: np.ndarray,
    maximum: np.ndarray,
    n: np.ndarray,
    fail: tuple[float, float] = GROSS_RANGE_PSI,
    suspect: tuple[float, float] | None = None,
) -> np.ndarray:
    """Flag bins of which any sample lies outside a span (QARTOD's gross range test).

    A bin without samples is missing; extremes that are NaN are outside of nothing.

    Parameters
    ----------
    minimum, maximum, n : ndarray, shape (bins,)
        Extremes of each bin, psi, and its samples.
    fail : (float, float)
        What the sensor can give, psi, both ends included.
    suspect : (float, float), optional
        What is to be expected at the place, psi. It depends on the depth, so there is no default.
    """
    outside = (minimum < fail[0]) | (maximum > fail[1])
    unusual = np.zeros(n.shape, bool) if suspect is None else (minimum < suspect[0]) | (maximum > suspect[1])
    return flagged(n, unusual, outside)


def flat_line(
    minimum: np.ndarray,
    maximum: np.ndarray,
    n: np.ndarray,
    base_ms: int,
    rate_hz: float,
    seconds: tuple[float, float] = (5.0, 10.0),
    samples: tuple[int, int] = (5, 10),
    tolerance: float = FLAT_PSI,
) -> np.ndarray:
    """Flag bins of a run that does not change, if the run is long enough (QARTOD's flat line test).

    A run is of bins that follow one another, each flat in itself and equal to the one before; it is as long as its
    samples are, and a gap ends it. OOI's limits of 5 and 10 s are kept as times: its tables count samples, of 1 Hz,
    where the instrument takes 20 Hz. A standstill that does not fill a bin cannot be seen in the bin's extremes.

    Parameters
    ----------
    minimum, maximum, n : ndarray, shape (bins,)
        Extremes of each bin, psi, and its samples.
    base_ms : int
        Length of a bin, milliseconds.
    rate_hz : float
        True rate of sampling.
    seconds : (float, float)
        From which length on a run is suspect, and fails.
    samples : (int, int)
        The same as numbers of samples: for streams of one sample a bin, where seconds mean nothing. Values
        rounded to 1 mm of water, as those of 2011 are, stand still for five of 15 s in 1 % of all places.
    tolerance : float
        Up to this difference, psi, values are the same.

    Returns
    -------
    ndarray of uint8, shape (bins,)
        3 or 4 in every bin of a run that is too long.
    """
    single = rate_hz * base_ms / 1000 < 2
    suspect, fail = samples if single else (limit * rate_hz for limit in seconds)
    # Of a slow stream most bins are empty, and its samples follow one another all the same.
    there, apart = np.flatnonzero(n), max(1, round(1000 / rate_hz / base_ms))
    flat = maximum[there] - minimum[there] <= tolerance
    follows = (np.diff(there) <= apart) & (np.abs(np.diff(minimum[there])) <= tolerance)
    starts = np.flatnonzero(np.concatenate([[True], ~(flat[1:] & flat[:-1] & follows)])[: there.size])
    length = np.zeros(n.shape)
    if starts.size:
        runs = np.add.reduceat(n[there], starts)
        length[there] = np.where(flat, np.repeat(runs, np.diff(starts, append=there.size)), 0)
    return flagged(n, length >= suspect, length >= fail)


def spike(
    values: np.ndarray,
    n: np.ndarray,
    window: int = 21,
    floor_psi: float = 0.05 * PSI_PER_METRE,
    mads: float = 8.0,
    fail_times: float = 5.0,
) -> np.ndarray:
    """Flag values far from the median of their neighbourhood (QARTOD's spike test, with Hampel's identifier).

    Missing values are skipped: the window's others are its neighbourhood.

    Too far is more than `mads` scaled median absolute deviations of the window, and never less than the
    floor (`outliers.deviations`). The median follows tide and eruption, the MAD grows in a tsunami: neither
    is flagged. Nor are a spike's neighbours, as long as spikes are less than half of a window.

    Parameters
    ----------
    values, n : ndarray, shape (bins,)
    window : int
        Odd number of bins; at 15 s, 21 are 5 minutes.
    floor_psi : float
        The default is 5 cm of water: half of a window of the steepest tide is 3 cm.
    mads : float
        The sharpest crest of the tsunami of March 2011 reaches 6.3, the next one 4.8.
    fail_times : float
        A deviation of this many times the suspect one fails.

    Returns
    -------
    ndarray of uint8, shape (bins,)
        2 where the window holds fewer than 5 values.
    """
    value = np.where(n > 0, values, np.nan).astype(np.float64)
    places, excess = deviations(value, window, floor_psi, mads)
    flags = flagged(n, np.zeros(n.shape, bool))
    flags[places] = flagged(n[places], excess > 1, excess > fail_times)
    flags[(n > 0) & (neighbours(value, window) < LEAST_NEIGHBOURS)] = NOT_EVALUATED
    return flags


def rate_of_change(
    values: np.ndarray,
    n: np.ndarray,
    base_ms: int,
    suspect: float = 0.3 * PSI_PER_METRE,
    fail: float = 1.0 * PSI_PER_METRE,
) -> np.ndarray:
    """Flag values that differ too much from the one before (QARTOD's rate of change test).

    After a gap there is none before, and the flag is 2.

    The defaults, 30 cm and 1 m of water a minute, are above all that the sea does there: the tsunami of
    March 2011, in 15 s means, reached 20 cm a minute (its rate over 5 minutes: 4 cm a minute), the eruption
    of April 2011 1 cm a minute. The bin after a spike differs from it as much as the spike does, and is
    flagged with it: that is QARTOD's test.

    Parameters
    ----------
    values, n : ndarray, shape (bins,)
    base_ms : int
        Length of a bin, milliseconds. Of bins shorter than 15 s, those 15 s apart are compared.
    suspect, fail : float
        Above this rate, psi per minute.

    Returns
    -------
    ndarray of uint8, shape (bins,)
        2 where the value before is missing.
    """
    lag = max(1, CHANGE_MS // base_ms)
    rate = np.full(n.size, np.nan)
    rate[lag:] = np.abs(values[lag:] - values[:-lag]) / (lag * base_ms / 60_000)
    flags = flagged(n, rate > suspect, rate > fail)
    flags[(n > 0) & np.isnan(rate)] = NOT_EVALUATED
    return flags


def near_gap(
    values: np.ndarray,
    n: np.ndarray,
    base_ms: int,
    gap_ms: int = 600_000,
    reach_ms: int = 7_200_000,
    step_psi: float = 0.05 * PSI_PER_METRE,
) -> np.ndarray:
    """Flag what lies between a gap and a step near it.

    In the record of 2011 the last hour before each of two gaps of a day is off: at the full hour the level
    jumps by 11 and by 21 cm within one bin, drifts back, and an hour later the data end. Each bin of it passes
    the other tests. So a step near a gap is taken as the place where the data go bad (before the gap) or
    become good (after it). What a step is, `outliers.steps` says. A step far from any gap is left alone, as
    nothing says which side of it is wrong.

    Parameters
    ----------
    values, n : ndarray, shape (bins,)
    base_ms : int
        Length of a bin, milliseconds; at most 60 s, or the tide looks like steps.
    gap_ms : int
        Least length of a gap.
    reach_ms : int
        How far from the gap a step is looked for; of several, the farthest counts.
    step_psi : float
        Least step. The default is 5 cm of water.

    Returns
    -------
    ndarray of uint8, shape (bins,)
        3 from the bin of the step, or the one before, to the gap.
    """
    there = n > 0
    gaps = np.flatnonzero(np.diff(there, prepend=True, append=True)).reshape(-1, 2)
    bad, reach = np.zeros(n.size, bool), reach_ms // base_ms
    behind, ahead = steps(np.where(there, values, np.nan).astype(np.float64), base_ms, step_psi)
    for begin, end in gaps[(gaps[:, 1] - gaps[:, 0]) * base_ms >= gap_ms]:
        before = behind[np.searchsorted(behind, begin - reach) : np.searchsorted(behind, begin)]
        after = ahead[np.searchsorted(ahead, end) : np.searchsorted(ahead, end + reach)]
        # One bin more than what is surely off: a part of the step may be in it.
        if before.size:
            bad[before[0] - 1 : begin] = True
        if after.size:
            bad[end : after[-1] + 2] = True
    return flagged(n, bad)
