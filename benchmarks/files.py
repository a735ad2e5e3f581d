"""Test files in OOI's layout, made when they are first asked for and kept in the scratch folder.

``whole`` files are the embedded server's own: every variable, zlib level 1, shuffle, chunks of 10 000
rows. ``lean`` ones lack the texts and time stamps that nothing here reads, four fifths of the bytes,
and are the same otherwise; reading time and pressure costs the same from either. ``independent``
ones are what another writer might make: time in 512-row chunks, float64 pressure, jittered stamps.
"""

import os
from collections.abc import Callable
from pathlib import Path

import netCDF4
import numpy as np

from plumbline.embedded import netcdf
from plumbline.embedded.instruments import find
from plumbline.embedded.orders import Order, Piece
from plumbline.embedded.sources import MODEL_ORIGIN, ModelSource

DESIGNATOR, METHOD, STREAM = "RS03CCAL-MJ03F-05-BOTPTA301", "streamed", "botpt_nano_sample"
VARIABLE = "bottom_pressure"
RATE_HZ = 20.0
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
BEGIN_MS = 1_551_398_400_000  # 2019-03-01: the signal model has no gap of a day in this year
UNIX_OF_1900_S = 2_208_988_800.0

CLEAN, DEFECTIVE, INDEPENDENT = "clean", "defective", "independent"


