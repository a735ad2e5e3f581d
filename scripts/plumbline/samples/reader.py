"""Reading OOI's netCDF files: times as whole milliseconds, values as float64, block by block.

Files are read with h5py: netCDF-4 is HDF5, and nothing that reads the two variables needed is
faster without a reader of one's own.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import cftime
import h5py
import numpy as np

from plumbline.errors import PlumblineError
from plumbline.samples.plausibility import complaint

# 100 of OOI's HDF5 chunks of 10 000 rows: 8 MB a column.
BLOCK_ROWS = 1_000_000

# OOI's fill value for floats. Newer files declare NaN, older ones this; it is no measurement in either.
OOI_FILL = -9999999.0
# What the netCDF library fills float32 and float64 with where a file declares nothing.
NETCDF_DEFAULT_FILL = 9.969209968386869e36

MILLISECONDS = {
    "microsecond": 1e-3,
    "millisecond": 1.0,
    "msec": 1.0,
    "second": 1e3,
    "sec": 1e3,
    "s": 1e3,
    "minute": 60e3,
    "min": 60e3,
    "hour": 3600e3,
    "hr": 3600e3,
    "h": 3600e3,
    "day": 86400e3,
    "d": 86400e3,
}

# Spellings that changed between releases of OOI's software; both of each pair mean the same unit.
SAME_UNIT = {"psia": "psi", "deg_C": "degrees_Celsius", "degC": "degrees_Celsius"}


class SampleFile:
    """One netCDF file of a stream, open for reading.

    Parameters
    ----------
    path : Path
        The file.
    variables : list of str
        The variables that are needed, one value for each time.

    Raises
    ------
    PlumblineError
        If the file cannot be opened, lacks a variable, or holds one that is not a number for
        each time.
    """

    def __init__(self, path: Path, variables: list[str]) -> None:
        self.path, self.variables = path, variables
        try:
            self._file = h5py.File(path, "r")
        except OSError as error:
            raise self._trouble(f"cannot be opened as netCDF-4 ({error})") from None
        self._time = self._number("time")
        self.rows = self._time.shape[0]
        self._time_fills = _fills(self._time)
        self._scale_ms, self._offset_ms = self._time_units()
        self._columns = {name: self._number(name) for name in variables}
        self.units = {name: self._units(column) for name, column in self._columns.items()}
        self.origin = _text(self._file.attrs.get("data_origin", ""))

    def __enter__(self) -> "SampleFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def blocks(self) -> Iterator[slice]:
        """Yield the rows in blocks of bounded size."""
        for start in range(0, self.rows, BLOCK_ROWS):
            yield slice(start, min(start + BLOCK_ROWS, self.rows))

    def times(self, rows: slice) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the times of some rows.

        Returns
        -------
        times : ndarray of int64
            Milliseconds since 1970-01-01T00:00Z, rounded to the nearest.
        dated : ndarray of bool or None
            Which rows have a time at all, neither NaN nor a fill value; None: every one.
        """
        raw = self._read(self._time, rows).astype(np.float64)
        dated = None
        # NaN comes through both; one look at the extremes spares most blocks a look at every row.
        low, high = (raw.min(), raw.max()) if raw.size else (0.0, 0.0)
        if not np.isfinite(low + high) or any(low <= fill <= high for fill in self._time_fills):
            dated = np.isfinite(raw) & ~np.isin(raw, self._time_fills)
            raw = np.where(dated, raw, 0.0)
        raw *= self._scale_ms
        raw += self._offset_ms
        return np.rint(raw, out=raw).astype(np.int64), dated

    def values(self, name: str, rows: slice) -> np.ndarray:
        """Return a variable's values as float64, NaN where there is no measurement."""
        column = self._columns[name]
        raw = self._read(column, rows)
        values = raw.astype(np.float64)
        for fill in _fills(column):
            # Compared in the file's own precision: float32 cannot hold every float64.
            filled = raw == np.asarray(fill, raw.dtype)
            if filled.any():
                values[filled] = np.nan
        if not np.isfinite(values.sum()):
            values[~np.isfinite(values)] = np.nan
        scale, offset = (column.attrs.get(key) for key in ("scale_factor", "add_offset"))
        if scale is not None:
            values *= float(np.asarray(scale).ravel()[0])
        if offset is not None:
            values += float(np.asarray(offset).ravel()[0])
        return values

    def _number(self, name: str) -> h5py.Dataset:
        # A link could lead to another file, and to what lies on this machine.
        inside = isinstance(self._file.get(name, getlink=True), h5py.HardLink)
        column = self._file[name] if inside else None
        if not isinstance(column, h5py.Dataset):
            numbers = [key for key, item in self._file.items() if getattr(item, "dtype", np.dtype("S1")).kind in "fiu"]
            raise PlumblineError(
                f"{self.path.name} has no variable '{name}'; it has {', '.join(sorted(numbers)) or 'none'}. "
                "If the name is mistaken, mend it under the stream's 'variables'."
            )
        if column.dtype.kind not in "fiu" or column.ndim != 1:
            raise self._trouble(f"holds '{name}' as {column.dtype} {column.shape}, not as one number for each time")
        if trouble := complaint(column):
            raise self._trouble(f"holds a '{name}' that {trouble}")
        if name != "time" and column.shape != self._time.shape:
            raise self._trouble(f"holds {column.shape[0]} values of '{name}' for {self._time.shape[0]} times")
        return column

    def _time_units(self) -> tuple[float, float]:
        units = _text(self._time.attrs.get("units", ""))
        match = re.match(r"\s*(\w+?)s?\s+since\s", units)
        scale = MILLISECONDS.get(match[1].lower()) if match else None
        calendar = _text(self._time.attrs.get("calendar", "standard")) or "standard"
        try:
            epoch = cftime.num2date(0, units, calendar, only_use_cftime_datetimes=True)
            offset = float(cftime.date2num(epoch, "microseconds since 1970-01-01T00:00:00", calendar)) / 1000
        except (ValueError, TypeError):
            scale = None
        if scale is None:
            raise self._trouble(f"gives its time in '{units}', which is not a unit of time since a date")
        return scale, offset

    @staticmethod
    def _units(column: h5py.Dataset) -> str:
        units = _text(column.attrs.get("units", ""))
        return SAME_UNIT.get(units, units)

    def _read(self, column: h5py.Dataset, rows: slice) -> np.ndarray:
        try:
            return column[rows]
        except OSError as error:
            raise self._trouble(f"cannot be read at rows {rows.start} to {rows.stop} ({error})") from None

    def _trouble(self, what: str) -> PlumblineError:
        return PlumblineError(
            f"{self.path.name} {what}. It could be read when it was fetched: run again, and if that does not help "
            "order the chunk anew with scripts/order_anew.py."
        )


def _fills(column: h5py.Dataset) -> list[float]:
    """Return the finite numbers that stand for a missing one in a column."""
    fills = {OOI_FILL, NETCDF_DEFAULT_FILL} if column.dtype.kind == "f" else set()
    fills |= {
        float(np.asarray(column.attrs[key]).ravel()[0])
        for key in ("_FillValue", "missing_value")
        if key in column.attrs and np.asarray(column.attrs[key]).dtype.kind in "fiu"
    }
    return sorted(fill for fill in fills if np.isfinite(fill))


def _text(attribute: object) -> str:
    """Return an HDF5 text attribute, which may be bytes or an array of one."""
    if isinstance(attribute, np.ndarray):
        attribute = attribute.ravel()[0] if attribute.size else ""
    return attribute.decode("utf-8", "replace") if isinstance(attribute, bytes) else str(attribute)
