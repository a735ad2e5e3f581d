"""Pieces: the levels of a record, packed; the fine ones as scripts beside the page, the coarse ones in it.

A browser that has a page from a disk may not fetch what lies beside it, but it may run it: each piece is a script that
hands its numbers to the page.
"""

import json
from pathlib import Path

import numpy as np

from plumbline.chunks import from_unix_ms
from plumbline.intervals import DAY_MS
from plumbline.page import levels
from plumbline.page.levels import Rows, coarser
from plumbline.page.packing import pack_columns
from plumbline.page.sources import BinsColumn, ProductColumn

# Decimals kept, by unit: 0.0001 psi are 0.07 mm of water.
DECIMALS = {"psi": 4, "psia": 4, "m": 4}
NAMES = {15_000: "15s", 240_000: "4min", 3_600_000: "1h", 86_400_000: "1D"}


class Level:
    """A level being made: rows come in time order, and pieces are written as they fill.

    Parameters
    ----------
    step_ms, parts : int
        Length of a row, and of how many of the finest rows it is made.
    folder : Path
        Where pieces go; the page asks for them by their name below its own folder.
    name : str
        Record and quantity, such as ``central/pressure``.
    decimals : int or None
        As in `pack_columns`.
    extremes : bool
        Whether rows have a least and a greatest value beside their mean.
    """

    def __init__(self, step_ms: int, parts: int, folder: Path, name: str, decimals: int | None, extremes: bool) -> None:
        self._parts = parts
        self.step_ms, self._extremes, self._decimals = step_ms, extremes, decimals
        self._folder, self._name = folder, f"{name}/{NAMES.get(step_ms, f'{step_ms}ms')}"
        self._whole = step_ms >= levels.OVERVIEW_MS
        self._length_ms = levels.piece_days(step_ms) * DAY_MS
        self._start_ms: int | None = None
        self._waiting: list[Rows] = []
        self.pieces: list[int] = []

    def append(self, block_ms: int, rows: Rows) -> None:
        """Take the rows of the next block."""
        if self._start_ms is None:
            self._start_ms = block_ms
        elif not self._whole and block_ms // self._length_ms != self._start_ms // self._length_ms:
            self._write()
            self._start_ms = block_ms
        self._waiting.append(rows)

    def close(self) -> dict:
        """Write what is left, and return what the page has to know of this level."""
        about: dict[str, object] = {"step": self.step_ms}
        if self._whole:
            return about | {"whole": self._packed()}
        self._write()
        return about | {"days": self._length_ms // DAY_MS, "pieces": self.pieces}

    def _packed(self) -> dict | None:
        names = ("filled", "mean", "low", "high")
        filled, mean, low, high = (np.concatenate([getattr(rows, name) for rows in self._waiting]) for name in names)
        extremes = (low, high) if self._extremes else (None, None)
        thin = (filled > 0) & (filled < levels.least_share(self.step_ms) * self._parts)
        packed = pack_columns(mean, *extremes, self._decimals, thin)
        self._waiting = []
        return packed and {"start": self._start_ms, "rows": mean.size} | packed

    def _write(self) -> None:
        packed = self._packed()
        if packed is None:
            return
        number = self._start_ms // self._length_ms
        write_piece(self._folder, f"{self._name}/{piece_name(number, self._length_ms)}", packed)
        self.pieces.append(number)


def write_levels(source: ProductColumn | BinsColumn, folder: Path, name: str) -> list[dict]:
    """Write every level of a record, and return what the page has to know of them, the finest first.

    Parameters
    ----------
    source : ProductColumn or BinsColumn
    folder : Path
        Where pieces go.
    name : str
        Record and quantity, such as ``central/pressure``.
    """
    steps = levels.steps_of(source.base_ms)
    decimals = DECIMALS.get(source.unit)
    made = [
        Level(step, step // steps[0], folder, name, decimals, source.has_extremes or step > source.base_ms)
        for step in steps
    ]
    for block_ms, rows in source.blocks():
        rows, step_ms = levels.finest(rows, steps[0] // source.base_ms), steps[0]
        for level in made:
            # Each of the one before, of which it is a multiple.
            rows, step_ms = coarser(rows, level.step_ms // step_ms), level.step_ms
            level.append(block_ms, rows)
    return [level.close() for level in made]


def keep_small(lines: list[dict], folder: Path, most_bytes: int) -> None:
    """Lay the hours of all lines beside the page, if the page would be too large with them.

    Parameters
    ----------
    lines : list of dict
        What the page has to know of its lines; changed in place.
    folder : Path
        Where pieces go.
    most_bytes : int
        So much of hours and days may stay in the page.
    """
    wholes = [(line, level) for line in lines for level in line["levels"] if level.get("whole")]
    if sum(len(compact(level["whole"])) for _, level in wholes) <= most_bytes:
        return
    for line, level in wholes:
        if level["step"] < DAY_MS:
            name = f"{line['name']}/{line['quantity']}/{NAMES.get(level['step'], level['step'])}/all"
            write_piece(folder, name, level.pop("whole"))
            level["beside"] = name


def write_piece(folder: Path, name: str, packed: dict) -> None:
    """Write a piece: a script that hands its numbers to the page."""
    path = folder / f"{name}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'plumbline.take("{name}",{compact(packed)});\n', encoding="ascii")


def piece_name(number: int, length_ms: int) -> str:
    """Return the name of a piece: the day on which it begins."""
    return from_unix_ms(number * length_ms).strftime("%Y-%m-%d")


def compact(content: object) -> str:
    """Return JSON without spaces, in ASCII, that may stand in a script."""
    return json.dumps(content, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
