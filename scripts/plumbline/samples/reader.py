"""Reading OOI's netCDF files: times as whole milliseconds, values as they are, block by block.

Files are read with h5py: netCDF-4 is HDF5, and nothing that reads the two variables needed is
faster without a reader of one's own.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cftime
import h5py
import numpy as np

from plumbline.errors import PlumblineError
from plumbline.ooi.names import OOI_FILL
from plumbline.samples.plausibility import LARGEST_PIECE_BYTES, complaint

# Rows that are worked on at one time: 20 of OOI's HDF5 chunks, 1.6 MB a column, stay in a processor's cache.
BLOCK_ROWS = 200_000

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
    """One netCDF file of a stream. What it declares is checked at once; its rows are read in a ``with`` block.

    Parameters
    ----------
    path : Path
        The file.
    variables : list of str
        The variables that are needed, one value for each time.

    Attributes
    ----------
    rows : int
        How many there are.
    units : dict
        Of each variable; "" where the file gives none.
    dtypes : dict
        Of each variable's values, float32 or float64.
    origin : str
        Where the data say that they come from; "" for OOI's own.

    Raises
    ------
    PlumblineError
        If the file cannot be opened, lacks a variable, or holds one that is not a number for
        each time.
    """

    def __init__(self, path: Path, variables: list[str]) -> None:
        self.path, self.variables = path, variables
        self.rows: int | None = None
        with self:
            self.rows = self._time.shape[0]
            self.units = {name: self._units(column) for name, column in self._columns.items()}
            self.dtypes = {name: _dtype(column) for name, column in self._columns.items()}
            self.origin = _text(self._file.attrs.get("data_origin", ""))

    def __enter__(self) -> "SampleFile":
        try:
            # Room for a piece that is larger than a block: it is not unpacked again for the next one.
            self._file = h5py.File(self.path, "r", rdcc_nbytes=LARGEST_PIECE_BYTES)
        except OSError as error:
            raise self._trouble(f"cannot be opened as netCDF-4 ({error})") from None
        try:
            self._time = self._number("time")
            self._scale_ms, self._offset_ms = self._time_units()
            self._time_fills_ms = [
                np.rint(float(fill) * self._scale_ms + self._offset_ms) for fill in _fills(self._time)
            ]
            self._columns = {name: self._number(name) for name in self.variables}
            self._fills = {name: _fills(column) for name, column in self._columns.items()}
            self._packing = {name: _packing(column) for name, column in self._columns.items()}
            if self.rows not in (None, self._time.shape[0]):
                raise self._trouble("was replaced while it was read")
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def blocks(self) -> Iterator[slice]:
        """Yield the rows in blocks of bounded size, whole HDF5 chunks of every column where they are not larger."""
        pieces = max(column.chunks[0] if column.chunks else 1 for column in (self._time, *self._columns.values()))
        step = BLOCK_ROWS // pieces * pieces or BLOCK_ROWS
        for start in range(0, self.rows, step):
            yield slice(start, min(start + step, self.rows))

    def times(self, rows: slice) -> tuple[np.ndarray, bool]:
        """Return the times of some rows.

        Returns
        -------
        times : ndarray of float64
            Whole milliseconds since 1970-01-01T00:00Z, rounded to the nearest; NaN for a row that has no
            time, neither NaN nor a fill value.
        increasing : bool
            Whether every row has a time, later than that of the row before.
        """
        raw = self._read(self._time, rows)
        times = np.multiply(raw, self._scale_ms, out=raw if raw.dtype == np.float64 else None, dtype=np.float64)
        times += self._offset_ms
        np.rint(times, out=times)
        # A comparison with NaN is false.
        increasing = bool((times[1:] > times[:-1]).all()) if times.size > 1 else bool(np.isfinite(times).all())
        # Increasing times hold a fill value at one of their ends, or somewhere between the two.
        if times.size and not (increasing and not any(times[0] <= fill <= times[-1] for fill in self._time_fills_ms)):
            undated = ~np.isfinite(times)
            for fill in self._time_fills_ms:
                undated |= times == fill
            if undated.any():
                times[undated] = np.nan
                increasing = False
        return times, increasing

    def values(self, name: str, rows: slice) -> np.ndarray:
        """Return a variable's values, float32 or float64 as in `dtypes`, NaN where there is no measurement."""
        values, fills = self._read(self._columns[name], rows), self._fills[name]
        if not values.size:
            return values.astype(self.dtypes[name])
        low, high = values.min(), values.max()
        missing = None
        # One look at the extremes spares most blocks a look at every row. NaN comes through both.
        if not (np.isfinite(low) and np.isfinite(high)) or any(low <= fill <= high for fill in fills):
            missing = ~np.isfinite(values)
            for fill in fills:
                missing |= values == fill
        values = values.astype(self.dtypes[name], copy=False)
        if missing is not None:
            values[missing] = np.nan
        scale, offset = self._packing[name]
        if scale != 1.0:
            values *= scale
        if offset:
            values += offset
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
        if name != "time" and (why := _why_no_mean(column)):
            raise PlumblineError(
                f"{self.path.name} holds '{name}' as {column.dtype} {column.shape}: {why}, of which there is no mean; "
                "take it out of the stream's 'variables'."
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
        calendar = _text(self._time.attrs.get("calendar", "standard")) or "standard"
        try:
            return to_unix_ms(units, calendar)
        except (ValueError, TypeError, KeyError, OverflowError):
            raise self._trouble(f"gives its time in '{units}', which is not a unit of time since a date") from None

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


def _why_no_mean(column: h5py.Dataset) -> str:
    """Return what a column holds that has no mean; "" for what has one, or is no column at all."""
    if column.dtype.kind not in "fiu":
        return "text, or no number"
    if "flag_values" in column.attrs or "flag_masks" in column.attrs:
        return "flags"
    return "times" if " since " in _text(column.attrs.get("units", "")) else ""


@cache
def to_unix_ms(units: str, calendar: str) -> tuple[float, float]:
    """Return by what a time in some units is multiplied, and what is added, to get milliseconds since 1970."""
    unit = re.match(r"\s*(\w+?)s?\s+since\s", units)
    epoch = cftime.num2date(0, units, calendar, only_use_cftime_datetimes=True)
    offset = float(cftime.date2num(epoch, "microseconds since 1970-01-01T00:00:00", calendar)) / 1000
    return MILLISECONDS[unit[1].lower()], offset


def _packing(column: h5py.Dataset) -> tuple[float, float]:
    """Return by what a column's numbers are multiplied, and what is added, to get its values."""
    factors = []
    for key, neutral in (("scale_factor", 1.0), ("add_offset", 0.0)):
        factor = column.attrs.get(key)
        factors.append(neutral if factor is None else float(np.asarray(factor).ravel()[0]))
    return factors[0], factors[1]


def _dtype(column: h5py.Dataset) -> np.dtype:
    """Return the precision of a column's values: its own, if that is a float's and nothing is to be worked out."""
    single = column.dtype in (np.float32, np.float16) and _packing(column) == (1.0, 0.0)
    return np.dtype(np.float32 if single else np.float64)


def _fills(column: h5py.Dataset) -> list[np.generic]:
    """Return the finite numbers that stand for a missing one in a column, in its own precision."""
    fills = {OOI_FILL, NETCDF_DEFAULT_FILL} if column.dtype.kind == "f" else set()
    fills |= {
        np.asarray(column.attrs[key]).ravel()[0].item()
        for key in ("_FillValue", "missing_value")
        if key in column.attrs and np.asarray(column.attrs[key]).dtype.kind in "fiu"
    }
    # float32 cannot hold every float64; what an integer cannot hold is in no column of integers.
    limits = np.iinfo(column.dtype) if column.dtype.kind in "iu" else None
    return [
        column.dtype.type(fill)
        for fill in sorted(fills)
        if np.isfinite(fill) and (limits is None or limits.min <= fill <= limits.max)
    ]


def _text(attribute: object) -> str:
    """Return an HDF5 text attribute, which may be bytes or an array of one."""
    if isinstance(attribute, np.ndarray):
        attribute = attribute.ravel()[0] if attribute.size else ""
    return attribute.decode("utf-8", "replace") if isinstance(attribute, bytes) else str(attribute)
