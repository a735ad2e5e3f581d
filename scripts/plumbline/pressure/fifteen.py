"""The 15 s means of a station's pressure: OOI's own grid, whose bins are centred on :00, :15, :30 and :45."""

import numpy as np

from plumbline.errors import PlumblineError
from plumbline.pressure.record import BinsRecord
from plumbline.products.botsflu import STEP_MS

HALF_MS = STEP_MS // 2


def grid_of(record: BinsRecord, begin_ms: int, end_ms: int) -> tuple[int, int]:
    """Return the centres (ms since 1970) of the first and the last 15 s bin that a window touches.

    Parameters
    ----------
    record : BinsRecord
    begin_ms, end_ms : int
        The window [begin, end), milliseconds since 1970.
    """
    if record.base_ms == STEP_MS:
        return begin_ms // STEP_MS * STEP_MS, (end_ms - 1) // STEP_MS * STEP_MS
    return tuple((ms - HALF_MS) // STEP_MS * STEP_MS + STEP_MS for ms in (begin_ms, end_ms - 1))


def means_psi(record: BinsRecord, first_ms: int, count: int) -> np.ndarray:
    """Return consecutive 15 s means.

    Every sample of a bin counts the same, however many there are: one sample makes a mean (OOI, DPS
    1341-00080). A bin without samples is NaN. OOI leaves out samples of 0 psi or less, which no seafloor has; here
    the whole base bin that holds one is left out, for its mean is spoilt. A stream that consists of 15 s means has
    them as its samples, each at the centre of its bin.

    Parameters
    ----------
    record : BinsRecord
        Bins of 7.5 s or a part of it; or of 15 s, for a stream of 15 s means.
    first_ms : int
        Centre of the first bin, milliseconds since 1970.
    count : int
        How many.

    Returns
    -------
    ndarray of float64, shape (count,)
        In the variable's unit.

    Raises
    ------
    PlumblineError
        If 15 s bins cannot be made of the record's.
    """
    if record.base_ms == STEP_MS:
        mean, least = record.read(first_ms, first_ms + count * STEP_MS, "mean", "min")
        return np.where(least <= 0, np.nan, mean)
    if HALF_MS % record.base_ms:
        raise PlumblineError(f"15 s means cannot be made of bins of {record.base_ms} ms.")
    begin_ms = first_ms - HALF_MS
    n, mean, least = record.read(begin_ms, begin_ms + count * STEP_MS, "n", "mean", "min")
    n[least <= 0] = 0
    together = STEP_MS // record.base_ms
    return merged(n.reshape(count, together), mean.reshape(count, together))


def merged(n: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return the means of rows of bins, weighted with their numbers of samples; NaN where a row has none.

    Differences from the first filled bin are averaged, not the values: those have 2254 psi in common, and
    with it the digits.

    Parameters
    ----------
    n : ndarray of int64, shape (rows, bins)
    mean : ndarray of float64, shape (rows, bins)
        NaN in empty bins.
    """
    rows = np.arange(n.shape[0])
    base = mean[rows, (n > 0).argmax(axis=1)]
    above = np.where(n > 0, mean - base[:, None], 0.0) * n
    # Added one after the other: the order, and so the last bit, depends on nothing else.
    total = np.zeros(n.shape[0])
    for column in above.T:
        total += column
    with np.errstate(invalid="ignore"):
        return base + total / n.sum(axis=1)
