"""Lines through daily values, and how far off they may be."""

import numpy as np

# About twice the 3 to 5 d that the ocean remembers.
LEAST_BLOCK = 7


def lines_through(
    days: np.ndarray, values: np.ndarray, replicates: int, seed: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least-squares line through daily values, and lines that it might as well have been.

    The replicates are lines through the fit plus resampled residuals: a moving-block bootstrap (Kuensch 1989),
    which keeps what a residual has of the day before. Residuals are widened by sqrt(n / (n - 2)).

    Parameters
    ----------
    days : ndarray of float64, shape (n,)
        Times, days, increasing. Gaps are allowed: a block holds values that follow each other, with the gap
        between them or without.
    values : ndarray of float64, shape (n,)
        Finite; n is 8 or more: a block and one.
    replicates : int
        How many.
    seed : tuple of int
        Of the generator (PCG64). Only whole numbers are drawn, so one release of NumPy draws the same on
        every machine.

    Returns
    -------
    at_zero, slopes : ndarray of float64, shape (1 + replicates,)
        Values at day 0, and slopes per day: first of the fitted line, then of its replicates.
    """
    n = values.size
    x = days - days.mean()
    to_slope = x / np.sum(x * x)
    slope, mean = np.sum(to_slope * values), values.mean()
    # A fit leaves residuals that are smaller than the errors.
    residual = (values - mean - slope * x) * np.sqrt(n / (n - 2))
    block = block_length(residual)
    # Those at the ends are in fewer blocks: without this the replicates would lie beside the line.
    residual -= np.convolve(residual, np.full(block, 1 / block), "valid").mean()
    draw = np.random.Generator(np.random.PCG64(seed))
    starts = draw.integers(0, n - block + 1, size=(replicates, -(-n // block), 1))
    drawn = residual[(starts + np.arange(block)).reshape(replicates, -1)[:, :n]]
    slopes = np.concatenate(([slope], slope + drawn @ to_slope))
    means = np.concatenate(([mean], mean + drawn.mean(axis=1)))
    return means - slopes * days.mean(), slopes


def block_length(residual: np.ndarray) -> int:
    """Return how many values a block holds: Andrews (1991) for residuals of a first-order autoregression.

    The bootstrap's variance is that of a Bartlett kernel, whose best width for n values is
    1.1447 (alpha n)^(1/3), with alpha = 4 r^2 / (1 - r^2)^2. At least a week, else at most a quarter of the values.

    Parameters
    ----------
    residual : ndarray of float64, shape (n,)
        Residuals of a line, in time order.
    """
    n, squares = residual.size, np.sum(residual * residual)
    r = min(max(np.sum(residual[1:] * residual[:-1]) / squares, 0.0), 0.97) if squares > 0 else 0.0
    best = 1.1447 * (4 * r * r / (1 - r * r) ** 2 * n) ** (1 / 3)
    return min(max(round(best), LEAST_BLOCK), max(n // 4, LEAST_BLOCK))
