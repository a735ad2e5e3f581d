"""The scripts that draw products: small files of products in, figures out, whatever the record is like."""

import contextlib
import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from axial import DAY_MS, HOUR_MS, ms, stations
from plumbline import reporting
from plumbline.figures.captions import labels_of, pair_words
from plumbline.figures.listed import by_level, levels_of, reached, read_events, read_forecasts
from plumbline.figures.records import read_columns, read_envelope
from plumbline.pressure import event_search, forecasting, pairs, uplift_tables
from plumbline.pressure.ooi_products import DAY_COLUMNS, FIFTEEN_COLUMNS
from plumbline.products.uplift import daily
from plumbline.tables.about_products import DRIFT_UNKNOWN, About
from plumbline.tables.csvw import Subject
from plumbline.tables.lists import write_list
from plumbline.tables.product import product_table

pytestmark = pytest.mark.filterwarnings("error")

SCRIPTS = Path(__file__).parent.parent / "scripts"
CENTRE = {
    "name": "central",
    "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301",
    "method": "streamed",
    "stream": "botpt_nano_sample_15sec",
}
EASTERN = CENTRE | {"name": "eastern", "reference_designator": "RS03ECAL-MJ03E-06-BOTPTA302"}
METHODS = {
    "depth method": "ooi: 0.67 m/psi, the atmosphere not removed",
    "predicted tide": "29 constituents of TPXO7.2",
    "fitted tide": "M2 2.1 mm 125.1 deg, K1 4.8 mm 68.6 deg; from 337.0 days of data",
    "drift": DRIFT_UNKNOWN,
}
NAMES = ("level before the eruption", "0.2 m above it")
ONSET_MS = ms("2015-04-24T04:00")
BEGIN_MS = ms("2015-01-01")
DRAWN = {
    "plot_uplift": ["uplift", "uplift_pdf", "spectrum", "spectrum_pdf"],
    "plot_rates": ["minutes", "minutes_pdf", "weeks", "weeks_pdf"],
    "plot_differential": ["png", "pdf"],
    "plot_forecast": ["png", "pdf"],
}


def about(columns, methods=METHODS, synthetic=True, server="embedded", origins=("synthetic: signal model",)):
    subject = Subject(CENTRE, server, "2015-01-01T00:00:00Z", "2016-01-01T00:00:00Z", list(origins), synthetic)
    return About(subject, "A title", "A text.", columns, methods)


def write(path, columns, *values, methods=METHODS, **origin):
    """Write a product's netCDF file, and return its path."""
    what = about(columns, methods, **origin)
    with product_table(None, path, columns, values[0].size, what.attributes()) as table:
        table.append(*values)
    return path


def write_all(folder, days=None, value=None, level_m=None, events=()):
    """Write all products that are drawn: of a year round an eruption, or of some days of one value."""
    if days is None:
        time_ms, central, eastern = stations("2015-01-01", "2016-01-01")
    else:
        time_ms = BEGIN_MS + HOUR_MS * np.arange(max(round(24 * days), 1), dtype=np.int64)
        central = eastern = np.full(time_ms.size, value)
    n = np.isfinite(central).astype(np.int64)
    hours = (central - 1510, np.zeros(n.size), central - 1510, central, n.astype(float), n)
    day_ms, metres, _ = daily(time_ms, central, None, 0.5)
    _, pair_metres, _ = daily(time_ms, central - eastern, None, 0.5)
    ones = np.ones(day_ms.size, np.int64)
    write(folder / "uplift_1h.nc", uplift_tables.columns("1h"), time_ms, *hours)
    nothing = np.full(day_ms.size, np.nan)
    write(folder / "uplift_1D.nc", uplift_tables.columns("1D"), day_ms, *[nothing] * 3, metres, nothing, ones)
    write(folder / "pair_1h.nc", pairs.COLUMNS["1h"], time_ms, central - eastern, n)
    write(folder / "pair_1D.nc", pairs.COLUMNS["1D"], day_ms, pair_metres, ones)
    fifteen_ms = time_ms[0] + 15_000 * np.arange(min(time_ms.size, 48) * 240, dtype=np.int64)
    rate = np.full(fifteen_ms.size, 0.1 if value is None else value)
    write(folder / "botsflu_15s.nc", FIFTEEN_COLUMNS, fifteen_ms, *[rate] * (len(FIFTEEN_COLUMNS) - 1))
    write(folder / "botsflu_24h.nc", DAY_COLUMNS, day_ms, ones, *[metres] * (len(DAY_COLUMNS) - 2))
    write_list(folder / "events.csv", about(event_search.COLUMNS), events, "onset")
    records = {
        "single": pairs.read_uplift(folder / "uplift_1D.nc", CENTRE),
        "differential": pairs.read_uplift(folder / "pair_1D.nc", CENTRE, "differential_uplift_m"),
    }
    rows, _ = forecasting.forecast_rows(records, [ONSET_MS], level_m, 0.2, 7, [])
    write_list(folder / "forecast.csv", about(forecasting.COLUMNS), rows, "as_of")
    return folder


