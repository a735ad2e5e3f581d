"""Depth from bottom pressure, by OOI's convention or by the equation of state of sea water."""

from typing import NamedTuple

import gsw
import numpy as np

from plumbline.errors import PlumblineError

# OOI's factor for every BOTPT (DPS 1341-00080, as prs_functions.py of ion-functions has it): a convention, in which the
# atmosphere is left. Near 1500 m the sea gives 0.679.
METRES_PER_PSI = 0.67

# One pound-force per square inch, kPa: exact to the digits given (NIST SP 811).
KPA_PER_PSI = 6.894757293168
KPA_PER_DBAR = 10.0
# What gsw takes for the atmosphere where it subtracts it: one standard atmosphere, dbar.
ATMOSPHERE_DBAR = 10.1325


class Position(NamedTuple):
    """Where an instrument stands: degrees north, degrees east."""

    latitude: float
    longitude: float


# As deployed, from OOI's asset-management (deployment/RS03*_Deploy.csv), deployment 1 of each.
POSITIONS = {
    "RS03CCAL-MJ03F-05-BOTPTA301": Position(45.954850, -130.008772),
    "RS03ECAL-MJ03E-06-BOTPTA302": Position(45.939888, -129.974113),
    "RS03INT2-MJ03D-06-BOTPTA303": Position(45.925790, -129.977499),
    "RS03ASHS-MJ03B-09-BOTPTA304": Position(45.933638, -130.013897),
}


def position_of(reference_designator: str) -> Position:
    """Return where the instrument with a reference designator stands.

    Raises
    ------
    PlumblineError
        If it is none of the pressure instruments at Axial Seamount.
    """
    try:
        return POSITIONS[reference_designator]
    except KeyError:
        known = ", ".join(POSITIONS)
        raise PlumblineError(f"No position is known of {reference_designator!r}; known are {known}.") from None


def depth_ooi(pressure_psi: np.ndarray) -> np.ndarray:
    """Return depth by OOI's convention: -0.67 m for each psi, the atmosphere left in (DPS 1341-00080).

    It makes changes of depth 1.3 % too small and depths of 1500 m some 15 m too shallow, and is that of
    OOI's own products.

    Parameters
    ----------
    pressure_psi : ndarray of float64
        Absolute pressure, psia; NaN stays NaN.

    Returns
    -------
    ndarray of float64
        Metres, up positive.
    """
    return -METRES_PER_PSI * np.asarray(pressure_psi, dtype=np.float64)


def depth_teos10(pressure_psi: np.ndarray, latitude: float) -> np.ndarray:
    """Return depth by TEOS-10: `gsw.z_from_p` of the pressure without one standard atmosphere (IOC et al. 2010).

    It is that of sea water of 35.16504 g/kg and 0 degrees C throughout: geometry to metres, changes of it to a
    few parts in a thousand.

    Parameters
    ----------
    pressure_psi : ndarray of float64
        Absolute pressure, psia; NaN stays NaN.
    latitude : float
        Degrees north, for gravity.

    Returns
    -------
    ndarray of float64
        Metres, up positive.
    """
    absolute_dbar = np.asarray(pressure_psi, dtype=np.float64) * (KPA_PER_PSI / KPA_PER_DBAR)
    return np.asarray(gsw.z_from_p(absolute_dbar - ATMOSPHERE_DBAR, latitude))


METHODS = {"ooi": lambda pressure_psi, latitude: depth_ooi(pressure_psi), "teos10": depth_teos10}


def depth(pressure_psi: np.ndarray, method: str, latitude: float) -> np.ndarray:
    """Return depth, metres, up positive, from pressure, psia, by a method of `METHODS`: ``ooi`` or ``teos10``.

    Sources: those of `depth_ooi` and `depth_teos10`. NaN stays NaN.

    Raises
    ------
    PlumblineError
        If the method is none of them, or the latitude is not between the poles.
    """
    if method not in METHODS:
        raise PlumblineError(f"Depth is asked for by the method {method!r}; allowed are {', '.join(METHODS)}.")
    if not -90 <= latitude <= 90:
        raise PlumblineError(f"Depth is asked for at the latitude {latitude}, which is beyond the poles.")
    return METHODS[method](pressure_psi, latitude)
