"""The file of a record's quality: flags of every bin; pressure, tide, coverage and flag of every hour."""

from pathlib import Path

import netCDF4
import numpy as np

from plumbline.atomic import replacing
from plumbline.intervals import HOUR_MS
from plumbline.pressure.annotations import NotedSpan
from plumbline.pressure.flagging import Hours, Limits, flags_and_hours, step_of
from plumbline.pressure.record import BinsRecord
from plumbline.products.qartod import FLAG_MEANINGS, FLAG_VALUES
from plumbline.products.tide import Constituents
from plumbline.samples.bins import grid
from plumbline.tables.product import CONTENTS, MEASURED

# Flags of the bins, by what gave them.
BIN_FLAGS = {
    "bin_flag": "QARTOD flag of each bin of {step_ms} ms by the tests, from the first hour on",
    "annotation_flag": "the same by OOI's annotations: 2 where there is none that says how good the data are",
}


def write_quality(
    record: BinsRecord,
    begin_ms: int,
    end_ms: int,
    rate_hz: float | None,
    constituents: Constituents | None,
    limits: Limits,
    spans: list[NotedSpan],
    attributes: dict[str, object],
    path: Path,
) -> None:
    """Write the flags of the bins and the hours of a record, CF-netCDF.

    Parameters
    ----------
    record : BinsRecord
    begin_ms, end_ms : int
        The window [begin, end), milliseconds since 1970.
    rate_hz, constituents, limits, spans
        As in `flags_and_hours`.
    attributes : dict
        Global attributes.
    path : Path
    """
    first, hours = grid(begin_ms, end_ms, HOUR_MS)
    step_ms = step_of(record)
    with replacing(path) as beside, netCDF4.Dataset(beside, "w", format="NETCDF4") as file:
        _define(file, hours, hours * (HOUR_MS // step_ms), step_ms)
        file.setncatts(attributes | {"bin_ms": step_ms})
        bins = rows = 0
        blocks = flags_and_hours(record, first * HOUR_MS, hours, rate_hz, constituents, limits, spans)
        for flags, notes, block in blocks:
            file["bin_flag"][bins : bins + flags.size] = flags
            file["annotation_flag"][bins : bins + flags.size] = notes
            bins += flags.size
            place = slice(rows, rows + block.time_ms.size)
            for name in ("n", "pressure_psi", "tide_m", "coverage", "flag"):
                file[name][place] = getattr(block, name)
            file["time"][place] = block.time_ms
            rows = place.stop


def _define(file: netCDF4.Dataset, hours: int, bins: int, step_ms: int) -> None:
    file.createDimension("time", hours)
    file.createDimension("bin", bins)
    time = {"standard_name": "time", "units": "milliseconds since 1970-01-01T00:00:00Z", "calendar": "standard"}
    flag = {"standard_name": "quality_flag", "flag_values": FLAG_VALUES.astype("i1"), "flag_meanings": FLAG_MEANINGS}
    columns = {
        # CF-1.8 knows no integers of 64 bits, nor any without a sign.
        "time": ("f8", time | {"long_name": "start of the hour", "axis": "T"}),
        "n": (
            "i4",
            {"long_name": "samples in bins that did not fail", "standard_name": "number_of_observations", "units": "1"},
        ),
        "pressure_psi": (
            "f8",
            {
                "long_name": "mean pressure over these samples",
                "standard_name": "sea_water_pressure_at_sea_floor",
                "units": "psi",
                "cell_methods": "time: mean",
            },
        ),
        "tide_m": ("f8", {"long_name": "mean predicted tide over these samples", "units": "m"}),
        "coverage": ("f8", {"long_name": "share of the samples of a whole hour", "units": "1"}),
        "flag": ("i1", flag | {"long_name": "QARTOD flag of the hour"}),
    }
    for name, text in BIN_FLAGS.items():
        columns[name] = ("i1", flag | {"long_name": text.format(step_ms=step_ms)})
    for name, (dtype, attributes) in columns.items():
        dimension, size = ("bin", bins) if name in BIN_FLAGS else ("time", hours)
        variable = file.createVariable(
            name,
            dtype,
            (dimension,),
            zlib=True,
            complevel=1,
            chunksizes=[min(size, 1 << 17)],
            fill_value=np.nan if dtype == "f8" and name != "time" else False,
        )
        variable.set_auto_maskandscale(False)
        variable.setncatts(attributes | {"coverage_content_type": CONTENTS.get(name, MEASURED)})


def read_hours(path: Path) -> Hours:
    """Return the hours of a file of `write_quality`."""
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        columns = [file[name][:] for name in ("time", "n", "pressure_psi", "tide_m", "coverage", "flag")]
    return Hours(columns[0].astype(np.int64), *columns[1:5], columns[5].astype(np.uint8))
