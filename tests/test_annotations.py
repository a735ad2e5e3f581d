"""OOI's annotations as flags, and flags on the rows of tables."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.intervals import DAY_MS, HOUR_MS
from plumbline.pressure.annotations import NotedSpan, flagging_annotations, in_words, noted, spans_of
from plumbline.pressure.flagging import Limits, flags_and_hours
from plumbline.pressure.quality_file import read_hours, write_quality
from plumbline.pressure.quality_tables import COLUMNS, write_quality_table
from plumbline.pressure.record import BinsRecord
from plumbline.products import qartod
from plumbline.products.tide import axial, predicted_tide
from plumbline.samples.kernel import Statistics, reduce_bins
from plumbline.tables.about_products import About
from plumbline.tables.csvw import Subject
from test_pressure import VARIABLE, write_record

BASE_MS = 7500
BEGIN_MS = 1_430_006_400_000
STREAM = {"name": "central", "reference_designator": "R", "method": "streamed", "stream": "botpt_nano_sample"}
SUBJECT = Subject(STREAM, "server", "2015-04-26T00:00:00Z", "2015-04-28T00:00:00Z", [], False)


def note(number, flag, begin, end, **more):
    return {"id": number, "begin": begin, "end": end, "text": "a ship came", "flag": flag, **more}


@pytest.fixture
def two_days(tmp_path):
    """Return a function that lays out two days of good pressure, with annotations, and gives the bins' paths."""

    def lay(*notes, gap=slice(0)):
        bins = 2 * DAY_MS // BASE_MS
        n = np.full(bins, 150)
        n[gap] = 0
        mean = np.where(n > 0, 2254 + 0.001 * np.sin(np.arange(bins) / 50), np.nan)
        statistics = Statistics(n, mean, np.zeros(bins), mean - 0.01, mean + 0.01)
        paths = write_record(
            tmp_path / "bins", [BEGIN_MS, BEGIN_MS + DAY_MS, BEGIN_MS + 2 * DAY_MS], BASE_MS, statistics
        )
        (tmp_path / "requests").mkdir()
        for path in paths:
            (tmp_path / f"requests/{path.stem}.json").write_text(json.dumps({"annotations": list(notes)}))
        return paths

    return lay


def quality_of(paths, folder):
    annotations = flagging_annotations(paths)
    path = folder / "quality.nc"
    attributes = About(SUBJECT, "quality", "", [], {"annotations": in_words(annotations)}).attributes()
    with BinsRecord(paths, VARIABLE) as record:
        window = BEGIN_MS, BEGIN_MS + 2 * DAY_MS
        write_quality(record, *window, 20.0, None, Limits(), spans_of(annotations), attributes, path)
    return path


