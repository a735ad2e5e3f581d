"""Reading a part of a remote file over OPeNDAP: the variables that are needed, and the rows about a window.

Rows are found by looking at every n-th time first, and are read in blocks that stay far below what servers give in
one answer.
"""

import shutil
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from time import sleep

import netCDF4
import numpy as np
import requests

from plumbline.chunks import milliseconds
from plumbline.errors import PlumblineError, RefusedError
from plumbline.ooi.patience import growing_delays
from plumbline.ooi.session import result_session
from plumbline.reporting import human_bytes, log
from plumbline.samples.reader import to_unix_ms
from plumbline.sources.dap2 import Array, DapError, Dataset, describe, rows, version_of

# TDS refuses answers of more than 500 MB by default, and slow ones are cut off in practice: 4 MB an answer.
BLOCK_BYTES = 4_000_000
FEWEST_ROWS = 1_000
# How many times are looked at before any is read in earnest.
LOOKED_AT = 20_000
# Rows that stand so far out of order are found all the same.
MARGIN_MS = 60_000
CHUNK_ROWS = 10_000
TRIES = 4
# Attributes that DAP adds and no file has, and those that the netCDF library keeps for itself.
NOT_KEPT = ("_ChunkSizes", "DODS", "_NC", "_Netcdf4", "NAME", "CLASS", "DIMENSION_LIST", "REFERENCE_LIST")


class _ChangedError(Exception):
    """The file at the server is not the one any more that was begun with."""


def write_window(
    url: str,
    output: Path,
    window: dict[str, str],
    variables: Collection[str],
    name: str,
    writing: AbstractContextManager,
) -> None:
    """Write the rows of a remote file that are about a window as netCDF.

    Values are of the types and have the attributes that the server gives.

    Parameters
    ----------
    url : str
        Of the dataset, below ``dodsC``.
    output : Path
        What is there is replaced.
    window : dict
        ``begin`` and ``end``, ISO 8601.
    variables : collection of str
        Beside ``time``.
    name : str
        What the file is called in messages.
    writing : context manager
        Held while the netCDF library writes, and not while the server is waited for.

    Raises
    ------
    PlumblineError
        If the server does not give them in a bounded number of tries, or has no such variable, or the disk is full.
    """
    for _ in range(TRIES):
        remote = _Remote(url, name, ["time", *variables])
        try:
            remote.copy(output, window, writing)
            return
        except _ChangedError:
            log.info("%s was replaced while it was read; beginning again.", name)
    raise remote.trouble(f"it was replaced while it was read, {TRIES} times")


