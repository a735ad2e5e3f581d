"""Whole jobs, netCDF to a 1 min CSV, process start included, beside those of other libraries."""

import statistics
from importlib.util import find_spec
from pathlib import Path

from exactness import AGREED_PSI, largest_difference
from files import BEGIN_MS, CLEAN, DAY_MS
from processes import HERE, Cost, alternated
from rows import Bench, Row, median_ratio, said

RIVALS = HERE / "rivals"
ARRAYS = ("pandas", "polars", "duckdb")
MONTH = 30
OURS = "plumbline"


def ours(bench: Bench, output: Path, paths: list[Path]) -> list[object]:
    """Return the command of our job over consecutive days."""
    end_ms = BEGIN_MS + len(paths) * DAY_MS
    return [bench.python, RIVALS / "plumbline_job.py", output, BEGIN_MS, end_ms, *paths]


def with_xarray(bench: Bench, what: str, output: Path, paths: list[Path]) -> list[object]:
    """Return the command of the xarray job: one variable ``selected``, or the ``whole`` data set."""
    return [bench.python, RIVALS / "xarray_job.py", what, output, *paths]


def measure_day(bench: Bench) -> list[Row]:
    """Measure one day against xarray."""
    folder, day = bench.folder("day"), bench.files.days(CLEAN, 1, whole=True)
    rows = []
    for what, goal, repeats in (("selected", ">= 5", 7), ("whole", ">= 30", 3)):
        commands = {
            OURS: ours(bench, folder / "ours.csv", day),
            "xarray": with_xarray(bench, what, folder / f"xarray-{what}.csv", day),
        }
        costs = alternated(commands, 2 if bench.quick else repeats)
        how = "one variable selected" if what == "selected" else "whole data set"
        rows.append(compared(f"xarray / ours: 1 day to 1 min CSV, {how}", costs, "xarray", goal))
    names = ("xarray-selected", "xarray-whole")
    return rows + [agreement(folder, name, "it averages in the file's float32", "") for name in names]


def measure_month(bench: Bench) -> list[Row]:
    """Measure 30 days in one job against what reads arrays, and against xarray by its first days."""
    folder, days = bench.folder("month"), 8 if bench.quick else MONTH
    paths = bench.files.days(CLEAN, days)
    here = [name for name in ARRAYS if find_spec(name)]
    commands = {OURS: ours(bench, folder / "ours.csv", paths)}
    for name in here:
        commands[name] = [bench.python, RIVALS / "arrays_job.py", name, folder / f"{name}.csv", *paths]
    costs = alternated(commands, 2 if bench.quick else 5)
    rows = []
    for name in ARRAYS:
        what = f"{name} / ours: {days} days to 1 min CSV in one job, same five statistics"
        rows.append(
            compared(what, costs, name, "> 1") if name in here else Row(what, None, "x", "> 1", "not installed")
        )
    rows += [agreement(folder, name, "float64", f"<= {AGREED_PSI:g}") for name in here]
    return rows + _xarray_month(bench, folder, paths)


def _xarray_month(bench: Bench, folder: Path, paths: list[Path]) -> list[Row]:
    """Measure xarray over a few days, and reckon what as many as ours would take."""
    few = 3
    whole = bench.files.days(CLEAN, few, whole=True)
    commands = {
        OURS: ours(bench, folder / "ours.csv", paths),
        "one": with_xarray(bench, "selected", folder / "one.csv", whole[:1]),
        "few": with_xarray(bench, "selected", folder / "few.csv", whole),
    }
    costs = alternated(commands, 2 if bench.quick else 5)
    days, rows = len(paths), []
    ways = {
        f"xarray / ours: {days} days, one variable, one job": (
            ">= 30",
            lambda one, few_: one + (few_ - one) / (few - 1) * (days - 1),
        ),
        f"xarray / ours: {days} days, one variable, a process for each day": ("", lambda one, few_: one * days),
    }
    for what, (goal, scaled) in ways.items():
        wall, cpu = (
            [
                scaled(getattr(one, of), getattr(several, of))
                for one, several in zip(costs["one"], costs["few"], strict=True)
            ]
            for of in ("wall_s", "cpu_s")
        )
        reckoned = {OURS: costs[OURS], "xarray": [Cost(*pair, 0.0) for pair in zip(wall, cpu, strict=True)]}
        row = compared(what, reckoned, "xarray", goal)
        row.note += f"; xarray reckoned from 1 and {few} days"
        rows.append(row)
    return rows


def compared(what: str, costs: dict[str, list[Cost]], rival: str, goal: str) -> Row:
    """Return the row of a rival: its wall time over ours, the CPU times beside it."""
    mine, other = costs[OURS], costs[rival]
    wall = median_ratio([cost.wall_s for cost in other], [cost.wall_s for cost in mine])
    cpu = median_ratio([cost.cpu_s for cost in other], [cost.cpu_s for cost in mine])
    note = (
        f"wall; by CPU time {cpu:.3g} x. CPU s: ours {said([cost.cpu_s for cost in mine])}, "
        f"{rival} {said([cost.cpu_s for cost in other])}"
    )
    detail = {name: [vars(cost) for cost in costs[name]] for name in (OURS, rival)}
    detail |= {"cpu_ratio": cpu, "our_wall_s": statistics.median(cost.wall_s for cost in mine)}
    return Row(what, wall, "x", goal, note, detail)


def agreement(folder: Path, name: str, how: str, goal: str) -> Row:
    """Return the row that tells how far a rival's means are from ours."""
    try:
        difference, note = largest_difference(folder / "ours.csv", folder / f"{name}.csv"), how
    except ValueError as error:
        difference, note = float("inf"), str(error)
    return Row(f"largest difference of a mean: {name} and ours", difference, "psi", goal, note)
