"""Figures of tilt: both axes of a tiltmeter, the magnitude and the direction."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plumbline.figures.style import (
    BLUE,
    GREEN,
    ORANGE,
    PAGE_CM,
    PURPLE,
    Labels,
    dates,
    draw_line,
    place_and_stream,
    say_if_empty,
    share_of_points,
    sheet,
    time_axis,
)


def plot_tilt(
    labels: Labels,
    time_ms: np.ndarray,
    x_urad: np.ndarray,
    y_urad: np.ndarray,
    magnitude_urad: np.ndarray,
    direction_deg: np.ndarray,
    paths: Sequence[Path],
) -> None:
    """Draw tilt about x, about y, its magnitude and its direction, one above the other.

    Parameters
    ----------
    labels : Labels
        Words of the figure.
    time_ms : ndarray of int64, shape (n,)
        Milliseconds since 1970, increasing.
    x_urad, y_urad, magnitude_urad : ndarray of float64, shape (n,)
        Microradians; NaN where missing.
    direction_deg : ndarray of float64, shape (n,)
        Degrees clockwise from north; drawn as points, for a line from 359 to 1 would cross the panel.
    paths : sequence of Path
        Files to write: .png, .svg or .pdf.
    """
    lines = (
        (x_urad, BLUE, "About x (µrad)"),
        (y_urad, ORANGE, "About y (µrad)"),
        (magnitude_urad, GREEN, "Magnitude (µrad)"),
    )
    with sheet(labels, paths, PAGE_CM, 14.5, rows=4, sharex=True) as (_, axes):
        # Each axis with a scale of its own: where the instrument stands is more than how it moves.
        for one, (values, colour, name) in zip(axes, lines, strict=False):
            draw_line(one, time_ms, values, share_of_points(4), color=colour)
            one.set_ylabel(name)
            one.ticklabel_format(axis="y", useOffset=False)
            say_if_empty(one, values)
        every = -(-time_ms.size // share_of_points(4))
        last = axes[3]
        last.plot(dates(time_ms[::every]), direction_deg[::every], ".", color=PURPLE, markersize=2)
        last.set(ylabel="Direction\n(degrees from north)", ylim=(0, 360), yticks=range(0, 361, 90))
        say_if_empty(last, direction_deg, words="no direction: the compass is not known")
        place_and_stream(axes[0], labels)
        time_axis(last, time_ms[0], time_ms[-1])