class _Remote:
    """A remote file, described once, of which some variables are read."""

    def __init__(self, url: str, name: str, variables: list[str]) -> None:
        self.session, self.url, self.name = result_session(patient=False), url, name
        self.dataset: Dataset = self._patiently(lambda: describe(self.session, url))
        self.arrays = [self._array(one) for one in variables]
        self.time = self.arrays[0]

    def trouble(self, reason: str) -> PlumblineError:
        """Return the error for what could not be read."""
        return PlumblineError(
            f"{self.name} could not be read over OPeNDAP ({reason}), at {self.url}. Run again later, or take it as a "
            "whole file: source goldcopy or thredds."
        )

    def _patiently(self, ask: Callable[[], object]) -> object:
        """Return an answer that may take some tries."""
        delays, reason = growing_delays(1.0, 2.0, 30.0), ""
        for left in range(TRIES - 1, -1, -1):
            try:
                return ask()
            except DapError as error:
                reason = str(error)
            except requests.RequestException as error:
                reason = f"the connection broke: {type(error).__name__}"
            if left:
                log.info("%s could not be read over OPeNDAP (%s); trying again.", self.name, reason)
                sleep(next(delays))
        raise self.trouble(f"{TRIES} tries, at last: {reason}")

    def _array(self, variable: str) -> Array:
        known = self.dataset.arrays
        numbers = sorted(one.name for one in known.values() if len(one.shape) == 1 and one.type != "String")
        if variable not in known:
            raise PlumblineError(
                f"{self.name} has no variable '{variable}'; it has {', '.join(numbers) or 'none'}. If the name is "
                "mistaken, mend it under the stream's 'variables'."
            )
        if variable not in numbers or known[variable].shape != known["time"].shape:
            raise PlumblineError(
                f"{self.name} holds '{variable}' as {known[variable].type} {known[variable].shape}, not as one number "
                "for each time."
            )
        return known[variable]

    def copy(self, output: Path, window: dict[str, str], writing: AbstractContextManager) -> None:
        """Write the rows about a window.

        Raises
        ------
        _ChangedError
            If the file was replaced meanwhile.
        """
        wanted = self._rows(*(milliseconds(window[edge]) for edge in ("begin", "end")))
        row_bytes = sum(one.dtype.itemsize for one in self.arrays)
        free = shutil.disk_usage(output.parent).free
        if len(wanted) * row_bytes > free:
            needed = human_bytes(len(wanted) * row_bytes)
            raise PlumblineError(f"{self.name}: {needed} are needed, and {human_bytes(free)} are free on the disk.")
        with writing:
            small = netCDF4.Dataset(output, "w", format="NETCDF4")
        try:
            with writing:
                small.createDimension("obs", None)
                for one in self.arrays:
                    _define(small, one, self.dataset.attributes.get(one.name, {}))
                _set(small, self.dataset.attributes.get("NC_GLOBAL", {}))
            self._copy_rows(small, wanted, max(FEWEST_ROWS, BLOCK_BYTES // row_bytes), writing)
        finally:
            with writing:
                small.close()
        if version_of(self._patiently(lambda: describe(self.session, self.url))) != version_of(self.dataset):
            raise _ChangedError

    def _copy_rows(
        self, small: netCDF4.Dataset, wanted: range, block_rows: int, writing: AbstractContextManager
    ) -> None:
        """Copy rows block by block; one that breaks off is asked for again, one that takes too long in smaller ones."""
        place = wanted.start
        while place < wanted.stop:
            stop = min(place + block_rows, wanted.stop)
            try:
                block = self._patiently(lambda a=place, b=stop: rows(self.session, self.url, self.arrays, a, b))
            except RefusedError:
                if block_rows == FEWEST_ROWS:
                    raise
                block_rows = max(FEWEST_ROWS, block_rows // 4)
                continue
            with writing:
                for variable, values in block.items():
                    small[variable][place - wanted.start : stop - wanted.start] = values
            place = stop

    def _rows(self, begin_ms: int, end_ms: int) -> range:
        """Return the rows of which one or another may lie in a window [begin, end)."""
        count = self.time.shape[0]
        step = max(1, count // LOOKED_AT)
        every = self._patiently(lambda: rows(self.session, self.url, [self.time], 0, count, step))["time"]
        looked = self._to_ms()(every.astype(np.float64))
        near = np.flatnonzero((looked >= begin_ms - MARGIN_MS) & (looked < end_ms + MARGIN_MS))
        if near.size:
            return range(max(0, (int(near[0]) - 1) * step), min(count, (int(near[-1]) + 1) * step + 1))
        # All that is there may lie between two times that were looked at.
        after = np.flatnonzero(looked >= end_ms)
        place = int(after[0]) if after.size else looked.size
        return range(max(0, (place - 1) * step), min(count, place * step))

    def _to_ms(self) -> Callable[[np.ndarray], np.ndarray]:
        told = self.dataset.attributes.get("time", {})
        try:
            scale, offset = to_unix_ms(str(told.get("units", "")), str(told.get("calendar", "standard")))
        except (ValueError, TypeError, KeyError, OverflowError):
            raise self.trouble(f"it gives its time in '{told.get('units', '')}'") from None
        return lambda values: values * scale + offset


def _define(small: netCDF4.Dataset, one: Array, attributes: dict[str, object]) -> None:
    """Make a variable as the remote one is; a fill value of another type becomes one of the variable's, if it can."""
    fill = attributes.get("_FillValue")
    made = small.createVariable(
        one.name,
        one.dtype,
        ("obs",),
        zlib=True,
        complevel=1,
        chunksizes=(CHUNK_ROWS,),
        fill_value=None if fill is None else _fill_of(one.dtype, fill),
    )
    made.set_auto_maskandscale(False)
    _set(made, {key: value for key, value in attributes.items() if key != "_FillValue"})


def _fill_of(dtype: np.dtype, fill: object) -> np.generic | None:
    """Return a fill value in a variable's type; None where that cannot hold it, so that it stands for nothing."""
    try:
        number = float(np.asarray(fill).ravel()[0])
    except (ValueError, IndexError):
        return None
    if dtype.kind == "f":
        return dtype.type(number)
    limits = np.iinfo(dtype)
    return dtype.type(number) if number.is_integer() and limits.min <= number <= limits.max else None


def _set(item: netCDF4.Dataset | netCDF4.Variable, attributes: dict[str, object]) -> None:
    for key, value in attributes.items():
        if not key.startswith(NOT_KEPT):
            # What the library refuses is none that numbers are read by.
            with suppress(AttributeError, ValueError, TypeError, RuntimeError):
                item.setncattr(key, value)
