"""What a benchmark finds: rows of one table."""

import operator
import re
import statistics
from dataclasses import dataclass, field
from pathlib import Path

from files import Files

SENSES = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}


@dataclass
class Bench:
    """What every part is told.

    Attributes
    ----------
    scratch : Path
        A folder for what it writes.
    files : Files
        The test files.
    quick : bool
        Fewer days and repeats.
    python : str
        The interpreter for whole processes.
    """

    scratch: Path
    files: Files
    quick: bool
    python: str

    def folder(self, name: str) -> Path:
        """Return a folder of one's own."""
        folder = self.scratch / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@dataclass
class Row:
    """One line of the table.

    Attributes
    ----------
    what : str
    value : float or None
        None: not measured, and `note` says why.
    unit : str
        ``x`` for ratios.
    goal : str
        Such as ``<= 1.5``; empty where there is none.
    note : str
    detail : dict
        What the value was made of, for the JSON file.
    """

    what: str
    value: float | None
    unit: str = "x"
    goal: str = ""
    note: str = ""
    detail: dict = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Tell whether the goal is met; None where there is no goal or no value."""
        match = re.match(r"\s*(<=|>=|<|>)\s*([0-9.eE+-]+)", self.goal)
        if self.value is None or not match:
            return None
        return bool(SENSES[match[1]](self.value, float(match[2])))


def median_ratio(over: list[float], under: list[float]) -> float:
    """Return the median of the ratios of pairs that were measured one after the other."""
    return statistics.median(one / other for one, other in zip(over, under, strict=True))


def said(values: list[float], digits: int = 3) -> str:
    """Return the median of some values with their extremes, for a note."""
    return f"{statistics.median(values):.{digits}g} ({min(values):.{digits}g} to {max(values):.{digits}g})"
