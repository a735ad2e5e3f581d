"""The bins of a stream as one long record, of which any piece can be read."""

from pathlib import Path

import h5py
import numpy as np

from plumbline.errors import PlumblineError
from plumbline.samples.binned import open_bins, read_attributes, read_units

# As OOI writes it; files without a unit are taken at their word.
PSI = ("psi", "psia", "PSI", "PSIA", "")
COLUMNS = ("n", "mean", "m2", "min", "max")


class BinsRecord:
    """Bins files of consecutive chunks, as one record on the grid of the base interval.

    Parameters
    ----------
    paths : list of Path
        Bins files in time order.
    variable : str

    Attributes
    ----------
    base_ms : int
        Length of a bin, milliseconds.
    begin_ms, end_ms : int
        Start of the first bin and end of the last one, milliseconds since 1970.
    origins : list of str
        Where the samples say that they come from; empty for OOI's own.

    Raises
    ------
    PlumblineError
        If the files do not follow one another, have bins of different lengths, or hold no psi.
    """

    def __init__(self, paths: list[Path], variable: str) -> None:
        self.variable, self._paths = variable, paths
        self.origins: list[str] = []
        self._begins: list[int] = []
        self._ends: list[int] = []
        for path in paths:
            self._take(path)
        self.begin_ms, self.end_ms = self._begins[0], self._ends[-1]
        self._open: tuple[int, h5py.File] | None = None

    def _take(self, path: Path) -> None:
        """Look at the next file."""
        attributes = read_attributes(path)
        base_ms = int(attributes["base_interval_ms"])
        begin_ms = int(attributes["window_begin_ms"]) // base_ms * base_ms
        end_ms = -(-int(attributes["window_end_ms"]) // base_ms) * base_ms
        if self._ends and (begin_ms != self._ends[-1] or base_ms != self.base_ms):
            raise PlumblineError(f"The bins {path} do not follow those before them; remove them and run again.")
        self.base_ms = base_ms
        self._begins.append(begin_ms)
        self._ends.append(end_ms)
        units = read_units(path, self.variable)
        if units not in PSI:
            raise PlumblineError(
                f"'{self.variable}' is in '{units}', but products are made of psi; "
                "set 'products: false' for this stream."
            )
        origin = str(attributes.get("data_origin", ""))
        if origin and origin not in self.origins:
            self.origins = sorted([*self.origins, origin])

    def read(self, begin_ms: int, end_ms: int, *names: str) -> list[np.ndarray]:
        """Return columns of the bins in [begin, end), which may lie beyond the record: n is 0 there.

        Parameters
        ----------
        begin_ms, end_ms : int
            On the grid of the base interval, milliseconds since 1970.
        names : str
            Of `COLUMNS`.

        Returns
        -------
        list of ndarray, shape ((end - begin) / base,)
            ``n`` as int64, the others as float64, NaN in empty bins.
        """
        size = (end_ms - begin_ms) // self.base_ms
        columns = [np.zeros(size, np.int64) if name == "n" else np.full(size, np.nan) for name in names]
        first = max(int(np.searchsorted(self._ends, begin_ms, side="right")), 0)
        for place in range(first, len(self._paths)):
            from_ms, to_ms = max(begin_ms, self._begins[place]), min(end_ms, self._ends[place])
            if from_ms >= to_ms:
                break
            source = slice(*((ms - self._begins[place]) // self.base_ms for ms in (from_ms, to_ms)))
            target = slice(*((ms - begin_ms) // self.base_ms for ms in (from_ms, to_ms)))
            file = self._file(place)
            for name, column in zip(names, columns, strict=True):
                column[target] = file[f"{self.variable}_{name}"][source]
        return columns

    def _file(self, place: int) -> h5py.File:
        """Return a file, opened; one is open at a time."""
        if self._open is None or self._open[0] != place:
            self.close()
            self._open = place, open_bins(self._paths[place], self.variable)
        return self._open[1]

    def close(self) -> None:
        """Close what is open."""
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def __enter__(self) -> "BinsRecord":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