def run(name, folder, pdf=False, **inputs):
    """Run a script as Snakemake does, and return what its figures say; a PDF takes long, for its fonts."""
    output = {key: folder / f"{key}.{'pdf' if pdf and key.endswith('pdf') else 'svg'}" for key in DRAWN[name]}
    given = {
        "hours": folder / "uplift_1h.nc",
        "fifteen": folder / "botsflu_15s.nc",
        "day": folder / "botsflu_24h.nc",
        "events": [folder / "events.csv"],
        "centre": folder / "uplift_1D.nc",
        "pair": folder / ("pair_1h.nc" if name == "plot_differential" else "pair_1D.nc"),
        "forecast": [folder / "forecast.csv"] if name == "plot_differential" else folder / "forecast.csv",
    } | inputs
    params = {"stream": CENTRE, "streams": [CENTRE, EASTERN], "eruptions": ["2015-04-24T04:00:00+00:00"]}
    params |= {"thresholds": [1.0, 5.0], "levels": list(NAMES)}
    files = output if "png" not in output else list(output.values())
    job = SimpleNamespace(
        input=SimpleNamespace(**given),
        output=SimpleNamespace(**files) if isinstance(files, dict) else files,
        params=SimpleNamespace(**params),
        wildcards=SimpleNamespace(stream="central", pair="axial"),
        log=[str(folder / "log")],
    )
    # Without its process's log and its watch over the workflow.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reporting, "reported", lambda *_: contextlib.nullcontext())
        runpy.run_path(str(SCRIPTS / f"{name}.py"), {"snakemake": job})
    assert all(path.stat().st_size > 1000 for path in output.values())
    return " ".join(words for path in output.values() if path.suffix == ".svg" for words in said(path))


def said(path):
    """Return the texts of an SVG: matplotlib writes each beside its outlines, a line a comment."""
    return re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"))


every_script = pytest.mark.parametrize("script", DRAWN)


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    events = [("eruption", ONSET_MS, ONSET_MS, -47.0, "cm/h", ONSET_MS)]
    events += [("tsunami", ms("2015-09-16T23:00"), ms("2015-09-16T23:10"), 1.2, "cm/min", ms("2015-09-17"))]
    return write_all(tmp_path_factory.mktemp("year"), events=events)


@every_script
def test_a_figure_says_station_stream_method_drift_and_that_the_data_are_synthetic(script, year):
    words = run(script, year, pdf=True)
    expected = [CENTRE["reference_designator"], CENTRE["stream"], "0.67 m/psi, the atmosphere not removed"]
    expected += ["drift not corrected", "SYNTHETIC DATA"]
    assert not [text for text in expected if text not in words]


@pytest.mark.parametrize("script", ["plot_uplift", "plot_rates", "plot_differential"])
def test_events_are_marked(script, year):
    words = run(script, year)
    assert "eruption 2015-04-24" in words
    assert "tsunami 2015-09-16" in words


def test_a_pair_has_the_levels_of_its_forecasts(year):
    words = run("plot_differential", year)
    assert "level before the eruption (" in words
    assert "0.2 m above it (" in words
    assert f"{CENTRE['reference_designator']} less {EASTERN['reference_designator']}" in words
    assert "above it" not in run("plot_differential", year, forecast=[])


def test_forecasts_are_drawn_by_level_and_method(year):
    words = run("plot_forecast", year)
    assert not [text for text in (*NAMES, "single-12wk", "differential-4wk", "differential-12wk") if text not in words]


def test_figures_need_no_events(year):
    for script in ("plot_uplift", "plot_rates", "plot_differential"):
        assert "eruption 2015" not in run(script, year, events=[])


@every_script
@pytest.mark.parametrize("days", [1 / 24, 1, 40])
def test_a_record_without_values_is_said_to_have_none(script, days, tmp_path):
    words = run(script, write_all(tmp_path, days, np.nan))
    assert ("no forecast" if script == "plot_forecast" else "no data") in words


@every_script
@pytest.mark.parametrize("days", [1 / 24, 1, 3, 40])
def test_a_short_record_is_drawn(script, days, tmp_path):
    words = run(script, write_all(tmp_path, days, 0.5))
    assert ("no forecast" in words) == (script == "plot_forecast")
    if script == "plot_differential":
        assert "no data" not in words


def test_forecasts_of_which_none_crosses_are_drawn(tmp_path):
    words = run("plot_forecast", write_all(tmp_path, 100, 0.5, level_m=3.0))
    assert "single-12wk, 3.00 m" in words


