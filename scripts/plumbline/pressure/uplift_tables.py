"""Uplift of a station: from hours of pressure and tide to depth without tide, drift and breaks, and its tables."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plumbline.intervals import DAY_MS, HOUR_MS
from plumbline.pressure.flagging import Hours
from plumbline.products import qartod, uplift
from plumbline.products.deployments import Join, join
from plumbline.products.depth import KPA_PER_PSI, depth
from plumbline.products.drift import DriftModel
from plumbline.products.lowpass import butterworth, godin
from plumbline.products.tide_fit import Fit, fit_residual
from plumbline.tables.about_products import About
from plumbline.tables.csvw import Column
from plumbline.tables.product import product_table

# Around the onset of an eruption no tide is fitted: the seafloor moves by metres in a day, and slows for weeks.
BEFORE_ONSET_MS, AFTER_ONSET_MS = DAY_MS, 21 * DAY_MS
FILTERS = {"godin": godin, "butterworth": butterworth}
# A day with less of its samples is suspect, though its mean is given (OOI's own limit for DAYDEPTH).
WHOLE_DAY = 0.9

FLAG = {"flag_values": qartod.FLAG_VALUES.astype(np.int32), "flag_meanings": qartod.FLAG_MEANINGS}


def columns(interval: str) -> list[Column]:
    """Return the columns of the table of an interval."""
    return [
        Column("time", f"start of the {'hour' if interval == '1h' else 'UTC day'}", "datetime", required=True),
        Column("depth_m", "depth, negative down, with the tide still in it", "double", "m"),
        Column("tide_m", "taken off: predicted tide, and what a fit and a filter found left of it", "double", "m"),
        Column("detided_depth_m", "depth_m + tide_m", "double", "m"),
        Column("uplift_m", "detided depth above its mean on the reference day, inflation positive", "double", "m"),
        Column("coverage", "share of the samples that were used", "double", "1"),
        Column("flag", "QARTOD flag: 1 pass, 2 not evaluated, 3 suspect, 4 fail, 9 missing", "nonNegativeInteger", "1",
               required=True, attributes=FLAG),
    ]  # fmt: skip


@dataclass(frozen=True)
class Station:
    """Hours of a station's depth, and how they came about; arrays of one length.

    Attributes
    ----------
    time_ms : ndarray of int64
        Starts of the hours, milliseconds since 1970.
    depth_m, tide_m, detided_m : ndarray of float64
        Metres, negative down; tide up positive.
    coverage : ndarray of float64
    flag : ndarray of uint8
    fit : Fit or None
        What was fitted to the residual tide.
    joins : list of Join
        Where deployments were joined.
    """

    time_ms: np.ndarray
    depth_m: np.ndarray
    tide_m: np.ndarray
    detided_m: np.ndarray
    coverage: np.ndarray
    flag: np.ndarray
    fit: Fit | None
    joins: list[Join]


def station_of(
    hours: Hours,
    method: str,
    latitude: float,
    refine: bool,
    lowpass: str,
    eruptions_ms: list[int],
    drift: DriftModel | None,
    starts_ms: list[int],
) -> Station:
    """Return depth without tide, drift and breaks between deployments.

    An hour without samples, or that failed its tests, has no depth, and nothing fills it; a fit and a join go by
    the hours that are there. The single steps and their sources: `depth`, `drift`, `tide`, `tide_fit`,
    `deployments` and `lowpass` in `plumbline.products`.

    Parameters
    ----------
    hours : Hours
    method : str
        Of `plumbline.products.depth.METHODS`.
    latitude : float
        Degrees north.
    refine : bool
        Whether what the predicted tide leaves is fitted and taken off.
    lowpass : str
        ``none``, or a filter of `plumbline.products.lowpass` that takes off what is faster than a day or two.
    eruptions_ms : list of int
        Onsets that no fit and no join of deployments runs across, milliseconds since 1970.
    drift : DriftModel or None
        Of the sensor; None: not corrected.
    starts_ms : list of int
        When each deployment began; with fewer than two nothing is joined.
    """
    middle_ms = hours.time_ms + HOUR_MS // 2
    pressure = np.where(hours.flag == qartod.FAIL, np.nan, hours.pressure_psi)
    if drift is not None:
        pressure = pressure - drift.at(middle_ms)[0] / KPA_PER_PSI
    depth_m = depth(pressure, method, latitude)
    tide_m = np.where(np.isnan(pressure), np.nan, hours.tide_m)
    without = bool(np.isnan(hours.tide_m[hours.n > 0]).all())
    detided = depth_m if without else depth_m + tide_m
    for start_ms in starts_ms[1:]:
        # An hour in which one deployment follows another is of neither.
        detided[(hours.time_ms < start_ms) & (start_ms < hours.time_ms + HOUR_MS)] = np.nan
    joins: list[Join] = []
    if len(starts_ms) > 1:
        joined, joins = join(middle_ms, detided, np.array(starts_ms, dtype=np.int64), onsets_ms=eruptions_ms)
        depth_m, detided = depth_m + (joined - detided), joined
    fit = None
    if refine and not without:
        quiet = [(onset - BEFORE_ONSET_MS, onset + AFTER_ONSET_MS) for onset in eruptions_ms]
        fit = fit_residual(middle_ms, np.where(hours.flag == qartod.SUSPECT, np.nan, detided), latitude, exclude=quiet)
        if fit.constituents.names:
            left = fit.at(middle_ms)
            tide_m, detided = tide_m - left, detided - left
    if lowpass != "none":
        smooth = FILTERS[lowpass](detided)
        # An hour that the filter had to fill has no depth of its own.
        detided = np.where(np.isnan(detided), np.nan, smooth)
        tide_m = detided - depth_m
    return Station(hours.time_ms, depth_m, tide_m, detided, hours.coverage, hours.flag, fit, joins)


@dataclass(frozen=True)
class UpliftTable:
    """The rows of one table of uplift, arrays of one length; see `columns`."""

    time_ms: np.ndarray
    depth_m: np.ndarray
    tide_m: np.ndarray
    detided_m: np.ndarray
    uplift_m: np.ndarray
    coverage: np.ndarray
    flag: np.ndarray

    def write(self, csv_path: Path, netcdf_path: Path, about: About) -> None:
        """Write the table in both formats, and the metadata beside the CSV."""
        with product_table(csv_path, netcdf_path, about.columns, self.time_ms.size, about.attributes()) as table:
            numbers = (self.depth_m, self.tide_m, self.detided_m, self.uplift_m, self.coverage)
            table.append(self.time_ms, *numbers, self.flag.astype(np.int64))
        about.write_beside(csv_path)


def uplift_tables(
    station: Station, reference_ms: int | None, day_coverage: float
) -> tuple[UpliftTable, UpliftTable, int]:
    """Return uplift every hour and every day, and the day that it is counted from.

    A day's mean weights each hour with its coverage; it needs no whole day, since the tide is off already.

    Parameters
    ----------
    station : Station
    reference_ms : int or None
        A moment of the reference day, milliseconds since 1970; None: the first day that has a value.
    day_coverage : float
        Share of a day's samples that its value needs; of its hours, where the rate is not known.

    Returns
    -------
    hours, days : UpliftTable
        NaN where there is no value: nothing is filled.
    reference_ms : int
        Start of the day that uplift is counted from.

    Raises
    ------
    PlumblineError
        If a reference was given on which there is no depth.
    """
    known = np.isfinite(station.coverage).any()
    weights = station.coverage if known else None

    def daily(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return uplift.daily(station.time_ms, values, weights, day_coverage)

    day_ms, detided, coverage = daily(station.detided_m)
    reference_ms = _first_day(station, day_ms, detided) if reference_ms is None else reference_ms // DAY_MS * DAY_MS
    place = (reference_ms - int(day_ms[0])) // DAY_MS
    if 0 <= place < day_ms.size and np.isfinite(detided[place]):
        # The day's own mean, so that daily uplift is nothing on it.
        hourly = station.detided_m - detided[place]
    elif np.isfinite(station.detided_m).any():
        hourly = uplift.uplift(station.time_ms, station.detided_m, reference_ms)
    else:
        hourly = station.detided_m
    hours = UpliftTable(
        station.time_ms,
        station.depth_m,
        station.tide_m,
        station.detided_m,
        hourly,
        station.coverage,
        station.flag,
    )
    days = UpliftTable(
        day_ms,
        daily(station.depth_m)[1],
        daily(station.tide_m)[1],
        detided,
        daily(hourly)[1],
        coverage if known else np.full(day_ms.size, np.nan),
        _day_flags(station, day_ms, coverage),
    )
    return hours, days, reference_ms


def _first_day(station: Station, day_ms: np.ndarray, daily_m: np.ndarray) -> int:
    """Return the first day that has a value; in a record of less than a day, that of its first hour."""
    for time_ms, values in ((day_ms, daily_m), (station.time_ms, station.detided_m)):
        there = np.flatnonzero(np.isfinite(values))
        if there.size:
            return int(time_ms[there[0]]) // DAY_MS * DAY_MS
    return int(day_ms[0])


def _day_flags(station: Station, day_ms: np.ndarray, coverage: np.ndarray) -> np.ndarray:
    hourly = np.full(day_ms.size * 24, qartod.MISSING, np.uint8)
    hourly[(station.time_ms - day_ms[0]) // HOUR_MS] = station.flag
    flags = qartod.roll_up(hourly, 24)
    flags[(flags == qartod.PASS) & (coverage < WHOLE_DAY - 1e-9)] = qartod.SUSPECT
    return flags
