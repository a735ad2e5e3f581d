"""Tables of few rows that are no time series: events, forecasts."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from plumbline.atomic import replacing
from plumbline.chunks import from_unix_ms, isoformat
from plumbline.tables.about_products import About
from plumbline.tables.csvw import Column


def write_list(csv_path: Path, about: About, rows: Iterable[Iterable[object]], primary_key: str | list[str]) -> None:
    """Write rows as CSV with the metadata beside it.

    Parameters
    ----------
    csv_path : Path
    about : About
        Its columns say how values are written: times are milliseconds since 1970, numbers have the decimals of
        their column, None and NaN are empty.
    rows : iterable of iterable
    primary_key : str or list of str
    """
    with replacing(csv_path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in about.columns])
        for row in rows:
            writer.writerow([_text(value, column) for value, column in zip(row, about.columns, strict=True)])
    about.write_beside(csv_path, primary_key)


def _text(value: object, column: Column) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if column.datatype == "datetime":
        return iso(int(value))
    return f"{round(value, column.decimals) + 0.0:.{column.decimals}f}" if column.datatype == "double" else str(value)


def iso(time_ms: int) -> str:
    """Return milliseconds since 1970 as ISO 8601 with ``Z``."""
    return isoformat(from_unix_ms(time_ms))
