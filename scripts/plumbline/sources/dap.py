"""Reading a part of a remote file over OPeNDAP: the variables that are needed, and the rows about a window.

netCDF4 speaks the protocol. Rows are found by looking at every n-th time first, and are read in blocks that stay
far below what servers give in one answer.
"""

import os
from collections.abc import Callable, Collection
from pathlib import Path
from time import sleep

import netCDF4
import numpy as np

from plumbline.chunks import milliseconds
from plumbline.errors import PlumblineError
from plumbline.ooi.patience import growing_delays
from plumbline.ooi.session import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from plumbline.reporting import log
from plumbline.samples.reader import _to_unix_ms

# TDS refuses answers of more than 500 MB by default, and slow ones are cut off in practice: 4 MB a column.
BLOCK_ROWS = 500_000
# How many times are looked at before any is read in earnest.
LOOKED_AT = 20_000
# Rows that stand so far out of order are found all the same.
MARGIN_MS = 60_000
CHUNK_ROWS = 10_000
TRIES = 4
# netcdf-c up to 4.7 refuses a `_FillValue` of another type than its variable, which OOI's files gain over DAP
# (Unidata/netcdf-c issue 1299); this fragment tells it not to. Newer ones do without.
FILL_MISMATCH = "#fillmismatch"
# What DAP adds to attributes, and no file has.
OF_DAP = ("_ChunkSizes", "DODS", "DODS_EXTRA")


class RemoteChangedError(Exception):
    """The file at the server is not the one that was opened any more."""


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
    _limit_waiting()
    delays, reason = growing_delays(1.0, 2.0, 30.0), ""
    for left in range(TRIES - 1, -1, -1):
        try:
            with netCDF4.Dataset(url + FILL_MISMATCH) as remote:
                return _copied(remote, url, output, window, ["time", *variables], name)
        except RemoteChangedError:
            reason = "it was replaced while it was read"
        # netCDF4 raises RuntimeError where an answer is refused or breaks off, OSError where there is none.
        except (OSError, RuntimeError, IndexError, ValueError) as error:
            reason = " ".join(str(error).replace(FILL_MISMATCH, "").split())[:200]
        if left:
            log.info("%s could not be read over OPeNDAP (%s); trying again.", name, reason)
            sleep(next(delays))
    raise PlumblineError(
        f"{name} could not be read over OPeNDAP in {TRIES} tries ({reason}), at {url}. Run again later, or take it as "
        "a whole file: source goldcopy or thredds."
    )


def _copied(
    remote: netCDF4.Dataset, url: str, output: Path, window: dict[str, str], names: list[str], name: str
) -> int:
    remote.set_auto_maskandscale(False)
    remote.set_auto_chartostring(False)
    lacking = [one for one in names if one not in remote.variables]
    if lacking:
        numbers = [
            one for one, column in remote.variables.items() if column.dtype != str and column.dtype.kind in "fiu"
        ]
        raise PlumblineError(
            f"{name} has no variable '{lacking[0]}'; it has {', '.join(sorted(numbers)) or 'none'}. If the name is "
            "mistaken, mend it under the stream's 'variables'."
        )
    rows = _rows(remote["time"], *(milliseconds(window[edge]) for edge in ("begin", "end")))
    version = _version(remote)
    with netCDF4.Dataset(output, "w", format="NETCDF4") as small:
        small.createDimension("obs", None)
        for one in names:
            _define(small, one, remote[one])
        small.setncatts({key: remote.getncattr(key) for key in remote.ncattrs() if not key.startswith(OF_DAP)})
        for start in range(rows.start, rows.stop, BLOCK_ROWS):
            stop = min(start + BLOCK_ROWS, rows.stop)
            for one in names:
                values = np.asarray(remote[one][start:stop])
                if values.size != stop - start:
                    raise OSError(f"{values.size} of {stop - start} rows came")
                small[one][start - rows.start : stop - rows.start] = values
    with netCDF4.Dataset(url + FILL_MISMATCH) as now:
        if _version(now) != version:
            raise RemoteChangedError
    return rows.stop - rows.start


def _define(small: netCDF4.Dataset, name: str, remote: netCDF4.Variable) -> None:
    """Make a variable as the remote one is; a fill value of another type becomes one of the variable's."""
    if remote.ndim != 1 or remote.dtype == str or remote.dtype.kind not in "fiu":
        raise PlumblineError(f"The server gives '{name}' as {remote.dtype}, not as one number for each time.")
    attributes = {key: remote.getncattr(key) for key in remote.ncattrs() if not key.startswith(OF_DAP)}
    fill = attributes.pop("_FillValue", None)
    if fill is not None:
        fill = remote.dtype.type(np.asarray(fill).ravel()[0])
    made = small.createVariable(
        name, remote.dtype, ("obs",), zlib=True, complevel=1, chunksizes=(CHUNK_ROWS,), fill_value=fill
    )
    made.set_auto_maskandscale(False)
    made.setncatts(attributes)


def _version(remote: netCDF4.Dataset) -> tuple:
    """Return what tells a file from one that replaced it."""
    attributes = [str(getattr(remote, key, "")) for key in ("uuid", "date_modified", "time_coverage_end")]
    return (remote["time"].shape, *attributes)


def _rows(time: netCDF4.Variable, begin_ms: int, end_ms: int) -> slice:
    """Return the rows of which one or another may lie in a window [begin, end)."""
    count = time.shape[0]
    step = max(1, count // LOOKED_AT)
    seconds = np.asarray(time[::step], np.float64)
    to_ms = _to_ms(time)
    looked = to_ms(seconds)
    near = np.flatnonzero((looked >= begin_ms - MARGIN_MS) & (looked < end_ms + MARGIN_MS))
    if near.size:
        return slice(max(0, (int(near[0]) - 1) * step), min(count, (int(near[-1]) + 1) * step + 1))
    # All that is there may lie between two times that were looked at.
    after = np.flatnonzero(looked >= end_ms)
    place = int(after[0]) if after.size else looked.size
    return slice(max(0, (place - 1) * step), min(count, place * step))


def _to_ms(time: netCDF4.Variable) -> Callable[[np.ndarray], np.ndarray]:
    scale, offset = _to_unix_ms(str(getattr(time, "units", "")), str(getattr(time, "calendar", "standard")))
    return lambda values: values * scale + offset


def _limit_waiting() -> None:
    """Give the netCDF library time limits of ours, for by itself it waits for ever, and no account."""
    for key, value in (("TIMEOUT", READ_TIMEOUT_S), ("CONNECTTIMEOUT", CONNECT_TIMEOUT_S), ("NETRC", os.devnull)):
        netCDF4.rc_set(f"HTTP.{key}", str(value))
