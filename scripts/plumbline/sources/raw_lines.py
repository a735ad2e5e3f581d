"""Lines of the raw archive as samples: text in, netCDF out, in blocks.

The lines of the parts of a BOTPT stand among each other, as they came (mi-instrument, noaa/botpt):
``NANO,P,2017/08/11 02:54:28.000,2258.107667,3.190922`` is pressure (psia) and temperature of the transducer at a time,
``P`` or ``V`` telling whether the clock was held by the pulse from shore.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np

from plumbline.ooi.places import RAW_VARIABLES

BLOCK_BYTES = 8_000_000
# Longer than any line: what lies between two line ends and is longer is no line.
LONGEST_LINE = 10_000
CHUNK_ROWS = 10_000
UNIX_OF_1900_S = 2_208_988_800.0

TIME = rb"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?)"
FLOAT, INTEGER = rb"\s*(-?\d*\.\d+)\s*", rb"\s*([-+]?\d+)\s*"


@dataclass(frozen=True)
class Line:
    """The form of a line.

    Attributes
    ----------
    pattern : re.Pattern
        Its first group is the time, the others are the variables. A line counts from its word to its end, wherever
        it begins: what stands before it may be the rest of another that broke off.
    begin : re.Pattern
        How a line begins that should be a sample, and no answer to a command.
    variables : dict
        Name and units of each variable, in the order of the groups.
    """

    pattern: re.Pattern[bytes]
    begin: re.Pattern[bytes]
    variables: dict[str, str]


def _line(word: bytes, fields: bytes) -> Line:
    pattern = re.compile(word + TIME + b"," + fields + rb"\r?\n")
    return Line(pattern, re.compile(word + rb"(?!\*)"), RAW_VARIABLES[word[:4].decode()])


LINES = {
    "NANO": _line(rb"NANO,[PV],", FLOAT + b"," + FLOAT),
    "LILY": _line(rb"LILY,", b",".join([FLOAT] * 5) + rb",\s*\w+\s*"),
    "IRIS": _line(rb"IRIS,", b",".join([FLOAT] * 3) + rb",\s*\w+\s*"),
    "HEAT": _line(rb"HEAT,", b",".join([INTEGER] * 3)),
}


def write_netcdf(text: Path, word: str, output: Path, attributes: dict[str, str]) -> int:
    """Write the samples of a raw file as netCDF, and return how many lines could not be read.

    Parameters
    ----------
    text : Path
        The raw file.
    word : str
        The word that the lines begin with, of `LINES`.
    output : Path
        What is there is replaced. ``time`` and the line's variables, float64, along ``obs``.
    attributes : dict
        Global attributes.
    """
    line, rows, left_out = LINES[word], 0, 0
    with netCDF4.Dataset(output, "w", format="NETCDF4") as dataset:
        dataset.createDimension("obs", None)
        units = {"time": "seconds since 1900-01-01 0:0:0"} | line.variables
        for name, unit in units.items():
            column = dataset.createVariable(name, "f8", ("obs",), zlib=True, complevel=1, chunksizes=(CHUNK_ROWS,))
            column.units = unit
        dataset["time"].setncatts({"standard_name": "time", "calendar": "gregorian"})
        dataset.setncatts(attributes)
        for block in _blocks(text):
            columns, lost = read_lines(block, line)
            left_out += lost
            for name, values in columns.items():
                dataset[name][rows : rows + values.size] = values
            rows += columns["time"].size
    return left_out


def read_lines(text: bytes, line: Line) -> tuple[dict[str, np.ndarray], int]:
    """Return the samples of some whole lines, and how many lines could not be read.

    Returns
    -------
    columns : dict
        ``time`` (seconds since 1900) and each variable, float64.
    left_out : int
    """
    found = line.pattern.findall(text)
    begun = len(line.begin.findall(text))
    fields = list(zip(*found, strict=True)) or [()] * (1 + len(line.variables))
    times, good = _seconds_since_1900(fields[0])
    columns = {"time": times[good]}
    for name, column in zip(line.variables, fields[1:], strict=True):
        columns[name] = np.array(column, "S").astype(np.float64)[good] if column else np.empty(0)
    return columns, begun - int(good.sum())


def _seconds_since_1900(texts: tuple[bytes, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return times, and which of them there are: some days of a calendar do not exist."""
    if not texts:
        return np.empty(0), np.empty(0, bool)
    letters = np.array(texts, "S")
    # ISO 8601 but for two slashes.
    view = letters.view("S1").reshape(letters.size, -1)
    view[:, [4, 7]], view[:, 10] = b"-", b"T"
    try:
        when = letters.astype("M8[us]")
    except ValueError:
        when = np.array([_moment(text) for text in letters.tolist()])
    good = ~np.isnat(when)
    return when.astype(np.int64) / 1e6 + UNIX_OF_1900_S, good


def _moment(text: bytes) -> np.datetime64:
    try:
        return np.datetime64(text.decode(), "us")
    except ValueError:
        return np.datetime64("NaT", "us")


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield a file in blocks of whole lines; the last line may lack its end, and then is none."""
    rest = b""
    with open(path, "rb") as file:
        while block := file.read(BLOCK_BYTES):
            whole, newline, rest = (rest + block).rpartition(b"\n")
            yield whole + newline
            if len(rest) > LONGEST_LINE:
                rest = rest[-LONGEST_LINE:]
    if rest:
        yield rest
