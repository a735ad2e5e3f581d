"""Lists of few rows, events and forecasts, as figures take them."""

import csv
from pathlib import Path

import numpy as np

from plumbline.chunks import milliseconds
from plumbline.figures.style import Event
from plumbline.products.forecast import METHODS, Forecast, score


def read_events(path: Path | None) -> list[Event]:
    """Return the onsets in a table of events; none without a table."""
    if path is None:
        return []
    return [Event(_moment(row["onset"]), row["kind"]) for row in _rows(path)]


def read_forecasts(path: Path) -> list[Forecast]:
    """Return the forecasts in a table of them, in its order."""
    return [
        Forecast(
            _moment(row["as_of"]),
            row["method"],
            float(row["level_m"]),
            float(row["rate_cm_per_yr"] or "nan"),
            *(_moment(row[name]) for name in ("crossing", "crossing_low", "crossing_high")),
        )
        for row in _rows(path)
    ]


def by_level(made: list[Forecast], names: tuple[str, str]) -> dict[str, list[Forecast]]:
    """Return forecasts by the name of their level, of which each method has a lower and a higher.

    Parameters
    ----------
    made : list of Forecast
    names : (str, str)
        Of the lower and of the higher level.
    """
    panels: dict[str, list[Forecast]] = {name: [] for name in names} if made else {}
    for method in METHODS:
        for name, level in zip(names, _levels(made, method), strict=False):
            panels[name] += [one for one in made if one.method == method and one.level_m == level]
    return panels


def levels_of(made: list[Forecast], record: str, names: tuple[str, str]) -> list[tuple[str, float]]:
    """Return the names and heights (m) of the levels of a record, ``single`` or ``differential``."""
    heights = {level for method in METHODS if METHODS[method].record == record for level in _levels(made, method)}
    return list(zip(names, sorted(heights), strict=False))


def reached(
    panels: dict[str, list[Forecast]], records: dict[str, tuple[np.ndarray, np.ndarray]]
) -> dict[tuple[str, str], int]:
    """Return the day (milliseconds since 1970) on which levels were reached after a forecast, by name and method.

    Parameters
    ----------
    panels : dict
        Forecasts by the name of their level.
    records : dict
        Days (milliseconds since 1970) and daily uplift (m), ``single`` and ``differential``.
    """
    found = {}
    for name, panel in panels.items():
        for method, about in METHODS.items():
            scores = score([one for one in panel if one.method == method], *records[about.record])
            if scores:
                found[name, method] = min(one.crossed for one in scores)
    return found


def _levels(made: list[Forecast], method: str) -> list[float]:
    return sorted({one.level_m for one in made if one.method == method})


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _moment(text: str) -> int | None:
    return milliseconds(text) if text else None
