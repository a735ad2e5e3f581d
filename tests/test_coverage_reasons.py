"""Why samples are missing: what the request records and completion markers tell, whatever they hold."""

import csv
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coverage_files import FULL, HOUR, Streams, spans, without
from plumbline.coverage.text import plain

NOT_THERE = "not in the files"
COMPLETE = {"outcome": "complete", "failed_slices": {}, "files": [{"name": "a.nc"}]}
ACCEPTED = {"outcome": "accepted"}
HOLE = (HOUR, 3 * HOUR)


def with_hole(tmp_path, record=None, marker=None, hole=HOLE):
    """Return the tables of a day whose samples from 01:00 to 03:00 are missing."""
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 86400, (without(FULL, hole), None), record=record, marker=marker)
    return stream.tables()


@pytest.mark.parametrize(
    ("record", "marker"), [(None, None), (ACCEPTED, COMPLETE), ("{", "[1]"), ({}, {}), (ACCEPTED, "null")]
)
def test_where_nothing_is_told_the_samples_are_not_in_the_files(tmp_path, record, marker):
    coverage, gaps = with_hole(tmp_path, record, marker)
    assert spans(gaps) == [("01:00:00", "03:00:00", "480", NOT_THERE)]
    assert coverage[0]["reason"] == "no samples 01:00:00 to 03:00:00 (not in the files)"


@pytest.mark.parametrize(
    ("more", "words"),
    [({}, ""), ({"reason": "No data for\nthis request"}, ": No data for this request"), ({"reason": ["x"]}, "")],
)
def test_a_server_without_data_is_quoted(tmp_path, more, words):
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 86400, record={"outcome": "no data"} | more, marker=COMPLETE | {"files": []})
    coverage, gaps = stream.tables()
    told = f"the server has no data in this window{words}"
    assert spans(gaps) == [("00:00:00", "2015-04-24T00:00:00", "5760", told)]
    assert coverage[0]["reason"] == f"no samples all day ({told})"


def test_an_order_that_was_complete_without_a_file_is_told(tmp_path):
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 86400, record=ACCEPTED, marker=COMPLETE | {"files": []})
    _, gaps = stream.tables()
    assert [gap["reason"] for gap in gaps] == ["the order was complete without a file"]


def test_a_failed_slice_explains_its_part_of_a_gap(tmp_path):
    marker = COMPLETE | {"failed_slices": {"20150423T013000-20150423T020000": "out of memory"}}
    coverage, gaps = with_hole(tmp_path, ACCEPTED, marker)
    failed = "slice 20150423T013000-20150423T020000 failed: out of memory"
    assert spans(gaps) == [
        ("01:00:00", "01:30:00", "120", NOT_THERE),
        ("01:30:00", "02:00:00", "120", failed),
        ("02:00:00", "03:00:00", "240", NOT_THERE),
    ]
    assert coverage[0]["reason"].startswith(f"no samples 01:30:00 to 02:00:00 ({failed}); ")


def test_a_failed_slice_goes_before_longer_gaps_and_is_never_only_counted(tmp_path):
    marker = COMPLETE | {"failed_slices": {"20150423T230000-20150423T231000": "out of memory"}}
    holes = [(hour * HOUR, (hour + 1) * HOUR) for hour in range(1, 13, 2)]
    stream = Streams(tmp_path)
    seconds = without(FULL, *holes, (23 * HOUR, 23 * HOUR + 600))
    stream.chunk("2015-04-23", 0, 86400, (seconds, None), record=ACCEPTED, marker=marker)
    coverage, gaps = stream.tables()
    first, *others = coverage[0]["reason"].split("; ")
    failed = "slice 20150423T230000-20150423T231000 failed: out of memory"
    assert first == f"no samples 23:00:00 to 23:10:00 ({failed})"
    assert [text[11:13] for text in others[:-1]] == ["01", "03", "05", "07"]
    assert others[-1] == "and 2 more gaps"
    assert len(gaps) == 7


def test_of_slices_that_overlap_each_place_has_one_reason(tmp_path):
    slices = {"20150423T003000-20150423T020000": "first", "20150423T013000-20150423T040000": "second"}
    _, gaps = with_hole(tmp_path, ACCEPTED, COMPLETE | {"failed_slices": slices})
    assert [(begin, end, reason.rpartition(" ")[2]) for begin, end, _, reason in spans(gaps)] == [
        ("01:00:00", "02:00:00", "first"),
        ("02:00:00", "03:00:00", "second"),
    ]


def test_an_aggregation_that_failed_stands_for_the_whole_chunk(tmp_path):
    _, gaps = with_hole(tmp_path, ACCEPTED, COMPLETE | {"failed_slices": {"the whole order": "disk full"}})
    assert spans(gaps) == [("01:00:00", "03:00:00", "480", "the whole order failed: disk full")]


def test_an_unreadable_file_explains_gaps_inside_the_times_in_its_name(tmp_path):
    name = "deployment0001_X_20150423T010000-20150423T015945.250000.nc"
    marker = COMPLETE | {"unreadable": [{"name": name, "reason": "truncated"}, {"name": "no times.nc"}, 7]}
    _, gaps = with_hole(tmp_path, ACCEPTED, marker)
    assert spans(gaps) == [
        ("01:00:00", "02:00:00", "240", f"file {name} unreadable: truncated"),
        ("02:00:00", "03:00:00", "240", NOT_THERE),
    ]


def annotation(number, begin, end, text="pressure is off"):
    return {"id": number, "begin": begin, "end": end, "text": text, "flag": None}


