"""Records for the page: columns of product files and bins, read block by block on a grid of whole days."""

from collections.abc import Iterator
from pathlib import Path

import h5py
import netCDF4
import numpy as np

from plumbline.intervals import DAY_MS
from plumbline.page.levels import FINE_DAYS, Rows, piece_days, steps_of
from plumbline.samples.binned import open_bins, read_attributes

# Rows that are read at one time, at the most: 70 MB and as much again while coarser ones are made of them.
MOST_ROWS = 2_000_000


class ProductColumn:
    """A column of a product's netCDF file, on a complete grid of times.

    Parameters
    ----------
    path : Path
    column : str
    centred : bool
        Whether a row's time is the middle of what it stands for (OOI's 15 s means), and not its start.
    """

    def __init__(self, path: Path, column: str, centred: bool = False) -> None:
        self.centred, self.has_extremes = centred, False
        self._path, self._column = path, column
        with netCDF4.Dataset(path) as file:
            file.set_auto_maskandscale(False)
            times = file["time"]
            self.begin_ms = int(times[0])
            self.base_ms = int(times[1]) - self.begin_ms if times.size > 1 else DAY_MS
            self.end_ms = self.begin_ms + times.size * self.base_ms
            self.unit = str(getattr(file[column], "units", ""))

    def blocks(self) -> Iterator[tuple[int, Rows]]:
        """Yield (start in ms, rows) of blocks of whole days, as `block_ms` has them."""
        length_ms = block_ms(self.base_ms)
        with netCDF4.Dataset(self._path) as file:
            file.set_auto_maskandscale(False)
            variable = file[self._column]
            variable.set_var_chunk_cache(size=1 << 21)
            for block in block_starts(self.begin_ms, self.end_ms, length_ms):
                values = np.full(length_ms // self.base_ms, np.nan)
                source, target = overlap(block, length_ms, self.begin_ms, self.end_ms, self.base_ms)
                values[target] = variable[source]
                there = np.isfinite(values).astype(np.int64)
                yield block, Rows(there, there, values, values, values)


class BinsColumn:
    """A variable of a stream, of its bins in consecutive chunks.

    Parameters
    ----------
    paths : list of Path
        Bins files in time order.
    variable : str
    """

    def __init__(self, paths: list[Path], variable: str) -> None:
        self.centred, self.has_extremes = False, True
        self._paths, self._variable, self._windows = paths, variable, []
        for path in paths:
            attributes = read_attributes(path)
            base_ms = int(attributes["base_interval_ms"])
            begin_ms = int(attributes["window_begin_ms"]) // base_ms * base_ms
            self._windows.append((begin_ms, -(-int(attributes["window_end_ms"]) // base_ms) * base_ms))
        self.base_ms = base_ms
        self.begin_ms, self.end_ms = self._windows[0][0], self._windows[-1][1]
        with open_bins(paths[0], variable) as file:
            unit = file[f"{variable}_mean"].attrs.get("units", "")
            self.unit = unit.decode() if isinstance(unit, bytes) else str(unit)

    def blocks(self) -> Iterator[tuple[int, Rows]]:
        """Yield (start in ms, rows) of blocks of whole days, as `block_ms` has them."""
        length_ms = block_ms(self.base_ms)
        size = length_ms // self.base_ms
        for block in block_starts(self.begin_ms, self.end_ms, length_ms):
            counts = np.zeros(size, np.int64)
            rows = Rows(counts, counts, *(np.full(size, np.nan) for _ in range(3)))
            for path, (begin_ms, end_ms) in zip(self._paths, self._windows, strict=True):
                if begin_ms < block + length_ms and end_ms > block:
                    with open_bins(path, self._variable) as file:
                        self._fill(rows, file, *overlap(block, length_ms, begin_ms, end_ms, self.base_ms))
            yield block, rows

    def _fill(self, rows: Rows, file: h5py.File, source: slice, target: slice) -> None:
        rows.weight[target] = file[f"{self._variable}_n"][source]
        for name, column in (("mean", rows.mean), ("min", rows.low), ("max", rows.high)):
            column[target] = file[f"{self._variable}_{name}"][source]


def block_ms(base_ms: int) -> int:
    """Return how much is read at one time of rows that are `base_ms` long; a piece is a multiple of it."""
    days = piece_days(steps_of(base_ms)[0])
    return (FINE_DAYS if days >= FINE_DAYS and FINE_DAYS * DAY_MS // base_ms <= MOST_ROWS else 1) * DAY_MS


def block_starts(begin_ms: int, end_ms: int, length_ms: int) -> range:
    """Return the starts of the blocks that [begin, end) touches: multiples of their length since 1970."""
    return range(begin_ms // length_ms * length_ms, end_ms, length_ms)


def overlap(block: int, length_ms: int, begin_ms: int, end_ms: int, base_ms: int) -> tuple[slice, slice]:
    """Return which rows of a file [begin, end) lie in a block, and where they lie in it."""
    first, last = max(block, begin_ms), min(block + length_ms, end_ms)
    source = slice((first - begin_ms) // base_ms, (last - begin_ms) // base_ms)
    target = slice((first - block) // base_ms, (last - block) // base_ms)
    return source, target
