"""The flags of a record's bins, carried to the rows of its tables."""

from collections.abc import Iterator
from pathlib import Path

import netCDF4
import numpy as np

from plumbline.intervals import DAY_MS
from plumbline.products import qartod
from plumbline.samples.bins import grid
from plumbline.tables.about_products import About
from plumbline.tables.csvw import Column
from plumbline.tables.product import product_table

# Days that are read at one time.
BLOCK_DAYS = 32

COLUMNS = [
    Column("time", "start of the bin, as in the table of pressure", "datetime", required=True),
    Column("flag", "QARTOD flag: 1 pass, 2 not evaluated, 3 suspect, 4 fail, 9 missing", "nonNegativeInteger", "1",
           required=True),
    Column("passed", "base bins that passed, or that no test could judge", "nonNegativeInteger", "1", required=True),
    Column("suspect", "base bins that are suspect", "nonNegativeInteger", "1", required=True),
    Column("failed", "base bins that failed", "nonNegativeInteger", "1", required=True),
    Column("missing", "base bins without a sample", "nonNegativeInteger", "1", required=True),
]  # fmt: skip


def write_quality_table(quality_path: Path, interval_ms: int, window_ms: tuple[int, int], path: Path, about: About):
    """Write the flag of every row of a table of pressure, and the number of base bins behind it.

    A base bin counts in every row that it touches: bins of 7.5 s fit into rows of 15 s and of minutes, not into
    those of 20 s.

    Parameters
    ----------
    quality_path : Path
        ``quality.nc``.
    interval_ms : int
        Length of a row, milliseconds; a day is a whole number of them.
    window_ms : tuple of int
        The window [begin, end), milliseconds since 1970, as the table of pressure has it.
    path : Path
        CSV; its metadata are written beside it.
    about : About
    """
    first, rows = grid(*window_ms, interval_ms)
    with netCDF4.Dataset(quality_path) as file, product_table(path, None, COLUMNS, rows, {}) as table:
        file.set_auto_maskandscale(False)
        for time_ms, counts in _counts(file, first * interval_ms, (first + rows) * interval_ms, interval_ms):
            passed = counts[qartod.PASS] + counts[qartod.NOT_EVALUATED]
            missing = counts.pop(qartod.MISSING)
            flags = qartod.flag_of_counts(counts).astype(np.int64)
            table.append(time_ms, flags, passed, counts[qartod.SUSPECT], counts[qartod.FAIL], missing)
    about.write_beside(path)


def _counts(
    file: netCDF4.Dataset, begin_ms: int, end_ms: int, interval_ms: int
) -> Iterator[tuple[np.ndarray, dict[int, np.ndarray]]]:
    """Yield starts of rows, and the number of base bins with each flag in them, some days at a time."""
    origin_ms, step_ms, bins = int(file["time"][0]), int(file.bin_ms), file["bin_flag"].size
    while begin_ms < end_ms:
        until_ms = min(end_ms, (begin_ms // DAY_MS + BLOCK_DAYS) * DAY_MS)
        time_ms = np.arange(begin_ms, until_ms, interval_ms)
        starts = (time_ms - origin_ms) // step_ms
        ends = -((origin_ms - time_ms - interval_ms) // step_ms)
        first, beyond = int(starts[0]), int(ends[-1])
        flags = np.full(beyond - first, qartod.MISSING, np.uint8)
        inside = slice(max(first, 0), min(beyond, bins))
        both = qartod.combine(file["bin_flag"][inside], file["annotation_flag"][inside])
        flags[inside.start - first : inside.stop - first] = both
        counts = {}
        for flag in qartod.ORDER.tolist():
            before = np.concatenate([[0], np.cumsum(flags == flag)])
            counts[flag] = before[ends - first] - before[starts - first]
        yield time_ms, counts
        begin_ms = until_ms
