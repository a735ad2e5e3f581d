"""The bins file: CF-netCDF with n, mean, M2, min and max of every base interval of a chunk."""

from collections.abc import Set
from pathlib import Path

import netCDF4
import numpy as np

from plumbline.intervals import DAY_MS
from plumbline.samples.directions import PARTS, SINE
from plumbline.samples.kernel import Statistics

# HDF5 chunks of this many bins; the file is written in whole multiples, always at the same places,
# so that its bytes follow from its content alone.
HDF5_CHUNK = 8192
SLICE = 8 * HDF5_CHUNK

COUNTS = ("used", "duplicate", "conflicting", "rejected")
EPOCH = "since 1970-01-01T00:00:00Z"

# CF standard names of variables that OOI delivers without one, or with another.
STANDARD_NAMES = {
    "bottom_pressure": "sea_water_pressure_at_sea_floor",
    "botsflu_meanpres": "sea_water_pressure_at_sea_floor",
}


def grid(begin_ms: int, end_ms: int, interval_ms: int) -> tuple[int, int]:
    """Return (index of the first, number) of the bins that overlap [begin, end), milliseconds since 1970."""
    first = begin_ms // interval_ms
    return first, -(-end_ms // interval_ms) - first


class BinsFile:
    """A bins file being written, bins in time order.

    Parameters
    ----------
    path : Path
        Where to write; the caller sees to it that a half-written file is never taken for whole.
    begin_ms, end_ms, base_ms : int
        The window, milliseconds since 1970, and the length of a bin.
    dtypes : dict
        The variables, and the precision of their values: extremes are kept in it.
    directions : set of str
        Those of them of which the sine and the cosine are kept, as variables that share one number of samples.
    """

    def __init__(
        self,
        path: Path,
        begin_ms: int,
        end_ms: int,
        base_ms: int,
        dtypes: dict[str, np.dtype],
        directions: Set[str] = frozenset(),
    ) -> None:
        self.first, self.bins = grid(begin_ms, end_ms, base_ms)
        self.base_ms, self.variables = base_ms, list(dtypes)
        self._directions = directions
        # What is reduced, and the variable whose number of samples it has.
        self._parts = {name + part: name for name in dtypes for part in (PARTS if name in directions else ("",))}
        self._written = 0
        self._waiting: dict[str, list[Statistics]] = {part: [] for part in self._parts}
        self._file = netCDF4.Dataset(path, "w", format="NETCDF4")
        self._define(begin_ms, end_ms, dtypes)

    def _define(self, begin_ms: int, end_ms: int, dtypes: dict[str, np.dtype]) -> None:
        file = self._file
        file.createDimension("time", self.bins)
        first_day, days = grid(begin_ms, end_ms, DAY_MS)
        file.createDimension("day", days)
        time = self._column("time", "i8", ("time",))
        time.setncatts(
            {
                "standard_name": "time",
                "long_name": "start of the bin, which is base_interval_ms long",
                "units": f"milliseconds {EPOCH}",
                "calendar": "standard",
                "axis": "T",
            }
        )
        day = self._column("day", "i4", ("day",))
        day.setncatts({"long_name": "UTC day", "units": f"days {EPOCH}", "calendar": "standard"})
        day[:] = first_day + np.arange(days)
        self._column("received", "i8", ("day",)).setncatts({"long_name": "rows inside the window", "units": "1"})
        for name, dtype in dtypes.items():
            self._column(f"{name}_n", "i4", ("time",))
            for part in PARTS if name in self._directions else ("",):
                for statistic in ("mean", "m2"):
                    # Their digits are those of noise: packing them takes as long as all the rest and saves a third.
                    self._column(f"{name}{part}_{statistic}", "f8", ("time",), packed=False)
                for statistic in ("min", "max"):
                    self._column(f"{name}{part}_{statistic}", "f8" if part else dtype, ("time",))
            for count in COUNTS:
                self._column(f"{name}_{count}", "i8", ("day",))

    def _column(
        self, name: str, dtype: str | np.dtype, dimensions: tuple[str, ...], packed: bool = True
    ) -> netCDF4.Variable:
        sizes = [len(self._file.dimensions[dimension]) for dimension in dimensions]
        column = self._file.createVariable(
            name,
            dtype,
            dimensions,
            zlib=packed,
            complevel=1,
            shuffle=packed,
            chunksizes=[min(size, HDF5_CHUNK) for size in sizes],
            fill_value=np.nan if np.dtype(dtype).kind == "f" else False,
        )
        column.set_auto_maskandscale(False)
        # Pieces are written whole and once.
        column.set_var_chunk_cache(size=1 << 20)
        return column

    def append(self, statistics: dict[str, Statistics]) -> None:
        """Take the statistics of the next bins, for every variable, or for both parts of one that is a direction."""
        for part, waiting in self._waiting.items():
            waiting.append(statistics[part])
        while sum(piece.n.size for piece in next(iter(self._waiting.values()))) >= SLICE:
            self._write(SLICE)

    def _write(self, count: int) -> None:
        """Write the next `count` bins."""
        rows = slice(self._written, self._written + count)
        starts = (self.first + np.arange(rows.start, rows.stop, dtype=np.int64)) * self.base_ms
        self._file["time"][rows] = starts
        for part, name in self._parts.items():
            pieces = self._waiting[part]
            columns = {
                "n": np.concatenate([piece.n for piece in pieces]),
                "mean": np.concatenate([piece.mean for piece in pieces]),
                "m2": np.concatenate([piece.m2 for piece in pieces]),
                "min": np.concatenate([piece.minimum for piece in pieces]),
                "max": np.concatenate([piece.maximum for piece in pieces]),
            }
            for statistic, column in columns.items():
                if statistic != "n":
                    self._file[f"{part}_{statistic}"][rows] = column[:count]
                elif part in (name, name + SINE):
                    self._file[f"{name}_n"][rows] = column[:count]
            self._waiting[part] = [Statistics(*(column[count:] for column in columns.values()))]
        self._written = rows.stop

    def close(
        self,
        units: dict[str, str],
        counts: dict[str, np.ndarray],
        rejected: dict[str, tuple[np.ndarray, np.ndarray]],
        attributes: dict[str, object],
    ) -> None:
        """Write the last bins, the daily counts, the places of rejected samples and the attributes; close the file."""
        left = self.bins - self._written
        if left:
            self._write(left)
        for name, values in counts.items():
            self._file[name][:] = values
        for name in self.variables:
            self._describe(name, units.get(name, ""))
            if name in self._directions:
                self._file[f"{name}{SINE}_mean"].setncattr("direction_units", units.get(name, ""))
        for name, (bins, numbers) in rejected.items():
            self._place_rejected(name, bins * self.base_ms, numbers)
        self._file.setncatts(attributes)
        self._file.close()

    def _place_rejected(self, name: str, starts: np.ndarray, numbers: np.ndarray) -> None:
        """Write which bins had rejected samples: few, so that a column of every bin would be a waste."""
        place = f"{name}_rejected_time"
        self._file.createDimension(place, starts.size)
        time = self._column(place, "i8", (place,))
        time.setncatts(
            {"long_name": f"start of a bin with rejected samples of {name}", "units": f"milliseconds {EPOCH}"}
        )
        time[:] = starts
        column = self._column(f"{name}_rejected_n", "i4", (place,))
        column.setncatts({"long_name": f"samples of {name} rejected in that bin", "units": "1"})
        column[:] = numbers

    def abandon(self) -> None:
        """Close the file as it is; it is not going to be used."""
        if self._file.isopen():
            self._file.close()

    def _describe(self, name: str, units: str) -> None:
        self._file[f"{name}_n"].setncatts({"long_name": f"number of samples of {name}", "units": "1"})
        if name in self._directions:
            for part in PARTS:
                self._describe_statistics(name + part, f"the {part[1:]} of {name}", "1")
        else:
            self._describe_statistics(name, name, units)
        texts = {
            "used": "samples used",
            "duplicate": "samples left out because their time was there already",
            "conflicting": "of the duplicates, those with another value",
            "rejected": "samples that are no number or a fill value",
        }
        for count, text in texts.items():
            self._file[f"{name}_{count}"].setncatts({"long_name": f"{text}, {name}", "units": "1"})

    def _describe_statistics(self, name: str, what: str, units: str) -> None:
        words = {"mean": "mean", "min": "minimum", "max": "maximum"}
        for statistic, word in words.items():
            attributes = {"long_name": f"{word} of {what}", "cell_methods": f"time: {word}"}
            if units:
                attributes["units"] = units
            if name in STANDARD_NAMES:
                attributes["standard_name"] = STANDARD_NAMES[name]
            self._file[f"{name}_{statistic}"].setncatts(attributes)
        m2 = {"long_name": f"sum of squared deviations of {what} from its mean"}
        if units:
            m2["units"] = f"({units})^2"
        self._file[f"{name}_m2"].setncatts(m2)