def test_annotations_that_overlap_a_gap_are_added(tmp_path):
    notes = [
        annotation(1, "2015-04-23T00:00:00Z", "2015-04-23T01:00:00Z"),  # ends where the gap begins
        annotation(1234, "2015-04-23T00:30:00Z", None),
        annotation(7, "2015-04-01T00:00:00Z", None, "on everything, good and bad"),
        annotation(1235, "2015-04-23T02:59:00Z", "2015-04-23T05:00:00Z", "a\tship\r\ncame"),
        annotation(9, "2015-04-23T03:00:00Z", "2015-04-24T00:00:00Z"),
    ]
    coverage, gaps = with_hole(tmp_path, ACCEPTED | {"annotations": notes}, COMPLETE)
    reason = "not in the files; annotation 1234: pressure is off; annotation 1235: a ship came"
    assert spans(gaps) == [("01:00:00", "03:00:00", "480", reason)]
    assert coverage[0]["reason"] == f"no samples 01:00:00 to 03:00:00 ({reason})"


def test_a_gap_goes_on_from_chunk_to_chunk_as_long_as_its_reason_is_the_same(tmp_path):
    note = annotation(5, "2015-04-25T12:00:00Z", None)
    no_data = {"outcome": "no data", "annotations": [note]}
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 86400, (FULL[:2880], None), record=ACCEPTED, marker=COMPLETE)
    for day in (1, 2):
        stream.chunk(f"2015-04-{23 + day}", day * 86400, (day + 1) * 86400, record=no_data)
    _, gaps = stream.tables()
    assert spans(gaps) == [
        ("12:00:00", "2015-04-24T00:00:00", "2880", NOT_THERE),
        (
            "2015-04-24T00:00:00",
            "2015-04-26T00:00:00",
            "11520",
            "the server has no data in this window; annotation 5: pressure is off",
        ),
    ]


def test_text_from_a_server_is_one_short_line_of_visible_characters():
    assert plain("a\x00b\x1b[31m\n\u202ec\u2028d\ud800e\u00a0 f") == "a b [31m c d e f"
    assert plain("x" * 5000) == "x" * 197 + "..."
    assert [plain(value) for value in (None, True, ["a"], {"a": 1}, 3, 2.5)] == ["", "", "", "", "3", "2.5"]


def test_no_number_of_annotations_makes_a_reason_long(tmp_path):
    notes = [annotation(number, "2015-04-23T00:00:01Z", None, "n" * 10_000) for number in range(500)]
    coverage, gaps = with_hole(tmp_path, ACCEPTED | {"annotations": notes}, COMPLETE)
    assert gaps[0]["reason"].endswith("...; and 497 more annotations")
    assert len(gaps[0]["reason"]) < 1000
    assert len(coverage[0]["reason"]) < 300


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(), max_size=8),
        st.sampled_from(
            [
                "no data",
                "complete",
                "20150423T010000-20150423T020000",
                "99999999T999999-99999999T999999",
                "2015-04-23T00:00:00Z",
                "0001-01-01T00:00:00+23:59",
                "x_20150423T000000-20150423T120000.nc",
                '"\r\n=1+1,',
            ]
        ),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
SLICES = st.dictionaries(st.sampled_from(["20150423T010000-20150423T020000", "x", "\ud800"]), JSON, max_size=3)
NOTES = st.lists(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "begin", "end", "text", "flag"), JSON)), max_size=3
)
FILES = st.lists(st.fixed_dictionaries({}, optional={"name": JSON, "reason": JSON}), max_size=3)


@pytest.fixture(scope="module")
def holed(tmp_path_factory):
    stream = Streams(tmp_path_factory.mktemp("hostile"))
    stream.chunk("2015-04-23", 0, 86400, (without(FULL, HOLE, (10 * HOUR, 11 * HOUR)), None), record={}, marker={})
    return stream


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    record=st.fixed_dictionaries({}, optional={"outcome": JSON, "reason": JSON, "annotations": JSON | NOTES}),
    marker=st.fixed_dictionaries(
        {}, optional={"outcome": JSON, "files": JSON, "failed_slices": JSON | SLICES, "unreadable": JSON | FILES}
    ),
)
def test_whatever_the_records_hold_every_place_of_a_gap_has_one_row_and_one_line(holed, record, marker):
    for kind, content in (("requests", record), ("complete", marker)):
        (holed.folder / kind / "2015-04-23.json").write_text(json.dumps(content))
    coverage, gaps = holed.tables()
    assert sum(int(gap["missing"]) for gap in gaps) == 480 + 240
    assert all(first["end"] <= second["begin"] for first, second in pairwise(gaps))
    for text in [gap["reason"] for gap in gaps] + [day["reason"] for day in coverage]:
        assert text[0].isalpha()  # no spreadsheet takes it for a formula
        assert text.isprintable()
    with open(holed.folder / "gaps.csv", newline="", encoding="utf-8") as file:
        assert {len(row) for row in csv.reader(file)} == {4}


def test_json_nested_without_end_tells_nothing(tmp_path):
    _, gaps = with_hole(tmp_path, '{"annotations": ' + "[" * 100_000 + "]" * 100_000 + "}", COMPLETE)
    assert [gap["reason"] for gap in gaps] == [NOT_THERE]


def test_a_gap_that_many_slices_explain_has_a_row_for_each(tmp_path):
    moments = [
        f"20150423T{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}" for second in range(0, 86400, 30)
    ]
    slices = {f"{begin}-{end}": f"broken {begin}" for begin, end in pairwise(moments)}
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 86400, (np.empty(0), None), marker=COMPLETE | {"failed_slices": slices})
    coverage, gaps = stream.tables()
    assert len(gaps) == 2880
    assert coverage[0]["reason"].endswith("and 2875 more gaps")
