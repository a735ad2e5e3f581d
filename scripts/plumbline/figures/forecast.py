"""Figure of forecasts: what was expected when."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from plumbline.figures.style import (
    BLUE,
    GREEN,
    PAGE_CM,
    PURPLE,
    Labels,
    dates,
    legend,
    say_if_empty,
    share_of_points,
    sheet,
    station_and_stream,
    time_axis,
)
from plumbline.products.forecast import METHODS, Forecast
from plumbline.products.uplift import DAY_MS

COLOURS = {"single-12wk": GREEN, "differential-4wk": PURPLE, "differential-12wk": BLUE}
YEAR_MS = 31_557_600_000
# Crossings are drawn so far ahead of the last forecast, or half the forecasts' length where that is more.
LEAST_AHEAD_MS = 5 * YEAR_MS


def plot_forecasts(
    labels: Labels,
    panels: Mapping[str, Sequence[Forecast]],
    paths: Sequence[Path],
    crossed_ms: Mapping[tuple[str, str], int] | None = None,
) -> None:
    """Draw the day on which a level was expected against the day of the forecast: a column a level, a row a method.

    A band is the interval of 95 %; one without an upper end reaches to the top. On the grey line a
    crossing would be on the day of the forecast.

    Parameters
    ----------
    labels : Labels
        Words of the figure.
    panels : mapping of str to sequence of Forecast
        The forecasts of each level, of all methods, by the level's name. Without any the figure says so.
    paths : sequence of Path
        Files to write: .png, .svg or .pdf.
    crossed_ms : mapping of (str, str) to int, optional
        For the levels that were reached, by name and method, the day on which they were.
    """
    made = [forecast for panel in panels.values() for forecast in panel]
    if not made:
        _say_nothing(labels, paths)
        return
    methods = [method for method in METHODS if any(forecast.method == method for forecast in made)]
    moments = np.array([forecast.as_of for forecast in made], np.int64)
    first, last = int(moments.min()), int(moments.max())
    top = last + max(LEAST_AHEAD_MS, (last - first) // 2)
    size = {"rows": len(methods), "ncols": len(panels), "sharex": True, "sharey": True}
    with sheet(labels, paths, PAGE_CM, 3.2 + 3.8 * len(methods), **size) as (figure, axes):
        axes = np.reshape(axes, (len(methods), len(panels)))
        for column, (name, panel) in enumerate(panels.items()):
            for row, method in enumerate(methods):
                one = axes[row, column]
                chosen = [forecast for forecast in panel if forecast.method == method]
                _draw(one, chosen, top, share_of_points(3 * axes.size), COLOURS[method])
                one.plot(dates([first, last]), dates([first, last]), color="0.6", linewidth=0.8)
                if (name, method) in (crossed_ms or {}):
                    one.axhline(dates(crossed_ms[name, method]), color="0.2", linestyle=(0, (4, 2)), linewidth=0.8)
                _name(one, method, chosen)
            axes[0, column].set_title(name, loc="left")
        axes[0, 0].set_ylim(*dates([first, top]))
        for one in axes[:, 0]:
            one.set_ylabel("Crossing expected")
        for one in axes[-1]:
            # The latest forecast is the one that everybody looks for: not half a dot on the edge.
            time_axis(one, first, last + max((last - first) // 60, DAY_MS))
            one.set_xlabel("Forecast made on (UTC)")
        _explain(figure, COLOURS[methods[0]], labels, bool(crossed_ms))


def _say_nothing(labels: Labels, paths: Sequence[Path]) -> None:
    """Draw a figure that says that there is no forecast."""
    with sheet(labels, paths, PAGE_CM, 5) as (_, (axes,)):
        axes.set(xticks=[], yticks=[])
        say_if_empty(axes, words="no forecast: no level of an eruption that the record shows, or no days after it")
        axes.set_title(station_and_stream(labels), loc="left")


def _draw(axes, made: Sequence[Forecast], top: int, most: int, colour: str) -> None:
    """Draw the crossings of one method as dots, their intervals as a band, and what lies beyond the top on the top."""
    made = made[:: max(-(-len(made) // most), 1)]
    as_of = dates([each.as_of for each in made])
    crossing = _days(each.crossing for each in made)
    low = _days(each.crossing_low for each in made)
    # An interval without an upper end has no end on the page either.
    high = _days(each.crossing_high if each.crossing_high or not each.crossing else 2 * top for each in made)
    axes.fill_between(as_of, low, high, where=~np.isnat(low), color=colour, alpha=0.25, linewidth=0)
    axes.plot(as_of, crossing, ".", markersize=2, color=colour)
    beyond = crossing > dates(top)
    # Not in the layout: without a point, and not clipped to the panel, it would count as one in the page's corner.
    tips = {"color": colour, "clip_on": False, "in_layout": False}
    axes.plot(as_of[beyond], np.repeat(dates(top), beyond.sum()), "^", markersize=2.5, **tips)


def _days(days: Iterable[int | None]) -> np.ndarray:
    return np.array(["NaT" if day is None else dates(day) for day in days], "datetime64[ms]")


def _name(axes, method: str, made: Sequence[Forecast]) -> None:
    """Write into a panel its method and the height of its level, on white, so that no dot hides in the words."""
    heights = ", ".join(f"{level:.2f} m" for level in dict.fromkeys(each.level_m for each in made))
    axes.text(
        0.02,
        0.95,
        f"{method}, {heights}",
        transform=axes.transAxes,
        va="top",
        color=COLOURS[method],
        weight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )


def _explain(figure, colour: str, labels: Labels, reached: bool) -> None:
    """Write the station over the figure, and what dots, band and lines mean."""
    handles = [
        Line2D([], [], color=colour, marker=".", markersize=3, linestyle="none", label="crossing"),
        Patch(color=colour, alpha=0.25, linewidth=0, label="95 % interval of the line"),
        Line2D([], [], color=colour, marker="^", markersize=3, linestyle="none", label="later than shown"),
        Line2D([], [], color="0.6", linewidth=0.8, label="crossing on the day itself"),
    ]
    if reached:
        handles.append(Line2D([], [], color="0.2", linestyle=(0, (4, 2)), linewidth=0.8, label="level was reached"))
    legend(figure, handles=handles, title=station_and_stream(labels), alignment="left", title_fontsize=8)
