"""How the seafloor tilts: the three tiltmeters of a bottom pressure and tilt instrument.

Formulas of OOI's derived variables: BOTTILT (DPS 1341-00060) as in ion-functions, `prs_functions.py`.
The motion itself is made up: a slow turn of some microradians a month that never leaves the 330
microradians of a LILY, the tide, a step at the onset of the eruption of 2015, and noise.
"""

from dataclasses import dataclass

import numpy as np

from plumbline.embedded.gaps import HOUR_MS, present
from plumbline.embedded.hashing import key_of, uniform
from plumbline.embedded.seafloor import ONSET_2015_S
from plumbline.embedded.streams import HEAT_SAMPLE, IRIS_SAMPLE, LILY_SAMPLE

Variables = dict[str, np.ndarray]

LILY_MS, HEAT_MS = 1_000, 3_000
SLOW_ORIGIN_S, SLOW_PERIOD_S = 1_409_529_600.0, 12 * 365.25 * 86400.0  # 2014-09-01
TIDES_S = ((0.6, 44_714.16), (0.35, 86_164.09))  # amplitude in microradians, period
STEP_TIMES_H = ((0.85, 4.44), (0.15, 46.0))  # shares and time constants of the step, as of the subsidence
NOISE_URAD, NOISE_COMPASS_DEG = 0.06, 3.0
DEGREES_PER_URAD = 180.0 / np.pi * 1e-6


@dataclass(frozen=True)
class Tilting:
    """How a station tilts, in the frame of its tiltmeter.

    Attributes
    ----------
    slow_urad : (float, float)
        Size of the slow turn about x and y; its greatest rate is 2 pi / 144 of it a month.
    step_urad : (float, float)
        Step at the onset of the eruption of 2015.
    compass_deg : float
        Where the compass points; near north, so that its noise crosses it.
    correction_deg : float
        What OOI adds to the compass of this LILY: true north less the direction that it shows. Made up; OOI's own
        is a table by the degree.
    iris_deg : (float, float)
        How the IRIS stands.
    """

    slow_urad: tuple[float, float]
    step_urad: tuple[float, float]
    compass_deg: float
    correction_deg: float
    iris_deg: tuple[float, float]


TILTING = {
    "RS03CCAL-MJ03F-05-BOTPTA301": Tilting((110.0, -80.0), (-95.0, 62.0), 0.2, 141.0, (-0.0882, -0.7524)),
    "RS03ECAL-MJ03E-06-BOTPTA302": Tilting((-70.0, 120.0), (88.0, -47.0), -0.4, 207.0, (0.1204, -0.3311)),
    "RS03INT2-MJ03D-06-BOTPTA303": Tilting((95.0, 60.0), (-60.0, -90.0), 0.5, 318.0, (0.4127, 0.2005)),
    "RS03ASHS-MJ03B-09-BOTPTA304": Tilting((60.0, 85.0), (0.0, 0.0), -0.1, 74.0, (-0.2710, 0.6143)),
}