def test_words_of_oois_people_flag_bins_hours_and_rows(two_days, tmp_path):
    paths = two_days(
        note(1, "fail", "2015-04-26T02:00:00Z", "2015-04-26T03:00:00Z"),
        note(2, "suspect", "2015-04-26T05:00:00Z", "2015-04-26T06:00:00Z"),
        note(3, "not_available", "2015-04-26T08:00:00Z", "2015-04-26T09:00:00Z"),
        note(4, "not_operational", "2015-04-27T23:00:00Z", None),
        note(5, None, "2015-04-26T00:00:00Z", None),
        note(6, "fail", "2015-04-26T00:00:00Z", None, parameters=[16]),
        note(7, "suspect", "2015-04-26T10:00:00Z", "2015-04-26T11:00:00Z", parameters=[16, 848]),
        gap=slice(12 * 480, 13 * 480),
    )
    path = quality_of(paths, tmp_path)
    hours = read_hours(path)
    expected = np.ones(48, np.uint8)
    expected[[2, 5, 10, 12, 47]] = [4, 3, 3, 9, 3]
    np.testing.assert_array_equal(hours.flag, expected)
    # What failed is in no mean; what is doubtful is.
    assert hours.n[[2, 5]].tolist() == [0, 480 * 150]
    assert np.isnan(hours.pressure_psi[2])
    about = About(SUBJECT, "quality", "", COLUMNS)
    for interval_ms, per_hour in ((HOUR_MS, 1), (900_000, 4)):
        table = tmp_path / f"quality_{interval_ms}.csv"
        write_quality_table(path, interval_ms, (BEGIN_MS, BEGIN_MS + 2 * DAY_MS), table, about)
        rows = pd.read_csv(table)
        assert rows["flag"].tolist() == np.repeat(expected, per_hour).tolist()
        assert (rows[["passed", "suspect", "failed", "missing"]].sum(axis=1) == 480 // per_hour).all()
        assert rows["failed"].sum() == rows["missing"].sum() == 480
        assert rows["suspect"].sum() == 3 * 480
        assert rows["time"][per_hour] == "2015-04-26T01:00:00Z"


def test_which_annotations_flag_is_told_once_each(two_days):
    paths = two_days(
        note(2, "suspect", "2015-04-26T05:00:00Z", None),
        note(1, "fail", "2015-04-20T00:00:00Z", "2015-04-26T03:00:00Z"),
    )
    assert in_words(flagging_annotations(paths)) == (
        "annotation 1: a ship came (fail from 2015-04-20T00:00:00Z to 2015-04-26T03:00:00Z); "
        "annotation 2: a ship came (suspect from 2015-04-26T05:00:00Z on)"
    )
    for path in paths:
        (path.parent.parent / f"requests/{path.stem}.json").unlink()
    assert in_words(flagging_annotations(paths)) == "none that says how good the data are"


def test_rows_that_cut_bins_count_a_bin_in_both(two_days, tmp_path):
    path = quality_of(two_days(note(1, "fail", "2015-04-26T00:00:15Z", "2015-04-26T00:00:22.5Z")), tmp_path)
    table = tmp_path / "quality_20s.csv"
    write_quality_table(path, 20_000, (BEGIN_MS, BEGIN_MS + DAY_MS), table, About(SUBJECT, "", "", COLUMNS))
    rows = pd.read_csv(table)
    # The bin from 15 to 22.5 s lies in the rows that begin at 0 and at 20 s.
    assert rows["failed"].tolist()[:4] == [1, 1, 0, 0]
    assert rows["flag"].tolist()[:4] == [4, 4, 1, 1]
    assert len(rows) == 4320


def test_rows_before_the_first_hour_of_the_record_are_missing(two_days, tmp_path):
    path = quality_of(two_days(), tmp_path)
    table = tmp_path / "quality_1D.csv"
    window = (BEGIN_MS - 5 * HOUR_MS, BEGIN_MS + 2 * DAY_MS + HOUR_MS)
    write_quality_table(path, DAY_MS, window, table, About(SUBJECT, "", "", COLUMNS))
    assert pd.read_csv(table)["flag"].tolist() == [9, 1, 1, 9]


SPANS = st.lists(
    st.tuples(
        st.floats(-50_000, 150_000) | st.just(float("-inf")),
        st.floats(-50_000, 150_000) | st.just(float("inf")),
        st.sampled_from([1, 3, 4]),
    ),
    max_size=6,
)


@given(spans=SPANS)
def test_a_bin_has_the_worst_flag_of_the_spans_that_touch_it(spans):
    n = np.array([5, 0, 5, 5, 5, 5, 5, 0, 5, 5])
    found = noted([NotedSpan(*span) for span in spans], 20_000, BASE_MS, n)
    for place in range(n.size):
        begin, end = 20_000 + place * BASE_MS, 20_000 + (place + 1) * BASE_MS
        touching = [flag for low, high, flag in spans if low < high and low < end and high > begin]
        expected = max(touching, key=lambda flag: qartod.RANK[flag], default=2) if n[place] else 9
        assert found[place] == expected


@pytest.mark.parametrize("late_ms", [0, HOUR_MS // 2, 59 * 60_000])
def test_an_hourly_sample_meets_the_tide_of_its_own_minute(tmp_path, late_ms):
    """Bins of a slow stream are of a minute, and the other minutes are no gaps."""
    tide = axial()
    times = np.arange(BEGIN_MS + late_ms, BEGIN_MS + 2 * DAY_MS, HOUR_MS)
    values = (1510 + predicted_tide(times, tide)) / 0.67
    bins = 2 * DAY_MS // 60_000
    statistics = reduce_bins(times.astype("f8"), values, BEGIN_MS // 60_000, bins, 60_000)
    paths = write_record(tmp_path / "bins", [BEGIN_MS, BEGIN_MS + 2 * DAY_MS], 60_000, statistics)
    with BinsRecord(paths, VARIABLE) as record:
        pieces = list(flags_and_hours(record, BEGIN_MS, 48, 1 / 3600, tide, Limits(), []))
    (flags, _, hours), *rest = pieces
    assert not rest
    assert np.unique(flags[flags != 9]).tolist() == [1]
    np.testing.assert_allclose(-0.67 * hours.pressure_psi + hours.tide_m, -1510, atol=1e-6)
    assert (hours.coverage == 1).all()


def test_a_standstill_of_hours_is_one_wherever_blocks_end(tmp_path, monkeypatch):
    times = np.arange(BEGIN_MS, BEGIN_MS + 4 * DAY_MS, HOUR_MS)
    values = 2254 + 0.1 * np.sin(np.arange(times.size))
    values[40:56] = 2254.0
    bins = 4 * DAY_MS // 60_000
    statistics = reduce_bins(times.astype("f8"), values, BEGIN_MS // 60_000, bins, 60_000)
    paths = write_record(tmp_path / "bins", [BEGIN_MS, BEGIN_MS + 4 * DAY_MS], 60_000, statistics)
    found = []
    for days in (1, 32):
        monkeypatch.setattr("plumbline.pressure.flagging.BLOCK_DAYS", days)
        with BinsRecord(paths, VARIABLE) as record:
            pieces = flags_and_hours(record, BEGIN_MS, 96, 1 / 3600, None, Limits(), [])
            found.append(np.concatenate([hours.flag for _, _, hours in pieces]))
    np.testing.assert_array_equal(*found)
    assert np.flatnonzero(found[0] != 1).tolist() == list(range(40, 56))
