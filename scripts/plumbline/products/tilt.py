"""Tilt of the seafloor by OOI's data product BOTTILT: magnitude, direction, and the compass that they need.

Data product specification 1341-00060 (OOI 2013), as the code of OOI has it: ion-functions,
`ion_functions/data/prs_functions.py` (`prs_bottilt_tmag`, `prs_bottilt_ccmp`, `prs_bottilt_tdir`). The table of compass
corrections, `lily_compass.csv` beside this file, holds the numbers of its `prs_functions_ccmp.py` (Apache-2.0,
copyright the Regents of the University of California).
"""

import csv
import functools
from pathlib import Path

import numpy as np

from plumbline.errors import PlumblineError

COMPASS_TABLE = Path(__file__).with_name("lily_compass.csv")
MICRORADIANS_PER_DEGREE = np.pi / 180 * 1e6


def tilt_magnitude(x_urad: np.ndarray, y_urad: np.ndarray) -> np.ndarray:
    """Return the magnitude of a tilt (BOTTILT-TMAG), in the unit of its components.

    Parameters
    ----------
    x_urad, y_urad : ndarray of float64
        Tilt about the two axes, microradians; NaN where missing.
    """
    return np.hypot(x_urad, y_urad)


def tilt_direction(x_urad: np.ndarray, y_urad: np.ndarray, compass_deg: np.ndarray) -> np.ndarray:
    """Return the direction of a tilt (BOTTILT-TDIR), whole degrees clockwise from north, as OOI rounds: 360 may come.

    Parameters
    ----------
    x_urad, y_urad : ndarray of float64
        Tilt about the two axes, microradians; NaN where missing. Where both are 0, OOI's formula takes the tilt to be
        along x.
    compass_deg : ndarray of float64
        Corrected direction of the compass (BOTTILT-CCMP), degrees.
    """
    return np.round(np.mod(450 - np.degrees(np.arctan2(y_urad, x_urad)) + compass_deg, 360))


def corrected_compass(serial: str, compass_deg: np.ndarray) -> np.ndarray:
    """Return the direction of a LILY's compass corrected by OOI's table (BOTTILT-CCMP), whole degrees.

    Parameters
    ----------
    serial : str
        Serial number of the tiltmeter, such as ``N9655``.
    compass_deg : ndarray of float64
        What the compass shows (BOTTILT-SCMP), 0 to 360; halves are rounded up. NaN stays NaN.

    Raises
    ------
    PlumblineError
        If the table does not know the serial number, or the compass shows less than 0 or more than 360.
    """
    table = _compass_table()
    if serial not in table:
        raise PlumblineError(f"No compass correction is known of LILY {serial!r}; known are {', '.join(table)}.")
    there = np.isfinite(compass_deg)
    places = np.floor(np.where(there, compass_deg, 0.0) + 0.5).astype(np.int64)
    if places.size and not (places.min() >= 0 and places.max() <= 360):
        raise PlumblineError("A compass direction lies outside 0 to 360 degrees.")
    return np.where(there, table[serial][places], np.nan)


@functools.cache
def _compass_table() -> dict[str, np.ndarray]:
    """Return the corrected direction of each whole degree, 0 to 360, by serial number."""
    with COMPASS_TABLE.open(encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    return {serial: np.array([float(row[serial]) for row in rows]) for serial in rows[0] if serial != "compass_deg"}
