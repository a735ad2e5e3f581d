"""Events in a record of OOI's 15 s products, read piece by piece."""

from collections.abc import Iterator
from pathlib import Path

import netCDF4
import numpy as np

from plumbline.intervals import HOUR_MS
from plumbline.pressure.fifteen import HALF_MS, STEP_MS
from plumbline.products.events import Event, EventFinder, Thresholds
from plumbline.products.qartod import FAIL, MISSING, combine
from plumbline.tables.csvw import Column

# Hours that are read at one time: some MB a column.
BLOCK_HOURS = 24 * 64
RATES = ("rate_5min_cm_per_min", "rate_10min_cm_per_h")

COLUMNS = [
    Column("kind", "eruption or tsunami", "string", required=True),
    Column("onset", "first rate beyond the threshold; an eruption's precursor counts", "datetime", required=True),
    Column("peak_time", "when the rate was greatest", "datetime", required=True),
    Column("peak_value", "the rate then, uplift positive", "double", required=True),
    Column("unit", "of peak_value: cm/h for the 10 min rate, cm/min for the 5 min rate", "string", required=True),
    Column("end", "when the rate passed the threshold for the last time", "datetime", required=True),
]  # fmt: skip


def events_of(botsflu_path: Path, quality_path: Path, thresholds: Thresholds) -> list[Event]:
    """Return the events of a station.

    Parameters
    ----------
    botsflu_path : Path
        ``botsflu_15s.nc``.
    quality_path : Path
        ``quality.nc``, whose flags keep bad data from being events.
    thresholds : Thresholds
    """
    finder = EventFinder(thresholds)
    with netCDF4.Dataset(botsflu_path) as record, netCDF4.Dataset(quality_path) as quality:
        record.set_auto_maskandscale(False)
        quality.set_auto_maskandscale(False)
        begin_ms = int(quality["time"][0])
        step_ms = int(quality.bin_ms)
        for rows in _blocks(int(record["time"][0]), record["time"].size):
            time_ms = record["time"][rows].astype(np.int64)
            flags = _flags(quality, begin_ms, step_ms, time_ms)
            finder.add(time_ms, *(record[name][rows] for name in (*RATES, "meandepth_m")), flags)
    return finder.events()


def _blocks(first_ms: int, rows: int) -> Iterator[slice]:
    """Yield slices of a 15 s grid that end at full hours."""
    begin = 0
    while begin < rows:
        hour = (first_ms + begin * STEP_MS) // HOUR_MS + BLOCK_HOURS
        end = min(rows, -(-(hour * HOUR_MS - first_ms) // STEP_MS))
        yield slice(begin, end)
        begin = end


def _flags(quality: netCDF4.Dataset, begin_ms: int, step_ms: int, time_ms: np.ndarray) -> np.ndarray:
    """Return the flags of 15 s bins by their centres: the worse of the two bins of which each consists."""
    if step_ms == STEP_MS:
        return _read(quality, (int(time_ms[0]) - begin_ms) // step_ms, time_ms.size)
    halves = _read(quality, (int(time_ms[0]) - HALF_MS - begin_ms) // step_ms, 2 * time_ms.size).reshape(-1, 2)
    # Half a bin is a bin: at the ends of the window the other half is missing.
    halves = np.where(halves == MISSING, halves[:, ::-1], halves)
    return combine(halves[:, 0], halves[:, 1])


def _read(quality: netCDF4.Dataset, first: int, count: int) -> np.ndarray:
    """Return flags from a place on, missing beyond either end.

    A person's word that data are doubtful, often on weeks, hides no event; that they are bad does.
    """
    found = np.full(count, MISSING, np.uint8)
    inside = slice(max(first, 0), min(first + count, quality["bin_flag"].size))
    flags, notes = quality["bin_flag"][inside], quality["annotation_flag"][inside]
    found[inside.start - first : inside.stop - first] = np.where(notes == FAIL, FAIL, flags)
    return found
