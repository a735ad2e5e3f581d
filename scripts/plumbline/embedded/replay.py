"""Replay: a record from a file in place of the signal model.

Accepted are npz and netCDF files with `time` and an array per variable, and npz files in the
layout of the 2011 Axial record (`depth_1e5_m`, `predicted_tide_1e6_m` and their start times).
Times are rounded to the millisecond.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np

from plumbline.embedded.instruments import ALL, find
from plumbline.embedded.seafloor import METRES_PER_PSI
from plumbline.embedded.settings import Replay
from plumbline.embedded.streams import Stream
from plumbline.errors import PlumblineError

HOUR_MS = 3_600_000
PRESSURES = ("bottom_pressure", "botsflu_meanpres")
MISSING_BELOW = -9e6  # OOI's fill value is -9999999


class ReplaySource:
    """A record in memory, cut hour by hour of the clock."""

    title = "Replayed"
    live = False

    def __init__(self, origin: str, time_ms: np.ndarray, variables: dict[str, np.ndarray]) -> None:
        self.origin, self.time_ms, self.variables = origin, time_ms, variables
        self.begin_ms = int(time_ms[0])

    def end_ms(self) -> int:
        """Return the time of the record's last sample, milliseconds since 1970."""
        return int(self.time_ms[-1])

    def nominal_ends(self, begin_ms: int, end_ms: int) -> tuple[int, int] | None:
        """Return the times of the first and the last sample of a window, milliseconds since 1970."""
        time_ms = self.time_ms[slice(*np.searchsorted(self.time_ms, (begin_ms, end_ms)))]
        return (int(time_ms[0]), int(time_ms[-1])) if len(time_ms) else None

    def _hour(self, hour: int) -> slice:
        return slice(*np.searchsorted(self.time_ms, (hour * HOUR_MS, (hour + 1) * HOUR_MS)))

    def hour_of_times(self, hour: int) -> np.ndarray:
        """Return the times in an hour, milliseconds since 1970, int64."""
        return self.time_ms[self._hour(hour)]

    def hour_of_samples(self, hour: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the times in an hour and the variables of the record."""
        inside = self._hour(hour)
        return self.time_ms[inside], {name: values[inside] for name, values in self.variables.items()}


@lru_cache(maxsize=8)
def load(replay: Replay) -> ReplaySource:
    """Read and check a record.

    Raises
    ------
    PlumblineError
        If the stream or the file does not exist, or the file is no record.
    """
    path = Path(replay.file)
    found = find(replay.reference_designator, replay.method, replay.stream)
    if found is None:
        known = sorted({f"{one.designator} {stream.method} {stream.name}" for one in ALL for stream in one.streams})
        raise PlumblineError(
            f"Replay of {path}: the embedded server has no stream {replay.reference_designator} "
            f"{replay.method} {replay.stream}; it has {'; '.join(known)}."
        )
    if not path.is_file():
        raise PlumblineError(f"Replay: there is no file {path}.")
    time_ms, variables = _read(path)
    _check(path, time_ms, variables)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    origin = f"replay of {path.name} (sha256 {digest}) by Plumbline's embedded OOI server"
    return ReplaySource(origin, time_ms, _fitted(path, variables, found[1]))


def _read(path: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            return _axial_layout(arrays) if "depth_1e5_m" in arrays else _plain_layout(path, arrays)
        return _netcdf(path)
    except (OSError, ValueError, KeyError) as error:
        raise PlumblineError(f"Replay: {path} cannot be read as npz or netCDF ({error}).") from None


def _plain_layout(path: Path, arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    if "time" not in arrays:
        raise PlumblineError(f"Replay: {path} has no array 'time'; it has {', '.join(arrays) or 'nothing'}.")
    time = arrays.pop("time")
    arrays = {name: values for name, values in arrays.items() if values.ndim}  # the rest are remarks
    if np.issubdtype(time.dtype, np.datetime64):
        if np.isnat(time).any():
            raise PlumblineError(f"Replay: 'time' in {path} holds values that are no times.")
        return _rounded_ms(time.astype("M8[us]").astype(np.int64), 1000), arrays
    if time.dtype.kind not in "iuf":
        raise PlumblineError(f"Replay: 'time' in {path} must be seconds since 1970 or datetime64.")
    return _seconds_to_ms(path, time), arrays


def _rounded_ms(ticks: np.ndarray, ticks_per_ms: int) -> np.ndarray:
    return (ticks + ticks_per_ms // 2) // ticks_per_ms


def _seconds_to_ms(path: Path, seconds: np.ndarray) -> np.ndarray:
    if not np.isfinite(seconds).all():
        raise PlumblineError(f"Replay: 'time' in {path} holds values that are no times.")
    return np.rint(seconds.astype(np.float64) * 1000.0).astype(np.int64)


def _netcdf(path: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    import cftime
    import netCDF4

    with netCDF4.Dataset(path) as dataset:
        if "time" not in dataset.variables:
            raise PlumblineError(f"Replay: {path} has no variable 'time'; it has {', '.join(dataset.variables)}.")
        variable = dataset["time"]
        units = getattr(variable, "units", None)
        if units is None:
            raise PlumblineError(f"Replay: 'time' in {path} has no units, such as 'seconds since 1970-01-01'.")
        # Only the reference time goes through the calendar: millions of objects would be slow.
        word, _, reference = units.partition(" since ")
        calendar = getattr(variable, "calendar", "standard")
        start = cftime.num2date([0, 1], units, calendar, only_use_cftime_datetimes=True)
        step_s = (start[1] - start[0]).total_seconds()
        if not reference or step_s <= 0:
            raise PlumblineError(f"Replay: 'time' in {path} has units '{word}', which are not of CF.")
        offset_s = cftime.date2num(start[0], "seconds since 1970-01-01", calendar)
        values = np.ma.filled(np.ma.asarray(variable[:], dtype=np.float64), np.nan)
        seconds = values * step_s + offset_s
        numeric = {
            name: np.ma.filled(np.ma.asarray(one[:], dtype=np.float64), np.nan)
            for name, one in dataset.variables.items()
            if name != "time" and one.dimensions == variable.dimensions and one.dtype != str and one.dtype.kind in "iuf"
        }
    return _seconds_to_ms(path, seconds), numeric


def _axial_layout(arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Read depths in 1e-5 m (0 is a missing sample) and tides in 1e-6 m, both every `step_s`."""
    step_s, start_s = float(arrays["step_s"]), float(arrays["depth_start_unix_s"])
    depth = arrays["depth_1e5_m"].astype(np.float64) * 1e-5
    time_s = start_s + step_s * np.arange(len(depth))
    index = np.rint((time_s - float(arrays["tide_start_unix_s"])) / step_s).astype(np.int64)
    tides = arrays["predicted_tide_1e6_m"].astype(np.float64) * 1e-6
    there = (depth != 0) & (index >= 0) & (index < len(tides))
    # The depth still has the tide in it, so it is the pressure in other units.
    pressure, tide = depth[there] / -METRES_PER_PSI, tides[index[there]]
    variables = {
        "botsflu_meanpres": pressure,
        "botsflu_predtide": tide,
        "botsflu_meandepth": tide - METRES_PER_PSI * pressure,
    }
    return np.rint(time_s[there] * 1000.0).astype(np.int64), variables


def _check(path: Path, time_ms: np.ndarray, variables: dict[str, np.ndarray]) -> None:
    if time_ms.ndim != 1 or not len(time_ms):
        raise PlumblineError(f"Replay: 'time' in {path} must be one-dimensional and hold at least one time.")
    steps = np.diff(time_ms)
    if (steps <= 0).any():
        place = int(np.argmax(steps <= 0)) + 1
        raise PlumblineError(
            f"Replay: 'time' in {path} does not increase at position {place} (to the millisecond); sort it first."
        )
    for name, values in variables.items():
        if values.shape != time_ms.shape:
            raise PlumblineError(
                f"Replay: '{name}' in {path} has shape {values.shape}, but 'time' has {time_ms.shape}."
            )


def _fitted(path: Path, variables: dict[str, np.ndarray], stream: Stream) -> dict[str, np.ndarray]:
    """Return the variables that the stream has, in its dtypes; a pressure serves under either name."""
    known = {parameter.name: parameter for parameter in stream.parameters}
    chosen = {name: values for name, values in variables.items() if name in known and values.dtype.kind in "iuf"}
    for own, other in (PRESSURES, PRESSURES[::-1]):
        if own in known and own not in chosen and other in variables:
            chosen[own] = variables[other]
    if not chosen:
        raise PlumblineError(
            f"Replay: {path} has no variable of {stream.name}; it has {', '.join(variables) or 'only times'}, "
            f"the stream has {', '.join(known)}."
        )
    fitted = {}
    for name, values in chosen.items():
        parameter = known[name]
        if parameter.dtype.startswith("S"):
            continue
        if values.dtype.kind == "f" and parameter.dtype[0] in "iu":
            values = np.where(np.isfinite(values), values, parameter.fill or 0)
        fitted[name] = values.astype(parameter.dtype)
    if "botsflu_meandepth" in known and "botsflu_meandepth" not in fitted and "botsflu_predtide" in fitted:
        mean = chosen["botsflu_meanpres"].astype(np.float64)
        depth = chosen["botsflu_predtide"].astype(np.float64) - METRES_PER_PSI * mean
        fitted["botsflu_meandepth"] = np.where(mean > MISSING_BELOW, depth, np.nan).astype("f4")
    return fitted
