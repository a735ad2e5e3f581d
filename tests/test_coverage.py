"""Coverage: what became of every sample, day by day, and where there are none."""

import itertools
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage_files import FULL, HOUR, NAME, Streams, read, spans, without
from plumbline.coverage.days import counts_of
from plumbline.errors import PlumblineError
from workflow import SMALL, Workflow

NOT_THERE = "not in the files"


def test_a_day_with_every_sample_has_no_reason_and_no_gap(tmp_path):
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 86400, (FULL, None))
    coverage, gaps = stream.tables()
    columns = ("date", "expected", "received", "used", "duplicate", "conflicting", "rejected", "reason")
    assert coverage == [dict(zip(columns, ("2015-04-23", "5760", "5760", "5760", "0", "0", "0", ""), strict=True))]
    assert gaps == []
    assert (tmp_path / "gaps.csv").read_text() == "begin,end,missing,reason\n"


def test_one_missing_sample_of_fifteen_seconds_is_one_gap_of_fifteen_seconds(tmp_path):
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 86400, (without(FULL, (45, 46)), None))
    coverage, gaps = stream.tables()
    assert spans(gaps) == [("00:00:45", "00:01:00", "1", NOT_THERE)]
    assert coverage[0]["reason"] == "no samples 00:00:45 to 00:01:00 (not in the files)"


def test_days_without_any_row_are_there(tmp_path):
    stream = Streams(tmp_path)
    stream.chunk("2015-04", 0, 4 * 86400, (np.concatenate([FULL, FULL + 3 * 86400]), None))
    coverage, gaps = stream.tables()
    assert [(day["date"], day["used"]) for day in coverage] == [
        ("2015-04-23", "5760"),
        ("2015-04-24", "0"),
        ("2015-04-25", "0"),
        ("2015-04-26", "5760"),
    ]
    assert [day["reason"] for day in coverage[1:3]] == ["no samples all day (not in the files)"] * 2
    assert spans(gaps) == [("2015-04-24T00:00:00", "2015-04-26T00:00:00", "11520", NOT_THERE)]


def test_no_files_at_all_are_one_gap(tmp_path):
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 86400)
    stream.chunk("2015-04-24", 86400, 2 * 86400)
    coverage, gaps = stream.tables()
    assert spans(gaps) == [("00:00:00", "2015-04-25T00:00:00", "11520", NOT_THERE)]
    assert [day["received"] for day in coverage] == ["0", "0"]


def test_a_window_that_begins_at_noon_expects_half_a_day_and_a_gap_is_cut_to_it(tmp_path):
    stream = Streams(tmp_path)
    begin = 12 * HOUR + 1.234  # inside a bin
    stream.chunk("2015-04-23", begin, 86400, (without(FULL, (0, 13 * HOUR)), None))
    coverage, gaps = stream.tables()
    assert coverage[0]["expected"] == "2880"
    assert coverage[0]["received"] == "2640"
    assert spans(gaps) == [("12:00:01.234", "13:00:00", "240", NOT_THERE)]
    assert coverage[0]["reason"] == "no samples 12:00:01.234 to 13:00:00 (not in the files)"


def test_a_gap_of_fast_samples_and_what_is_missing_beside_it(tmp_path):
    stream = Streams(tmp_path, rate_hz=10.0)
    times = without(np.arange(0, 3600, 0.1).round(1), (600, 660), (20, 20.4), (90, 91))
    stream.chunk("2015-04-23", 0, 3600, (times, None))
    coverage, gaps = stream.tables()
    assert spans(gaps) == [("00:10:00", "00:11:00", "600", NOT_THERE)]
    assert coverage[0]["expected"] == "36000"
    assert coverage[0]["reason"] == (
        "no samples 00:10:00 to 00:11:00 (not in the files); "
        "14 more samples missing, at the edges of gaps or a few at a time"
    )


def test_single_samples_that_are_missing_are_counted(tmp_path):
    stream = Streams(tmp_path, rate_hz=10.0)
    stream.chunk("2015-04-23", 0, 600, (without(np.arange(0, 600, 0.1).round(1), (20, 20.1)), None))
    coverage, gaps = stream.tables()
    assert (coverage[0]["reason"], gaps) == ("1 sample missing, one or a few at a time", [])


