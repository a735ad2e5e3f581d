"""Figures of products: the same bytes for the same data, no warnings, and the words that a reader needs."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axial import DAY_MS, HOUR_MS, ONSET_MS, ms, stations
from plumbline import figures
from plumbline.figures.forecast import plot_forecasts
from plumbline.figures.rates import plot_minute_rates, plot_week_rates
from plumbline.figures.spectrum import plot_spectrum, power_spectrum
from plumbline.figures.style import COLUMN_CM, PAGE_CM, Event, Labels, thinned
from plumbline.figures.uplift import plot_differential, plot_uplift
from plumbline.products.forecast import METHODS, forecasts
from plumbline.products.uplift import daily

pytestmark = pytest.mark.filterwarnings("error")

LABELS = Labels("MJ03F Central Caldera", "botpt_nano_sample", "hourly means", "0.67 m/psi, tide removed")
MARK = "SYNTHETIC DATA: no real seafloor"
SYNTHETIC = Labels(LABELS.station, LABELS.stream, LABELS.window, LABELS.method, "drift not corrected", MARK)
ERUPTION = [Event(ONSET_MS, "eruption")]
TIME_MS, CENTRAL, EASTERN = stations("2015-03-01", "2015-08-01")
DAY, DAILY, _ = daily(TIME_MS, CENTRAL)
TIDE = 0.8 * np.cos(2 * np.pi * 1.9322736 * TIME_MS / DAY_MS)


def uplift_figure(labels, paths):
    plot_uplift(labels, TIME_MS, CENTRAL + TIDE - 1510, CENTRAL - 1510, CENTRAL, paths, ERUPTION)


def differential_figure(labels, paths):
    levels = [("level before the eruption", 0.0), ("20 cm higher", 0.2)]
    plot_differential(labels, TIME_MS, CENTRAL - EASTERN, levels, paths, ERUPTION)


def minute_figure(labels, paths):
    events = [*ERUPTION, Event(ms("2015-05-01"), "tsunami"), Event(ms("2015-06-01"), "tsunami")]
    plot_minute_rates(labels, TIME_MS, np.gradient(CENTRAL), 60 * np.gradient(CENTRAL), paths, events)


def week_figure(labels, paths):
    plot_week_rates(labels, DAY, 36500 * np.gradient(DAILY), 18250 * np.gradient(DAILY), paths, ERUPTION)


def spectrum_figure(labels, paths):
    plot_spectrum(labels, TIME_MS, CENTRAL + TIDE, CENTRAL, paths, [ONSET_MS])


def forecast_figure(labels, paths):
    moments = np.arange(ms("2015-03-05"), ms("2015-08-01"), 7 * DAY_MS)
    panels = {
        name: [made for method in METHODS for made in forecasts(DAY, DAILY, method, [level], moments, [ONSET_MS])]
        for name, level in (("level before the eruption", 0.0), ("20 cm higher", 0.2))
    }
    plot_forecasts(labels, panels, paths, {("20 cm higher", "single-12wk"): ms("2018-01-01")})


FIGURES = {
    uplift_figure: (PAGE_CM, ["Depth (m)", "Uplift (m)", "tide removed; up positive", "eruption 2015-04-24"]),
    differential_figure: (PAGE_CM, ["Differential uplift (m)", "20 cm higher (0.20 m)", "eruption 2015-04-24"]),
    minute_figure: (PAGE_CM, ["5 min rate (cm/min)", "10 min rate (cm/h)", "tsunami (2)", "eruption 2015-04-24"]),
    week_figure: (PAGE_CM, ["Rate of uplift (cm/yr)", "over 4 weeks", "over 8 weeks"]),
    spectrum_figure: (
        COLUMN_CM,
        ["Frequency (cycles per day)", "Power spectral density (cm²/cpd)", "M2", "S2", "K1", "O1"],
    ),
    forecast_figure: (PAGE_CM, ["Crossing expected", "single-12wk, 0.20 m", "level was reached", "95 % interval"]),
}
each_figure = pytest.mark.parametrize("draw", FIGURES, ids=lambda draw: draw.__name__)


@dataclass(frozen=True)
class Made:
    """A figure that was drawn, and its files."""

    draw: Callable
    figure: plt.Figure
    files: list

    def texts(self):
        return [text for text in self.figure.findobj(plt.Text) if text.get_visible() and text.get_text().strip()]


@pytest.fixture(scope="module", params=FIGURES, ids=lambda draw: draw.__name__)
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    files = [folder / f"a.{kind}" for kind in ("png", "svg", "pdf")]
    with pytest.MonkeyPatch.context() as patch:
        seen = watched(patch)
        request.param(SYNTHETIC, files)
    yield Made(request.param, seen[0], files)
    plt.close(seen[0])


def words(path):
    """Return what an SVG says: matplotlib writes every text beside its outlines, a line a comment."""
    return " ".join(re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8")))


def test_the_same_data_give_the_same_bytes_and_the_printed_size(made, tmp_path):
    again = [tmp_path / path.name for path in made.files]
    made.draw(SYNTHETIC, again)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in made.files]
    assert plt.imread(again[0]).shape[1] == pytest.approx(FIGURES[made.draw][0] / 2.54 * 300, abs=2)


def test_a_figure_says_what_it_shows(made):
    said = words(made.files[1])
    for expected in ["MJ03F Central Caldera", "botpt_nano_sample", "hourly means", "drift not corrected"]:
        assert expected in said
    for expected in FIGURES[made.draw][1]:
        assert expected in said


def test_synthetic_data_are_marked_in_orange_and_nothing_lies_over_the_mark(made):
    renderer = made.figure.canvas.get_renderer()
    [mark] = [text for text in made.texts() if MARK in text.get_text().replace("\n", " ")]
    assert mark.get_color() == "#D55E00"
    box = mark.get_window_extent(renderer)
    others = [text for text in made.texts() if text is not mark]
    assert not [text.get_text() for text in others if box.overlaps(text.get_window_extent(renderer))]
    assert made.figure.bbox.x0 <= box.x0
    assert box.x1 <= made.figure.bbox.x1


def test_no_text_is_too_small_to_read_in_print(made):
    assert min(text.get_fontsize() for text in made.texts()) >= 7


def test_real_data_bear_no_mark(tmp_path):
    differential_figure(LABELS, [tmp_path / "a.svg"])
    assert "SYNTHETIC" not in words(tmp_path / "a.svg")


@each_figure
def test_no_more_points_are_drawn_than_a_page_shows(draw, monkeypatch):
    monkeypatch.setattr(figures, "MOST_POINTS", 600)
    seen = watched(monkeypatch)
    draw(LABELS, [])
    # Besides the lines of data, those of thresholds and events have two points each.
    assert sum(len(line.get_xdata()) for axes in seen[0].axes for line in axes.lines) <= 600 + 30


def watched(monkeypatch):
    """Return a list that figures are put into when they are closed."""
    seen = []
    monkeypatch.setattr(plt, "close", seen.append)
    return seen


def test_a_record_without_data_is_drawn_without_a_warning(tmp_path):
    nothing = np.full(TIME_MS.size, np.nan)
    plot_uplift(LABELS, TIME_MS, nothing, nothing, nothing, [tmp_path / "a.png"])
    plot_differential(LABELS, TIME_MS, nothing, [], [tmp_path / "b.png"])
    plot_minute_rates(LABELS, TIME_MS, nothing, nothing, [tmp_path / "c.png"])
    plot_week_rates(LABELS, DAY, nothing[: DAY.size], nothing[: DAY.size], [tmp_path / "d.png"], ERUPTION)
    plot_spectrum(LABELS, TIME_MS, nothing, nothing, [tmp_path / "e.svg"])
    assert "no stretch of 256 hours without a gap" in words(tmp_path / "e.svg")
    plot_forecasts(LABELS, {"level": forecasts(DAY, DAILY, "single-12wk", [9.0], [DAY[0]])}, [tmp_path / "f.png"])


def test_a_figure_that_fails_leaves_no_file_and_no_open_figure(tmp_path):
    before = plt.get_fignums()
    (tmp_path / "b.svg").mkdir()
    with pytest.raises(OSError, match=r"b\.svg"):
        plot_differential(LABELS, TIME_MS, CENTRAL, [], [tmp_path / "b.svg"])
    assert [path.name for path in tmp_path.iterdir()] == ["b.svg"]
    assert plt.get_fignums() == before


def test_weeks_that_hold_an_eruption_do_not_set_the_scale(tmp_path, monkeypatch):
    seen = watched(monkeypatch)
    rate = np.where((DAY > ONSET_MS) & (DAY < ONSET_MS + 28 * DAY_MS), -4000.0, 60.0 + np.arange(DAY.size) % 7)
    plot_week_rates(LABELS, DAY, rate, rate, [tmp_path / "a.svg"], ERUPTION)
    low, high = seen[0].axes[0].get_ylim()
    assert -20 < low < high < 80
    assert "down to −4000 cm/yr" in words(tmp_path / "a.svg")


@pytest.mark.parametrize("rows_missing", [True, False])
@pytest.mark.parametrize("most", [50, 10_000])
def test_gaps_stay_gaps_whether_rows_are_missing_or_empty(rows_missing, most):
    time_ms = np.arange(1000, dtype=np.int64) * HOUR_MS
    values = np.ones(1000)
    gap = slice(400, 600)
    if rows_missing:
        time_ms, values = np.delete(time_ms, gap), np.delete(values, gap)
    else:
        values[gap] = np.nan
    times, drawn = thinned(time_ms, values, most)
    [broken] = np.flatnonzero(np.isnan(drawn))
    assert times[broken - 1] <= np.datetime64(399 * HOUR_MS, "ms") < np.datetime64(600 * HOUR_MS, "ms")
    assert times[broken + 1] >= np.datetime64(600 * HOUR_MS, "ms")


@settings(max_examples=100)
@given(
    st.lists(st.one_of(st.just(np.nan), st.floats(-1e6, 1e6)), min_size=1, max_size=300),
    st.integers(3, 100),
)
def test_thinning_keeps_samples_extremes_order_and_the_number_of_points(values, most):
    time_ms, values = np.arange(len(values), dtype=np.int64) * HOUR_MS, np.array(values)
    times, drawn = thinned(time_ms, values, most)
    assert drawn.size <= most
    assert np.all(np.diff(times.astype(np.int64)) > 0)
    kept = np.isfinite(drawn)
    assert np.array_equal(values[times[kept].astype(np.int64) // HOUR_MS], drawn[kept])
    if np.isfinite(values).any():
        assert np.nanmin(drawn) == np.nanmin(values)
        assert np.nanmax(drawn) == np.nanmax(values)


def test_the_spectrum_of_white_noise_is_flat_and_holds_its_variance():
    rng = np.random.default_rng(1)
    time_ms = np.arange(20_000, dtype=np.int64) * HOUR_MS
    values = 0.03 * rng.standard_normal(time_ms.size)
    values[9_000:9_100] = np.nan
    frequency, power, days = power_spectrum(time_ms, values)
    assert np.sum(power) * frequency[0] == pytest.approx(9, rel=0.05)
    assert days == pytest.approx(19_900 / 24)
    assert power[:300].mean() == pytest.approx(power[-300:].mean(), rel=0.2)


def test_a_tide_stands_in_the_spectrum_at_its_frequency():
    frequency, power, _ = power_spectrum(TIME_MS, TIDE)
    assert frequency[np.argmax(power)] == pytest.approx(1.9322736, abs=frequency[0])
