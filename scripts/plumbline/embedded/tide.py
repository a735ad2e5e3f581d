"""The ocean tide over Axial Seamount, from 29 harmonic constituents.

Amplitudes and Greenwich phases reproduce the tide table that OOI's own products use (TPXO7.2 at
45.955 N, 130.010 W) to 0.3 mm rms in 2011, when nodal corrections are those of Foreman (1977).
Here the simpler classical ones of Doodson (1928), as given by Pugh (1987, table 4:3), are used:
they stay within 9 mm rms of that table, near enough for data that are synthetic anyway.
"""

import numpy as np

# Greenwich phase in the sense of UTide and T_TIDE. Doodson numbers multiply tau, s, h, p, N', p_s;
# the offset is in cycles. The last column names the family whose nodal factors apply.
CONSTITUENTS = (
    # name, amplitude m, phase deg, Doodson numbers, offset, nodal family
    ("M2", 0.792237, 238.7954, (2, 0, 0, 0, 0, 0), 0.0, "M2"),
    ("K1", 0.395096, 240.6847, (1, 1, 0, 0, 0, 0), -0.75, "K1"),
    ("O1", 0.243149, 225.6712, (1, -1, 0, 0, 0, 0), -0.25, "O1"),
    ("S2", 0.224215, 268.4515, (2, 2, -2, 0, 0, 0), 0.0, "solar"),
    ("N2", 0.161198, 212.9983, (2, -1, 0, 1, 0, 0), 0.0, "M2"),
    ("P1", 0.123336, 239.0642, (1, 1, -2, 0, 0, 0), -0.25, "solar"),
    ("K2", 0.059565, 262.8692, (2, 2, 0, 0, 0, 0), 0.0, "K2"),
    ("Q1", 0.042732, 218.3962, (1, -2, 0, 1, 0, 0), -0.25, "O1"),
    ("MU2", 0.030953, 195.1124, (2, -2, 2, 0, 0, 0), 0.0, "M2"),
    ("NU2", 0.030180, 216.1750, (2, -1, 2, -1, 0, 0), 0.0, "M2"),
    ("2N2", 0.026344, 185.9883, (2, -2, 0, 2, 0, 0), 0.0, "M2"),
    ("J1", 0.024321, 252.1261, (1, 2, 0, -1, 0, 0), -0.75, "J1"),
    ("NO1", 0.019772, 242.6743, (1, 0, 0, 1, 0, 0), -0.75, "J1"),
    ("L2", 0.016703, 250.5035, (2, 1, 0, -1, 0, 0), -0.5, "M2"),
    ("MF", 0.013725, 141.0458, (0, 2, 0, 0, 0, 0), 0.0, "MF"),
    ("T2", 0.013087, 268.7753, (2, 2, -3, 0, 0, 1), 0.0, "solar"),
    ("OO1", 0.012718, 250.3208, (1, 3, 0, 0, 0, 0), -0.75, "OO1"),
    ("RHO1", 0.008772, 221.0137, (1, -2, 2, -1, 0, 0), -0.25, "O1"),
    ("PI1", 0.007331, 240.7786, (1, 1, -3, 0, 0, 1), -0.25, "solar"),
    ("MM", 0.006712, 166.0512, (0, 1, 0, -1, 0, 0), 0.0, "MM"),
    ("SIG1", 0.006520, 213.9286, (1, -3, 2, 0, 0, 0), -0.25, "O1"),
    ("PHI1", 0.005396, 241.4633, (1, 1, 2, 0, 0, 0), -0.75, "solar"),
    ("2Q1", 0.005270, 209.6450, (1, -3, 0, 2, 0, 0), -0.25, "O1"),
    ("LDA2", 0.004719, 251.6306, (2, 1, -2, 1, 0, 0), -0.5, "M2"),
    ("THE1", 0.004515, 257.5882, (1, 2, -2, 1, 0, 0), -0.75, "J1"),
    ("CHI1", 0.003731, 234.6011, (1, 0, 2, -1, 0, 0), -0.75, "J1"),
    ("MS4", 0.002932, 85.2454, (4, 2, -2, 0, 0, 0), 0.0, "M2"),
    ("M4", 0.001715, 194.8635, (4, 0, 0, 0, 0, 0), 0.0, "M4"),
    ("MN4", 0.000690, 23.7980, (4, -1, 0, 1, 0, 0), 0.0, "M4"),
)