def test_duplicates_conflicts_and_rejected_samples_stand_in_their_columns(tmp_path):
    first = np.full(FULL.size, 2254.0)
    first[:8] = [np.nan, -9999999.0, *first[2:8]]
    second = {NAME: np.array([2254.0, 9.0])}
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 86400, (FULL, {NAME: first}), (FULL[100:102], second))
    coverage, gaps = stream.tables()
    day = coverage[0]
    assert [int(day[name]) for name in ("received", "used", "duplicate", "conflicting", "rejected")] == [
        5762,
        5758,
        2,
        1,
        2,
    ]
    assert spans(gaps) == [("00:00:00", "00:00:30", "2", "samples are fill values or no number")]
    assert day["reason"] == (
        "no samples 00:00:00 to 00:00:30 (samples are fill values or no number); 2 rejected: fill values or no number"
    )


def test_rejected_samples_explain_their_part_of_a_gap_only(tmp_path):
    # beside the gap: one fill value alone (1000 s), two among good samples, and five samples that are not there
    times = without(np.arange(0, 3600, 1.0), (900, 1000), (1001, 1200), (2000, 2005))
    rejected = ((times >= 600) & (times < 900)) | np.isin(times, [1000, 3000, 3001])
    stream = Streams(tmp_path, rate_hz=1.0)
    stream.chunk("2015-04-23", 0, 3600, (times, {NAME: np.where(rejected, np.nan, 2254.0)}))
    coverage, gaps = stream.tables()
    assert coverage[0]["reason"].endswith(
        "; 303 rejected: fill values or no number; 5 more samples missing, at the edges of gaps or a few at a time"
    )
    assert spans(gaps) == [
        ("00:10:00", "00:15:00", "300", "samples are fill values or no number"),
        ("00:15:00", "00:20:00", "300", NOT_THERE),
    ]


def test_a_variable_that_alone_has_no_samples_is_named(tmp_path):
    times = np.arange(0, 3600, 15)
    values = {
        "a": np.where((times >= 600) & (times < 1200), np.nan, 1.0),
        "b": np.where((times >= 900) & (times < 1000), np.nan, 1.0),
    }
    stream = Streams(tmp_path, variables=("a", "b"))
    stream.chunk("2015-04-23", 0, 3600, (times, values))
    coverage, gaps = stream.tables()
    assert spans(gaps) == [
        ("00:10:00", "00:15:00", "20", "a alone: samples are fill values or no number"),
        ("00:15:00", "00:16:45", "7", "samples are fill values or no number"),
        ("00:16:45", "00:20:00", "13", "a alone: samples are fill values or no number"),
    ]
    assert (coverage[0]["used"], coverage[0]["rejected"]) == ("200", "40")  # the least and the most
    assert coverage[0]["reason"].startswith("no samples of a 00:10:00 to 00:15:00 (")
    assert "missing" not in coverage[0]["reason"]


def test_without_a_rate_nothing_is_expected_and_gaps_are_told_from_the_usual_spacing(tmp_path):
    stream = Streams(tmp_path, rate_hz=None)
    seconds = np.concatenate([without(FULL, (45, 46)), [607.5]])  # one that is closer does not make a habit
    stream.chunk("2015-04-23", 0, 86400, (seconds, None))
    coverage, gaps = stream.tables()
    assert coverage[0]["expected"] == ""
    assert coverage[0]["reason"] == "no samples 00:00:45 to 00:01:00 (not in the files)"
    assert spans(gaps) == [("00:00:45", "00:01:00", "", NOT_THERE)]


def test_of_many_gaps_the_longest_are_spelled_out(tmp_path):
    holes = [(1000 * number, 1000 * number + 15 * number) for number in range(1, 18)]
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 86400, (without(FULL, *holes), None))
    coverage, gaps = stream.tables()
    assert len(gaps) == 17
    reason = coverage[0]["reason"]
    assert reason.count("no samples") == 5
    assert reason.endswith("; and 12 more gaps")
    assert reason.index("03:36:") < reason.index("04:43:")  # the 13th and the 17th


def test_rows_without_a_time_are_told_on_the_first_day_even_if_nothing_is_missing(tmp_path):
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 2 * 86400, (np.concatenate([FULL, [np.nan] * 3, FULL + 86400]), None))
    coverage, _ = stream.tables()
    assert [day["reason"] for day in coverage] == ["3 rows without a time in chunk 2015-04-23", ""]