class Defective(ModelSource):
    """The signal model with what real files suffer from.

    A day has a gap of 7 minutes and 6 of 3 s, 40 lost samples, 40 blocks of 20 samples that come
    twice, 10 pairs of seconds in the wrong order, and 300 values that are no number.
    """

    def hour_of_samples(self, hour: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return an hour's times, in file order, and its variables."""
        time_ms, known = super().hour_of_samples(hour)
        rows = _defective_rows(len(time_ms), hour)
        known = {name: column[rows] for name, column in known.items()}
        chance = np.random.default_rng((hour, 1))
        known[VARIABLE][chance.choice(rows.size, 12 + hour % 2, replace=False)] = np.nan
        return time_ms[rows], known


def _defective_rows(count: int, hour: int) -> np.ndarray:
    """Return which rows of an hour a defective file holds, and in which order.

    Everything happens at places of its own, some minutes from the ends of the hour.
    """
    chance, of_day = np.random.default_rng((hour, 0)), hour % 24
    # Two thirds of an hour in pieces of 100 rows; each defect takes one of them.
    places = iter(chance.permutation(np.arange(count // 6, count * 5 // 6, 100)))
    rows = np.arange(count)
    if of_day < 10:
        start = next(places)
        rows[start : start + 40] = np.roll(rows[start : start + 40], 20)
    forty_a_day = range(1 + (of_day % 3 > 0))
    again = [int(next(places)) for _ in forty_a_day]
    lost = [int(next(places)) for _ in forty_a_day]
    gaps = [(int(next(places)), 60)] if of_day % 4 == 0 else []
    if of_day == 10:
        gaps.append((count // 12, 8_400))
    pieces, place = [], 0
    for start in sorted(again):
        pieces += [rows[place : start + 20], rows[start : start + 20]]
        place = start + 20
    rows = np.concatenate([*pieces, rows[place:]])
    left_out = np.isin(rows, lost)
    for start, length in gaps:
        left_out |= (rows >= start) & (rows < start + length)
    return rows[~left_out]


class Files:
    """The test files in a folder.

    Parameters
    ----------
    folder : Path
        Files that are there already are taken as they are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)

    def days(self, kind: str, count: int, whole: bool = False) -> list[Path]:
        """Return files of consecutive days, a file each, from `BEGIN_MS` on."""
        return [self.file(kind, day, 1, whole) for day in range(count)]

    def file(self, kind: str, first_day: int, days: int = 1, whole: bool = False) -> Path:
        """Return one file.

        Parameters
        ----------
        kind : str
            `CLEAN`, `DEFECTIVE` or `INDEPENDENT`.
        first_day, days : int
            Days after `BEGIN_MS`, and how many of them.
        whole : bool
            All variables, by the embedded server's own writer; a day is 52 MB.
        """
        begin_ms = BEGIN_MS + first_day * DAY_MS
        path = self.folder / f"{kind}-{'whole' if whole else 'lean'}-{first_day:02d}-{days}.nc"
        if kind == INDEPENDENT:
            return self._made(path, lambda part: _write_independent(part, begin_ms, begin_ms + days * DAY_MS))
        source = source_of(kind)
        write = _write_whole if whole else _write_lean
        return self._made(path, lambda part: write(part, source, begin_ms, begin_ms + days * DAY_MS))

    @staticmethod
    def _made(path: Path, write: Callable[[Path], None]) -> Path:
        if not path.exists():
            part = path.with_suffix(".part")
            write(part)
            os.replace(part, path)
        return path


def source_of(kind: str) -> ModelSource:
    """Return where the samples of a kind of file come from."""
    instrument, stream = find(DESIGNATOR, METHOD, STREAM)
    return (ModelSource if kind == CLEAN else Defective)(instrument, stream)


def samples(source: ModelSource, begin_ms: int, end_ms: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (times in ms since 1970, pressure in psi, float32) of whole hours, in file order."""
    hours = [source.hour_of_samples(hour) for hour in range(begin_ms // HOUR_MS, end_ms // HOUR_MS)]
    return np.concatenate([times for times, _ in hours]), np.concatenate([known[VARIABLE] for _, known in hours])


def _write_whole(path: Path, source: ModelSource, begin_ms: int, end_ms: int) -> None:
    """Write a file with the embedded server's writer."""
    instrument, stream = find(DESIGNATOR, METHOD, STREAM)
    order = Order(
        directory="benchmark",
        request_uuid="00000000-0000-4000-8000-000000000000",
        accepted="2026-01-01T00:00:00Z",
        designator=DESIGNATOR,
        method=METHOD,
        stream=STREAM,
        begin_ms=begin_ms,
        end_ms=end_ms,
        query={},
        media_type="application/netcdf",
        parameters=[],
        include_provenance=False,
        include_annotations=False,
        deployment=1,
        max_file_bytes=10**12,
        padding_samples=0,
        origin=MODEL_ORIGIN,
    )
    count = sum(len(source.hour_of_times(hour)) for hour in range(begin_ms // HOUR_MS, end_ms // HOUR_MS))
    netcdf.write(path, order, Piece(begin_ms, end_ms, begin_ms, end_ms - 50, count), instrument, stream, source)


def _write_lean(path: Path, source: ModelSource, begin_ms: int, end_ms: int) -> None:
    """Write time and pressure alone, in OOI's layout, a day at a time."""
    with lean_file(path) as file:
        for begin in range(begin_ms, end_ms, DAY_MS):
            append(file, *samples(source, begin, min(begin + DAY_MS, end_ms)))


def lean_file(path: Path) -> netCDF4.Dataset:
    """Return a new file of OOI's layout that has time and pressure alone, open, without samples."""
    file = netCDF4.Dataset(path, "w", format="NETCDF4")
    file.createDimension("obs", None)
    file.createVariable("obs", "i4", ("obs",), chunksizes=(netcdf.OBS_CHUNK_ROWS,))
    for name, dtype, units in (("time", "f8", "seconds since 1900-01-01 0:0:0"), (VARIABLE, "f4", "psi")):
        column = file.createVariable(
            name, dtype, ("obs",), zlib=True, complevel=1, chunksizes=(netcdf.CHUNK_ROWS,), fill_value=-9999999.0
        )
        column.set_auto_mask(False)
        column.units = units
    file["time"].calendar = "gregorian"
    file[VARIABLE].coordinates = "time lat lon"
    file.data_origin = MODEL_ORIGIN
    return file


def append(file: netCDF4.Dataset, times: np.ndarray, pressure: np.ndarray) -> None:
    """Append samples (times in ms since 1970, pressure in psi) to a file of `lean_file`."""
    rows = slice(len(file["obs"]), len(file["obs"]) + times.size)
    file["obs"][rows] = np.arange(rows.start, rows.stop)
    file["time"][rows] = times / 1000 + UNIX_OF_1900_S
    file[VARIABLE][rows] = pressure


def _write_independent(path: Path, begin_ms: int, end_ms: int) -> None:
    """Write the same samples as someone else might: stamps off by up to 2 ms, in small chunks, and float64."""
    times, pressure = samples(source_of(DEFECTIVE), begin_ms, end_ms)
    chance = np.random.default_rng(begin_ms // DAY_MS)
    # By the sample's own time, so that a sample that comes twice has one stamp.
    jitter = chance.uniform(-2.0, 2.0, (end_ms - begin_ms) // 50)[(times - begin_ms) // 50]
    with netCDF4.Dataset(path, "w", format="NETCDF4") as file:
        file.createDimension("time", None)
        time = file.createVariable("time", "f8", ("time",), zlib=True, complevel=1, chunksizes=(512,))
        time.units, time.calendar = "seconds since 1970-01-01T00:00:00Z", "standard"
        time[:] = np.round(np.maximum(times + jitter, begin_ms) / 1000, 6)
        column = file.createVariable(
            VARIABLE, "f8", ("time",), zlib=True, complevel=1, chunksizes=(8192,), fill_value=np.nan
        )
        column.units = "psi"
        column[:] = pressure
        file.data_origin = MODEL_ORIGIN
