"""Reading a part of a remote file over OPeNDAP: the variables that are needed, and the rows about a window.

Rows are found by looking at every n-th time first, and are read in blocks that stay far below what servers give in
one answer.
"""

from collections.abc import Callable, Collection
from pathlib import Path
from time import sleep

import netCDF4
import numpy as np
import requests

from plumbline.chunks import milliseconds
from plumbline.errors import PlumblineError
from plumbline.ooi.patience import growing_delays
from plumbline.ooi.session import result_session
from plumbline.reporting import log
from plumbline.samples.reader import to_unix_ms
from plumbline.sources.dap2 import Array, DapError, Dataset, describe, rows

# TDS refuses answers of more than 500 MB by default, and slow ones are cut off in practice: 4 MB a column.
BLOCK_ROWS = 500_000
# How many times are looked at before any is read in earnest.
LOOKED_AT = 20_000
# Rows that stand so far out of order are found all the same.
MARGIN_MS = 60_000
CHUNK_ROWS = 10_000
TRIES = 4
# What DAP adds to attributes, and no file has.
OF_DAP = ("_ChunkSizes", "DODS", "DODS_EXTRA")


def write_window(url: str, output: Path, window: dict[str, str], variables: Collection[str], name: str) -> int:
    """Write the rows of a remote file that are about a window as netCDF, and return how many.

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

    Raises
    ------
    PlumblineError
        If the server does not give them in a bounded number of tries, or has no such variable.
    """
    session, delays, reason = result_session(patient=False), growing_delays(1.0, 2.0, 30.0), ""
    for left in range(TRIES - 1, -1, -1):
        try:
            return _Remote(session, url, name, ["time", *variables]).copy(output, window)
        except DapError as error:
            reason = str(error)
        except requests.RequestException as error:
            reason = f"the connection broke: {type(error).__name__}"
        if left:
            log.info("%s could not be read over OPeNDAP (%s); trying again.", name, reason)
            sleep(next(delays))
    raise PlumblineError(
        f"{name} could not be read over OPeNDAP in {TRIES} tries ({reason}), at {url}. Run again later, or take it as "
        "a whole file: source goldcopy or thredds."
    )


class _Remote:
    """A remote file, described once, of which some variables are read."""

    def __init__(self, session: requests.Session, url: str, name: str, variables: list[str]) -> None:
        self.session, self.url = session, url
        self.dataset = describe(session, url)
        self.arrays = [self._array(one, name) for one in variables]
        self.time = self.arrays[0]

    def _array(self, variable: str, file_name: str) -> Array:
        known = self.dataset.arrays
        numbers = sorted(one.name for one in known.values() if len(one.shape) == 1 and one.type != "String")
        if variable not in known:
            raise PlumblineError(
                f"{file_name} has no variable '{variable}'; it has {', '.join(numbers) or 'none'}. If the name is "
                "mistaken, mend it under the stream's 'variables'."
            )
        if variable not in numbers or known[variable].shape != known["time"].shape:
            raise PlumblineError(
                f"{file_name} holds '{variable}' as {known[variable].type} {known[variable].shape}, not as one number "
                "for each time."
            )
        return known[variable]

    def copy(self, output: Path, window: dict[str, str]) -> int:
        """Write the rows about a window; return how many."""
        wanted = self._rows(*(milliseconds(window[edge]) for edge in ("begin", "end")))
        with netCDF4.Dataset(output, "w", format="NETCDF4") as small:
            small.createDimension("obs", None)
            for one in self.arrays:
                self._define(small, one)
            small.setncatts(_kept(self.dataset.attributes.get("NC_GLOBAL", {})))
            for start in range(wanted.start, wanted.stop, BLOCK_ROWS):
                stop = min(start + BLOCK_ROWS, wanted.stop)
                for variable, values in rows(self.session, self.url, self.arrays, start, stop).items():
                    small[variable][start - wanted.start : stop - wanted.start] = values
        if _version(describe(self.session, self.url)) != _version(self.dataset):
            raise DapError("it was replaced while it was read")
        return len(wanted)

    def _define(self, small: netCDF4.Dataset, one: Array) -> None:
        """Make a variable as the remote one is; a fill value of another type becomes one of the variable's."""
        attributes, dtype = _kept(self.dataset.attributes.get(one.name, {})), one.dtype
        fill = attributes.pop("_FillValue", None)
        fill = None if fill is None else np.asarray(fill).ravel()[0].astype(dtype)
        made = small.createVariable(
            one.name, dtype, ("obs",), zlib=True, complevel=1, chunksizes=(CHUNK_ROWS,), fill_value=fill
        )
        made.set_auto_maskandscale(False)
        made.setncatts(attributes)

    def _rows(self, begin_ms: int, end_ms: int) -> range:
        """Return the rows of which one or another may lie in a window [begin, end)."""
        count = self.time.shape[0]
        step = max(1, count // LOOKED_AT)
        looked = self._to_ms()(rows(self.session, self.url, [self.time], 0, count, step)["time"].astype(np.float64))
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
            raise DapError(f"it gives its time in '{told.get('units', '')}'") from None
        return lambda values: values * scale + offset


def _kept(attributes: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in attributes.items() if not key.startswith(OF_DAP)}


def _version(dataset: Dataset) -> tuple:
    """Return what tells a file from one that replaced it."""
    told = dataset.attributes.get("NC_GLOBAL", {})
    return (dataset.arrays, *(str(told.get(key, "")) for key in ("uuid", "date_modified", "time_coverage_end")))
