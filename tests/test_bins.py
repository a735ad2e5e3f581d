"""Bins: exact, and the same however the samples are cut."""

import itertools
import math
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ooi_files import write_ooi_file
from plumbline.samples import binning, kernel, reader
from plumbline.samples.binned import read_slices
from plumbline.samples.binning import bin_files
from plumbline.tables.csv_table import write_table

DAY = 1_429_747_200  # 2015-04-23T00:00Z, unix seconds


NAME = "bottom_pressure"


def bins_of(tmp_path, paths, begin=DAY, end=DAY + 3600, base_ms=7500, variables=(NAME,), name="bins.nc"):
    output = Path(tmp_path) / name
    bin_files(list(paths), begin * 1000, end * 1000, base_ms, list(variables), output, {})
    return output


def statistics(path, variable=NAME):
    pieces = list(read_slices(path, variable, 86_400_000))
    starts = np.concatenate([start for start, _ in pieces])
    fields = {
        key: np.concatenate([getattr(piece, key) for _, piece in pieces])
        for key in ("n", "mean", "m2", "minimum", "maximum")
    }
    return starts, fields


def expected(samples, begin_ms, end_ms, base_ms):
    """Straight from the words of the contract, in exact arithmetic: bin start -> (n, mean, m2, min, max)."""
    kept = {}
    for millisecond, value in samples:
        if millisecond is not None and begin_ms <= millisecond < end_ms and math.isfinite(value) and value != -9999999:
            kept.setdefault(millisecond, value)
    bins = {}
    for millisecond, value in kept.items():
        bins.setdefault(millisecond // base_ms * base_ms, []).append(value)
    result = {}
    for start, values in bins.items():
        mean = math.fsum(values) / len(values)
        m2 = math.fsum((value - mean) ** 2 for value in values)
        result[start] = (len(values), mean, m2, min(values), max(values))
    return result


def assert_equal(path, samples, begin_ms, end_ms, base_ms):
    starts, got = statistics(path)
    want = expected(samples, begin_ms, end_ms, base_ms)
    assert starts.tolist() == list(range(begin_ms // base_ms * base_ms, end_ms, base_ms))
    for place, start in enumerate(starts.tolist()):
        n, mean, m2, low, high = want.get(start, (0, math.nan, math.nan, math.nan, math.nan))
        assert got["n"][place] == n
        assert got["minimum"][place] == low or n == 0
        assert got["maximum"][place] == high or n == 0
        if n:
            assert abs(got["mean"][place] - mean) < 1e-11
            assert abs(got["m2"][place] - m2) < 1e-12 + 1e-9 * m2
        else:
            assert math.isnan(got["mean"][place])


# Samples as they come: milliseconds on a grid of 50 over three minutes (None: no time), values with every defect.
VALUES = st.one_of(
    st.floats(2250, 2260, width=32), st.sampled_from([math.nan, -9999999.0, math.inf, 2254.0, 2254.000244140625])
)


TIMES = st.one_of(st.integers(-200, 3800).map(lambda step: step * 50), st.sampled_from([None, 0, 50]))


SAMPLES = st.lists(st.tuples(TIMES, VALUES), min_size=1, max_size=150)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(samples=SAMPLES, cuts=st.lists(st.integers(0, 150), max_size=4), data=st.data())
def test_any_cut_into_files_gives_the_same_bytes_and_the_right_statistics(samples, cuts, data, monkeypatch):
    # Small blocks and slabs, so that every border inside the code is crossed.
    monkeypatch.setattr(reader, "BLOCK_ROWS", data.draw(st.sampled_from([7, 40, 1000])))
    monkeypatch.setattr(binning, "SLAB_ROWS", data.draw(st.sampled_from([20, 1000])))
    monkeypatch.setattr(binning, "SLACK_MS", data.draw(st.sampled_from([0, 1000, 60_000])))
    monkeypatch.setattr(kernel, "SAMPLES_PER_EDGE", data.draw(st.sampled_from([0, 40])))
    begin_ms, end_ms, base_ms = DAY * 1000, (DAY + 180) * 1000, data.draw(st.sampled_from([500, 7500, 15000]))
    absolute = [(None if offset is None else begin_ms + offset, value) for offset, value in samples]
    undated = sum(offset is None for offset, _ in samples)
    edges = sorted({0, *(min(cut, len(samples)) for cut in cuts), len(samples)})
    with TemporaryDirectory() as folder:
        whole = write(folder, "whole.nc", absolute)
        pieces = [
            write(folder, f"piece{place}.nc", absolute[start:stop])
            for place, (start, stop) in enumerate(itertools.pairwise(edges))
        ]
        one = Path(folder) / "one.nc"
        many = Path(folder) / "many.nc"
        totals = bin_files([whole], begin_ms, end_ms, base_ms, [NAME], one, {})
        assert bin_files(pieces, begin_ms, end_ms, base_ms, [NAME], many, {}) == totals
        assert totals["undated"] == undated
        assert totals["received"] + totals["undated"] + totals["outside"] == len(samples)
        assert totals["used"] + totals["duplicate"] + totals["rejected"] == totals["received"]
        assert one.read_bytes() == many.read_bytes()
        assert_equal(one, absolute, begin_ms, end_ms, base_ms)


def write(folder, name, samples):
    seconds = np.array([math.nan if millisecond is None else millisecond / 1000 for millisecond, _ in samples])
    return write_ooi_file(Path(folder) / name, seconds, {NAME: np.array([value for _, value in samples])})


@settings(max_examples=15)
@given(order=st.permutations(range(6)), overlap=st.integers(0, 40))
def test_order_of_rows_and_files_and_overlaps_do_not_matter(order, overlap):
    rng = np.random.default_rng(4)
    seconds = DAY + np.arange(6 * 200) * 0.05
    values = rng.normal(2254, 0.01, seconds.size).astype("f4")
    with TemporaryDirectory() as folder:
        straight = write_ooi_file(Path(folder) / "a.nc", seconds, {NAME: values})
        paths = []
        for piece in order:
            rows = np.arange(piece * 200, min(piece * 200 + 200 + overlap, seconds.size))
            rng.shuffle(rows)
            paths.append(write_ooi_file(Path(folder) / f"p{piece}.nc", seconds[rows], {NAME: values[rows]}))
        one = bins_of(folder, [straight], end=DAY + 60, name="one.nc")
        many = bins_of(folder, paths, end=DAY + 60, name="many.nc")
        _, first = statistics(one)
        _, second = statistics(many)
        for key, column in first.items():
            assert column.tobytes() == second[key].tobytes(), key


def test_chunks_of_days_give_the_same_table_as_one_chunk(tmp_path):
    rng = np.random.default_rng(1)
    seconds = DAY + np.sort(rng.choice(4 * 86400, 20_000, replace=False)).astype(float)
    values = rng.normal(2254, 1, seconds.size).astype("f4")
    path = write_ooi_file(tmp_path / "all.nc", seconds, {NAME: values})
    whole = bins_of(tmp_path, [path], end=DAY + 4 * 86400, name="whole.nc")
    days = [
        bins_of(tmp_path, [path], begin=DAY + day * 86400, end=DAY + (day + 1) * 86400, name=f"{day}.nc")
        for day in range(4)
    ]
    window = {"begin_ms": DAY * 1000, "end_ms": (DAY + 4 * 86400) * 1000}
    for text, interval_ms in {"15s": 15_000, "1min": 60_000, "1h": 3_600_000, "1D": 86_400_000}.items():
        for bins, table in ((days, f"days_{text}.csv"), ([whole], f"whole_{text}.csv")):
            write_table(bins, NAME, interval_ms, **window, rate_hz=20.0, csv_path=tmp_path / table)
        assert (tmp_path / f"days_{text}.csv").read_bytes() == (tmp_path / f"whole_{text}.csv").read_bytes()


def test_a_daily_mean_of_float32_is_right_to_a_billionth(tmp_path):
    seconds = DAY + np.arange(86_400 * 20) * 0.05
    values = (2258 + 2 * np.sin(np.arange(seconds.size) / 1e5)).astype("f4")
    path = write_ooi_file(tmp_path / "day.nc", seconds, {NAME: values})
    bins = bins_of(tmp_path, [path], end=DAY + 86400)
    table = tmp_path / "t.csv"
    write_table([bins], NAME, 86_400_000, DAY * 1000, (DAY + 86400) * 1000, 20.0, table)
    time, mean, std, low, high, n, coverage = table.read_text().splitlines()[1].split(",")
    exact = math.fsum(values.astype(float)) / values.size
    deviation = math.sqrt(math.fsum((values.astype(float) - exact) ** 2) / (values.size - 1))
    assert (time, n, coverage) == ("2015-04-23T00:00:00Z", "1728000", "1.000000")
    assert abs(float(mean) - exact) < 1e-9
    assert abs(float(std) - deviation) < 1e-9
    assert float(low) == float(values.min())
    assert float(high) == float(values.max())


def test_times_are_rounded_to_the_millisecond_before_the_window_is_cut(tmp_path):
    seconds = DAY + np.array([-0.0004, 0.0, 59.9994, 59.9996, 60.0])
    path = write_ooi_file(tmp_path / "a.nc", seconds, {NAME: [1.0, 2.0, 3.0, 4.0, 5.0]})
    _, got = statistics(bins_of(tmp_path, [path], end=DAY + 60, base_ms=60_000))
    # the first rounds up to the begin and wins over the second; the fourth rounds up to the end, and is out
    assert got["n"].tolist() == [2]
    assert got["minimum"].tolist() == [1.0]
    assert got["maximum"].tolist() == [3.0]


def test_jitter_of_the_time_stamps_does_not_make_two_samples_of_one(tmp_path):
    seconds = DAY + np.array([0.9, 0.90000026, 0.95])
    path = write_ooi_file(tmp_path / "a.nc", seconds, {NAME: [2254.0, 2254.0, 2255.0]})
    _, got = statistics(bins_of(tmp_path, [path], end=DAY + 60, base_ms=60_000))
    assert got["n"].tolist() == [2]


def test_no_files_give_bins_without_samples(tmp_path):
    _, got = statistics(bins_of(tmp_path, [], end=DAY + 60))
    assert got["n"].tolist() == [0] * 8
    assert np.isnan(got["mean"]).all()


def test_bins_open_in_xarray_as_they_should(tmp_path, recwarn):
    import xarray

    path = write_ooi_file(tmp_path / "a.nc", DAY + np.arange(600.0), {NAME: np.full(600, 2254.5)})
    with xarray.open_dataset(bins_of(tmp_path, [path], end=DAY + 600)) as bins:
        assert bins["time"].values[0] == np.datetime64("2015-04-23T00:00:00")
        assert int(bins[f"{NAME}_n"].sum()) == 600
        assert bins[f"{NAME}_mean"].attrs["units"] == "psi"
        assert bins.attrs["base_interval_ms"] == 7500
    assert not recwarn.list
