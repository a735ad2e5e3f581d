"""Product tables: CSV and CF-netCDF of the same rows, written piece by piece."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import netCDF4
import numpy as np

from plumbline.atomic import replacing
from plumbline.tables.csvw import Column
from plumbline.tables.fixed_text import lines

# Rows whose text is made at one time: so few that all of it stays in the processor's cache.
BLOCK_ROWS = 8192
# HDF5 chunks of this many rows, half a megabyte for a column.
HDF5_CHUNK = 65_536

# CF standard names of our columns, where CF has one; it has none of uplift and its rates.
STANDARD_NAMES = {
    "meanpres_psi": "sea_water_pressure_at_sea_floor",
    "predtide_m": "tidal_sea_surface_height_above_mean_sea_level",
    "n": "number_of_observations",
}
# What kind of contents a column has (ISO 19115-1, as ACDD asks for it), where it is no measurement.
CONTENTS = {
    "time": "coordinate",
    "predtide_m": "modelResult",
    "tide_m": "modelResult",
    "n": "qualityInformation",
    "coverage": "qualityInformation",
    "flag": "qualityInformation",
    "bin_flag": "qualityInformation",
    "annotation_flag": "qualityInformation",
}
MEASURED = "physicalMeasurement"
# Units of the columns as CF's udunits spells them.
CF_UNITS = {"cm/min": "cm min-1", "cm/h": "cm h-1", "cm/yr": "cm year-1"}


class ProductTable:
    """A product table being written: rows in time order, to one or both of its files.

    Parameters
    ----------
    csv : file open for bytes, or None
    netcdf : netCDF4.Dataset or None
    columns : list of Column
        The first is the time, a label that the column's text explains.
    """

    def __init__(self, csv, netcdf: netCDF4.Dataset | None, columns: list[Column]) -> None:
        self._csv, self._netcdf, self._columns = csv, netcdf, columns
        self._decimals = [column.decimals for column in columns[1:]]
        self._rows = 0
        if csv is not None:
            csv.write((",".join(column.name for column in columns) + "\n").encode("ascii"))

    def append(self, time_ms: np.ndarray, *values: np.ndarray) -> None:
        """Write the next rows.

        Parameters
        ----------
        time_ms : ndarray of int64, shape (n,)
            Whole seconds, milliseconds since 1970.
        values : ndarray, shape (n,)
            For each other column: float64, NaN where there is no value, or int64.
        """
        if self._csv is not None:
            for first in range(0, time_ms.size, BLOCK_ROWS):
                rows = slice(first, first + BLOCK_ROWS)
                self._csv.write(lines(time_ms[rows], [column[rows] for column in values], self._decimals))
        if self._netcdf is not None:
            rows = slice(self._rows, self._rows + time_ms.size)
            for column, numbers in zip(self._columns, (time_ms, *values), strict=True):
                self._netcdf[column.name][rows] = numbers
        self._rows += time_ms.size


@contextmanager
def product_table(
    csv_path: Path | None, netcdf_path: Path | None, columns: list[Column], rows: int, attributes: dict[str, object]
) -> Iterator[ProductTable]:
    """Open a product's files for writing; they appear under their names when all went well.

    Parameters
    ----------
    csv_path, netcdf_path : Path or None
        Either may be left out.
    columns : list of Column
    rows : int
        How many will be written.
    attributes : dict
        Global attributes of the netCDF file.
    """
    with ExitStack() as stack:
        csv = netcdf = None
        if csv_path is not None:
            beside = stack.enter_context(replacing(csv_path))
            csv = stack.enter_context(beside.open("wb"))
        if netcdf_path is not None:
            beside = stack.enter_context(replacing(netcdf_path))
            netcdf = stack.enter_context(netCDF4.Dataset(beside, "w", format="NETCDF4"))
            _define(netcdf, columns, rows, attributes)
        yield ProductTable(csv, netcdf, columns)


def _define(netcdf: netCDF4.Dataset, columns: list[Column], rows: int, attributes: dict[str, object]) -> None:
    """Write a file's dimension, variables and attributes."""
    netcdf.createDimension("time", rows)
    for place, column in enumerate(columns):
        # CF-1.8 knows no integers of 64 bits; milliseconds of any year are whole as float64, too.
        dtype = "f8" if place == 0 else column.dtype if column.datatype == "double" else "i4"
        variable = netcdf.createVariable(
            column.name,
            dtype,
            ("time",),
            # Numbers of a grid shrink to nothing; the digits of a measurement do not.
            zlib=dtype == "i4" or place == 0,
            complevel=1,
            chunksizes=[max(1, min(rows, HDF5_CHUNK))],
            fill_value=np.nan if dtype != "i4" and place else False,
        )
        variable.set_auto_maskandscale(False)
        variable.set_var_chunk_cache(size=1 << 21)
        variable.setncatts(_described(column, place == 0))
    netcdf.setncatts(attributes)


def _described(column: Column, is_time: bool) -> dict[str, object]:
    if is_time:
        return {
            "standard_name": "time",
            "long_name": column.text,
            "units": "milliseconds since 1970-01-01T00:00:00Z",
            "calendar": "standard",
            "axis": "T",
            "coverage_content_type": CONTENTS["time"],
        }
    about: dict[str, object] = {
        "long_name": column.text,
        "units": CF_UNITS.get(column.unit, column.unit) or "1",
        "coverage_content_type": CONTENTS.get(column.name, MEASURED),
    }
    if column.name in STANDARD_NAMES:
        about["standard_name"] = STANDARD_NAMES[column.name]
    return about | column.attributes
