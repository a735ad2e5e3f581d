"""netCDF to a 1 min CSV, read by h5py and grouped by another library, the same five statistics.

``arrays_job.py pandas|polars|duckdb OUTPUT FILES...``
"""

import sys

if sys.argv[1] == "pandas":
    sys.modules["pyarrow"] = None  # it would be loaded for nothing

import h5py
import numpy as np

UNIX_OF_1900_MS = 2_208_988_800_000


def read(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (times in ms since 1970, pressure as float64)."""
    with h5py.File(path, "r") as file:
        return np.rint(file["time"][:] * 1e3).astype(np.int64) - UNIX_OF_1900_MS, file["bottom_pressure"][:].astype(
            "f8"
        )


def with_pandas(paths: list[str], output: str) -> None:
    """Group with resample and agg."""
    import pandas as pd

    tables = []
    for path in paths:
        times, pressure = read(path)
        series = pd.Series(pressure, index=pd.DatetimeIndex(times.astype("M8[ms]"), name="time"))
        tables.append(series.resample("1min").agg(["mean", "std", "min", "max", "count"]))
    pd.concat(tables).to_csv(output)


def with_polars(paths: list[str], output: str) -> None:
    """Group with group_by_dynamic."""
    import polars as pl

    value, tables = pl.col("value"), []
    for path in paths:
        times, pressure = read(path)
        frame = pl.DataFrame({"time": times.astype("M8[ms]"), "value": pressure}).set_sorted("time")
        statistics = (value.mean().alias("mean"), value.std().alias("std"), value.min().alias("min"))
        statistics += (value.max().alias("max"), value.count().alias("n"))
        tables.append(frame.group_by_dynamic("time", every="1m").agg(statistics))
    pl.concat(tables).write_csv(output)


def with_duckdb(paths: list[str], output: str) -> None:
    """Group by the minute in SQL."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("create table t (time timestamp, mean double, std double, min double, max double, n bigint)")
    for path in paths:
        times, pressure = read(path)
        samples = {"minute": times // 60_000, "value": pressure}  # noqa: F841 (duckdb finds it by its name)
        connection.execute(
            "insert into t select make_timestamp(minute * 60000000), avg(value), stddev_samp(value), min(value), "
            "max(value), count(value) from samples group by minute order by minute"
        )
    connection.execute(f"copy t to '{output}' (header)")


{"pandas": with_pandas, "polars": with_polars, "duckdb": with_duckdb}[sys.argv[1]](sys.argv[3:], sys.argv[2])
