"""How the seafloor at Axial Seamount rises and falls, and how the sensors drift: the slow signals.

The numbers are fits to OOI's own depths at Central and Eastern Caldera, 2015 to 2025. Raw rates
of the sensors are used, so that a linear drift is already in them. The two stations without
published fits stand between those two by an assumed share.
"""

import numpy as np

from plumbline.embedded.hashing import key_of, uniform

# OOI's convention for seafloor depth: 0.67 m per psi, the atmosphere not removed (DPS 1341-00080).
METRES_PER_PSI = 0.67
SECONDS_PER_YEAR = 365.25 * 86400.0

ONSET_2015_S = 1_429_855_200.0  # 2015-04-24T06:00Z
RECOVERY_2015_S = 1_431_648_000.0  # 2015-05-15T00:00Z
# Subsidence in m and its time constant in h, two exponentials each (rms of the fit 2.9 and 1.4 cm).
CENTRAL_DROP = ((2.156, 4.44), (0.272, 46.0))
EASTERN_DROP = ((0.822, 4.50), (0.206, 63.0))

# Uplift in cm per year from a moment on, Central and Eastern Caldera; the last one holds on.
_NEW_YEARS = [np.datetime64(f"{year}-01-01", "s").astype(int).item() for year in range(2016, 2026)]
RATES = np.array(
    [
        (0.0, 62.6, 22.4),
        (ONSET_2015_S, 0.0, 0.0),
        (RECOVERY_2015_S, 91.4, 32.8),
        *zip(
            _NEW_YEARS,
            (38.6, 29.5, 37.0, 15.3, 10.5, 3.8, 2.8, -2.4, 16.6, 16.5),
            (15.0, 11.2, 14.3, 7.0, 2.6, -0.4, -1.1, -4.5, 4.1, 5.7),
            strict=True,
        ),
    ]
)
UPLIFT_ZERO_S = 1_420_070_400.0  # 2015-01-01: uplift is counted from here

# Mean pressure in psi at the beginning of 2015, and the share of Central Caldera's motion.
STATIONS = {
    "RS03CCAL-MJ03F-05-BOTPTA301": (2254.4, 1.0),
    "RS03ECAL-MJ03E-06-BOTPTA302": (2241.3, 0.0),
    "RS03INT2-MJ03D-06-BOTPTA303": (2259.0, 0.7),
    "RS03ASHS-MJ03B-09-BOTPTA304": (2276.6, 0.6),
}

# Exponential part of the sensor drift (0.3 to 0.6 kPa, 60 to 90 d in calibrations elsewhere).
DRIFT_PSI = 0.45 / 6.894757
DRIFT_TIME_S = 75 * 86400.0

# Ocean noise common to all stations: a red spectrum with a knee at 4 days, 2.2 cm rms, and the
# residual tides that OOI's table leaves (amplitude m, period h). Own noise of a station: 0.3 cm rms.
COMMON_RMS_M = 0.022
OWN_RMS_M = 0.003
KNEE_DAYS = 4.0
PERIODS_DAYS = np.geomspace(0.9, 45.0, 16)
RESIDUAL_TIDES = ((0.008, 24.0), (0.004, 12.4206012), (0.006, 24.8332484))


def uplift_m(unix_s: np.ndarray, share: float) -> np.ndarray:
    """Return the uplift of the seafloor since 2015-01-01, metres, with the eruption of 2015.

    Parameters
    ----------
    unix_s : ndarray of float64, shape (n,)
        Seconds since 1970.
    share : float
        1 for the motion of Central Caldera, 0 for that of Eastern Caldera, or between.
    """
    since = np.clip(unix_s - ONSET_2015_S, 0.0, None) / 3600.0
    total = np.zeros_like(unix_s)
    for drop, weight in ((CENTRAL_DROP, share), (EASTERN_DROP, 1.0 - share)):
        for size, hours in drop:
            total += weight * size * np.expm1(-since / hours)
    knots = np.append(RATES[:, 0], 1e11)
    rates = (share * RATES[:, 1] + (1.0 - share) * RATES[:, 2]) / 100.0 / SECONDS_PER_YEAR
    heights = np.concatenate([[0.0], np.cumsum(rates * np.diff(knots))])
    return total + np.interp(unix_s, knots, heights) - np.interp(UPLIFT_ZERO_S, knots, heights)


def ocean_noise_m(unix_s: np.ndarray, name: str, rms_m: float) -> np.ndarray:
    """Return a smooth red noise of a given rms, metres of water, that depends on its name and time."""
    size = 1.0 / np.hypot(1.0, 2.0 * np.pi * KNEE_DAYS / PERIODS_DAYS)
    size *= rms_m / np.sqrt((size**2).sum() / 2.0)
    phases = uniform(key_of("ocean", name), np.arange(len(PERIODS_DAYS)))
    cycles = unix_s[None, :] / (PERIODS_DAYS[:, None] * 86400.0) + phases[:, None]
    return (size[:, None] * np.cos(2.0 * np.pi * cycles)).sum(axis=0)


def residual_tide_m(unix_s: np.ndarray) -> np.ndarray:
    """Return the tide that a tide table leaves in the data, metres."""
    return sum(
        size * np.cos(2.0 * np.pi * (unix_s / (hours * 3600.0) + 0.13 * hours)) for size, hours in RESIDUAL_TIDES
    )


def slow_pressure_psi(designator: str, unix_s: np.ndarray, tide_m: np.ndarray, deployed_s: float) -> np.ndarray:
    """Return the pressure at a station without its waves: all that changes over an hour and more.

    It is smooth inside every hour of the clock; the kinks (onset of the eruption, changes of the
    rate of inflation) fall on full hours.

    Parameters
    ----------
    designator : str
        One of `STATIONS`.
    unix_s : ndarray of float64, shape (n,)
        Seconds since 1970.
    tide_m : ndarray of float64, shape (n,)
        The tide at these times, metres.
    deployed_s : float
        When the sensor was set down, seconds since 1970.
    """
    mean_psi, share = STATIONS[designator]
    water = tide_m + residual_tide_m(unix_s)
    water += ocean_noise_m(unix_s, "common", COMMON_RMS_M) + ocean_noise_m(unix_s, designator, OWN_RMS_M)
    drift = DRIFT_PSI * np.expm1(-(unix_s - deployed_s) / DRIFT_TIME_S)
    return mean_psi + (water - uplift_m(unix_s, share)) / METRES_PER_PSI + drift
