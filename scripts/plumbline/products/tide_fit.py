"""What the predicted tide leaves of the tide: a harmonic fit to the residual, never across an eruption.

A model's constituents are good to a few per cent, and the air and the pressure-to-depth factor add their own: at
Axial Seamount 3 cm rms stay where 1.7 cm could. UTide's own `solve` knows one mean and one trend for a record; here
every segment has its own, so that what the seafloor did in between does not leak into the tide.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from plumbline.errors import PlumblineError
from plumbline.intervals import DAY_MS, HOUR_MS
from plumbline.products.tide import Constituents, predicted_tide

# The earlier keeps its place where a record cannot separate two: the greater in the residual first (Axial, 2011).
CONSTITUENTS = (
    *("M2", "K1", "S2", "O1", "N2", "P1", "K2", "S1", "NO1", "Q1", "J1", "OO1", "NU2", "MU2", "2N2", "L2", "T2"),
    *("2Q1", "UPS1", "EPS2", "ETA2", "PHI1", "PSI1", "PI1", "R2", "MO3", "M3", "MK3", "SK3"),
    *("M4", "MS4", "MN4", "SN4", "S4", "M6", "2MS6"),
)

# A month, less than which does not separate N2 from M2 (27.6 days).
MIN_DAYS = 29.0
# The mean and the trend of a piece shorter than this would be tide.
MIN_SEGMENT_DAYS = 3.0
# Slower than every diurnal constituent (ALP1, 29.1 h): what is slower belongs to the ocean, or to the volcano.
LEAST_CYCLES_PER_HOUR = 1 / 30
# Hours farther from the fit than this many standard deviations (by the median) are left out of the next: the bad
# hours round a gap, and tsunamis, are metres and decimetres, the noise centimetres.
REJECTED_FROM = 6.0
ROUNDS = 5
# Rows for which UTide works out its factors at one time: 162 complex numbers a row, several times over.
BLOCK_ROWS = 4096


@dataclass(frozen=True)
class Fit:
    """A harmonic fit to a residual.

    Attributes
    ----------
    constituents : Constituents
        What was fitted: names, amplitudes (metres, of the tide itself, not of its means over bins), phases.
        None at all where the record was too short.
    dropped : dict of str to str
        Constituents that were asked for and not fitted, and why.
    days : float
        Days of data in the fit.
    rejected : int
        Values left out because they lie far off.
    std_m : float
        Standard deviation of what the fit leaves, means and trends of the segments taken off; NaN without a fit.
    """

    constituents: Constituents
    dropped: dict[str, str]
    days: float
    rejected: int
    std_m: float

    def at(self, time_ms: np.ndarray) -> np.ndarray:
        """Return the fitted tide, metres, at times in milliseconds since 1970: in gaps too, and 0 without a fit."""
        return predicted_tide(time_ms, self.constituents)


def fit_residual(
    time_ms: np.ndarray,
    residual_m: np.ndarray,
    latitude: float,
    constituents: Iterable[str] = CONSTITUENTS,
    exclude: Iterable[tuple[int, int]] = (),
    min_days: float = MIN_DAYS,
    interval_ms: int = HOUR_MS,
) -> Fit:
    """Fit diurnal and faster constituents to depth from which a predicted tide was taken.

    Depth is up positive and falls while the sea stands high, so the tide is taken from it by adding the predicted one.
    What `Fit.at` gives has the sign of the residual: it is subtracted.

    One least squares for the whole record: in each segment a mean and a trend, in all of them the same
    constituents, with UTide's nodal corrections of every time (Codiga 2011). Signals slower than a day are left
    alone, since no constituent is. Where values lie far off, the fit is repeated without them. A mean over a bin is
    smaller than the tide by sinc(f T); that is undone.

    Parameters
    ----------
    time_ms : ndarray of int64, shape (n,)
        Centres of the bins, milliseconds since 1970.
    residual_m : ndarray of float64, shape (n,)
        Metres; NaN where missing, which is no part of the fit.
    latitude : float
        Degrees north.
    constituents : iterable of str
        To be fitted, the most wanted first: of two that the days of data cannot separate (Rayleigh's criterion,
        1.0), the later is dropped. The days are counted without gaps, so gaps make it more careful.
    exclude : iterable of (int, int)
        Intervals [begin, end), milliseconds since 1970, that belong to no segment: eruptions. Bins that
        touch them are left out, and a new segment begins behind each.
    min_days : float
        With fewer days of data nothing is fitted.
    interval_ms : int
        Length of the bins; 0 for values of a moment.

    Returns
    -------
    Fit
        Without constituents, and with the reason, if the record is too short.

    Raises
    ------
    PlumblineError
        If a constituent is unknown or slower than the diurnal ones, if an interval ends before it begins, or if times
        and values are not equal in number.
    """
    time_ms, residual_m = np.asarray(time_ms, dtype=np.int64), np.asarray(residual_m, dtype=np.float64)
    if time_ms.shape != residual_m.shape or time_ms.ndim != 1:
        raise PlumblineError(f"A fit needs as many times as values: there are {time_ms.size} and {residual_m.size}.")
    frequency = {name: _cycles_per_hour(name) for name in constituents}
    segment = _segments(time_ms, np.isfinite(residual_m), list(exclude), interval_ms)
    used = segment >= 0
    days = float(used.sum()) * _spacing_ms(time_ms, interval_ms) / DAY_MS
    if days < min_days:
        reason = f"{days:.1f} days of data are fewer than {min_days:.1f}"
        return Fit(Constituents((), (), (), latitude), dict.fromkeys(frequency, reason), days, 0, np.nan)
    kept, dropped = _separable(frequency, days, interval_ms)
    tide = _tidal_columns(time_ms[used], kept, latitude, interval_ms)
    columns = np.hstack([tide, _segment_columns(time_ms[used], segment[used])])
    solution, good, std_m = _robust(columns, residual_m[used], segment[used])
    complex_amplitude = solution[: len(kept)] + 1j * solution[len(kept) : 2 * len(kept)]
    amplitudes = tuple(float(amplitude) for amplitude in np.abs(complex_amplitude))
    phases = tuple(float(phase) for phase in np.degrees(np.angle(complex_amplitude)) % 360)
    return Fit(Constituents(tuple(kept), amplitudes, phases, latitude), dropped, days, int((~good).sum()), std_m)


def _cycles_per_hour(name: str) -> float:
    from utide._ut_constants import constit_index_dict, ut_constants

    if name not in constit_index_dict:
        raise PlumblineError(f"A fit is asked for the constituent {name!r}, which UTide does not know.")
    frequency = float(ut_constants.const.freq[constit_index_dict[name]])
    if not frequency > LEAST_CYCLES_PER_HOUR:
        raise PlumblineError(
            f"A fit is asked for the constituent {name!r}, slower than a day: it would take uplift and ocean for tide."
        )
    return frequency


def _spacing_ms(time_ms: np.ndarray, interval_ms: int) -> float:
    """Return what one value stands for: the length of its bin or, for values of a moment, the usual distance."""
    if interval_ms > 0 or time_ms.size < 2:
        return interval_ms
    return float(np.median(np.diff(np.sort(time_ms))))


def _segments(time_ms: np.ndarray, present: np.ndarray, exclude: list, interval_ms: int) -> np.ndarray:
    """Number the segments of the values; -1 for what is missing, excluded, or in a segment too short."""
    half = interval_ms / 2
    for begin, end in exclude:
        if end <= begin:
            raise PlumblineError(
                f"An interval to be left out of a fit ends, at {end} ms, before it begins, at {begin}."
            )
        present = present & ((time_ms + half <= begin) | (time_ms - half >= end))
    # Behind as many ends: with whatever overlap, the same segment has the same number.
    segment = np.searchsorted(np.sort([end for _, end in exclude]), time_ms, side="right")
    segment[~present] = -1
    numbers, counts = np.unique(segment[present], return_counts=True)
    days = counts * _spacing_ms(time_ms, interval_ms) / DAY_MS
    segment[np.isin(segment, numbers[days < MIN_SEGMENT_DAYS])] = -1
    return segment


def _separable(frequency: dict[str, float], days: float, interval_ms: int) -> tuple[dict[str, float], dict[str, str]]:
    """Keep the constituents that so many days can tell apart; give the reason for each of the others."""
    kept, dropped = {}, {}
    for name, cycles in frequency.items():
        if cycles * interval_ms / HOUR_MS > 0.5:
            dropped[name] = f"its period of {1 / cycles:.2f} h is shorter than two bins"
            continue
        needed = {other: 1 / abs(cycles - near) / 24 for other, near in kept.items()}
        nearest = max(needed, key=needed.get, default=None)
        if nearest is not None and needed[nearest] > days:
            dropped[name] = f"{days:.1f} days of data do not separate it from {nearest}: {needed[nearest]:.1f} would"
        else:
            kept[name] = cycles
    return kept, dropped


def _tidal_columns(time_ms: np.ndarray, kept: dict[str, float], latitude: float, interval_ms: int) -> np.ndarray:
    """Return the cosines, then the sines of the constituents, shape (n, 2 constituents), as means over bins."""
    from utide._time_conversion import _normalize_time
    from utide._ut_constants import constit_index_dict
    from utide.harmonics import ut_E

    days = _normalize_time(time_ms.astype("datetime64[ms]"))
    places = np.array([constit_index_dict[name] for name in kept])
    frequencies = np.array(list(kept.values()))
    columns = np.empty((time_ms.size, 2 * len(kept)))
    for begin in range(0, time_ms.size, BLOCK_ROWS):
        rows = slice(begin, begin + BLOCK_ROWS)
        # Nodal corrections and Greenwich phases, exact for every time.
        waves = ut_E(days[rows], 0.0, frequencies, places, latitude, [False] * 4, [])
        columns[rows] = np.hstack([waves.real, waves.imag])
    return columns * np.tile(np.sinc(frequencies * interval_ms / HOUR_MS), 2)


def _segment_columns(time_ms: np.ndarray, segment: np.ndarray) -> np.ndarray:
    """Return a mean and a trend for each segment, shape (n, 2 segments), 0 outside it."""
    columns = []
    for number in np.unique(segment):
        inside = segment == number
        begin, end = time_ms[inside].min(), time_ms[inside].max()
        columns += [inside * 1.0, inside * ((time_ms - begin) / (end - begin) - 0.5)]
    return np.stack(columns, axis=1)


def _robust(columns: np.ndarray, values: np.ndarray, segment: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Least squares, repeated without what lies far off until nothing new does."""
    # To begin with, what is far from its segment's median: one value of 10^4 m hides all the others.
    medians = {number: np.median(values[segment == number]) for number in np.unique(segment)}
    good = _near(values - np.vectorize(medians.get, otypes=[float])(segment))
    for _ in range(ROUNDS):
        solution = np.linalg.lstsq(columns[good], values[good], rcond=None)[0]
        left = values - columns @ solution
        near = _near(left)
        if np.array_equal(near, good):
            break
        good = near
    return solution, good, float(np.std(left[good]))


def _near(deviations: np.ndarray) -> np.ndarray:
    # 1.4826: the standard deviation of a normal distribution over the median of its absolute values.
    return np.abs(deviations) <= REJECTED_FROM * 1.4826 * np.median(np.abs(deviations)) + np.finfo(float).eps
