"""Figures of rates: of minutes, which alarms look at, and of weeks, which the volcano shows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plumbline.figures.style import (
    BLUE,
    GREEN,
    PAGE_CM,
    PURPLE,
    Event,
    Labels,
    dates,
    draw_events,
    draw_line,
    legend,
    place_and_stream,
    say_if_empty,
    share_of_points,
    sheet,
    time_axis,
)
from plumbline.products.uplift import DAY_MS

# OOI's own thresholds (ion-functions, prs_functions.py): tsunami, and eruption imminent (+) or occurred (-).
TSUNAMI_CM_PER_MIN, ERUPTION_CM_PER_HR = 1.0, 5.0

# The longer of the slopes' windows, both its ends included.
LONGEST_MS = 57 * DAY_MS


def plot_minute_rates(
    labels: Labels,
    time_ms: np.ndarray,
    rate_5min: np.ndarray,
    rate_10min: np.ndarray,
    paths: Sequence[Path],
    events: Sequence[Event] = (),
    thresholds: tuple[float, float] = (TSUNAMI_CM_PER_MIN, ERUPTION_CM_PER_HR),
) -> None:
    """Draw the rates over 5 and over 10 minutes with their thresholds and the events.

    Long records are drawn as the least and the greatest of equal lengths of time: no peak is lost.

    Parameters
    ----------
    labels : Labels
        Words of the figure.
    time_ms : ndarray of int64, shape (n,)
        Milliseconds since 1970, increasing.
    rate_5min, rate_10min : ndarray of float64, shape (n,)
        cm/min and cm/hr, positive for uplift; NaN where missing.
    paths : sequence of Path
        Files to write: .png, .svg or .pdf.
    events : sequence of Event
        Events to be marked.
    thresholds : tuple of float
        Of the 5 minute rate (cm/min) and of the 10 minute rate (cm/hr), drawn on both sides of zero.
    """
    panels = (
        (rate_5min, BLUE, "5 min rate (cm/min)", thresholds[0]),
        (rate_10min, GREEN, "10 min rate (cm/h)", thresholds[1]),
    )
    both = f"thresholds ±{thresholds[0]:g} cm/min and ±{thresholds[1]:g} cm/h"
    with sheet(labels, paths, PAGE_CM, 10, rows=2, sharex=True) as (figure, axes):
        for one, (values, colour, name, threshold) in zip(axes, panels, strict=True):
            draw_line(one, time_ms, values, share_of_points(2), color=colour, linewidth=0.6)
            for side in (threshold, -threshold):
                label = both if one is axes[0] and side > 0 else None
                one.axhline(side, color="0.2", linewidth=0.8, linestyle=(0, (6, 2)), label=label)
            _make_room(one, values, threshold)
            one.set_ylabel(name)
            say_if_empty(one, values)
        draw_events(axes, events)
        place_and_stream(axes[0], labels)
        legend(figure)
        time_axis(axes[1], time_ms[0], time_ms[-1])


def plot_week_rates(
    labels: Labels,
    day_ms: np.ndarray,
    rate_4wk: np.ndarray,
    rate_8wk: np.ndarray,
    paths: Sequence[Path],
    events: Sequence[Event] = (),
) -> None:
    """Draw the slopes over 4 and over 8 weeks, each at the end of its weeks.

    While the weeks hold an eruption their slope is one of the fall, thousands of cm/yr: that runs off the scale,
    which is that of the other weeks, and the figure says how far.

    Parameters
    ----------
    labels : Labels
        Words of the figure.
    day_ms : ndarray of int64, shape (n,)
        Days, milliseconds since 1970, increasing.
    rate_4wk, rate_8wk : ndarray of float64, shape (n,)
        cm/yr, positive for uplift; NaN where missing.
    paths : sequence of Path
        Files to write: .png, .svg or .pdf.
    events : sequence of Event
        Events to be marked.
    """
    with sheet(labels, paths, PAGE_CM, 7.5) as (figure, (axes,)):
        axes.axhline(0, color="0.6", linewidth=0.6)
        draw_line(axes, day_ms, rate_4wk, share_of_points(2), color=PURPLE, label="over 4 weeks")
        draw_line(axes, day_ms, rate_8wk, share_of_points(2), color=BLUE, linewidth=1.1, label="over 8 weeks")
        _leave_out_eruptions(axes, day_ms, (rate_4wk, rate_8wk), events)
        say_if_empty(axes, rate_4wk, rate_8wk)
        draw_events([axes], events)
        axes.set_ylabel("Rate of uplift (cm/yr)")
        place_and_stream(axes, labels)
        legend(figure)
        time_axis(axes, day_ms[0], day_ms[-1])


def _make_room(axes, values: np.ndarray, threshold: float) -> None:
    """Let the thresholds stand inside the panel, with room beyond them, however quiet the record is."""
    there = values[np.isfinite(values)]
    low, high = (min(there.min(), -threshold), max(there.max(), threshold)) if there.size else (-threshold, threshold)
    room = 0.06 * (high - low)
    axes.set_ylim(low - room, high + room)


def _leave_out_eruptions(axes, day_ms: np.ndarray, rates: Sequence[np.ndarray], events: Sequence[Event]) -> None:
    """Scale a panel by the weeks without an eruption, and shade and name those with one."""
    onsets = [event.time_ms for event in events if event.kind == "eruption"]
    # The day's mean is centred on its label: that of the onset's noon may be labelled half a day before it.
    held = np.zeros(day_ms.size, bool)
    for onset in onsets:
        held |= (day_ms > onset - DAY_MS) & (day_ms <= onset + LONGEST_MS)
    both = np.array(rates)
    quiet, fallen = both[:, ~held], both[:, held]
    if not (np.isfinite(quiet).any() and np.isfinite(fallen).any()):
        return
    _make_room(axes, quiet.ravel(), 1.0)
    least = min(np.nanmin(fallen), 0)
    label = f"weeks that hold an eruption (down to −{-least:.0f} cm/yr)"
    for onset in onsets:
        axes.axvspan(*dates([onset, min(onset + LONGEST_MS, day_ms[-1])]), color="0.93", zorder=0.5, label=label)
        label = None
