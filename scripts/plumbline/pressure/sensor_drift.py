"""A station's drift by the user's calibrations, and its table."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plumbline.products.depth import KPA_PER_PSI, METRES_PER_PSI
from plumbline.products.drift import DriftModel, fit_drift, read_calibrations
from plumbline.tables.about_products import DRIFT_UNKNOWN, About
from plumbline.tables.csvw import Column, Subject
from plumbline.tables.lists import write_list

METRES_PER_KPA = METRES_PER_PSI / KPA_PER_PSI

COLUMNS = [
    Column("time", "UTC day", "datetime", required=True),
    Column("offset_kpa", "what the sensor reads too much; it was taken off", "double", "kPa"),
    Column("sigma_kpa", "its standard deviation", "double", "kPa"),
    Column("offset_m", "the same as height (0.67 m/psi), by which the uplift was raised", "double", "m"),
    Column("sigma_m", "its standard deviation, which the corrected uplift has from the calibrations", "double", "m"),
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
        Names and designators of all streams.
    """
    calibrations = read_calibrations(path, known) if path else {}
    found = calibrations.get(name) or calibrations.get(designator)
    if found is None:
        return SensorDrift(None, DRIFT_UNKNOWN)
    model = fit_drift(found.time_ms, found.offset_kpa, found.sigma_kpa)
    count = found.time_ms.size
    shape = {"linear": "a line", "exponential": "a line and an exponential"}.get(model.form, "a constant")
    plural = "s" if count > 1 else ""
    return SensorDrift(model, f"corrected with {shape} through {count} calibration{plural}; sigma in drift.csv")


def write_drift(drift: SensorDrift, day_ms: np.ndarray, subject: Subject, csv_path: Path) -> None:
    """Write the drift of every day; no rows where it is not known."""
    rows = []
    if drift.model is not None:
        offset, sigma = drift.model.at(day_ms)
        columns = (day_ms, offset, sigma, offset * METRES_PER_KPA, sigma * METRES_PER_KPA)
        rows = list(zip(*(column.tolist() for column in columns), strict=True))
    about = About(
        subject,
        f"Drift of the sensor at {subject.stream['reference_designator']}",
        "Drift by the user's calibrations: a1 + a2 t + a3 exp(-t / a4), as far as their number allows (PSMSL).",
        COLUMNS,
        {"drift": drift.text},
    )
    write_list(csv_path, about, rows, "time")
