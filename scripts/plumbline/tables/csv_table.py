"""The resampled table: plain CSV, the same bytes for the same bins."""

from pathlib import Path

import numpy as np

from plumbline.atomic import replacing
from plumbline.samples.kernel import Statistics
from plumbline.tables.resampling import resample

COLUMNS = ("time", "mean", "std", "min", "max", "n", "coverage")


def write_table(
    bins_paths: list[Path],
    variable: str,
    interval_ms: int,
    begin_ms: int,
    end_ms: int,
    rate_hz: float | None,
    csv_path: Path,
) -> None:
    """Write one resampled table.

    Parameters
    ----------
    bins_paths : list of Path
        Bins files of consecutive chunks, in time order.
    variable : str
    interval_ms : int
        Length of the table's bins, milliseconds.
    begin_ms, end_ms : int
        The window, milliseconds since 1970.
    rate_hz : float or None
        Nominal sampling rate; None: the coverage is left empty.
    csv_path : Path
        Columns time (start of the bin, ISO 8601 with Z), mean and std (9 decimals; std is the sample
        standard deviation, n - 1), min and max (shortest text that gives the same float64), n, and
        coverage (n over what the rate gives in a whole bin, 6 decimals).
    """
    expected = rate_hz * interval_ms / 1000 if rate_hz else None
    precision = "s" if interval_ms % 1000 == 0 else "ms"
    with replacing(csv_path) as scratch, open(scratch, "w", encoding="ascii", newline="\n") as file:
        file.write(",".join(COLUMNS) + "\n")
        for starts, statistics in resample(bins_paths, variable, interval_ms, begin_ms, end_ms):
            file.write(_lines(starts, statistics, expected, precision))


def _lines(starts: np.ndarray, statistics: Statistics, expected: float | None, precision: str) -> str:
    """Return the lines of consecutive bins."""
    times = np.datetime_as_string(starts.astype("datetime64[ms]"), unit=precision).tolist()
    n = statistics.n
    with np.errstate(invalid="ignore", divide="ignore"):
        std = np.sqrt(statistics.m2 / (n - 1))
    coverage = [f"{share:.6f}" for share in (n / expected).tolist()] if expected else [""] * n.size
    rows = zip(
        times,
        statistics.mean.tolist(),
        std.tolist(),
        statistics.minimum.tolist(),
        statistics.maximum.tolist(),
        n.tolist(),
        coverage,
        strict=True,
    )
    return "".join(
        f"{time}Z,{mean:.9f},{f'{deviation:.9f}' if count > 1 else ''},{low!r},{high!r},{count},{share}\n"
        if count
        else f"{time}Z,,,,,0,{share}\n"
        for time, mean, deviation, low, high, count, share in rows
    )
