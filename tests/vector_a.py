"""The reference vectors of OOI's BOTSFLU products, and the formula behind vector A (README of the vectors)."""

from pathlib import Path

import numpy as np

VECTORS = Path(__file__).parent / "vectors"
S1900 = 2_208_988_800
T0 = 1_420_070_400
DAY = 86_400
METRES_PER_PSI = 0.67
TIDES = (  # amplitude m, phase in degrees, period h (README of the vectors)
    (0.7935, 238.69, 12.4206012),
    (0.3548, 245.85, 23.93447213),
    (0.2555, 272.16, 12.0),
    (0.2441, 225.79, 25.81933871),
    (0.1720, 217.01, 12.65834751),
)
GAPS = ((10.5, 10.55), (20.125, 21.125), (33.0, 33.12), (50.5, 59.5), (90.0, 90.3125))


def agree(got, expected, tolerance):
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance)


def vector(name):
    with np.load(VECTORS / f"{name}.npz") as held:
        return dict(held)


def tide_a(u):
    """Return the tide (m) of vector A at times in seconds since 1970."""
    hours = (u - T0) / 3600
    return sum(a * np.cos(2 * np.pi * hours / period - np.radians(g)) for a, g, period in TIDES)


def formula_a():
    """Return pressure (psia, NaN in the gaps) and tide (m) of vector A on its 15 s grid."""
    u = T0 + 15.0 * np.arange(130 * 5760)
    days = (u - T0) / DAY
    eruption = T0 + 70 * DAY + 6 * 3600 + 600
    depth = 1510 - 0.61 / 365.25 / DAY * (u - T0)
    depth += 2.45 * -np.expm1(-np.clip(u - eruption, 0, None) / (0.6 * DAY))
    for size, period, phase in ((0.004, 86, 0), (0.003, 143.7, 1), (0.02, 5.3 * DAY, 0.3)):
        depth += size * np.sin(2 * np.pi * u / period + phase)
    pressure = (depth + tide_a(u)) / METRES_PER_PSI
    for begin, end in GAPS:
        pressure[(days >= begin) & (days < end)] = np.nan
    return u, pressure, tide_a(u)