# Mean longitudes in degrees as polynomials of days since 1899-12-31T12:00 (Explanatory Supplement
# to the Astronomical Ephemeris, 1961): constant, per day, per (10 000 d)^2, per (10 000 d)^3.
LONGITUDES = np.array(
    [
        (270.434164, 13.1763965268, -0.0000850, 0.000000039),  # s, the Moon
        (279.696678, 0.9856473354, 0.00002267, 0.0),  # h, the Sun
        (334.329556, 0.1114040803, -0.0007739, -0.00000026),  # p, lunar perigee
        (-259.183275, 0.0529539222, -0.0001557, -0.000000050),  # N', minus the lunar node
        (281.220844, 0.0000470684, 0.0000339, 0.000000070),  # p_s, solar perigee
    ]
)
UNIX_DAY_OF_1899_12_31_NOON = -25567.5

# f = a + b cos N (amplitude factor), u = c sin N degrees; Pugh (1987), table 4:3.
NODAL = {
    "solar": (1.0, 0.0, 0.0),
    "M2": (1.0, -0.037, -2.1),
    "M4": (1.0, -0.074, -4.2),
    "K1": (1.006, 0.115, -8.9),
    "O1": (1.009, 0.187, 10.8),
    "K2": (1.024, 0.286, -17.7),
    "J1": (1.013, 0.168, -12.9),
    "OO1": (1.102, 0.640, -38.0),
    "MF": (1.043, 0.414, -23.7),
    "MM": (1.0, -0.130, 0.0),
}

_AMPLITUDES = np.array([row[1] for row in CONSTITUENTS])
_PHASES = np.array([row[2] for row in CONSTITUENTS]) / 360.0
_DOODSON = np.array([row[3] for row in CONSTITUENTS], dtype=float)
_OFFSETS = np.array([row[4] for row in CONSTITUENTS])
_NODAL = np.array([NODAL[row[5]] for row in CONSTITUENTS])


def tide_m(unix_s: np.ndarray) -> np.ndarray:
    """Return the height of the tide above its mean.

    Parameters
    ----------
    unix_s : ndarray of float64, shape (n,)
        Seconds since 1970-01-01T00:00Z.

    Returns
    -------
    ndarray of float64, shape (n,)
        Metres, up positive.
    """
    days = np.asarray(unix_s, dtype=float) / 86400.0
    arguments = _astronomical_arguments(days)
    node = -2.0 * np.pi * arguments[4]
    factor = _NODAL[:, :1] + _NODAL[:, 1:2] * np.cos(node)
    lag = _NODAL[:, 2:] / 360.0 * np.sin(node)
    # Sums over few terms are written as products of arrays and added along an axis: the order of
    # the additions is then fixed, which a matrix product does not promise.
    cycles = (_DOODSON[:, :, None] * arguments[None, :, :]).sum(axis=1)
    cycles += (_OFFSETS - _PHASES)[:, None] + lag
    return (_AMPLITUDES[:, None] * factor * np.cos(2.0 * np.pi * cycles)).sum(axis=0)


def _astronomical_arguments(days: np.ndarray) -> np.ndarray:
    """Return tau, s, h, p, N', p_s in cycles, shape (6, n), for days since 1970."""
    since_1899 = days - UNIX_DAY_OF_1899_12_31_NOON
    tens = since_1899 / 10_000.0
    powers = np.stack([np.ones_like(days), since_1899, tens**2, tens**3])
    longitudes = (LONGITUDES[:, :, None] * powers[None, :, :]).sum(axis=1) / 360.0
    longitudes -= np.floor(longitudes)
    tau = days - np.floor(days) + longitudes[1] - longitudes[0]
    return np.concatenate([tau[None, :], longitudes])
