"""OOI's own products of a whole record: depth and its rates every 15 s and every day.

The record is gone through in blocks of days from noon to noon, with as much of their neighbours as the rates
look at; so it may be as long as it likes, and no value depends on where a request or a chunk begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plumbline.intervals import DAY_MS
from plumbline.pressure.fifteen import HALF_MS, STEP_MS, grid_of, means_psi
from plumbline.pressure.record import BinsRecord
from plumbline.products import botsflu
from plumbline.products.depth import depth_ooi
from plumbline.products.tide import Constituents, predicted_tide
from plumbline.tables.about_products import About
from plumbline.tables.csvw import Column
from plumbline.tables.product import product_table

# Days in a block: 6 MB for each of its columns.
BLOCK_DAYS = 128

FIFTEEN_COLUMNS = [
    Column("time", "centre of the 15 s bin, UTC (TIME15S)", "datetime", required=True),
    Column("meanpres_psi", "mean pressure (MEANPRES)", "double", "psi"),
    Column("predtide_m", "predicted tide (PREDTIDE)", "double", "m", dtype="f4"),
    Column("meandepth_m", "depth, negative down (MEANDEPTH)", "double", "m"),
    Column(
        "rate_5min_cm_per_min",
        "change of depth over 5 minutes, uplift positive (5MINRATE)",
        "double",
        "cm/min",
        dtype="f4",
    ),
    Column(
        "rate_10min_cm_per_h",
        "change of the 10-minute mean of depth over 10 minutes, uplift positive (10MINRATE)",
        "double",
        "cm/h",
        dtype="f4",
    ),
]
DAY_COLUMNS = [
    Column(
        "time",
        "midnight in the middle of the day, which lasts from noon to noon, UTC (TIME24H)",
        "datetime",
        required=True,
    ),
    Column("n", "number of 15 s means in the day", "nonNegativeInteger", "1", required=True),
    Column("daydepth_m", "mean depth, negative down (DAYDEPTH)", "double", "m"),
    Column("rate_4wk_cm_per_yr", "slope of daydepth_m over this day and the 28 before it (4WKRATE)", "double", "cm/yr"),
    Column("rate_8wk_cm_per_yr", "slope of daydepth_m over this day and the 56 before it (8WKRATE)", "double", "cm/yr"),
]


@dataclass(frozen=True)
class Block:
    """Whole days from noon to noon, on the 15 s grid; arrays of one length.

    Attributes
    ----------
    time_ms : ndarray of int64
        Centres, milliseconds since 1970.
    pressure_psi, tide_m, depth_m : ndarray of float64
    rate_5min, rate_10min : ndarray of float64
        cm/min and cm/h.
    """

    time_ms: np.ndarray
    pressure_psi: np.ndarray
    tide_m: np.ndarray
    depth_m: np.ndarray
    rate_5min: np.ndarray
    rate_10min: np.ndarray


def blocks(record: BinsRecord, first_ms: int, last_ms: int, constituents: Constituents | None) -> Iterator[Block]:
    """Yield the days that hold the centres from the first to the last, in blocks.

    A bin without samples has no mean and no depth; a rate is missing where its window touches one (OOI, DPS
    1341-00080; `plumbline.products.botsflu`).

    Parameters
    ----------
    record : BinsRecord
    first_ms, last_ms : int
        Centres of 15 s bins, milliseconds since 1970.
    constituents : Constituents or None
        Of the predicted tide; None: no tide is added to the depth, and its column is empty.
    """
    first_day, last_day = (botsflu.day_of(ms) for ms in (first_ms, last_ms))
    # Finer bins, fewer days: memory stays what it is.
    block_days = max(1, min(BLOCK_DAYS, BLOCK_DAYS * record.base_ms // HALF_MS))
    for day_ms in range(first_day, last_day + DAY_MS, block_days * DAY_MS):
        days = min(block_days, (last_day - day_ms) // DAY_MS + 1)
        noon_ms = day_ms - DAY_MS // 2
        points = days * botsflu.POINTS_PER_DAY
        around = botsflu.BEFORE + points + botsflu.BEHIND
        begin_ms = noon_ms - botsflu.BEFORE * STEP_MS
        time_ms = begin_ms + STEP_MS * np.arange(around, dtype=np.int64)
        pressure = means_psi(record, begin_ms, around)
        depth = depth_ooi(pressure)
        tide = np.full(around, np.nan)
        if constituents is not None:
            tide = predicted_tide(time_ms, constituents)
            depth += tide
        inside = slice(botsflu.BEFORE, botsflu.BEFORE + points)
        rates = botsflu.rate_5min(depth), botsflu.rate_10min(depth)
        yield Block(*(column[inside] for column in (time_ms, pressure, tide, depth, *rates)))


def write_ooi_products(
    record: BinsRecord,
    begin_ms: int,
    end_ms: int,
    constituents: Constituents | None,
    fifteen: tuple[Path, Path],
    day: tuple[Path, Path],
    about: tuple[About, About],
    day_coverage: float = 0.9,
    rate_coverage: float = 0.75,
    days_per_year: float = 365,
) -> None:
    """Write the 15 s and the daily products of a record.

    Parameters
    ----------
    record : BinsRecord
    begin_ms, end_ms : int
        The window [begin, end), milliseconds since 1970; every bin that it touches has a row.
    constituents : Constituents or None
        Of the predicted tide; None: none is added.
    fifteen, day : tuple of Path
        CSV and netCDF to write.
    about : tuple of About
        What the two products say of themselves.
    day_coverage, rate_coverage, days_per_year : float
        As in `botsflu.day_depths` and `botsflu.rate_4wk`.
    """
    first_ms, last_ms = grid_of(record, begin_ms, end_ms)
    counts, depths = [], []
    with product_table(*fifteen, FIFTEEN_COLUMNS, (last_ms - first_ms) // STEP_MS + 1, about[0].attributes()) as table:
        for block in blocks(record, first_ms, last_ms, constituents):
            inside = slice(*np.searchsorted(block.time_ms, (first_ms, last_ms + 1)))
            columns = (block.pressure_psi, block.tide_m, block.depth_m, block.rate_5min, block.rate_10min)
            table.append(block.time_ms[inside], *(column[inside] for column in columns))
            n, depth = botsflu.day_depths(block.depth_m, day_coverage)
            counts.append(n)
            depths.append(depth)
    n, depth = np.concatenate(counts), np.concatenate(depths)
    time_ms = botsflu.day_of(first_ms) + DAY_MS * np.arange(n.size, dtype=np.int64)
    rates = (rate(depth, rate_coverage, days_per_year) for rate in (botsflu.rate_4wk, botsflu.rate_8wk))
    with product_table(*day, DAY_COLUMNS, n.size, about[1].attributes()) as table:
        table.append(time_ms, n, depth, *rates)
