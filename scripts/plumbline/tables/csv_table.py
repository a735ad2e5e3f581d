"""The resampled table: plain CSV, the same bytes for the same bins."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import BinaryIO

import numpy as np

from plumbline.samples.binned import is_direction, read_attributes, read_units
from plumbline.samples.directions import mean_direction
from plumbline.samples.kernel import Statistics
from plumbline.tables.growing import GrowingTable
from plumbline.tables.resampling import demand_end, resample, resample_direction

# Rows whose text is made at one time: 3 MB.
BLOCK_ROWS = 32_768

COLUMNS = ("time", "mean", "std", "min", "max", "n", "coverage")


def write_table(
    bins_paths: list[Path],
    variable: str,
    interval_ms: int,
    begin_ms: int,
    end_ms: int,
    rate_hz: float | None,
    csv_path: Path,
    lines_path: Path | None = None,
    made_by: str = "",
) -> tuple[str, list[str]]:
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
        coverage (n over what the rate gives in a whole bin, 6 decimals). Of a direction, mean and std are
        those of `mean_direction` (6 decimals), min and max are empty.
    lines_path : Path, optional
        Where the lines are kept, so that only those of new bins are written the next time; without
        it, all are written.
    made_by : str
        Digest of the code: lines of other code are not kept.

    Returns
    -------
    units : str
        Of the variable; "" if they are not known.
    origins : list of str
        Where the samples say that they come from; empty for OOI's own.

    Raises
    ------
    PlumblineError
        If the bins do not cover the window one after the other, or are too coarse.
    """
    about = {"variable": variable, "interval": interval_ms, "begin": begin_ms, "rate": rate_hz, "made_by": made_by}
    table = GrowingTable(lines_path or csv_path.with_name(f".{csv_path.name}.lines"), about)
    try:
        kept = table.keep(bins_paths)
        if kept:
            # Where it is still there it is a name of the file that is appended to, and would be seen half-written.
            csv_path.unlink(missing_ok=True)
        with table.appended() as file:
            if not kept:
                file.write((",".join(COLUMNS) + "\n").encode("ascii"))
            _append(file, table, bins_paths[kept:], variable, interval_ms, begin_ms, rate_hz)
        demand_end(table.pieces[-1]["end_ms"] if table.pieces else begin_ms, end_ms, variable)
        table.publish(csv_path)
    finally:
        if lines_path is None:
            table.remove()
    units = next((piece["units"] for piece in table.pieces if piece["units"]), "")
    return units, sorted({piece["origin"] for piece in table.pieces} - {""})


def _append(
    file: BinaryIO,
    table: GrowingTable,
    bins_paths: list[Path],
    variable: str,
    interval_ms: int,
    begin_ms: int,
    rate_hz: float | None,
) -> None:
    """Append the lines of bins files, which go on where the table ends."""
    expected = rate_hz * interval_ms / 1000 if rate_hz else None
    precision = "s" if interval_ms % 1000 == 0 else "ms"
    follows = table.pieces[-1]["end_ms"] if table.pieces else begin_ms
    for path in bins_paths:
        attributes = read_attributes(path)
        end_ms = int(attributes["window_end_ms"])
        span = ([path], variable, interval_ms, follows, end_ms)
        if is_direction(path, variable):
            for starts, sine, cosine in resample_direction(*span):
                file.write(_direction_lines(starts, sine, cosine, expected, precision).encode("ascii"))
        else:
            for starts, statistics in resample(*span):
                file.writelines(text.encode("ascii") for text in _lines(starts, statistics, expected, precision))
        facts = {"units": read_units(path, variable), "origin": str(attributes.get("data_origin", ""))}
        table.add(path, file.tell(), {"end_ms": end_ms, **facts})
        follows = end_ms


class _Texts(dict):
    """Texts of numbers that come again and again, each made once."""

    def __init__(self, text_of: Callable[[float], str]) -> None:
        super().__init__()
        self._text_of = text_of

    def __missing__(self, number: float) -> str:
        text = self[number] = self._text_of(number)
        return text


def _lines(starts: np.ndarray, statistics: Statistics, expected: float | None, precision: str) -> Iterator[str]:
    """Yield the lines of consecutive bins, in blocks of bounded size."""
    for first in range(0, starts.size, BLOCK_ROWS):
        rows = slice(first, first + BLOCK_ROWS)
        block = Statistics(*(getattr(statistics, field.name)[rows] for field in fields(statistics)))
        yield _block(starts[rows], block, expected, precision)


def _block(starts: np.ndarray, statistics: Statistics, expected: float | None, precision: str) -> str:
    n = statistics.n
    with np.errstate(invalid="ignore", divide="ignore"):
        std = np.sqrt(statistics.m2 / (n - 1))
    # Samples are counts of an instrument: few values, and fewer numbers of samples, are all different.
    extreme = _Texts(repr)
    ending = _Texts(lambda count: f"{count},{count / expected:.6f}" if expected else f"{count},")
    counts = n.tolist()
    rows = zip(
        np.datetime_as_string(starts.astype("datetime64[ms]"), unit=precision).tolist(),
        statistics.mean.tolist(),
        std.tolist(),
        map(extreme.__getitem__, statistics.minimum.tolist()),
        map(extreme.__getitem__, statistics.maximum.tolist()),
        map(ending.__getitem__, counts),
        counts,
        strict=True,
    )
    return "".join(
        [
            f"{time}Z,{mean:.9f},{deviation:.9f},{low},{high},{end}\n"
            if count > 1
            else (f"{time}Z,{mean:.9f},,{low},{high},{end}\n" if count else f"{time}Z,,,,,{end}\n")
            for time, mean, deviation, low, high, end, count in rows
        ]
    )


def _direction_lines(
    starts: np.ndarray, sine: Statistics, cosine: Statistics, expected: float | None, precision: str
) -> str:
    """Return the lines of consecutive bins of a direction."""
    mean, std = mean_direction(sine, cosine)
    # What rounds to a whole turn is 0.
    mean = np.round(mean, 6) % 360.0
    columns = (np.datetime_as_string(starts.astype("datetime64[ms]"), unit=precision), mean, std, sine.n)
    return "".join(
        f"{time}Z,{_six(direction)},{_six(deviation)},,,{count},{f'{count / expected:.6f}' if expected else ''}\n"
        for time, direction, deviation, count in zip(*(column.tolist() for column in columns), strict=True)
    )


def _six(number: float) -> str:
    """Return a number with 6 decimals; "" for NaN."""
    return "" if number != number else f"{number:.6f}"
