"""Pairs: the uplift of one station against another."""

from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np

from plumbline.intervals import HOUR_MS
from plumbline.products import qartod, uplift
from plumbline.tables.about_products import subject_in
from plumbline.tables.csvw import Column, Subject

METHODS = ("depth_method", "predicted_tide", "fitted_tide", "low_pass_filter", "drift", "deployments", "reference_day")
# An hour of which less was measured than this is not compared with the same hour of another station.
LEAST_HOUR = 0.5

_METRES = Column(
    "differential_uplift_m",
    "uplift of the centre less that of the reference station, inflation positive",
    "double",
    "m",
)
COLUMNS = {
    "1h": [
        Column("time", "start of the hour", "datetime", required=True),
        _METRES,
        Column("n", "1 where both stations have the hour, else 0", "nonNegativeInteger", "1", required=True),
    ],
    "1D": [
        Column("time", "start of the UTC day", "datetime", required=True),
        _METRES,
        Column("n", "number of hours that both stations have", "nonNegativeInteger", "1", required=True),
    ],
}


@dataclass(frozen=True)
class UpliftRecord:
    """Uplift of a station or a pair as its file has it.

    Attributes
    ----------
    time_ms : ndarray of int64
        Milliseconds since 1970.
    uplift_m : ndarray of float64
        NaN where there is none, where the hour failed its tests, and where less than half of it was measured.
    subject : Subject
    methods : dict
        How the uplift was made.
    """

    time_ms: np.ndarray
    uplift_m: np.ndarray
    subject: Subject
    methods: dict[str, str]


def read_uplift(path: Path, stream: dict[str, str], column: str = "uplift_m") -> UpliftRecord:
    """Return the uplift in a file of `make_uplift` or `make_differential`.

    Parameters
    ----------
    path : Path
        CF-netCDF.
    stream : dict
        What metadata say of the station.
    column : str
    """
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        time_ms, values = file["time"][:].astype(np.int64), file[column][:]
        if "flag" in file.variables:
            values = np.where(file["flag"][:] == qartod.FAIL, np.nan, values)
        if column == "uplift_m":
            # Coverage is NaN where the rate is not known.
            values = np.where(file["coverage"][:] < LEAST_HOUR, np.nan, values)
        methods = {name.replace("_", " "): file.getncattr(name) for name in file.ncattrs() if name.startswith(METHODS)}
    return UpliftRecord(time_ms, values, subject_in(path, stream), methods)


def subject_of_pair(name: str, centre: Subject, reference: Subject) -> Subject:
    """Return what a pair's files are about: both stations, and the time that either covers."""
    both = {}
    for key in ("reference_designator", "method", "stream"):
        one, other = centre.stream[key], reference.stream[key]
        both[key] = one if one == other else f"{one} and {other}"
    return Subject(
        {"name": name} | both,
        centre.server,
        min(centre.begin, reference.begin),
        max(centre.end, reference.end),
        sorted({*centre.origins, *reference.origins}),
        centre.synthetic or reference.synthetic,
        centre.deployments + reference.deployments,
    )


def methods_of_pair(centre: UpliftRecord, reference: UpliftRecord, first_day: str | None) -> dict[str, str]:
    """Return how the uplift of both stations was made: once where it was made alike.

    Parameters
    ----------
    centre, reference : UpliftRecord
    first_day : str or None
        The first day that both have.
    """
    methods = {}
    for name, text in centre.methods.items():
        if reference.methods.get(name) == text:
            methods[name] = text
        elif name == "reference day":
            methods[name] = f"{first_day}, the first that both have" if first_day else "none"
        else:
            methods[f"{name} of the centre"] = text
            methods[f"{name} of the reference"] = reference.methods.get(name, "not known")
    return methods


def differential_tables(
    centre: UpliftRecord, reference: UpliftRecord, day_coverage: float
) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return time (ms since 1970), metres and n of the uplift of the centre against the reference, by interval.

    Days are means of the hours that both stations have, so that an hour that one lacks moves nothing. Where the
    stations count their uplift from different days, the pair's is counted from the first day that both have.

    Parameters
    ----------
    centre, reference : UpliftRecord
        Hours.
    day_coverage : float
        Share of a day's hours that its value needs.

    Returns
    -------
    dict of str to tuple of ndarray
        Of ``1h`` and ``1D``: times, every hour or day from the first to the last of either station; metres, NaN
        where one of the two is missing; number of hours that both have.
    """
    time_ms, metres = uplift.differential(centre.time_ms, centre.uplift_m, reference.time_ms, reference.uplift_m)
    # A stretch that neither station has is part of the grid all the same.
    grid = np.arange(time_ms[0], time_ms[-1] + 1, HOUR_MS)
    whole = np.full(grid.size, np.nan)
    whole[(time_ms - grid[0]) // HOUR_MS] = metres
    day_ms, daily, coverage = uplift.daily(grid, whole, None, day_coverage)
    there = np.flatnonzero(np.isfinite(daily))
    if centre.methods.get("reference day") != reference.methods.get("reference day") and there.size:
        whole, daily = whole - daily[there[0]], daily - daily[there[0]]
    return {
        "1h": (grid, whole, np.isfinite(whole).astype(np.int64)),
        "1D": (day_ms, daily, np.rint(coverage * 24).astype(np.int64)),
    }
