"""The rate of a stream that nobody told: estimated from the bins, the same for every cut, and said to be so."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ooi_files import write_ooi_file
from plumbline.coverage.gaps import find_gaps
from plumbline.coverage.rates import Rate, estimate_rate, rate_of, write_estimate
from plumbline.coverage.stretches import consecutive
from plumbline.coverage.summary import describe_coverage, write_coverage
from plumbline.samples.binning import bin_files
from plumbline.tables.csv_table import write_table
from plumbline.tables.description import describe_table

DAY = 1_429_747_200  # 2015-04-23T00:00Z, unix seconds
DAY_S = 86_400
STREAM = {"name": "s", "reference_designator": "RS03AXPS-PC03A-4A-CTDPFA303", "method": "streamed", "stream": "ctd"}


def binned(folder, seconds, days=2, base_ms=7500, cuts=()):
    """Bin samples at times since midnight, in chunks cut at these seconds."""
    path = write_ooi_file(folder / "a.nc", DAY + np.asarray(seconds, float), {"x": np.ones(len(seconds))})
    edges = [0, *cuts, days * DAY_S]
    paths = [folder / f"{place}.bins" for place in range(len(edges) - 1)]
    for bins, begin, end in zip(paths, edges, edges[1:], strict=False):
        bin_files([path], (DAY + begin) * 1000, (DAY + end) * 1000, base_ms, ["x"], bins, {})
    return paths


def every(period_s, days=2, first=0.0):
    return np.arange(first, days * DAY_S, period_s)


def without(seconds, share):
    return seconds[np.random.default_rng(1).random(seconds.size) > share]


def jittered(seconds, by_s):
    return seconds + np.random.default_rng(2).uniform(0, by_s, seconds.size)


def bursts(length_s, every_s):
    return (np.arange(0, 2 * DAY_S, every_s)[:, None] + np.arange(length_s)[None]).ravel()


@pytest.mark.parametrize(
    ("seconds", "days", "period_s"),
    [
        (every(1), 2, 1),
        (without(every(1), 0.03), 2, 1),
        (np.concatenate([every(1)[:40_000], every(1)[90_000:]]), 2, 1),
        (every(1 / 1.03), 2, 1 / 1.03),
        (every(0.25, 1), 1, 0.25),
        (every(10), 2, 10),
        (jittered(every(10, first=-0.25)[1:], 0.5), 2, 10),
        (every(16), 2, 16),
        (every(600, 20, first=100), 20, 600),
        (without(every(600, 20), 0.05), 20, 600),
        (jittered(every(600, 20), 40), 20, 600),
        (every(3600, 5), 5, 3600),
        (every(DAY_S, 5), 5, DAY_S),
        (bursts(180, 3600), 2, 1),
    ],
    ids=[
        "1Hz",
        "some-missing",
        "long-gap",
        "1.03Hz",
        "4Hz",
        "10s",
        "10s-jitter",
        "16s",
        "10min",
        "10min-missing",
        "10min-jitter",
        "1h",
        "1D",
        "bursts",
    ],
)
def test_the_rate_is_that_at_which_samples_come(tmp_path, seconds, days, period_s):
    rate_hz = estimate_rate(binned(tmp_path, seconds, days), ["x"]).hz
    assert rate_hz == pytest.approx(1 / period_s, rel=5e-3)
    if period_s >= 1 and period_s == round(period_s):
        assert rate_hz == 1 / period_s


def test_pauses_of_bursts_are_no_gaps(tmp_path):
    seconds = (bursts(10, 900) // 900 * 900 + bursts(10, 900) % 900 * 10).astype(float)
    paths = binned(tmp_path, seconds[(seconds < 30_000) | (seconds > 40_000)])
    rate = estimate_rate(paths, ["x"])
    assert rate == Rate(1 / 90, estimated=True, within_ms=900_000)
    chunks = consecutive(paths, DAY * 1000, (DAY + 2 * DAY_S) * 1000)
    gaps = find_gaps(chunks, ["x"], rate.hz, rate.within_ms)
    assert [((gap.begin_ms // 1000) - DAY, (gap.end_ms // 1000) - DAY) for gap in gaps] == [(30_690, 40_500)]


@pytest.mark.parametrize("base_ms", [1000, 60_000, 3_600_000])
def test_it_is_the_same_from_other_bins(tmp_path, base_ms):
    assert estimate_rate(binned(tmp_path, every(1), base_ms=base_ms), ["x"]).hz == 1.0


def test_samples_that_come_as_they_like_have_their_mean_rate(tmp_path):
    seconds = np.sort(np.random.default_rng(3).uniform(0, 20 * DAY_S, 20 * 24 * 60))
    assert estimate_rate(binned(tmp_path, seconds, 20), ["x"]).hz == pytest.approx(1 / 60, rel=0.05)


@pytest.mark.parametrize("seconds", [[], [5.0], [5.0, 40_000.0]])
def test_too_few_samples_tell_no_rate_and_leave_columns_empty(tmp_path, seconds):
    paths = binned(tmp_path, seconds)
    write_estimate(paths, ["x"], tmp_path / "rate.json")
    assert rate_of(None, [str(tmp_path / "rate.json")]) == Rate(None)


@settings(max_examples=15)
@given(
    period_s=st.sampled_from([1.0, 10.0, 16.0, 61.0, 600.0]),
    cuts=st.lists(st.integers(1, 2 * DAY_S // 15 - 1), unique=True, max_size=4),
)
def test_any_cut_into_chunks_gives_the_same_rate(tmp_path_factory, period_s, cuts):
    folder = tmp_path_factory.mktemp("cut")
    seconds = without(every(period_s), 0.04)
    whole = estimate_rate(binned(folder, seconds), ["x"])
    assert estimate_rate(binned(folder, seconds, cuts=[15 * cut for cut in sorted(cuts)]), ["x"]) == whole


def test_of_several_variables_the_fullest_counts(tmp_path):
    empty = np.full(2 * DAY_S, np.nan)
    columns = {"x": np.ones(2 * DAY_S), "y": empty}
    path = write_ooi_file(tmp_path / "a.nc", DAY + every(1), columns)
    bin_files([path], DAY * 1000, (DAY + 2 * DAY_S) * 1000, 7500, ["y", "x"], tmp_path / "bins", {})
    assert estimate_rate([tmp_path / "bins"], ["y", "x"]).hz == 1.0


def test_a_known_rate_is_not_estimated(tmp_path):
    write_estimate(binned(tmp_path, every(10)), ["x"], tmp_path / "rate.json")
    assert rate_of(None, [str(tmp_path / "rate.json")]) == Rate(0.1, estimated=True)
    assert rate_of(20.0, []) == Rate(20.0)
    assert rate_of(None, []) == Rate(None)


def test_metadata_say_that_the_rate_is_estimated_and_coverage_uses_it(tmp_path):
    paths = binned(tmp_path, [second for second in every(600) if not 3600 <= second < 7200])
    begin, end = DAY * 1000, (DAY + 2 * DAY_S) * 1000
    about = {"begin_ms": begin, "end_ms": end, "rate_hz": estimate_rate(paths, ["x"]).hz}
    names = ("t.csv", "coverage.csv", "gaps.csv")
    csv, coverage, gaps = (tmp_path / name for name in names)
    write_table(paths, "x", 3_600_000, csv_path=csv, **about)
    write_coverage(paths, ["x"], coverage_path=coverage, gaps_path=gaps, **about)
    said = [tmp_path / f"{name}-metadata.json" for name in names]
    whose = {"stream": STREAM, "server": "embedded", "estimated": True}
    describe_table([], "1", "x", "1h", 3_600_000, metadata_path=said[0], **about, **whose)
    describe_coverage(paths, ["x"], coverage_metadata_path=said[1], gaps_metadata_path=said[2], **about, **whose)
    assert pd.read_csv(csv)["coverage"].tolist()[:3] == [1.0, 0.0, 1.0]
    assert pd.read_csv(coverage)[["expected", "used"]].to_numpy().tolist() == [[144, 138], [144, 144]]
    assert pd.read_csv(gaps)["missing"].tolist() == [6]
    for path in said:
        facts = {
            one["schema:name"]: one["schema:value"] for one in json.loads(path.read_text())["schema:additionalProperty"]
        }
        assert facts["sampling rate in Hz, estimated from the data"] == 1 / 600
        assert "nominal sampling rate in Hz" not in facts
        assert "estimated from the data" in json.dumps(json.loads(path.read_text())["tableSchema"])


def test_a_new_estimate_writes_the_lines_of_a_growing_table_anew(tmp_path):
    paths = binned(tmp_path, every(10), cuts=[DAY_S])
    for rate_hz, end_day, count in ((1.0, 1, 1), (0.1, 2, 2)):
        window = {"begin_ms": DAY * 1000, "end_ms": (DAY + end_day * DAY_S) * 1000}
        lines = tmp_path / "kept" / "t.csv"
        write_table(
            paths[:count], "x", 3_600_000, rate_hz=rate_hz, csv_path=tmp_path / "t.csv", lines_path=lines, **window
        )
    assert pd.read_csv(tmp_path / "t.csv")["coverage"].tolist() == [1.0] * 48
