"""The interactive page in a real Chromium, opened from the disk as a reader opens it."""

import csv
import time

import netCDF4
import numpy as np
import pytest

from browser import CHROMIUM
from page_files import BEGIN_MS, DAYS, ERUPTION_MS, GAP, HOUR_MS, write_station
from page_shown import pieces_asked_for, settle, show, text, view
from plumbline.intervals import DAY_MS
from plumbline.page import making
from plumbline.page.making import make_page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not there (Debian: apt-get install chromium)")

# Decimals that the page keeps, and half of the last one.
PRECISION = 0.501e-4


def test_it_opens_with_everything_and_asks_for_nothing_finer_than_is_seen(page):
    assert pieces_asked_for(page, "15s") == []
    assert len(pieces_asked_for(page, "4min")) == 2
    assert view(page) == (BEGIN_MS, BEGIN_MS + DAYS * DAY_MS)
    assert page.evaluate("[...document.querySelectorAll('#quantities span')].map((one) => one.textContent)") == [
        "Pressure",
        "Depth",
        "Uplift",
        "Differential uplift",
    ]
    assert page.evaluate("plumbline.app.panels.length") == 2


def test_synthetic_data_are_said_to_be_so_above_all_and_in_every_panel(page):
    assert text(page, "#synthetic") == "SYNTHETIC DATA: signal model of the embedded server, no real seafloor"
    for quantity in ("pressure", "depth", "uplift", "differential"):
        page.evaluate(f"plumbline.app.use('{quantity}')")
        settle(page)
        marks = page.evaluate("[...document.querySelectorAll('.panel')].map((one) => one.innerText)")
        assert marks
        assert all("SYNTHETIC DATA" in mark for mark in marks)
        assert all(("drift not corrected" in mark) == (quantity in ("uplift", "differential")) for mark in marks)


def test_real_data_carry_no_such_mark(chromium, tmp_path):
    streams = [write_station(tmp_path, "central", 2, synthetic=False)]
    path = tmp_path / "index.html"
    make_page(tmp_path, path, tmp_path / "page", streams, [], "https://example.org/api/m2m", [], [])
    page = chromium.page()
    page.open(path)
    settle(page)
    assert "SYNTHETIC" not in text(page, "body").upper()
    page.close()


def test_zooming_in_loads_the_15_s_values_of_the_file(page, page_results):
    assert pieces_asked_for(page, "15s") == []
    begin = BEGIN_MS + 4 * DAY_MS + 5 * HOUR_MS
    page.evaluate(f"plumbline.app.show({begin - 2 * DAY_MS}, {begin + 2 * DAY_MS})")
    settle(page)
    for _ in range(12):
        page.click("[data-step=in]")
        settle(page)
    assert pieces_asked_for(page, "15s")
    assert "means of 15 s" in text(page, "#shown")
    shown = page.evaluate(
        "plumbline.app.panels.flatMap((panel) => panel.lines.map((line) => { const rows = panel.views.get(line);"
        " return {name: line.name, start: rows.start, step: rows.step, mean: Array.from(rows.mean)}; }))"
    )
    assert {one["name"] for one in shown} == {"central", "eastern"}
    for one in shown:
        with netCDF4.Dataset(page_results / one["name"] / "botsflu_15s.nc") as file:
            first = int(np.flatnonzero(file["time"][:] == one["start"])[0])
            wanted = file["meanpres_psi"][first : first + len(one["mean"])]
        assert one["step"] == 15_000
        assert len(one["mean"]) > 10
        assert np.abs(np.array(one["mean"]) - wanted).max() <= PRECISION


def test_the_wheel_zooms_at_the_mouse_and_dragging_pans(page):
    x, y, width = page.place(".u-over")
    before = view(page)
    page.mouse("mouseWheel", x - width / 4, y, deltaX=0, deltaY=-600)
    page.frame()
    begin, end = view(page)
    assert end - begin < (before[1] - before[0]) / 2
    # What lay under the mouse, a quarter of the way, still does.
    assert begin + (end - begin) / 4 == pytest.approx(before[0] + (before[1] - before[0]) / 4, abs=HOUR_MS)
    page.drag(".u-over", dx=width / 4)
    assert view(page)[0] == pytest.approx(begin - (end - begin) / 4, abs=HOUR_MS)


def test_quantities_switch_with_their_units(page):
    for place, (axis, unit) in enumerate([("Pressure", "psi"), ("Depth", "m"), ("Uplift", "m"), ("Differential", "m")]):
        page.click(f"#quantities label:nth-of-type({place + 1})")
        settle(page)
        labels = page.evaluate("plumbline.app.panels.map((panel) => panel.chart.axes[1].label)")
        assert all(label.startswith(axis) and label.endswith(f"({unit})") for label in labels)
        assert len(labels) == (2 if place < 2 else 1)


def test_presets(page):
    end = BEGIN_MS + DAYS * DAY_MS
    page.click("[data-preset=week]")
    assert view(page) == (end - 7 * DAY_MS, end)
    page.click("[data-preset=eruption]")
    begin, last = view(page)
    assert last == end
    assert ERUPTION_MS - DAY_MS < begin < ERUPTION_MS
    page.click("[data-preset=months]")
    assert view(page) == (BEGIN_MS, end)
    page.click("[data-preset=all]")
    assert view(page) == (BEGIN_MS, end)
    pressed = "document.querySelector('[aria-pressed=true]').dataset.preset"
    assert page.evaluate(pressed) == "all"


