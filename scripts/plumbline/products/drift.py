"""Drift of a pressure sensor, from the user's own calibrations at the seafloor.

A sensor at depth drifts by some tenths of a kPa in a year, which looks just like a seafloor that rises or falls:
nothing in its own record tells them apart. Campaigns with another instrument do. What a sensor reads too much is
its offset; the corrected pressure is the pressure less the offset.
"""

import csv
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import chi2

from plumbline.errors import PlumblineError

YEAR_MS = 365.25 * 86_400_000
COLUMNS = ("station", "time", "offset_kpa", "sigma")

# What a sensor that was calibrated once may drift in a year, one standard deviation, kPa: rates of 0.36 and 0.45
# were found at Axial from 2018 to 2021 (Sasagawa).
UNKNOWN_RATE_KPA = 0.4

# Calibrations that it takes to look for an exponential at all: one more than it has parameters.
EXPONENTIAL_FROM = 5
# It is taken where chance alone would better the fit of a line as much once in a hundred times.
CHANCE = 0.01
# Decay times that are tried, in spans of the calibrations: what is faster is over before the second, what is slower
# is a line.
DECAY_SPANS = np.geomspace(0.01, 1.0, 60)


@dataclass(frozen=True)
class Calibrations:
    """Calibrations of one station: times (milliseconds since 1970, increasing), offsets and their sigmas (kPa)."""

    time_ms: np.ndarray
    offset_kpa: np.ndarray
    sigma_kpa: np.ndarray


