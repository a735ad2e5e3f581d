"""What the interactive page is made of: packed numbers, levels, pieces."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from page_files import BEGIN_MS, content_of, packed_in, write_rows, write_station
from plumbline.intervals import DAY_MS
from plumbline.page import assets, making
from plumbline.page.levels import Rows, coarser, piece_days, steps_of
from plumbline.page.making import make_page
from plumbline.page.packing import decimals_for, pack, pack_columns, runs_of, unpack, unpack_columns
from plumbline.page.sources import block_ms
from plumbline.page.strips import events_of
from plumbline.samples.bins import BinsFile
from plumbline.samples.kernel import Statistics
from workflow import Workflow, small

VALUES = st.one_of(st.just(np.nan), st.floats(-3000, 3000), st.floats(2254, 2255))


@given(st.lists(st.integers(0, 2**32 - 1), max_size=400))
def test_numbers_come_back_as_they_were(numbers):
    assert unpack(pack(np.array(numbers, np.int64)), len(numbers)).tolist() == numbers


@given(st.lists(VALUES, min_size=1, max_size=300))
def test_columns_come_back_to_half_a_decimal_and_gaps_stay_gaps(values):
    mean = np.array(values)
    packed = pack_columns(mean, mean - 0.5, mean + 0.25, 4)
    if packed is None:
        assert np.isnan(mean).all()
        return
    back = unpack_columns(json.loads(json.dumps(packed)), mean.size)
    for column, wanted in zip(back, (mean, mean - 0.5, mean + 0.25), strict=True):
        np.testing.assert_array_equal(np.isnan(column), np.isnan(mean))
        assert np.nanmax(np.abs(column - wanted)) <= 0.501e-4


@pytest.mark.parametrize(
    ("largest", "wanted", "decimals"),
    [(2254.0, 4, 4), (3e6, 4, 2), (4e-4, None, 10), (12.5, None, 5), (1e12, None, -6), (0.0, None, 7), (0.0, 4, 4)],
)
def test_values_of_any_size_keep_their_digits(largest, wanted, decimals):
    values = np.array([largest, -largest / 3, np.nan])
    assert decimals_for(values, wanted) == decimals
    packed = pack_columns(values, None, None, wanted)
    assert np.nanmax(np.abs(unpack_columns(packed, 3)[0] - values)) <= 0.51 * 10.0**-decimals


def test_runs_tell_where_values_are():
    assert runs_of(np.array([True, True, False, True])) == [0, 2, 1, 1]
    assert runs_of(np.array([False, True])) == [1, 1]
    assert runs_of(np.zeros(0, bool)) == [0]


@pytest.mark.parametrize(
    ("base_ms", "steps"),
    [
        (7_500, [15_000, 240_000, 3_600_000, DAY_MS]),
        (15_000, [15_000, 240_000, 3_600_000, DAY_MS]),
        (60_000, [60_000, 240_000, 3_600_000, DAY_MS]),
        (2_000, [2_000, 240_000, 3_600_000, DAY_MS]),
        (3_600_000, [3_600_000, DAY_MS]),
        (DAY_MS, [DAY_MS]),
    ],
)
def test_levels_go_down_to_15_s_or_to_the_bins(base_ms, steps):
    assert steps_of(base_ms) == steps


@pytest.mark.parametrize("base_ms", [50, 500, 1_000, 2_000, 7_500, 15_000, 60_000, 3_600_000, DAY_MS])
def test_blocks_make_up_pieces_of_bounded_size(base_ms):
    finest, *_ = steps = steps_of(base_ms)
    assert piece_days(finest) * DAY_MS // finest <= 70_000
    assert block_ms(base_ms) // base_ms <= 2_000_000
    assert all(piece_days(step) * DAY_MS % block_ms(base_ms) == 0 for step in steps)


def test_a_coarser_level_keeps_extremes_and_weighs_means_with_their_samples():
    mean = np.array([1.0, 4.0, np.nan, 10.0])
    weight = np.array([3, 1, 0, 2])
    rows = Rows(weight, (weight > 0).astype(int), mean, mean - 1, mean + 2)
    made = coarser(rows, 2)
    assert made.mean.tolist() == [1.75, 10.0]
    assert (made.low.tolist(), made.high.tolist()) == ([0.0, 9.0], [6.0, 12.0])
    assert (made.weight.tolist(), made.filled.tolist()) == ([4, 2], [2, 1])


def made(tmp_path, days, **options):
    """Make a page of one station and return the paths of its parts."""
    streams = [write_station(tmp_path, "central", days, **options)]
    page, pieces = tmp_path / "supplement" / "index.html", tmp_path / "supplement" / "page"
    make_page(tmp_path, page, pieces, streams, [], "embedded", [], [])
    return page, pieces


def test_a_peak_of_15_s_is_in_every_level(tmp_path):
    # 20 to 22 April lie in one piece
    page, pieces = made(tmp_path, 3)
    whole = content_of(page)["lines"][0]["levels"][-1]["whole"]
    (path,) = pieces.glob("central/pressure/15s/*.js")
    packed = packed_in(path)
    fine, day = unpack_columns(packed, packed["rows"])[0], unpack_columns(whole, whole["rows"])
    assert np.nanmax(day[2]) == pytest.approx(np.nanmax(fine), abs=1e-9)
    assert np.nanmin(day[1]) == pytest.approx(np.nanmin(fine), abs=1e-9)


def test_a_day_with_too_little_of_it_has_extremes_and_no_mean(tmp_path):
    page, _ = made(tmp_path, 3, gap=(BEGIN_MS + DAY_MS + 3_600_000, BEGIN_MS + 2 * DAY_MS))
    whole = content_of(page)["lines"][0]["levels"][-1]["whole"]
    mean, low, _ = unpack_columns(whole, whole["rows"])
    first = (BEGIN_MS - whole["start"]) // DAY_MS
    assert np.isfinite(mean[first : first + 3]).tolist() == [True, False, True]
    assert np.isfinite(low[first : first + 3]).all()


def test_the_same_data_give_the_same_bytes_wherever_they_lie(tmp_path):
    parts = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        page, pieces = made(tmp_path / name, 2)
        parts.append({path.name: path.read_bytes() for path in [page, *pieces.rglob("*.js")]})
    assert parts[0] == parts[1]


def test_nothing_in_the_page_names_a_host_or_a_folder(tmp_path):
    page, _ = made(tmp_path, 2)
    text = page.read_text()
    # The address in the library's licence line is all there is.
    assert {part.split('"')[0].split(" ")[0] for part in text.split("https://")[1:]} <= {"github.com/leeoniya/uPlot"}
    assert str(tmp_path) not in text


def test_a_stream_without_products_has_its_bins(tmp_path):
    folder = tmp_path / "tilt"
    (folder / "bins").mkdir(parents=True)
    begin, count = BEGIN_MS, 2880
    values = np.linspace(-3, 5, count)
    statistics = Statistics(np.full(count, 60), values, values * 0, values - 0.25, values + 0.5)
    file = BinsFile(folder / "bins" / "whole.nc", begin, begin + 2 * DAY_MS, 60_000, {"lily_x_tilt": np.dtype("f8")})
    file.append({"lily_x_tilt": statistics})
    attributes = {"base_interval_ms": 60_000, "window_begin_ms": begin, "window_end_ms": begin + 2 * DAY_MS}
    file.close({"lily_x_tilt": "microradians"}, {}, {}, attributes)
    write_rows(folder / "coverage.csv", ("date", "expected", "used"), [["2015-04-20", "", 10], ["2015-04-21", "", 10]])
    write_rows(folder / "gaps.csv", ("begin", "end", "missing", "reason"), [])
    about = {
        "stream": {
            "name": "tilt",
            "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301",
            "method": "streamed",
            "stream": "botpt_lily_sample",
        },
        "variables": ["lily_x_tilt"],
        "pressure": None,
        "botsflu": False,
        "uplift": False,
        "events": False,
        "chunks": ["whole"],
    }
    page, pieces = tmp_path / "s" / "index.html", tmp_path / "s" / "page"
    make_page(tmp_path, page, pieces, [about], [], "https://example.org/api/m2m", [], [])
    (line,) = content_of(page)["lines"]
    assert (line["quantity"], line["unit"], line["synthetic"]) == ("lily_x_tilt", "microradians", "")
    assert [level["step"] for level in line["levels"]] == [60_000, 240_000, 3_600_000, DAY_MS]
    (path,) = pieces.glob("tilt/lily_x_tilt/60000ms/*.js")
    packed = packed_in(path)
    first = (begin - packed["start"]) // 60_000
    columns = unpack_columns(packed, packed["rows"])
    for column, wanted in zip(columns, (values, values - 0.25, values + 0.5), strict=True):
        np.testing.assert_allclose(column[first : first + count], wanted, atol=0.6e-6)


def test_a_configured_eruption_is_marked_where_no_record_shows_it(tmp_path):
    write_rows(
        tmp_path / "events.csv",
        ("kind", "onset", "peak_time", "peak_value", "unit", "end"),
        [["eruption", "2015-04-24T05:59:00Z", "", "-60", "cm/h", "2015-04-24T20:00:00Z"]],
    )
    window = [int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000) for year in (2011, 2016)]
    onsets = ["2011-04-06T02:15:00Z", "2015-04-24T04:00:00Z", "2030-01-01T00:00:00Z"]
    found = events_of({"X": tmp_path / "events.csv"}, onsets, *window)
    assert [(event["onset"] // DAY_MS, event["station"]) for event in found] == [(15070, ""), (16549, "X")]


def test_the_rule_makes_a_page_of_all_streams_which_says_that_they_are_synthetic(tmp_path):
    config = small()
    config["streams"].append(config["streams"][0] | {"name": "plain", "begin": "2015-04-24", "products": False})
    config["products"] = ["botsflu", "uplift", "events"]
    workflow = Workflow(tmp_path, config)
    page = "results/supplement/index.html"
    workflow.succeed(page)
    assert workflow.planned(page) == {}
    content = content_of(tmp_path / page)
    lines = {(line["name"], line["quantity"]): line for line in content["lines"]}
    quantities = {("central", quantity) for quantity in ("pressure", "depth", "uplift")}
    assert set(lines) == quantities | {("plain", "pressure")}
    assert all(line["synthetic"].startswith("SYNTHETIC DATA") for line in lines.values())
    assert lines["central", "uplift"]["drift"] == "drift not corrected"
    assert [strip["name"] for strip in content["strips"]] == ["central", "plain"]
    assert {event["kind"] for event in content["events"]} == {"eruption"}


def test_an_edit_of_what_runs_in_the_browser_is_seen_by_the_rule(tmp_path, monkeypatch):
    before = assets.digest()
    edited = tmp_path / assets.SCRIPTS[-1].name
    edited.write_text(assets.SCRIPTS[-1].read_text() + "// edited\n")
    monkeypatch.setattr(assets, "SCRIPTS", [*assets.SCRIPTS[:-1], edited])
    assert assets.digest() != before


def test_the_overview_of_a_decade_of_two_stations_is_small(tmp_path):
    sizes = []
    for days in (20, 60):
        (tmp_path / str(days)).mkdir()
        page, _ = made(tmp_path / str(days), days)
        sizes.append(page.stat().st_size)
    a_day = (sizes[1] - sizes[0]) / 40
    assert sizes[0] + 2 * 3653 * a_day < 10e6
    # The whole of it is measured by benchmarks/page.py.
    assert 100 < a_day < 1000


def test_hours_that_are_too_many_lie_beside_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr(making, "MOST_BYTES", 1000)
    page, pieces = made(tmp_path, 2)
    for line in content_of(page)["lines"]:
        *_, hours, days = line["levels"]
        assert "whole" not in hours
        assert "whole" in days
        assert packed_in(pieces / f"{hours['beside']}.js")["rows"] == 12 * 24
