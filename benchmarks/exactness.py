"""Do rivals compute what we compute? Nobody is compared on a wrong result."""

import csv
from pathlib import Path

import numpy as np

from files import VARIABLE

# Means of float64 agree to this, psi.
AGREED_PSI = 1e-6


def means_of(path: Path) -> dict[np.datetime64, float]:
    """Return a CSV table's means by the start of the bin, whoever wrote it; empty bins are left out."""
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        name = "mean" if "mean" in reader.fieldnames else VARIABLE
        return {
            np.datetime64(row["time"][:19].replace(" ", "T"), "s"): float(row[name])
            for row in reader
            if row[name] not in ("", "nan", "NaN")
        }


def largest_difference(ours: Path, theirs: Path) -> float:
    """Return the largest difference of a bin's means, psi.

    Raises
    ------
    ValueError
        If one table has bins that the other lacks.
    """
    here, there = means_of(ours), means_of(theirs)
    if here.keys() != there.keys():
        raise ValueError(f"{ours.name} and {theirs.name} have samples in {len(here)} and {len(there)} bins")
    return max(abs(here[start] - there[start]) for start in here)
