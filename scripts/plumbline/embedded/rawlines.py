"""The lines that a bottom pressure and tilt instrument writes, hour by hour of the clock.

Formats: OOI's driver for it, mi-instrument `mi/instrument/noaa/botpt/ooicore/particles.py` (the
samples in its docstrings and tests), and a line of OOI's archive for the digits of NANO:

    NANO,P,2017/08/11 02:54:28.000,2258.107667,3.190922
    LILY,2013/06/24 23:22:00,-236.026,  25.666,194.25, 26.01,11.96,N9655
    IRIS,2013/05/29 00:25:36, -0.0885, -0.7517,28.49,N8642
    HEAT,2013/04/19 22:54:11,-001,0001,0025
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from plumbline.embedded.hashing import key_of, mixed
from plumbline.embedded.instruments import Instrument
from plumbline.embedded.particles import written_times
from plumbline.embedded.settings import Replay
from plumbline.embedded.sources import Source, source_of
from plumbline.embedded.streams import HEAT_SAMPLE, IRIS_SAMPLE, LILY_SAMPLE, NANO_SAMPLE

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
NANO_BYTES, LILY_BYTES, IRIS_BYTES, HEAT_BYTES = 52, 69, 55, 40
# Of so many lines one is broken and one is joined to the next, where a fault wants it.
DAMAGED_OF = 400

Known = dict[str, np.ndarray]


def _nano(time_ms: np.ndarray, known: Known, _: dict[str, str]) -> np.ndarray:
    """Return lines of pressure (psi) and temperature, six decimals each."""
    lines = np.empty((len(time_ms), NANO_BYTES), dtype=np.uint8)
    lines[:, :7] = np.frombuffer(b"NANO,P,", np.uint8)
    lines[:, 7:30] = written_times(time_ms).view(np.uint8).reshape(-1, 23)
    lines[:, [30, 42]] = ord(",")
    lines[:, 31:42] = _decimals(known["bottom_pressure"], 4)
    lines[:, 43:51] = _decimals(known["press_trans_temp"], 1)
    lines[:, 51] = ord("\n")
    return lines


def _decimals(values: np.ndarray, whole: int) -> np.ndarray:
    """Return numbers with so many digits, a point and six decimals, as characters."""
    millionths = np.rint(values.astype(np.float64) * 1e6).astype(np.int64)
    characters = np.full((len(values), whole + 7), ord("."), dtype=np.uint8)
    for place in [*range(whole + 6, whole, -1), *range(whole - 1, -1, -1)]:
        millionths, digit = np.divmod(millionths, 10)
        characters[:, place] = ord("0") + digit
    return characters


def _second(time_ms: np.ndarray) -> list[str]:
    """Return ``2013/06/24 23:22:00`` for each time."""
    written = np.ascontiguousarray(written_times(time_ms)[:, :19])
    return written.view("S19").ravel().astype("U19").tolist()


def _lines(rows: list[str], width: int) -> np.ndarray:
    """Return lines of the same width as characters."""
    return np.frombuffer("".join(rows).encode("ascii"), np.uint8).reshape(-1, width)


def _columns(known: Known, *names: str) -> list[list]:
    return [known[name].tolist() for name in names]


def _lily(time_ms: np.ndarray, known: Known, texts: dict[str, str]) -> np.ndarray:
    columns = _columns(known, "lily_x_tilt", "lily_y_tilt", "compass_direction", "lily_temp", "supply_voltage")
    serial = texts["serial_number"]
    rows = [
        f"LILY,{when},{x:8.3f},{y:8.3f},{compass:6.2f},{warmth:6.2f},{volts:5.2f},{serial}\n"
        for when, x, y, compass, warmth, volts in zip(_second(time_ms), *columns, strict=True)
    ]
    return _lines(rows, LILY_BYTES)


def _iris(time_ms: np.ndarray, known: Known, texts: dict[str, str]) -> np.ndarray:
    columns = _columns(known, "iris_x_tilt", "iris_y_tilt", "iris_temp")
    serial = texts["serial_number"]
    rows = [
        f"IRIS,{when},{x:8.4f},{y:8.4f},{warmth:5.2f},{serial}\n"
        for when, x, y, warmth in zip(_second(time_ms), *columns, strict=True)
    ]
    return _lines(rows, IRIS_BYTES)


def _heat(time_ms: np.ndarray, known: Known, _: dict[str, str]) -> np.ndarray:
    columns = _columns(known, "heat_x_tilt", "heat_y_tilt", "heat_temp")
    rows = [
        f"HEAT,{when},{x:04d},{y:04d},{warmth:04d}\n"
        for when, x, y, warmth in zip(_second(time_ms), *columns, strict=True)
    ]
    return _lines(rows, HEAT_BYTES)


# In the order in which lines of the same time stand.
WRITERS: dict[str, tuple[Callable[[np.ndarray, Known, dict[str, str]], np.ndarray], tuple[str, ...]]] = {
    NANO_SAMPLE.name: (_nano, ("bottom_pressure", "press_trans_temp")),
    LILY_SAMPLE: (_lily, ("lily_x_tilt", "lily_y_tilt", "compass_direction", "lily_temp", "supply_voltage")),
    IRIS_SAMPLE: (_iris, ("iris_x_tilt", "iris_y_tilt", "iris_temp")),
    HEAT_SAMPLE: (_heat, ("heat_x_tilt", "heat_y_tilt", "heat_temp")),
}


def write_day(path: Path, instrument: Instrument, day: int, damaged: bool, replays: tuple[Replay, ...]) -> None:
    """Write the lines of a UTC day, ordered by time.

    Parameters
    ----------
    path : Path
    instrument : Instrument
        A bottom pressure and tilt instrument.
    day : int
        Days since 1970.
    damaged : bool
        Break some lines in the middle, and join some.
    replays : tuple of Replay
        A record takes the place of the model; what it does not hold is left out.
    """
    sources = {name: source_of(instrument, instrument.stream(name), replays) for name in WRITERS}
    texts = {name: dict(instrument.stream(name).texts) for name in WRITERS}
    with path.open("wb") as file:
        for hour in range(day * 24, day * 24 + 24):
            content = _hour(sources, texts, hour)
            file.write(_damaged(content, instrument.designator, hour) if damaged else content)


def _hour(sources: dict[str, Source], texts: dict[str, dict[str, str]], hour: int) -> bytes:
    """Return the lines of an hour."""
    blocks, times = [], []
    for name, source in sources.items():
        writer, needed = WRITERS[name]
        time_ms, known = source.hour_of_samples(hour)
        if not len(time_ms):
            continue
        if name == NANO_SAMPLE.name and "press_trans_temp" not in known:
            known = known | {"press_trans_temp": np.full(len(time_ms), 2.75)}
        if all(one in known for one in needed):
            blocks.append(writer(time_ms, known, texts[name]))
            times.append(time_ms)
    if not blocks:
        return b""
    order = np.argsort(np.concatenate(times), kind="stable")
    widths = np.concatenate([np.full(len(block), block.shape[1]) for block in blocks])
    begins = np.empty(len(order), dtype=np.int64)
    begins[order] = np.concatenate([[0], np.cumsum(widths[order])[:-1]])
    out, row = np.empty(widths.sum(), dtype=np.uint8), 0
    for block in blocks:
        out[begins[row : row + len(block), None] + np.arange(block.shape[1])] = block
        row += len(block)
    return out.tobytes()


def _damaged(content: bytes, designator: str, hour: int) -> bytes:
    """Return lines of which some end in the middle, and some run into the next."""
    lines = content.splitlines(keepends=True)
    chance = mixed(key_of("raw lines", designator), hour * 1_000_000 + np.arange(len(lines))) % np.uint64(DAMAGED_OF)
    for place in np.flatnonzero(chance < 2).tolist():
        line = lines[place]
        lines[place] = line[: len(line) // 2] + b"\n" if chance[place] == 0 else line.rstrip(b"\n")
    return b"".join(lines)
