"""Directions: angles that wrap at 360 degrees, which are averaged as vectors of length 1.

The mean of 359 and 1 degree is 0, not 180. So a direction is binned as two variables, its sine and its cosine; the
mean of both is a vector, and where it points is the mean direction (Mardia and Jupp 2000, Directional Statistics,
section 2.2).
"""

import numpy as np

from plumbline.samples.kernel import Statistics

# Behind a variable's name, in the bins.
SINE, COSINE = "_sine", "_cosine"
PARTS = (SINE, COSINE)

# Units of an angle as files spell them; a direction in another unit is not averaged.
DEGREES = ("degrees", "degree", "deg", "°", "degrees_true", "degree_true")

# Of opposite directions in float32 there is left 1e-7: a mean vector shorter than this points nowhere.
LEAST_RESULTANT = 1e-6


# 1/3!, 1/5!, ... and 1/2!, 1/4!, ...: with 45 degrees at the most, what is left out is below 1e-19.
_SINE_TERMS = (-1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800, 1 / 6227020800, -1 / 1307674368000)
_SINE_TERMS += (1 / 355687428096000,)
_COSINE_TERMS = (-1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800, 1 / 479001600, -1 / 87178291200)
_COSINE_TERMS += (1 / 20922789888000, -1 / 6402373705728000)


def unit_vectors(degrees: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return sine and cosine of angles.

    Sums and products alone, which every processor rounds alike: numpy's own sine differs in the last bit from
    machine to machine. Whole quarter turns are taken off exactly; of 90 degrees the cosine is 0.

    Parameters
    ----------
    degrees : ndarray of float32 or float64
        Finite.
    """
    degrees = degrees.astype(np.float64)
    quarters = np.rint(degrees / 90.0)
    angle = np.deg2rad(degrees - 90.0 * quarters)
    square = angle * angle
    sine, cosine = angle + angle * _series(square, _SINE_TERMS), 1.0 + _series(square, _COSINE_TERMS)
    turn = quarters % 4.0
    odd = turn % 2.0 == 1.0
    one, other = np.where(odd, cosine, sine), np.where(odd, sine, cosine)
    signed = np.where(turn >= 2.0, -one, one), np.where((turn == 1.0) | (turn == 2.0), -other, other)
    # No zero with a sign: which of two zeros is the least would depend on their order.
    return signed[0] + 0.0, signed[1] + 0.0


def _series(square: np.ndarray, terms: tuple[float, ...]) -> np.ndarray:
    """Return terms[0] x + terms[1] x^2 + ..."""
    total = np.full(square.size, terms[-1])
    for term in terms[-2::-1]:
        total *= square
        total += term
    total *= square
    return total


def mean_direction(sine: Statistics, cosine: Statistics) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of the directions of bins, degrees.

    Parameters
    ----------
    sine, cosine : Statistics
        Of the same samples.

    Returns
    -------
    mean : ndarray of float64
        In [0, 360): where the mean vector points; NaN without samples, and where its length R is below
        `LEAST_RESULTANT`, so that it points nowhere.
    std : ndarray of float64
        Circular standard deviation sqrt(-2 ln R) (Mardia and Jupp 2000, section 2.3); NaN where there is no mean, or
        one sample alone. As sine^2 + cosine^2 is 1, R^2 is 1 less the two variances: so it keeps its digits
        where directions hardly differ.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        known = np.hypot(sine.mean, cosine.mean) >= LEAST_RESULTANT
        mean = np.where(known, np.rad2deg(np.arctan2(sine.mean, cosine.mean)) % 360.0, np.nan)
        squares = np.minimum((sine.m2 + cosine.m2) / sine.n, 1.0)
        std = np.rad2deg(np.sqrt(np.maximum(-np.log1p(-squares), 0.0)))
    # What is a little less than 0 is 360 after the remainder.
    return np.where(mean >= 360.0, 0.0, mean), np.where(known & (sine.n > 1), std, np.nan)
