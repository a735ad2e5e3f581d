"""What all figures share: colours, sizes for print, the mark of origin, the words round them, how they are saved."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.font_manager import fontManager

from plumbline import figures
from plumbline.atomic import replacing
from plumbline.ooi.names import OOI_PUBLISHER

# Only the fonts that come with matplotlib: those of a machine would make a figure's bytes that machine's.
fontManager.ttflist.clear()
for font in sorted(Path(matplotlib.get_data_path(), "fonts", "ttf").glob("*.ttf")):
    fontManager.addfont(font)

# Okabe and Ito's palette, which colour-blind readers can tell apart
BLUE, ORANGE, GREEN, PURPLE, AMBER, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
GREY = "#999999"

LEGEND = {"frameon": False, "fontsize": "small", "ncols": 2, "borderaxespad": 0}

# Widths of one and of two columns of a page
COLUMN_CM, PAGE_CM = 8.6, 17.8
CM_PER_INCH = 2.54
# Height of a line of the mark
MARK_CM = 0.4

HALF_HOUR_MS = 1_800_000

# No text below 7 points at the printed size, which journals ask for.
PRINT = {
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.labelsize": 7.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "figure.labelsize": 7,
    "figure.titlesize": 8,
    "axes.linewidth": 0.6,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.9",
    "grid.linewidth": 0.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 0.8,
    # Fonts go into a PDF whole, so that text stays text; identifiers in an SVG are the same every time.
    "pdf.fonttype": 42,
    "svg.hashsalt": "plumbline",
}

# Date and software version would make every file another one.
METADATA = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}

EVENT_STYLES = {"eruption": (ORANGE, (0, (4, 2))), "tsunami": (PURPLE, (0, (1, 1)))}
OTHER_EVENT = ("0.3", (0, (3, 1, 1, 1)))


@dataclass(frozen=True)
class Labels:
    """What a figure says about its data.

    Attributes
    ----------
    station : str
        Station or stations, with their reference designators if there is room.
    stream : str
        OOI's stream.
    window : str
        What time a value stands for, such as 'daily means (UTC)'.
    method : str
        How it was made, such as 'depth 0.67 m/psi; tide of 29 constituents removed'.
    drift : str
        'drift not corrected', or how it was corrected.
    synthetic : str
        The mark of data that no seafloor made; empty for real data.
    tide : str
        What was done with the tide, in two or three words.
    """

    station: str
    stream: str
    window: str
    method: str
    drift: str = "drift not corrected"
    synthetic: str = ""
    tide: str = "tide removed"


@dataclass(frozen=True)
class Event:
    """An event to be marked: its time, milliseconds since 1970, and its kind, such as 'eruption' or 'tsunami'."""

    time_ms: int
    kind: str


@contextmanager
def sheet(
    labels: Labels, paths: Sequence[Path], width_cm: float, height_cm: float, rows: int = 1, **panels
) -> Iterator[tuple[plt.Figure, np.ndarray]]:
    """Yield a figure made for print and its axes; write the words round it and save it when the block ends well.

    Parameters
    ----------
    labels : Labels
        The words.
    paths : sequence of Path
        Files to write: .png, .svg or .pdf. The same data give the same bytes.
    width_cm, height_cm : float
        Printed size.
    rows : int
        Panels, one above the other; `panels` are further arguments of `plt.subplots`.
    """
    with plt.rc_context(PRINT):
        size = (width_cm / CM_PER_INCH, height_cm / CM_PER_INCH)
        whole = plt.figure(figsize=size, layout="constrained")
        try:
            figure = _beneath_mark(whole, labels.synthetic, width_cm, height_cm)
            axes = figure.subplots(rows, squeeze=False, **panels)
            yield figure, axes if axes.shape[1] > 1 else axes[:, 0]
            said = "; ".join(words for words in (labels.window, labels.method, labels.drift) if words)
            figure.supxlabel(textwrap.fill(said, round(width_cm * 7)), x=0.01, ha="left", color="0.3")
            figure.align_ylabels()
            for path in paths:
                save(whole, path, dpi=300)
        finally:
            plt.close(whole)


def _beneath_mark(whole: plt.Figure, mark_words: str, width_cm: float, height_cm: float):
    """Return the figure beneath the mark, which has a strip of its own: the layout would lay a legend over it."""
    if not mark_words:
        return whole
    words = textwrap.fill(mark_words, round(width_cm * 6))
    strip_cm = MARK_CM * (words.count("\n") + 1)
    strip, figure = whole.subfigures(2, 1, height_ratios=(strip_cm, height_cm - strip_cm), hspace=0)
    strip.text(0.01, 0.45, words, color=ORANGE, fontsize=7, fontweight="bold", va="center")
    return figure


def save(figure: plt.Figure, path: Path, dpi: int) -> None:
    """Write a figure, the same bytes for the same figure; the format is that of the name."""
    kind = Path(path).suffix
    with replacing(path) as scratch:
        figure.savefig(scratch, dpi=dpi, format=kind[1:], metadata=METADATA[kind])


def mark(figure: plt.Figure, words: str) -> None:
    """Write over a figure what it must not be taken for; nothing if there are no words."""
    if words:
        figure.suptitle(words, color=ORANGE, fontsize="small", fontweight="bold", x=0.01, ha="left")


def mark_of(synthetic: bool, server: str, origin: str) -> str:
    """Return what data must not be taken for; nothing if they are OOI's.

    Parameters
    ----------
    synthetic : bool
    server : str
        The server that they came from, ``embedded`` for Plumbline's own.
    origin : str
        Where they say that they come from.
    """
    if synthetic:
        return "SYNTHETIC DATA: signal model of the embedded server, no real seafloor"
    if server == "embedded" or origin not in ("", OOI_PUBLISHER):
        # The checksum of a replayed record stands in the metadata; here it would run off the page.
        return f"NOT FROM OOI: {re.sub(r' [(]sha256 [0-9a-f]+[)]', '', origin)}"
    return ""


def legend(figure: plt.Figure, **how) -> None:
    """Draw the legend above all panels, beneath the mark."""
    figure.legend(loc="outside upper left", ncols=5, frameon=False, **how)


def place_and_stream(axes: plt.Axes, labels: Labels) -> None:
    """Write the station and its stream over the first panel."""
    axes.set_title(station_and_stream(labels), loc="left")


def station_and_stream(labels: Labels) -> str:
    """Return the station and its stream, in lines that fit a page."""
    return textwrap.fill(", ".join(words for words in (labels.station, labels.stream) if words), 95)


def say_if_empty(axes: plt.Axes, *lines: np.ndarray, words: str = "no data") -> None:
    """Write into a panel that nothing is in it, if none of its lines has a value: an empty panel is a riddle."""
    if not any(np.isfinite(values).any() for values in lines):
        axes.text(0.5, 0.6, words, transform=axes.transAxes, ha="center", color="0.3")


def time_axis(axes: plt.Axes, first_ms: int, last_ms: int) -> None:
    """Make the horizontal axis one of time (UTC), from the first to the last of it."""
    locator = mdates.AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
    # A single value stands in the middle of an hour.
    room = HALF_HOUR_MS if last_ms == first_ms else 0
    axes.set_xlim(*dates(np.array([first_ms - room, last_ms + room])))
    axes.set_xlabel("Time (UTC)")


def dates(time_ms: np.ndarray) -> np.ndarray:
    """Return times as dates that are drawn."""
    return np.asarray(time_ms, np.int64).astype("datetime64[ms]")


def draw_events(panels: Sequence[plt.Axes], events: Sequence[Event]) -> None:
    """Draw a line through all panels at each event; in the legend a kind stands once, with its date if it is one."""
    for kind in dict.fromkeys(event.kind for event in events):
        times = dates(np.array([event.time_ms for event in events if event.kind == kind]))
        colour, dashes = EVENT_STYLES.get(kind, OTHER_EVENT)
        name = f"{kind} {times[0].astype('datetime64[D]')}" if times.size == 1 else f"{kind} ({times.size})"
        for axes in panels:
            for place, moment in enumerate(times):
                label = name if axes is panels[0] and place == 0 else None
                axes.axvline(moment, color=colour, linestyle=dashes, linewidth=0.9, zorder=1.5, label=label)


def draw_line(axes: plt.Axes, time_ms: np.ndarray, values: np.ndarray, most: int, **how) -> None:
    """Draw values against time, with gaps as gaps and no more points than `most`; a value between gaps is a dot."""
    times, drawn = thinned(time_ms, values, most)
    there = np.concatenate([[False], np.isfinite(drawn), [False]])
    alone = np.flatnonzero(there[1:-1] & ~there[:-2] & ~there[2:])
    dots = {"marker": ".", "markersize": 2, "markevery": alone.tolist()} if alone.size else {}
    axes.plot(times, drawn, **dots, **how)


def thinned(time_ms: np.ndarray, values: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of a line: all of them, or the least and the greatest of equal lengths of time.

    Parameters
    ----------
    time_ms : ndarray of int64, shape (n,)
        Milliseconds since 1970, increasing.
    values : ndarray of float64, shape (n,)
        NaN where missing.
    most : int
        No more points than these, 3 or more.

    Returns
    -------
    dates : ndarray of datetime64[ms]
    values : ndarray of float64
        With NaN wherever the line has to break: where values are missing, and where times are.
    """
    there = np.isfinite(values)
    if not there.any():
        return dates(time_ms[:0]), values[:0]
    # Twice the usual step is a gap, whether rows are missing or empty.
    step = np.median(np.diff(time_ms)) if time_ms.size > 1 else 1
    times, values = time_ms[there], values[there]
    if times.size > most // 2:
        # Two points of each bin, and a break after it at worst.
        bins = max(most // 3, 1)
        length = -(-(times[-1] - times[0] + 1) // bins)
        times, values = _extremes(times, values, (times - times[0]) // length)
        step = max(step, length)
    breaks = np.flatnonzero(np.diff(times) >= 2 * step) + 1
    return dates(np.insert(times, breaks, times[breaks - 1] + 1)), np.insert(values, breaks, np.nan)


def _extremes(times: np.ndarray, values: np.ndarray, bin_of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the greatest value of each bin, with their times, in time order."""
    starts = np.flatnonzero(np.diff(bin_of, prepend=-1))
    counts = np.diff(starts, append=times.size)
    kept = []
    for extreme in (np.minimum, np.maximum):
        found = np.flatnonzero(values == np.repeat(extreme.reduceat(values, starts), counts))
        kept.append(found[np.unique(bin_of[found], return_index=True)[1]])
    places = np.union1d(*kept)
    return times[places], values[places]


def share_of_points(lines: int) -> int:
    """Return how many points each of several lines may have in one figure."""
    return figures.MOST_POINTS // max(lines, 1)
