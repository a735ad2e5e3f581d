"""The newest minutes on a terminal, and as CSV."""

import csv
from datetime import datetime
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plumbline.present.newest import Newest
from plumbline.reporting import counted, human_seconds

SYNTHETIC = "SYNTHETIC DATA of Plumbline's embedded server, or a record that it replays: not the seafloor of today."
COLUMNS = ("server", "stream", "variable", "units", "time", "step_s", "n", "mean", "min", "max")


def show_live(out: Console, streams: list[Newest], server: str, synthetic: bool, minutes: int, now: datetime) -> None:
    """Print the newest minutes of streams.

    Parameters
    ----------
    out : Console
    streams : list of Newest
    server : str
        Who was asked.
    synthetic : bool
        Whether its data are.
    minutes : int
        How many were asked for.
    now : datetime
        When, UTC.
    """
    if synthetic:
        out.print(Text(SYNTHETIC, style="bold red"))
    out.print(f"The newest {counted(minutes, 'minute')} of {server}, asked at {now:%Y-%m-%d %H:%M:%S} UTC.")
    for one in streams:
        out.print()
        out.print(Text(f"{one.stream.name}: {one.stream.reference_designator} {one.stream.stream}", style="bold"))
        out.print(_newest(one, minutes, now))
        for remark in one.remarks:
            out.print(Text(f"  {remark[0].upper()}{remark[1:]}."))
        for variable, rows in one.rows.items():
            units = f", {one.units[variable]}" if one.units.get(variable) else ""
            table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
            table.add_column(Text(f"{variable}{units}; every {one.step_s} s from"), no_wrap=True)
            for heading in ("n", "mean", "min", "max"):
                table.add_column(heading, justify="right", no_wrap=True)
            for row in rows:
                table.add_row(f"{row.begin:%Y-%m-%d %H:%M:%S}", str(row.n), *map(_number, (row.mean, row.min, row.max)))
            out.print(table)
    out.print("\nA look at the present: nothing of this is in the results, and it may change before it is.")


def _newest(one: Newest, minutes: int, now: datetime) -> Text:
    age = one.age_s(now)
    if age is None:
        return Text("  No sample was given.", style="yellow")
    told = f"  newest sample {one.newest:%Y-%m-%d %H:%M:%S} UTC, {human_seconds(max(0.0, age))} old"
    # A stream of one sample a day is as it should be.
    if age > max(minutes * 60, 3 / (one.stream.rate_hz or 1.0)):
        return Text(f"{told}: OLD, the server has nothing newer", style="yellow")
    return Text(told)


def _number(value: float) -> str:
    return f"{value:.8g}"


def write_csv(file: TextIO, streams: list[Newest], server: str, synthetic: bool) -> None:
    """Write the rows of all streams as CSV; what is synthetic says so in every row."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    server = f"{server} (synthetic)" if synthetic else server
    for one in streams:
        for variable, listed in one.rows.items():
            for row in listed:
                what = (server, one.stream.name, variable, one.units.get(variable, ""))
                when = (f"{row.begin:%Y-%m-%dT%H:%M:%SZ}", one.step_s)
                rows.writerow((*what, *when, row.n, *map(float, (row.mean, row.min, row.max))))
