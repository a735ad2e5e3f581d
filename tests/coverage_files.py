"""Makes the bins and records of a stream on disk, and reads its coverage tables back."""

import csv
import json

import numpy as np

from ooi_files import write_ooi_file
from plumbline.coverage.summary import write_coverage
from plumbline.samples.binning import bin_files

DAY = 1_429_747_200  # 2015-04-23T00:00Z, unix seconds
HOUR = 3600
NAME = "bottom_pressure"
FULL = np.arange(0, 86400, 15)  # every 15 s of a day


class Streams:
    """A stream's folder, with chunks in it."""

    def __init__(self, folder, variables=(NAME,), rate_hz=1 / 15, base_ms=7500):
        self.folder, self.variables, self.rate_hz, self.base_ms = folder, list(variables), rate_hz, base_ms
        self.chunks = []

    def chunk(self, name, begin, end, *files, record=None, marker=None):
        """Bin files, each (seconds since DAY, {variable: values} or None for good ones), and write the records."""
        paths = []
        for number, (seconds, values) in enumerate(files):
            path = self.folder / f"{name}-{number}.nc"
            columns = values or {variable: np.full(len(seconds), 2254.0) for variable in self.variables}
            paths.append(write_ooi_file(path, DAY + np.asarray(seconds, float), columns))
        bins = self.folder / "bins" / f"{name}.nc"
        window = (round((DAY + begin) * 1000), round((DAY + end) * 1000))
        bin_files(paths, *window, self.base_ms, self.variables, bins, {})
        # The marker stands for the manifest, too: each has keys of its own.
        for kind, content in (("requests", record), ("complete", marker), ("netcdf", marker)):
            if content is not None:
                path = self.folder / kind / f"{name}.json"
                path.parent.mkdir(exist_ok=True)
                path.write_text(content if isinstance(content, str) else json.dumps(content))
        self.chunks.append((bins, *window))
        return bins

    def tables(self):
        """Return the rows of coverage.csv and gaps.csv as dictionaries."""
        paths = self.folder / "coverage.csv", self.folder / "gaps.csv"
        bins, begins, ends = zip(*self.chunks, strict=True)
        write_coverage(list(bins), self.variables, begins[0], ends[-1], self.rate_hz, *paths)
        return [read(path) for path in paths]


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def without(seconds, *stretches):
    """Return the times outside some stretches [begin, end)."""
    return np.array([time for time in seconds if not any(begin <= time < end for begin, end in stretches)])


def spans(gaps):
    """Return (begin, end, missing, reason) of gaps, their times without the date where it is DAY's."""
    rows = [(gap["begin"], gap["end"], gap["missing"], gap["reason"]) for gap in gaps]
    return [tuple(cell.removeprefix("2015-04-23T").removesuffix("Z") for cell in row) for row in rows]