def test_lists_are_read_as_they_were_written(year):
    assert [(event.kind, event.time_ms) for event in read_events(year / "events.csv")] == [
        ("eruption", ONSET_MS),
        ("tsunami", ms("2015-09-16T23:00")),
    ]
    assert read_events(None) == []
    made = read_forecasts(year / "forecast.csv")
    assert all(one.crossing is None or one.crossing % DAY_MS == 0 for one in made)
    panels = by_level(made, NAMES)
    assert {name: len(panel) for name, panel in panels.items()} == dict.fromkeys(NAMES, len(made) // 2)
    [(_, low), (_, high)] = levels_of(made, "differential", NAMES)
    assert high - low == pytest.approx(0.2)


def test_the_day_on_which_a_level_was_reached_is_found(year):
    made = read_forecasts(year / "forecast.csv")
    panels = by_level(made, NAMES)
    day_ms = np.arange(ms("2015-01-01"), ms("2017-01-01"), DAY_MS)
    high = np.where(day_ms >= ms("2016-06-01"), 9.0, -9.0)
    found = reached(panels, {"single": (day_ms, high), "differential": (day_ms, -np.ones(day_ms.size) * 9)})
    assert found == {(name, "single-12wk"): ms("2016-06-01") for name in NAMES}


@pytest.mark.parametrize(
    ("origin", "mark"),
    [
        ({}, "SYNTHETIC DATA: signal model of the embedded server, no real seafloor"),
        ({"synthetic": False, "origins": ["replay of a.nc (sha256 0a1b)"]}, "NOT FROM OOI: replay of a.nc"),
        ({"synthetic": False, "origins": [], "server": "https://ooinet.oceanobservatories.org/api/m2m"}, ""),
    ],
)
def test_the_mark_is_that_of_the_data(origin, mark, tmp_path):
    columns = pairs.COLUMNS["1D"]
    path = write(tmp_path / "a.nc", columns, np.array([BEGIN_MS]), np.ones(1), np.ones(1, int), **origin)
    assert labels_of(path, "a", "b", "c").synthetic == mark


@pytest.mark.parametrize(
    ("methods", "method", "drift"),
    [
        (METHODS, "depth 0.67 m/psi, the atmosphere not removed; tide removed: 29 constituents of TPXO7.2, and 2 "
         "constituents fitted to what these leave", "drift not corrected"),
        ({"depth": "0.67 m/psi", "predicted tide": "none", "drift": DRIFT_UNKNOWN},
         "depth 0.67 m/psi; tide not removed", "drift not corrected"),
        (METHODS | {"fitted tide": "none: 3.0 days of data are fewer than 29.0",
                    "drift": "corrected with a line through 2 calibrations; sigma in drift.csv"},
         "depth 0.67 m/psi, the atmosphere not removed; tide removed: 29 constituents of TPXO7.2",
         "drift corrected with a line through 2 calibrations"),
        ({"depth method": "ooi: 0.67 m/psi", "predicted tide": "none", "drift of the centre": DRIFT_UNKNOWN,
          "drift of the reference": "corrected with a constant through 1 calibration; sigma in drift.csv"},
         "depth 0.67 m/psi; tide not removed",
         "drift not corrected (centre); drift corrected with a constant through 1 calibration (reference)"),
    ],
)  # fmt: skip
def test_method_and_drift_are_told_in_short(methods, method, drift, tmp_path):
    columns = pairs.COLUMNS["1D"]
    path = write(tmp_path / "a.nc", columns, np.array([BEGIN_MS]), np.ones(1), np.ones(1, int), methods=methods)
    labels = labels_of(path, "a", "b", "c")
    assert (labels.method, labels.drift) == (method, drift)


def test_a_pair_of_two_streams_names_both():
    other = EASTERN | {"stream": "botpt_nano_sample"}
    station, stream = pair_words([CENTRE, other])
    assert station == "RS03CCAL-MJ03F-05-BOTPTA301 less RS03ECAL-MJ03E-06-BOTPTA302"
    assert stream == "botpt_nano_sample_15sec and botpt_nano_sample"


@pytest.mark.parametrize("piece_rows", [1, 1000, 1 << 18])
def test_an_envelope_keeps_peaks_and_gaps(piece_rows, tmp_path, monkeypatch):
    monkeypatch.setattr("plumbline.figures.records.PIECE_ROWS", piece_rows)
    values = np.sin(np.arange(10_003) / 7)
    values[[4321, 9999]] = 9.0, -9.0
    values[2000:2600] = np.nan
    time_ms = BEGIN_MS + 15_000 * np.arange(values.size, dtype=np.int64)
    path = write(tmp_path / "a.nc", pairs.COLUMNS["1h"], time_ms, values, np.ones(values.size, int))
    times, drawn = read_envelope(path, "differential_uplift_m", most=1000)
    assert times.size == drawn.size <= 1000
    assert np.unique(np.diff(times)).size == 1
    assert (np.nanmin(drawn), np.nanmax(drawn)) == (-9.0, 9.0)
    assert abs(times[np.nanargmax(drawn)] - time_ms[4321]) <= 2 * (times[1] - times[0])
    empty = times[np.isnan(drawn)]
    assert time_ms[2000] <= empty[0] < empty[-1] < time_ms[2600]
    assert empty.size >= 2 * (600 // 21 - 1)


def test_a_short_record_is_its_own_envelope(tmp_path):
    time_ms = BEGIN_MS + 15_000 * np.arange(100, dtype=np.int64)
    path = write(tmp_path / "a.nc", pairs.COLUMNS["1h"], time_ms, np.arange(100.0), np.ones(100, int))
    for one, other in zip(
        read_envelope(path, "differential_uplift_m", most=100), read_columns(path, "differential_uplift_m"), strict=True
    ):
        assert np.array_equal(one, other)
