"""A station's drift by the user's calibrations, and its table."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plumbline.errors import PlumblineError
from plumbline.intervals import DAY_MS
from plumbline.products.depth import KPA_PER_PSI, METRES_PER_PSI, POSITIONS
from plumbline.products.drift import DriftModel, fit_drift, read_calibrations
from plumbline.tables.about_products import DRIFT_UNKNOWN, About
from plumbline.tables.csvw import Column, Subject
from plumbline.tables.lists import iso, write_list

METRES_PER_KPA = METRES_PER_PSI / KPA_PER_PSI

COLUMNS = [
    Column("time", "UTC day", "datetime", required=True),
    Column("offset_kpa", "what the sensor reads too much; it was taken off the pressure", "double", "kPa"),
    Column("sigma_kpa", "its standard deviation", "double", "kPa"),
    Column("uplift_m", "by how much that raised the uplift since the reference day (0.67 m/psi)", "double", "m"),
    Column("uplift_sigma_m", "its standard deviation, which the uplift has from the calibrations", "double", "m"),
]  # fmt: skip


@dataclass(frozen=True)
class SensorDrift:
    """A station's drift.

    Attributes
    ----------
    model : DriftModel or None
        None where there are no calibrations: not corrected.
    text : str
        What every file says of it.
    """

    model: DriftModel | None
    text: str


def drift_of(path: Path | None, name: str, designator: str, known: list[str]) -> SensorDrift:
    """Return the drift of a station.

    Parameters
    ----------
    path : Path or None
        The table of calibrations.
    name, designator : str
        Of the stream; either may stand in the table.
    known : list of str
        Names and designators of all streams; instruments at Axial Seamount may stand in the table besides.
    """
    calibrations = read_calibrations(path, list(dict.fromkeys([*known, *POSITIONS]))) if path else {}
    if name in calibrations and designator in calibrations and name != designator:
        raise PlumblineError(
            f"The calibrations {path} have {name!r} and {designator!r}, which are one station; write all rows under "
            "one of the two."
        )
    found = calibrations.get(name) or calibrations.get(designator)
    if found is None:
        return SensorDrift(None, DRIFT_UNKNOWN)
    model = fit_drift(found.time_ms, found.offset_kpa, found.sigma_kpa)
    count = found.time_ms.size
    shape = {"linear": "a line", "exponential": "a line and an exponential"}.get(model.form, "a constant")
    plural = "s" if count > 1 else ""
    words = f"corrected with {shape} through {count} calibration{plural}; sigma in drift.csv"
    if model.form == "exponential":
        words += f"; before {iso(model.origin_ms)} there is no value: an exponential cannot be taken back"
    return SensorDrift(model, words)


def write_drift(drift: SensorDrift, day_ms: np.ndarray, reference_ms: int, subject: Subject, csv_path: Path) -> None:
    """Write the drift of every day; no rows where it is not known.

    Parameters
    ----------
    drift : SensorDrift
    day_ms : ndarray of int64
        Starts of days, milliseconds since 1970; the drift is that of their middle.
    reference_ms : int
        Start of the day that uplift is counted from.
    subject : Subject
    csv_path : Path
    """
    rows = []
    if drift.model is not None:
        middle_ms = day_ms + DAY_MS // 2
        change, change_sigma = drift.model.change(middle_ms, reference_ms + DAY_MS // 2)
        heights = change * METRES_PER_KPA, change_sigma * METRES_PER_KPA
        columns = (day_ms, *drift.model.at(middle_ms), *heights)
        rows = list(zip(*(column.tolist() for column in columns), strict=True))
    about = About(
        subject,
        f"Drift of the sensor at {subject.stream['reference_designator']}",
        "Drift by the user's calibrations: a1 + a2 t + a3 exp(-t / a4), as far as their number allows (PSMSL).",
        COLUMNS,
        {"drift": drift.text},
    )
    write_list(csv_path, about, rows, "time")
