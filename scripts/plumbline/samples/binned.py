"""Reading bins files: the bins themselves piece by piece, daily counts, attributes."""

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from plumbline.errors import PlumblineError
from plumbline.samples.bins import COUNTS, HDF5_CHUNK
from plumbline.samples.directions import SINE
from plumbline.samples.kernel import Statistics

# Bins whose numbers of samples are read at one time: 4 MB a variable.
NUMBERS_SLICE = 128 * HDF5_CHUNK


def open_bins(path: Path, variable: str | None = None) -> h5py.File:
    """Open a bins file.

    Raises
    ------
    PlumblineError
        If the file cannot be read, or lacks a variable that is asked for.
    """
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise PlumblineError(f"The bins {path} cannot be read ({error}); remove them and run again.") from None
    if variable is not None:
        _demand(path, file, variable)
    return file


def read_attributes(path: Path) -> dict[str, object]:
    """Return the global attributes of a bins file."""
    with open_bins(path) as file:
        return {key: _plain(value) for key, value in file.attrs.items()}


def read_units(path: Path, variable: str) -> str:
    """Return the units of a variable in a bins file; "" if they are not known."""
    with open_bins(path, variable) as file:
        if holds_direction(file, variable):
            return str(_plain(file[f"{variable}{SINE}_mean"].attrs.get("direction_units", "")))
        return str(_plain(file[f"{variable}_mean"].attrs.get("units", "")))


def holds_direction(file: h5py.File, variable: str) -> bool:
    """Tell whether a variable of a bins file is a direction, of which there are sine and cosine."""
    return f"{variable}{SINE}_mean" in file


def is_direction(path: Path, variable: str) -> bool:
    """Tell whether a variable of a bins file is a direction."""
    with open_bins(path, variable) as file:
        return holds_direction(file, variable)


def read_slices(path: Path, variable: str, slice_ms: int, part: str = "") -> Iterator[tuple[np.ndarray, Statistics]]:
    """Yield (starts in ms, statistics) of a bins file, cut at multiples of `slice_ms` since 1970.

    `part` is that of a direction: its sine or its cosine.

    Raises
    ------
    PlumblineError
        If the file cannot be read or lacks the variable.
    """
    with open_bins(path) as file:
        _demand(path, file, variable)
        if holds_direction(file, variable) != bool(part):
            raise PlumblineError(
                f"The bins {path} hold '{variable}' otherwise than others do; remove them and run again."
            )
        time = file["time"]
        bins = time.shape[0]
        if not bins:
            return
        base_ms, first_ms = int(_plain(file.attrs["base_interval_ms"])), int(time[0])
        place = 0
        while place < bins:
            here_ms = first_ms + place * base_ms
            following = min(bins, place + (slice_ms - here_ms % slice_ms) // base_ms)
            rows = slice(place, following)
            columns = [file[f"{variable}{part}_{name}"][rows] for name in ("mean", "m2", "min", "max")]
            n = file[f"{variable}_n"][rows].astype(np.int64)
            yield time[rows], Statistics(n, *(column.astype(np.float64, copy=False) for column in columns))
            place = following


def check_bins(path: Path) -> int:
    """Read every number of a bins file and return how many rows its samples were in.

    Raises
    ------
    PlumblineError
        If a number cannot be read, or something is missing.
    """
    with open_bins(path) as file:
        try:
            for name in file:
                file[name][()]
            return int(file["received"][()].sum())
        except (OSError, KeyError) as error:
            raise PlumblineError(f"The bins {path} cannot be read ({error}); remove them and run again.") from None


def read_numbers(path: Path, variables: list[str]) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (index of the first bin, numbers of samples) of consecutive bins, piece by piece.

    The numbers have the shape (variables, bins). Nothing else is read, so that this is quick.
    """
    with open_bins(path) as file:
        for name in variables:
            _demand(path, file, name)
        first = _plain(file.attrs["window_begin_ms"]) // _plain(file.attrs["base_interval_ms"])
        bins = file[f"{variables[0]}_n"].shape[0]
        for place in range(0, bins, NUMBERS_SLICE):
            rows = slice(place, min(place + NUMBERS_SLICE, bins))
            yield int(first) + place, np.stack([file[f"{name}_n"][rows] for name in variables])


def read_rejected(path: Path, variable: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the starts (ms since 1970) of the bins in which samples were rejected, and how many in each."""
    with open_bins(path) as file:
        place = f"{variable}_rejected_time"
        if place not in file:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        return file[place][:].astype(np.int64), file[f"{variable}_rejected_n"][:].astype(np.int64)


def read_daily_counts(path: Path, variables: list[str] | None = None) -> dict[str, np.ndarray]:
    """Return what became of the rows of each UTC day: small columns, read without the bins.

    Parameters
    ----------
    path : Path
    variables : list of str, optional
        Which variables count; every one in the file where they are not given.

    Returns
    -------
    dict
        ``day`` (days since 1970), ``received``, and of several variables the least ``used`` and the
        most ``duplicate``, ``conflicting`` and ``rejected``.
    """
    with open_bins(path) as file:
        if variables is None:
            variables = [key.removesuffix("_used") for key in file if key.endswith("_used")]
        for name in variables:
            _demand(path, file, name)
        counts = {name: file[name][:].astype(np.int64) for name in ("day", "received")}
        for count in COUNTS:
            columns = np.stack([file[f"{name}_{count}"][:] for name in variables])
            counts[count] = columns.min(axis=0) if count == "used" else columns.max(axis=0)
        return counts


def _demand(path: Path, file: h5py.File, variable: str) -> None:
    if f"{variable}_n" not in file:
        raise PlumblineError(f"The bins {path} hold no variable '{variable}'; remove them and run again.")


def _plain(value: object) -> object:
    """Return an HDF5 attribute as Python's own text or number."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.ravel()[0]
    return value.decode() if isinstance(value, bytes) else value