@dataclass(frozen=True)
class DriftModel:
    """What a sensor reads too much, as a function of time.

    a1 + a2 tau + a3 exp(-tau / a4), tau in years of 365.25 days since `origin_ms` (the form of the PSMSL for bottom
    pressure recorders).

    Attributes
    ----------
    form : str
        ``constant``, ``linear`` or ``exponential`` (which is linear, too).
    origin_ms : int
        Time of the first calibration, milliseconds since 1970.
    parameters : ndarray of float64
        a1 (kPa), a2 (kPa a year); for an exponential a3 (kPa), a4 (years). A constant has a2 = 0.
    covariance : ndarray of float64
        Of the parameters. A constant's a2 has the variance of a rate that nobody knows, 0.4 kPa a year.
    chi_square, freedom : float, int
        Of the fit. Where chi_square exceeds freedom, the covariance was raised by their ratio.
    """

    form: str
    origin_ms: int
    parameters: np.ndarray
    covariance: np.ndarray
    chi_square: float
    freedom: int

    def at(self, time_ms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the offset and its standard deviation, kPa, at times in milliseconds since 1970.

        Subtract the offset from the pressure. The deviation is the covariance, carried through to first order; it
        grows outside of the calibrated time. Every time has a value, whatever gaps the record has, but for one case:
        an exponential that is taken back before the first calibration soars (kilometres in a year), so there both
        are NaN.
        """
        years, slopes = self._at(time_ms)
        offset = slopes[..., :3] @ self.parameters[:3]
        return np.where(self._known(years), offset, np.nan), self._deviation(slopes, years)

    def change(self, time_ms: np.ndarray, since_ms: int) -> tuple[np.ndarray, np.ndarray]:
        """Return by how much the offset has changed since a moment, and the standard deviation of that, kPa.

        It is smaller than that of the offset itself near the moment: what both have in common falls out.
        NaN as in `at`.
        """
        years, slopes = self._at(time_ms)
        first_years, first = self._at(np.array(since_ms))
        known = self._known(years) & self._known(first_years)
        slopes = slopes - first
        offset = slopes[..., :3] @ self.parameters[:3]
        return np.where(known, offset, np.nan), np.where(known, self._deviation(slopes, years), np.nan)

    def _at(self, time_ms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        years = _years(np.asarray(time_ms, dtype=np.int64), self.origin_ms)
        return years, _slopes(np.where(self._known(years), years, 0.0), self.parameters)

    def _known(self, years: np.ndarray) -> np.ndarray:
        return np.full(years.shape, True) if self.form != "exponential" else years >= 0

    def _deviation(self, slopes: np.ndarray, years: np.ndarray) -> np.ndarray:
        variance = np.einsum("...i,ij,...j->...", slopes, self.covariance, slopes)
        return np.where(self._known(years), np.sqrt(np.maximum(variance, 0.0)), np.nan)


def read_calibrations(path: Path, stations: Collection[str]) -> dict[str, Calibrations]:
    """Read the user's calibrations from a table in CSV.

    Parameters
    ----------
    path : Path
        Columns ``station``, ``time`` (ISO 8601 in UTC, with a Z), ``offset_kpa`` (what the sensor reads too much) and
        ``sigma`` (kPa, one standard deviation); rows in any order.
    stations : collection of str
        Names that a station may have.

    Returns
    -------
    dict of str to Calibrations
        Those stations that the table has, in its order.

    Raises
    ------
    PlumblineError
        If the file cannot be read, lacks a column or has no rows, or if a row has an unknown station, a time that is
        none, a number that is none, a sigma that is not above 0, or the station and time of another.
    """
    found: dict[str, dict[int, tuple[float, float]]] = {}
    for line, row in _rows(path):
        where = f"The calibrations {path}, line {line}:"
        station = (row["station"] or "").strip()
        if station not in stations:
            raise PlumblineError(f"{where} the station {station!r} is unknown; known are {', '.join(stations)}.")
        time_ms = _milliseconds(where, row["time"])
        offset, sigma = _number(where, row, "offset_kpa"), _number(where, row, "sigma")
        if sigma <= 0:
            raise PlumblineError(f"{where} sigma has to be above 0, not {row['sigma']}.")
        if time_ms in found.setdefault(station, {}):
            raise PlumblineError(f"{where} {station} is calibrated a second time at {row['time'].strip()}.")
        found[station][time_ms] = offset, sigma
    if not found:
        raise PlumblineError(f"The calibrations {path} have no rows.")
    return {station: _in_order(calibrations) for station, calibrations in found.items()}


def fit_drift(time_ms: np.ndarray, offset_kpa: np.ndarray, sigma_kpa: np.ndarray) -> DriftModel:
    """Fit the drift of a sensor by least squares, weighted with 1 / sigma^2.

    The form a1 + a2 t + a3 exp(-t / a4) is that of the PSMSL for bottom pressure recorders. Only the calibrations
    count: gaps of the record play no part.

    One calibration gives a constant, two and more a line. From five on an exponential is added to the line if it
    betters the fit more than chance would (likelihood ratio, two parameters, 1 %) and is itself beyond two
    standard deviations.

    Parameters
    ----------
    time_ms : ndarray of int64, shape (n,)
        Milliseconds since 1970, in any order, no two the same.
    offset_kpa, sigma_kpa : ndarray of float64, shape (n,)
        What the sensor reads too much, and its standard deviation, kPa.

    Raises
    ------
    PlumblineError
        If there is no calibration, the arrays differ in length, a number is missing, a sigma is not above 0, or
        two times are the same.
    """
    time_ms = np.asarray(time_ms, dtype=np.int64)
    offset, sigma = np.asarray(offset_kpa, dtype=np.float64), np.asarray(sigma_kpa, dtype=np.float64)
    _demand_calibrations(time_ms, offset, sigma)
    origin_ms = int(time_ms.min())
    years = _years(time_ms, origin_ms)
    if years.size == 1:
        covariance = np.diag([sigma[0] ** 2, UNKNOWN_RATE_KPA**2])
        return DriftModel("constant", origin_ms, np.array([offset[0], 0.0]), covariance, 0.0, 0)
    parameters, chi_square = _linear_fit(years, offset, sigma)
    line = _model("linear", origin_ms, parameters, chi_square, years, sigma)
    if years.size < EXPONENTIAL_FROM:
        return line
    parameters, chi_square = _exponential_fit(years, offset, sigma)
    curve = _model("exponential", origin_ms, parameters, chi_square, years, sigma)
    better = (line.chi_square - curve.chi_square) / _excess(curve.chi_square, curve.freedom)
    distinct = abs(curve.parameters[2]) > 2 * np.sqrt(curve.covariance[2, 2])
    return curve if better > chi2.isf(CHANCE, 2) and distinct else line


def _model(form: str, origin_ms: int, parameters, chi_square: float, years, sigma) -> DriftModel:
    """Return the model with the covariance of its parameters."""
    freedom = years.size - parameters.size
    weighted = _slopes(years, parameters) / sigma[:, np.newaxis]
    # By the pseudo-inverse: a decay that no calibration saw makes the matrix singular, and such a curve is not taken.
    covariance = np.linalg.pinv(weighted.T @ weighted) * _excess(chi_square, freedom)
    return DriftModel(form, origin_ms, parameters, covariance, chi_square, freedom)


def _excess(chi_square: float, freedom: int) -> float:
    """Return by how much the sigmas were too small in the square; never less than 1: a lucky fit is not more exact."""
    return max(1.0, chi_square / freedom) if freedom else 1.0


def _linear_fit(years, offset, sigma, decay: float | None = None) -> tuple[np.ndarray, float]:
    """Fit a line and, with a decay time, an exponential of it."""
    columns = [np.ones(years.size), years] + ([] if decay is None else [np.exp(-years / decay)])
    weighted = np.stack(columns, axis=1) / sigma[:, np.newaxis]
    solution = np.linalg.lstsq(weighted, offset / sigma, rcond=None)[0]
    return solution, float(np.square(weighted @ solution - offset / sigma).sum())


def _exponential_fit(years, offset, sigma) -> tuple[np.ndarray, float]:
    """Fit line and exponential: for each decay time the rest is linear, so only that one is searched for."""
    tried = np.log(DECAY_SPANS * years.max())
    costs = [_linear_fit(years, offset, sigma, np.exp(decay))[1] for decay in tried]
    best = int(np.argmin(costs))
    bounds = tried[max(best - 1, 0)], tried[min(best + 1, tried.size - 1)]
    search = minimize_scalar(
        lambda decay: _linear_fit(years, offset, sigma, np.exp(decay))[1], bounds=bounds, method="bounded"
    )
    decay = float(np.exp(search.x))
    solution, chi_square = _linear_fit(years, offset, sigma, decay)
    return np.append(solution, decay), chi_square


def _slopes(years: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """Return the derivatives by the parameters; for the first three, what they are multiplied with."""
    columns = [np.ones(years.shape), years]
    if parameters.size == 4:
        _, _, size, decay = parameters
        fallen = np.exp(-years / decay)
        columns += [fallen, size * fallen * years / decay**2]
    return np.stack(columns, axis=-1)


def _years(time_ms: np.ndarray, origin_ms: int) -> np.ndarray:
    return (time_ms - origin_ms) / YEAR_MS


def _demand_calibrations(time_ms: np.ndarray, offset: np.ndarray, sigma: np.ndarray) -> None:
    if not time_ms.shape == offset.shape == sigma.shape or time_ms.ndim != 1:
        raise PlumblineError("A drift needs one offset and one sigma for each calibration's time.")
    if not time_ms.size:
        raise PlumblineError("A drift cannot be fitted without a calibration.")
    if not (np.isfinite(offset).all() and np.isfinite(sigma).all() and (sigma > 0).all()):
        raise PlumblineError("A drift needs calibrations whose offsets are numbers and whose sigmas are above 0.")
    if np.unique(time_ms).size < time_ms.size:
        raise PlumblineError("A drift needs calibrations of different times: two have the same.")


def _rows(path: Path) -> list[tuple[int, dict]]:
    """Return the rows of the table with the numbers of their lines."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            rows, header = [(reader.line_num, row) for row in reader], reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PlumblineError(f"The calibrations {path} cannot be read: {error}.") from error
    for column in COLUMNS:
        if header.count(column) != 1:
            count = "no column" if column not in header else "more than one column"
            raise PlumblineError(f"The calibrations {path} have {count} {column!r}; needed are {', '.join(COLUMNS)}.")
    return rows


def _milliseconds(where: str, text: str | None) -> int:
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise PlumblineError(f"{where} the time {text!r} is none in UTC, such as 2018-07-01T12:00:00Z.")
    return round(moment.timestamp() * 1000)


def _number(where: str, row: dict, column: str) -> float:
    try:
        number = float(row[column])
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise PlumblineError(f"{where} {column} is {row[column]!r}, which is no number.")
    return number


def _in_order(calibrations: dict[int, tuple[float, float]]) -> Calibrations:
    times = sorted(calibrations)
    offsets, sigmas = np.array([calibrations[time] for time in times]).T
    return Calibrations(np.array(times, dtype=np.int64), offsets, sigmas)