def test_an_event_is_marked_and_can_be_gone_to(page):
    options = page.evaluate("[...document.querySelectorAll('#events option')].map((one) => one.textContent)")
    assert options[1].startswith("eruption 2015-04-24 06:00")
    page.evaluate(
        "(() => { const s = document.querySelector('#events'); s.value = '0'; s.onchange?.(); "
        "s.dispatchEvent(new Event('change')); })()"
    )
    settle(page)
    begin, end = view(page)
    assert begin < ERUPTION_MS < end < begin + 3 * DAY_MS
    assert page.evaluate("plumbline.app.panels[0].marks(plumbline.app.panels[0].chart).events.length") == 1


def test_the_value_under_the_cursor_has_unit_and_time(page, page_results):
    begin = BEGIN_MS + 5 * DAY_MS
    show(page, begin, begin + HOUR_MS)
    x, y, _ = page.place(".u-over")
    page.mouse("mouseMoved", x, y)
    page.frame()
    with netCDF4.Dataset(page_results / "central" / "botsflu_15s.nc") as file:
        value = float(file["meanpres_psi"][int(np.flatnonzero(file["time"][:] == begin + HOUR_MS // 2)[0])])
    assert text(page, "#cursor-time") == "2015-04-25 00:30:00 UTC"
    assert text(page, ".lines output") == f"{value:.4f} psi"
    assert "100.0 % of the day" in text(page, "#coverage")


def test_a_gap_stays_one_and_is_told(page):
    show(page, GAP[0] - HOUR_MS, GAP[0] + HOUR_MS)
    x, y, width = page.place(".u-over")
    page.mouse("mouseMoved", x + width / 4, y)
    page.frame()
    assert text(page, ".lines output") == "no data"
    assert "gap 2015-04-30 00:00 to 2015-05-01 06:00: not in the files" in text(page, "#coverage")
    values = page.evaluate("plumbline.app.panels[0].chart.data[3].filter((value) => value !== null).length")
    assert 230 <= values <= 242


def test_nothing_is_drawn_in_a_gap(page):
    drawn = """((from, to) => {
        const { chart } = plumbline.app.panels[0];
        const [left, right] = [from, to].map((ms) => Math.round(chart.valToPos(ms, "x", true)));
        const copy = new OffscreenCanvas(right - left, chart.bbox.height).getContext("2d", {willReadFrequently: true});
        copy.drawImage(chart.ctx.canvas, -left, -chart.bbox.top);
        const pixels = copy.getImageData(0, 0, right - left, chart.bbox.height).data;
        let count = 0;
        // Blue, and not the grey of the grid.
        for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 2] - pixels[i] > 25) count++;
        return count;
    })"""
    for begin, end in ((BEGIN_MS, BEGIN_MS + DAYS * DAY_MS), (GAP[0] - HOUR_MS, GAP[1] + HOUR_MS)):
        show(page, begin, end)
        middle = (GAP[0] + GAP[1]) // 2
        assert page.evaluate(f"{drawn}({middle - 8 * HOUR_MS}, {middle + 8 * HOUR_MS})") == 0
        assert page.evaluate(f"{drawn}({GAP[0] - HOUR_MS}, {GAP[0]})") > 0


def test_the_csv_is_what_is_shown(page, page_results, tmp_path):
    page.download_to(tmp_path)
    begin = BEGIN_MS + 3 * DAY_MS
    page.click("#quantities label:nth-of-type(2)")
    show(page, begin, begin + 2 * HOUR_MS)
    page.click("#csv")
    name = "depth_20150423T0000Z_20150423T0200Z_synthetic.csv"
    end = time.monotonic() + 10
    while not (tmp_path / name).exists() and time.monotonic() < end:
        time.sleep(0.05)
    with (tmp_path / name).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 481
    with netCDF4.Dataset(page_results / "central" / "botsflu_15s.nc") as file:
        first = int(np.flatnonzero(file["time"][:] == begin)[0])
        wanted = file["meandepth_m"][first : first + 481]
    central = [row for row in rows if row["stream"] == "central"]
    assert np.abs(np.array([float(row["mean"]) for row in central]) - wanted).max() <= PRECISION
    assert (central[0]["time"], central[-1]["time"]) == ("2015-04-23T00:00:00Z", "2015-04-23T02:00:00Z")
    assert {(row["unit"], row["interval_s"], row["origin"][:14]) for row in rows} == {("m", "15", "SYNTHETIC DATA")}


def test_without_the_pieces_the_page_says_so_and_shows_the_hours(chromium, page_results, tmp_path):
    (tmp_path / "index.html").write_bytes((page_results / "supplement" / "index.html").read_bytes())
    page = chromium.page()
    page.open(tmp_path / "index.html")
    settle(page)
    show(page, BEGIN_MS + DAY_MS, BEGIN_MS + DAY_MS + 6 * HOUR_MS)
    assert "means of 1 h" in text(page, "#shown")
    assert "finer data are missing" in text(page, "#shown")
    page.close()


def test_hours_that_lie_beside_the_page_are_loaded(chromium, tmp_path, monkeypatch):
    monkeypatch.setattr(making, "MOST_BYTES", 1000)
    path, streams = tmp_path / "index.html", [write_station(tmp_path, "central", 2)]
    make_page(tmp_path, path, tmp_path / "page", streams, [], "embedded", [], [])
    page = chromium.page()
    page.open(path)
    page.evaluate("plumbline.app.use('uplift')")
    settle(page)
    assert "means of 1 h" in text(page, "#shown")
    assert [address.split("/page/")[1] for address in pieces_asked_for(page, "1h")] == ["central/uplift/1h/all.js"]
    page.close()