def test_counts_of_a_chunk_are_the_sums_of_its_days(tmp_path):
    stream = Streams(tmp_path)
    seconds = np.concatenate([FULL, FULL[:7], FULL + 86400])
    values = np.where(np.arange(seconds.size) == 5, np.nan, 2254.0)
    bins = stream.chunk("2015-04", 0, 2 * 86400, (seconds, {NAME: values}))
    received = 2 * FULL.size + 7
    assert counts_of(bins) == {
        "days": 2,
        "received": received,
        # the fill value's repetition is used: it is the first measurement of its time
        "used": received - 7,
        "duplicate": 6,
        "conflicting": 0,
        "rejected": 1,
    }


def test_chunks_that_do_not_follow_one_another_are_refused(tmp_path):
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 86400)
    stream.chunk("2015-04-25", 2 * 86400, 3 * 86400)
    with pytest.raises(PlumblineError, match="do not follow those before them"):
        stream.tables()


PLACES = st.lists(st.tuples(st.integers(0, 119), st.sampled_from([1.0, 1.0, 2.0, np.nan])), max_size=300)


@settings(max_examples=40)
@given(samples=PLACES, cut=st.integers(0, 300), border=st.integers(1, 2))
def test_every_sample_is_accounted_for_however_samples_are_cut(samples, cut, border):
    """120 samples of half an hour are due in two and a half days, on a grid; any of them may come or not."""
    seconds, values = (np.array(column, float) for column in (list(zip(*samples, strict=True)) or [[], []]))
    pieces = [(seconds[rows] * 1800, {NAME: values[rows]}) for rows in (slice(cut), slice(cut, None))]
    whole = [(seconds * 1800, {NAME: values})]
    with TemporaryDirectory() as folder:
        one = Streams(Path(folder) / "one", rate_hz=1 / 1800, base_ms=900_000)
        many = Streams(Path(folder) / "many", rate_hz=1 / 1800, base_ms=900_000)
        for stream in (one, many):
            stream.folder.mkdir()
        one.chunk("whole", 0, 120 * 1800, *whole)
        edges = [0, border * 86400, 120 * 1800]
        for number, (begin, end) in enumerate(itertools.pairwise(edges)):
            many.chunk(str(number), begin, end, *pieces)
        coverage, gaps = one.tables()
        many.tables()
        for name in ("coverage.csv", "gaps.csv"):
            assert (one.folder / name).read_bytes() == (many.folder / name).read_bytes()
    for day in coverage:
        assert int(day["used"]) + int(day["duplicate"]) + int(day["rejected"]) == int(day["received"])
        assert (day["reason"] == "") == (int(day["used"]) >= int(day["expected"]))
    assert sum(int(day["received"]) for day in coverage) == len(samples)
    used, expected = (sum(int(day[name]) for day in coverage) for name in ("used", "expected"))
    assert expected == 120
    # One sample in every other bin: each that is not used lies in a gap.
    assert sum(int(gap["missing"]) for gap in gaps) + used == expected


def test_the_workflow_writes_coverage_and_gaps_of_the_stream(small_run):
    coverage, gaps = (read(small_run.folder / f"results/central/{name}.csv") for name in ("coverage", "gaps"))
    assert [(day["date"], day["expected"], day["used"], day["reason"]) for day in coverage] == [
        ("2015-04-23", "5760", "5760", ""),
        ("2015-04-24", "5760", "5760", ""),
    ]
    assert gaps == []
    for name in ("coverage", "gaps"):
        text = (small_run.folder / f"results/central/{name}.csv").read_text().splitlines()[0]
        metadata = json.loads((small_run.folder / f"results/central/{name}.csv-metadata.json").read_text())
        assert metadata["url"] == f"{name}.csv"
        assert [column["name"] for column in metadata["tableSchema"]["columns"]] == text.split(",")


def test_the_workflow_knows_a_gap_of_the_station_with_its_reason(tmp_path):
    stream = SMALL["streams"][0] | {"begin": "2015-04-25T06:00:00Z", "end": "2015-04-26"}
    workflow = Workflow(tmp_path, {**SMALL, "streams": [stream], "resample": ["1h"]})
    workflow.succeed("--until", "summarize_coverage")
    (gap,) = read(tmp_path / "results/central/gaps.csv")
    assert gap == {
        "begin": "2015-04-25T11:17:45Z",
        "end": "2015-04-25T11:21:30Z",
        "missing": "15",
        "reason": NOT_THERE,
    }
    (day,) = read(tmp_path / "results/central/coverage.csv")
    assert (day["expected"], day["used"]) == ("4320", "4305")
    assert day["reason"] == "no samples 11:17:45 to 11:21:30 (not in the files)"
