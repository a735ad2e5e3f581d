"""Makes netCDF files as OOI's stream_engine writes them, from arrays."""

from pathlib import Path

import netCDF4
import numpy as np

NTP_EPOCH_S = 2_208_988_800  # seconds from 1900-01-01 to 1970-01-01

DESIGNATOR = "RS03CCAL-MJ03F-05-BOTPTA301"


def write_ooi_file(
    path: Path,
    seconds: np.ndarray,
    columns: dict[str, np.ndarray],
    *,
    dtype: str = "f4",
    fill: float = np.nan,
    units: str = "psi",
    time_units: str = "seconds since 1900-01-01 0:0:0",
    time_values: np.ndarray | None = None,
    chunk: int = 10_000,
    origin: str | None = None,
) -> Path:
    """Write one file: `seconds` since 1970 and a column of values for each variable."""
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("obs", None)
        time = file.createVariable(
            "time", "f8", ("obs",), zlib=True, complevel=1, chunksizes=(chunk,), fill_value=-9999999.0
        )
        time.set_auto_mask(False)
        time.units = time_units
        time.calendar = "gregorian"
        time[:] = np.asarray(seconds, dtype=float) + NTP_EPOCH_S if time_values is None else time_values
        for name, values in columns.items():
            column = file.createVariable(
                name, dtype, ("obs",), zlib=True, complevel=1, chunksizes=(chunk,), fill_value=fill
            )
            column.set_auto_mask(False)
            column.units = units
            column[:] = values
        if origin:
            file.data_origin = origin
    return path
