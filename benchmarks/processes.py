"""Whole processes, measured: wall time, CPU time and largest memory, start included."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SCRIPTS = HERE.parent / "scripts"
LONGEST_S = 3600


@dataclass
class Cost:
    """What a process cost: seconds of wall and CPU time, and MB (10^6 bytes) of resident memory at most."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run(command: Sequence[object]) -> Cost:
    """Run a command to its end and return what it cost.

    Raises
    ------
    RuntimeError
        If it fails; with what it said.
    """
    small = [sys.executable, "-I", "-S", str(HERE / "measured.py")]
    done = subprocess.run(
        [*small, *map(str, command)], capture_output=True, text=True, check=True, cwd=HERE.parent, timeout=LONGEST_S
    )
    cost = json.loads(done.stdout)
    if cost.pop("code"):
        raise RuntimeError(f"{' '.join(map(str, command))[:300]} failed:\n{done.stderr[-3000:]}")
    return Cost(**cost)


def alternated(commands: dict[str, Sequence[object]], repeats: int) -> dict[str, list[Cost]]:
    """Run commands in turn, again and again: what disturbs the machine disturbs all of them."""
    costs = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            costs[name].append(run(command))
    return costs
