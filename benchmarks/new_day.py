"""What a rerun costs when one new day has arrived: beside a record of one year, and of ten.

Month chunks of bins of 7.5 s, and a 1 min table of them; then a day more. A table that is extended
costs the day; one that is written anew costs the record.
"""

import time
from datetime import UTC, datetime
from pathlib import Path

from files import DAY_MS, RATE_HZ, VARIABLE
from plumbline.tables.csv_table import write_table
from rows import Bench, Row, median_ratio, said
from synthetic_bins import write_bins

BASE_MS, INTERVAL_MS = 7_500, 60_000
WHAT = "a new day's 1 min table: record of {} years / of 1 year"


def measure(bench: Bench) -> list[Row]:
    """Measure a day more after one year and after ten, in turn."""
    years, repeats = (3, 3) if bench.quick else (10, 5)
    records = {number: Record(bench.folder(f"record-{number}"), number) for number in (1, years)}
    times = {number: [] for number in records}
    for _ in range(repeats):
        for number, record in records.items():
            times[number].append(record.seconds_of_a_new_day())
    note = f"CPU s: {said(times[years])} and {said(times[1])}; its lines are appended"
    ratio = median_ratio(times[years], times[1])
    return [
        Row(WHAT.format(years), ratio, "x", "<= 1.5", note, {str(number): column for number, column in times.items()})
    ]


class Record:
    """The bins of some years in month chunks, the bins of the day after, and the table of the years.

    Parameters
    ----------
    folder : Path
        Where they go.
    years : int
        How many, from 2010 on.
    """

    def __init__(self, folder: Path, years: int) -> None:
        self.folder = folder
        edges = [_ms(2010 + month // 12, month % 12 + 1) for month in range(12 * years + 1)]
        self.begin_ms, self.end_ms = edges[0], edges[-1]
        self.bins = []
        for begin, end in zip(edges, [*edges[1:], self.end_ms + DAY_MS], strict=True):
            self.bins.append(folder / f"{begin}.nc")
            write_bins(self.bins[-1], begin, end, BASE_MS)
        self.table, self.lines = folder / "table.csv", folder / "kept" / "table.csv"

    def seconds_of_a_new_day(self) -> float:
        """Return the CPU seconds until the table has the new day."""
        self._write(self.bins[:-1], self.end_ms)
        start = time.process_time()
        self._write(self.bins, self.end_ms + DAY_MS)
        return time.process_time() - start

    def _write(self, bins: list[Path], end_ms: int) -> None:
        """Make the table as the workflow does: the old one is removed, its lines are kept."""
        self.table.unlink(missing_ok=True)
        write_table(bins, VARIABLE, INTERVAL_MS, self.begin_ms, end_ms, RATE_HZ, self.table, self.lines)


def _ms(year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp() * 1000)
