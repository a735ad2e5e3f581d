"""The water at the 200 m platform: what the one CTD measures."""

import numpy as np

from plumbline.embedded.gaps import HOUR_MS, present
from plumbline.embedded.hashing import key_of, uniform
from plumbline.embedded.tide import tide_m

PERIOD_MS = 1_000
DBAR_PER_METRE = 1.0093  # at 200 m, 1 029 kg m-3 and 9.807 m s-2
NOISE_C = 0.002


def ctd_hour(designator: str, hour: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return an hour of CTD samples at 1 Hz: times in milliseconds since 1970, and the variables.

    Temperature follows internal waves of tidal and shorter period; salinity follows temperature as
    the water masses of the halocline do; density and conductivity are linear about 8 degrees
    Celsius and 33.8. The counts are those of a made-up calibration.
    """
    there = present(designator, hour, PERIOD_MS)
    second = hour * 3600 + np.flatnonzero(there)
    phase = uniform(key_of("water", designator), np.arange(4))
    temperature = 8.0 + sum(
        size * np.cos(2.0 * np.pi * (second / period + shift))
        for size, period, shift in zip(
            (0.35, 0.30, 0.08, 0.03), (31_556_952.0, 44_714.0, 5_411.0, 611.0), phase, strict=True
        )
    )
    temperature += NOISE_C * (uniform(key_of("thermistor", designator), second) - 0.5)
    salinity = 33.8 - 0.12 * (temperature - 8.0)
    # The tide is smooth over an hour: a node every ten minutes and a cubic would do; seven suffice.
    nodes = hour * 3600.0 + 600.0 * np.arange(7)
    unit = (second - hour * 3600) / 1800.0 - 1.0
    level = np.polynomial.Polynomial.fit((nodes - hour * 3600.0) / 1800.0 - 1.0, tide_m(nodes), 5)(unit)
    swell = 0.25 * np.cos(2.0 * np.pi * (second % 7_919) / 11.3)
    pressure = 201.4 + DBAR_PER_METRE * level + swell
    conductivity = 3.62 + 0.0975 * (temperature - 8.0) + 0.096 * (salinity - 33.8)
    return hour * HOUR_MS + PERIOD_MS * np.flatnonzero(there), {
        "conductivity": np.rint(conductivity * 480_000.0).astype(np.int32),
        "pressure": np.rint(pressure * 2_600.0).astype(np.int32),
        "temperature": np.rint(600_000.0 - 28_000.0 * temperature).astype(np.int32),
        "sea_water_temperature": temperature,
        "sea_water_pressure": pressure,
        "sea_water_electrical_conductivity": conductivity,
        "sea_water_practical_salinity": salinity,
        "sea_water_density": 1027.25 - 0.15 * (temperature - 8.0) + 0.78 * (salinity - 33.8),
    }