def _tilt_urad(designator: str, unix_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the tilt about x and y, microradians, without noise."""
    tilting, axes = TILTING[designator], []
    slow = np.sin(2.0 * np.pi * (unix_s - SLOW_ORIGIN_S) / SLOW_PERIOD_S)
    since_h = np.clip(unix_s - ONSET_2015_S, 0.0, None) / 3600.0
    step = -sum(share * np.expm1(-since_h / hours) for share, hours in STEP_TIMES_H)
    phases = uniform(key_of("tilt", designator), np.arange(2 * len(TIDES_S)))
    for axis in range(2):
        tide = sum(
            size * np.cos(2.0 * np.pi * (unix_s / period + phases[2 * place + axis]))
            for place, (size, period) in enumerate(TIDES_S)
        )
        axes.append(tilting.slow_urad[axis] * slow + tilting.step_urad[axis] * step + tide)
    return axes[0], axes[1]


def _noise(what: str, designator: str, unix_s: np.ndarray) -> np.ndarray:
    """Return noise by the second, uniform from -0.5 to 0.5."""
    return uniform(key_of(what, designator), unix_s.astype(np.int64)) - 0.5


def _times(designator: str, hour: int, period_ms: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all the seconds of an hour at which there might be a sample, which there are, and their times."""
    there = present(designator, hour, period_ms)
    unix_s = hour * 3600.0 + period_ms / 1000.0 * np.arange(HOUR_MS // period_ms)
    return unix_s, there, hour * HOUR_MS + period_ms * np.flatnonzero(there)


def _cut(columns: Variables, there: np.ndarray, dtype: type) -> Variables:
    return {name: values[there].astype(dtype) for name, values in columns.items()}


def lily_hour(designator: str, hour: int) -> tuple[np.ndarray, Variables]:
    """Return an hour of LILY samples at 1 Hz: times in milliseconds since 1970, and the variables.

    Values are rounded as the instrument writes them: tilts to a nanoradian, the rest to 0.01.
    """
    tilting = TILTING[designator]
    unix_s, there, time_ms = _times(designator, hour, LILY_MS)
    x, y = (
        np.round(axis + NOISE_URAD * _noise(f"{LILY_SAMPLE} {name}", designator, unix_s), 3)
        for name, axis in zip("xy", _tilt_urad(designator, unix_s), strict=True)
    )
    turn = tilting.compass_deg + NOISE_COMPASS_DEG * _noise("compass", designator, unix_s)
    compass = np.round(np.mod(turn, 360.0), 2) % 360.0
    corrected = np.round((compass + tilting.correction_deg) % 360.0, 2) % 360.0
    warmth = 2.9 + 0.05 * np.cos(2.0 * np.pi * unix_s / (51.0 * 86400.0)) + 0.02 * _noise("lily", designator, unix_s)
    columns = {
        "lily_x_tilt": x,
        "lily_y_tilt": y,
        "compass_direction": compass,
        "lily_temp": np.round(warmth, 2),
        "supply_voltage": np.round(11.94 + 0.06 * _noise("volts", designator, unix_s), 2),
        "corrected_compass_direction": corrected,
        "seafloor_tilt_magnitude": np.hypot(x, y),
        "seafloor_tilt_direction": np.round(np.mod(450.0 - np.degrees(np.arctan2(y, x)) + corrected, 360.0)),
    }
    return time_ms, _cut(columns, there, np.float32)


def iris_hour(designator: str, hour: int) -> tuple[np.ndarray, Variables]:
    """Return an hour of IRIS samples at 1 Hz, degrees: times in milliseconds since 1970, and the variables."""
    unix_s, there, time_ms = _times(designator, hour, LILY_MS)
    columns = {
        f"iris_{name}_tilt": np.round(
            stands + DEGREES_PER_URAD * axis + 8e-4 * _noise(f"{IRIS_SAMPLE} {name}", designator, unix_s), 4
        )
        for name, stands, axis in zip("xy", TILTING[designator].iris_deg, _tilt_urad(designator, unix_s), strict=True)
    }
    columns["iris_temp"] = np.round(
        3.4 + 0.05 * np.cos(2.0 * np.pi * unix_s / (51.0 * 86400.0)) + 0.02 * _noise("iris", designator, unix_s), 2
    )
    return time_ms, _cut(columns, there, np.float32)


def heat_hour(designator: str, hour: int) -> tuple[np.ndarray, Variables]:
    """Return an hour of HEAT samples, one in 3 s, whole degrees: times in milliseconds since 1970, the variables."""
    unix_s, there, time_ms = _times(designator, hour, HEAT_MS)
    columns = {
        f"heat_{name}_tilt": np.rint(stands + 0.6 * _noise(f"{HEAT_SAMPLE} {name}", designator, unix_s))
        for name, stands in zip("xy", TILTING[designator].iris_deg, strict=True)
    }
    columns["heat_temp"] = np.rint(3.0 + 1.2 * _noise("heat", designator, unix_s))
    return time_ms, _cut(columns, there, np.int16)
