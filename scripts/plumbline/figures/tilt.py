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
    legend,
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
    """Draw tilt about x and y, its magnitude and its direction, one above the other.

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
    with sheet(labels, paths, PAGE_CM, 12.5, rows=3, sharex=True) as (figure, (axes, magnitude, direction)):
        most = share_of_points(4)
        draw_line(axes, time_ms, x_urad, most, color=BLUE, label="about x")
        draw_line(axes, time_ms, y_urad, most, color=ORANGE, label="about y")
        axes.set_ylabel("Tilt (µrad)")
        say_if_empty(axes, x_urad, y_urad)
        draw_line(magnitude, time_ms, magnitude_urad, most, color=GREEN)
        magnitude.set_ylabel("Magnitude (µrad)")
        say_if_empty(magnitude, magnitude_urad)
        every = -(-time_ms.size // most)
        direction.plot(dates(time_ms[::every]), direction_deg[::every], ".", color=PURPLE, markersize=2)
        direction.set(ylabel="Direction (degrees)", ylim=(0, 360), yticks=range(0, 361, 90))
        say_if_empty(direction, direction_deg, words="no direction: the compass is not known")
        place_and_stream(axes, labels)
        legend(figure)
        time_axis(direction, time_ms[0], time_ms[-1])
