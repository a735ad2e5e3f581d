"""Figures of tables: a variable against time, with its range and its coverage."""

import json
from pathlib import Path

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from plumbline import figures
from plumbline.figures.style import BLUE, GREY, LEGEND, mark, mark_of, save
from plumbline.samples.marks import DIRECTIONS, STATISTICS

# The factor of OOI's own data product (ion-functions, botpt), for pressure in psi.
METRES_PER_PSI = 0.67

LABELS = {
    "bottom_pressure": "Seafloor pressure",
    "botsflu_meanpres": "Seafloor pressure, 15 s means",
}


def plot_table(table_path: Path, metadata_path: Path, png_path: Path) -> None:
    """Draw a table's mean, with its range and its coverage, against time.

    Pressure is drawn downwards, so that a seafloor that falls is a line that falls.

    Parameters
    ----------
    table_path, metadata_path : Path
        The CSV and the CSVW metadata beside it.
    png_path : Path
        The figure; the same bytes for the same table.
    """
    about = json.loads(metadata_path.read_text(encoding="utf-8"))
    facts = {item["schema:name"]: item["schema:value"] for item in about["schema:additionalProperty"]}
    variable = about["schema:variableMeasured"]["schema:name"]
    units = about["schema:variableMeasured"]["schema:unitText"]
    directions = facts.get(STATISTICS) == DIRECTIONS
    table, rows_together = _read_thinned(table_path, directions)
    step = pd.Timedelta(seconds=facts["interval in seconds"]) * rows_together
    together = f", drawn {rows_together} together" if rows_together > 1 else ""

    figure, (upper, lower) = plt.subplots(
        2, 1, figsize=(8, 4.6), sharex=True, height_ratios=(6, 1), layout="constrained"
    )
    middle = table["time"] + step / 2
    if directions:
        # No line: from 359 to 1 it would run through all the others.
        upper.plot(middle, table["mean"], ".", color=BLUE, ms=2, label=f"mean over {facts['interval']}{together}")
    else:
        upper.fill_between(
            middle, table["min"], table["max"], color=BLUE, alpha=0.2, linewidth=0, label="range of samples"
        )
        there = np.pad(table["mean"].notna(), 1)
        # A line cannot show a value that has no neighbour.
        alone = np.flatnonzero(there[1:-1] & ~there[:-2] & ~there[2:]).tolist()
        dots = {"marker": ".", "markersize": 3, "markevery": alone} if alone else {}
        mean = f"mean over {facts['interval']}{together}"
        upper.plot(middle, table["mean"], color=BLUE, linewidth=0.9, label=mean, **dots)
    # Of a number without a dimension, such as a practical salinity, there is no unit to tell.
    unit = "" if units == "1" else f" ({units or 'unit unknown'})"
    upper.set_ylabel(f"{LABELS.get(variable, variable)}{unit}")
    upper.ticklabel_format(axis="y", useOffset=False)
    if variable in LABELS:
        upper.invert_yaxis()
        if units == "psi":
            _mark_metre(upper)
    upper.grid(color="0.9")
    # Outside the axes, where no tide can run through it.
    lower.legend(*upper.get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(0, -0.5), **LEGEND)
    upper.set_title(f"{facts['instrument (reference designator)']}, {facts['stream']}", loc="left", fontsize="medium")
    lower.fill_between(middle, 0, table["coverage"].clip(upper=1).fillna(0), step="mid", color=GREY, linewidth=0)
    lower.set(ylim=(0, 1.05), yticks=(0, 1), yticklabels=("0", "100 %"))
    # Between the legend and the date that the formatter puts at the end of the axis.
    lower.set_xlabel("Time (UTC)", x=0.75)
    lower.set_ylabel("Coverage", fontsize="small")
    locator = mdates.AutoDateLocator()
    lower.xaxis.set_major_locator(locator)
    lower.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
    lower.set_xlim(table["time"].iloc[0], table["time"].iloc[-1] + step)
    mark(figure, mark_of(facts["synthetic"], facts["source server"], facts["data origin"]))
    save(figure, png_path, dpi=150)
    plt.close(figure)


def _read_thinned(table_path: Path, directions: bool = False) -> tuple[pd.DataFrame, int]:
    """Return a table with no more rows than a page can show, and how many of its rows stand in each of these.

    Rows that are put together keep the extremes; their mean is weighted with n. Directions are put together as vectors
    of the length that their standard deviation tells.
    """
    with open(table_path, "rb") as file:
        rows = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1
    together = -(-rows // figures.MOST_POINTS) if rows > figures.MOST_POINTS else 1
    if together == 1:
        return pd.read_csv(table_path, parse_dates=["time"]), 1
    pieces = []
    columns = ["time", "mean", "std", "min", "max", "n", "coverage"]
    for piece in pd.read_csv(table_path, usecols=columns, chunksize=max(1, 100_000 // together) * together):
        if directions:
            length = np.exp(-np.square(np.deg2rad(piece["std"].fillna(0.0))) / 2)
            piece["mean"] = length * np.exp(1j * np.deg2rad(piece["mean"]))
        piece["mean"] *= piece["n"]
        groups = piece.groupby(np.arange(len(piece)) // together)
        merged = groups.agg(
            {"time": "first", "mean": "sum", "min": "min", "max": "max", "n": "sum", "coverage": "mean"}
        )
        merged["mean"] /= merged["n"].where(merged["n"] > 0)
        if directions:
            merged["mean"] = np.rad2deg(np.angle(merged["mean"])) % 360.0
        pieces.append(merged)
    table = pd.concat(pieces, ignore_index=True)
    table["time"] = pd.to_datetime(table["time"], utc=True)
    return table, together


def _mark_metre(axes: plt.Axes) -> None:
    """Draw beside the axes what a fall of the seafloor by a metre is in psi."""
    middle = sum(axes.get_ylim()) / 2
    half = 0.5 / METRES_PER_PSI
    axes.annotate(
        "",
        xy=(1.012, middle + half),
        xytext=(1.012, middle - half),
        xycoords=("axes fraction", "data"),
        arrowprops={"arrowstyle": "->", "color": "0.35", "shrinkA": 0, "shrinkB": 0},
    )
    axes.text(
        1.022,
        middle,
        "seafloor 1 m down",
        transform=axes.get_yaxis_transform(),
        rotation=90,
        ha="left",
        va="center",
        fontsize="small",
        color="0.35",
    )
