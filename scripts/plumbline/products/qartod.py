"""Quality flags of QARTOD, their order, and how those of several tests or of many bins become one.

Meaning of the flags: U.S. IOOS, Manual for Real-Time Quality Control of Water Level Data.
"""

import numpy as np

PASS, NOT_EVALUATED, SUSPECT, FAIL, MISSING = 1, 2, 3, 4, 9
# The same as CF's attributes of a flag variable have them.
FLAG_VALUES = np.array([PASS, NOT_EVALUATED, SUSPECT, FAIL, MISSING])
FLAG_MEANINGS = "pass not_evaluated suspect fail missing"
# From best to worst; the place of a flag in this row is its rank.
ORDER = np.array([NOT_EVALUATED, PASS, SUSPECT, FAIL, MISSING], dtype=np.uint8)
RANK = np.zeros(MISSING + 1, dtype=np.uint8)
RANK[ORDER] = np.arange(ORDER.size)


def flagged(n: np.ndarray, suspect: np.ndarray, fail: np.ndarray | bool = False) -> np.ndarray:
    """Return 9 for bins without samples, 4 and 3 where they fail or are suspect, else 1."""
    return np.select([n == 0, fail, suspect], [MISSING, FAIL, SUSPECT], PASS).astype(np.uint8)


def combine(*flags: np.ndarray) -> np.ndarray:
    """Return the worst of the flags of several tests, bin by bin.

    The order is 4 (fail), 3 (suspect), 1 (pass), 2 (not evaluated): a bin that one test passes and another
    cannot evaluate has passed. Missing, 9, stays missing.
    """
    worst = RANK[flags[0]]
    for more in flags[1:]:
        np.maximum(worst, RANK[more], out=worst)
    return ORDER[worst]


def roll_up(flags: np.ndarray, n_per: int, share: float = 0.1) -> np.ndarray:
    """Return the flags of coarser bins from those of their base bins.

    A coarse bin fails if at least `share` of its filled base bins fail, and is suspect if that share fails or
    is suspect: one spike of 15 s does not condemn a day's mean, of which it is 1/5760, but an hour of
    which six minutes are bad is no good hour. How full it is, is a matter of its own `gap`.

    Parameters
    ----------
    flags : ndarray of uint8, shape (bins * n_per,)
    n_per : int
        Base bins in a coarse one.
    share : float
        Above 0, at most 1.

    Returns
    -------
    ndarray of uint8, shape (bins,)
        9 if all base bins are missing, 2 if none of those filled was evaluated.

    Raises
    ------
    ValueError
        If the flags are not whole coarse bins.
    """
    if flags.size % n_per:
        raise ValueError(f"{flags.size} flags are not whole bins of {n_per}")
    base = flags.reshape(-1, n_per)
    return flag_of_counts({flag: np.count_nonzero(base == flag, axis=1) for flag in ORDER[:-1].tolist()}, share)


def flag_of_counts(counts: dict[int, np.ndarray], share: float = 0.1) -> np.ndarray:
    """Return the flags of coarser bins by the number of their base bins with each flag; see `roll_up`.

    Parameters
    ----------
    counts : dict of int to ndarray of int64, shape (bins,)
        By flag, without the missing ones.
    share : float
        Above 0, at most 1.

    Returns
    -------
    ndarray of uint8, shape (bins,)
    """
    filled = sum(counts.values())
    failed, untested = counts[FAIL], counts[NOT_EVALUATED]
    result = flagged(filled, failed + counts[SUSPECT] >= share * filled, failed >= share * filled)
    result[(filled > 0) & (untested == filled)] = NOT_EVALUATED
    return result
