"""What is measured by scripts of their own: the scale of a dry run, and the overhead of the workflow."""

import importlib

from rows import Bench, Row


def measure_scale(bench: Bench) -> list[Row]:
    """Measure dry runs over many chunks."""
    return _from("scale", "dry run over many chunks", bench)


def measure_overhead(bench: Bench) -> list[Row]:
    """Measure what a job costs beyond its work."""
    return _from("workflow_overhead", "overhead of the workflow", bench)


def _from(module: str, what: str, bench: Bench) -> list[Row]:
    """Return the rows of a script's ``measure(quick)``: dicts with what, goal (at most), value and unit."""
    try:
        measure = importlib.import_module(module).measure
    except (ModuleNotFoundError, AttributeError):
        return [Row(what, None, note="not built yet")]
    return [
        Row(
            found["what"],
            None if found["value"] is None else float(found["value"]),
            str(found.get("unit", "")),
            _bound(found.get("goal")),
            str(found.get("note", "")),
        )
        for found in measure(bench.quick)
    ]


def _bound(goal: float | str | None) -> str:
    """Return a goal as the table has it; a bare number is the most that is allowed."""
    if goal is None:
        return ""
    return goal if isinstance(goal, str) else f"<= {goal:g}"
