"""Figures of uplift: one station, and the centre against the other."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plumbline.figures.style import (
    AMBER,
    BLUE,
    GREEN,
    PAGE_CM,
    SKY,
    Event,
    Labels,
    draw_events,
    draw_line,
    legend,
    place_and_stream,
    say_if_empty,
    share_of_points,
    sheet,
    time_axis,
)


def plot_uplift(
    labels: Labels,
    time_ms: np.ndarray,
    depth_m: np.ndarray,
    detided_depth_m: np.ndarray,
    uplift_m: np.ndarray,
    paths: Sequence[Path],
    events: Sequence[Event] = (),
) -> None:
    """Draw a station's depth with its tide, without it, and its uplift, one above the other.

    Gaps are gaps, rows that are missing as well as rows without a value.

    Parameters
    ----------
    labels : Labels
        Words of the figure.
    time_ms : ndarray of int64, shape (n,)
        Milliseconds since 1970, increasing.
    depth_m, detided_depth_m, uplift_m : ndarray of float64, shape (n,)
        m, up positive; NaN where missing.
    paths : sequence of Path
        Files to write: .png, .svg or .pdf.
    events : sequence of Event
        Events to be marked.
    """
    panels = (
        (depth_m, SKY, "Depth (m)", "with tide; up positive"),
        (detided_depth_m, BLUE, "Depth (m)", f"{labels.tide}; up positive"),
        (uplift_m, GREEN, "Uplift (m)", "relative to the reference day"),
    )
    with sheet(labels, paths, PAGE_CM, 12.5, rows=3, sharex=True) as (figure, axes):
        for one, (values, colour, name, what) in zip(axes, panels, strict=True):
            draw_line(one, time_ms, values, share_of_points(3), color=colour)
            one.set_ylabel(name)
            # Depths round -1510 m are read as they are, not as an offset with a sum beside it.
            one.ticklabel_format(axis="y", useOffset=False)
            _say(one, what)
            say_if_empty(one, values)
        axes[2].axhline(0, color="0.6", linewidth=0.6, zorder=1.2)
        draw_events(axes, events)
        place_and_stream(axes[0], labels)
        if events:
            legend(figure)
        time_axis(axes[2], time_ms[0], time_ms[-1])


def plot_differential(
    labels: Labels,
    time_ms: np.ndarray,
    differential_m: np.ndarray,
    levels: Sequence[tuple[str, float]],
    paths: Sequence[Path],
    events: Sequence[Event] = (),
) -> None:
    """Draw the uplift of the centre less that of the other station, with the levels that forecasts look at.

    Parameters
    ----------
    labels : Labels
        Words of the figure; the station is both of them.
    time_ms : ndarray of int64, shape (n,)
        Milliseconds since 1970, increasing.
    differential_m : ndarray of float64, shape (n,)
        Centre less reference, m; NaN where missing.
    levels : sequence of (str, float)
        Names and heights (m) of levels, drawn as lines.
    paths : sequence of Path
        Files to write: .png, .svg or .pdf.
    events : sequence of Event
        Events to be marked.
    """
    with sheet(labels, paths, PAGE_CM, 8) as (figure, (axes,)):
        draw_line(axes, time_ms, differential_m, share_of_points(1), color=BLUE, label="differential uplift")
        for place, (name, level_m) in enumerate(levels):
            dashes = ((0, (6, 2)), (0, (2, 1.5)))[place % 2]
            axes.axhline(level_m, color=(AMBER, "0.2")[place % 2], linestyle=dashes, label=f"{name} ({level_m:.2f} m)")
        say_if_empty(axes, differential_m)
        draw_events([axes], events)
        axes.set_ylabel("Differential uplift (m)\ncentre less reference station")
        place_and_stream(axes, labels)
        legend(figure)
        time_axis(axes, time_ms[0], time_ms[-1])


def _say(axes, what: str) -> None:
    """Write into a panel what it shows, on white, so that a line beneath does not run through the words."""
    axes.text(
        0.005,
        0.04,
        what,
        transform=axes.transAxes,
        fontsize=7,
        color="0.3",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )
