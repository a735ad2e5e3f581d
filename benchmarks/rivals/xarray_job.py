"""netCDF to a 1 min CSV as users of xarray write it: ``xarray_job.py selected|whole OUTPUT FILES...``.

In what is installed with Plumbline alone: pandas loads pyarrow where it finds it, which costs a
quarter of a second that a plain environment does not pay.
"""

import sys

sys.modules["pyarrow"] = None  # as if it were not installed


def main(what: str, output: str, paths: list[str]) -> None:
    """Resample file after file, and write one table."""
    import pandas as pd
    import xarray as xr

    tables = []
    for path in paths:
        with xr.open_dataset(path) as dataset:
            data = dataset.swap_dims(obs="time")
            if what == "selected":
                data = data[["bottom_pressure"]]
            tables.append(data.sortby("time").resample(time="1min").mean().to_dataframe())
    pd.concat(tables).to_csv(output)


main(sys.argv[1], sys.argv[2], sys.argv[3:])
