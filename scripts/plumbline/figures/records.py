"""Records of products as figures need them: whole where they are short, as envelopes where they are long."""

from pathlib import Path

import netCDF4
import numpy as np

# Rows that are read at one time: 2 MB a column.
PIECE_ROWS = 1 << 18


def read_columns(path: Path, *columns: str) -> list[np.ndarray]:
    """Return the times (milliseconds since 1970) of a product's netCDF file, and columns of it, NaN where missing."""
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        return [file[name][:] for name in ("time", *columns)]


def read_envelope(path: Path, *columns: str, most: int) -> list[np.ndarray]:
    """Return a record that is drawn like the whole: the least and the greatest value of equal lengths of time.

    The file is read in pieces, so memory does not grow with the record. No peak is lost, though it may move by the
    length of time that two points stand for.

    Parameters
    ----------
    path : Path
        CF-netCDF of a product on a complete grid of times, NaN where values are missing.
    columns : str
        Names of variables.
    most : int
        No more points than these, 2 or more. A record that has no more is returned as it is.

    Returns
    -------
    list of ndarray, shape (points,)
        Times (int64, milliseconds since 1970) of equal steps, and the columns. A length of time stands as two points:
        at its beginning the least, in its middle the greatest; both NaN where nothing is there.
    """
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        rows = file["time"].size
        if rows <= most:
            return [file["time"][:].astype(np.int64), *(file[name][:] for name in columns)]
        together = -(-rows // (most // 2))
        pieces = [
            [_extremes(file[name], begin, together) for name in columns]
            for begin in range(0, rows, _piece_rows(together))
        ]
        first_ms, second_ms = map(int, file["time"][:2])
    values = [np.concatenate(parts) for parts in zip(*pieces, strict=True)]
    length_ms = together * (second_ms - first_ms)
    starts_ms = first_ms + length_ms * np.arange(values[0].size // 2, dtype=np.int64)
    return [np.stack([starts_ms, starts_ms + length_ms // 2], axis=1).ravel(), *values]


def _piece_rows(together: int) -> int:
    return max(PIECE_ROWS // together, 1) * together


def _extremes(variable: netCDF4.Variable, begin: int, together: int) -> np.ndarray:
    """Return the least and the greatest value, in turn, of so many rows each, in the piece that begins at a row."""
    variable.set_var_chunk_cache(size=1 << 21)
    values = variable[begin : begin + _piece_rows(together)]
    # The last lengths may not be full.
    rows = np.full((-(-values.size // together), together), np.nan)
    rows.ravel()[: values.size] = values
    return np.stack([np.fmin.reduce(rows, axis=1), np.fmax.reduce(rows, axis=1)], axis=1).ravel()
