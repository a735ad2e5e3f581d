"""Directions are averaged as vectors, with the same bits however the samples are cut; what has no mean is refused."""

import itertools
import json
import math
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import circmean, circstd

from ooi_files import write_ooi_file
from plumbline import configuration
from plumbline.errors import PlumblineError
from plumbline.figures import tables as figure
from plumbline.ooi.names import is_direction, why_no_mean
from plumbline.samples import binning, reader
from plumbline.samples.binned import read_units
from plumbline.samples.binning import bin_files
from plumbline.samples.directions import unit_vectors
from plumbline.tables.csv_table import write_table
from plumbline.tables.description import describe_table
from plumbline.tables.parquet import write_parquet
from workflow import small

DAY = 1_429_747_200  # 2015-04-23T00:00Z, unix seconds
NAME, MARKED = "compass_direction", "compass_direction:direction"
STREAM = {"name": "s", "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301", "method": "streamed", "stream": "lily"}


def table_of(folder, values, seconds=None, interval_s=60, end_s=60, units="degrees", base_ms=7500):
    """Bin directions, one a second if nothing else is said, and return their table."""
    seconds = DAY + np.arange(len(values)) if seconds is None else seconds
    path = write_ooi_file(Path(folder) / "a.nc", seconds, {NAME: np.array(values)}, units=units)
    bins, csv = Path(folder) / "bins.nc", Path(folder) / "t.csv"
    begin, end = DAY * 1000, (DAY + end_s) * 1000
    bin_files([path], begin, end, base_ms, [MARKED], bins, {})
    write_table([bins], NAME, interval_s * 1000, begin, end, 1.0, csv)
    meta = csv.with_name("t.csv-metadata.json")
    describe_table(
        [], units, NAME, f"{interval_s}s", interval_s * 1000, begin, end, 1.0, STREAM, "embedded", meta, direction=True
    )
    return pd.read_csv(csv, parse_dates=["time"])


def test_the_mean_of_359_and_1_is_0(tmp_path):
    row = table_of(tmp_path, [359, 1, 359, 1]).iloc[0]
    assert (row["mean"], row["n"]) == (0.0, 4)
    assert row["std"] == pytest.approx(circstd([359, 1], high=360), abs=1e-6)
    assert (tmp_path / "t.csv").read_text().splitlines()[1].startswith("2015-04-23T00:00:00Z,0.000000,1.0000")
    assert math.isnan(row["min"])
    assert math.isnan(row["max"])


def test_numbers_are_those_of_scipy_and_equal_ones_have_no_spread(tmp_path):
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(2, 20, 600) % 360, np.full(600, 154.07)]).astype("f4")
    table = table_of(tmp_path, values, interval_s=600, end_s=1200)
    assert table["mean"][0] == pytest.approx(circmean(values[:600].astype(float), high=360), abs=1e-5)
    assert table["std"][0] == pytest.approx(circstd(values[:600].astype(float), high=360), abs=1e-5)
    assert table["mean"][1] == pytest.approx(154.07, abs=1e-5)
    assert table["std"][1] == 0.0
    assert table["coverage"].tolist() == [1.0, 1.0]


def test_opposite_directions_have_no_mean_and_one_sample_has_no_spread(tmp_path):
    assert table_of(tmp_path, [10.1, 190.1]).loc[0, ["mean", "std"]].isna().all()
    alone = table_of(tmp_path, [370.0]).iloc[0]
    assert alone["mean"] == 10.0
    assert math.isnan(alone["std"])
    nothing = table_of(tmp_path, [np.nan, -9999999.0])
    assert nothing["n"].tolist() == [0]
    assert nothing.loc[0, ["mean", "std"]].isna().all()


def test_sine_and_cosine_are_right_to_the_last_bits_and_exact_at_quarter_turns():
    degrees = np.random.default_rng(0).uniform(-720, 720, 100_000)
    sine, cosine = unit_vectors(degrees)
    radians = degrees.astype(np.longdouble) * (np.arctan(np.longdouble(1)) * 4 / 180)
    assert abs(sine - np.sin(radians)).max() < 2.5e-16
    assert abs(cosine - np.cos(radians)).max() < 2.5e-16
    sine, cosine = unit_vectors(np.array([0, 90, 180, 270, 360, -90], "f4"))
    assert (sine.tolist(), cosine.tolist()) == ([0, 1, 0, -1, 0, -1], [1, 0, -1, 0, 1, 0])
    assert not np.signbit(np.concatenate([sine[sine == 0], cosine[cosine == 0]])).any()


VALUES = st.one_of(st.floats(0, 360, width=32), st.sampled_from([math.nan, -9999999.0, 0.0, 90.0, 180.0, 359.5]))
TIMES = st.one_of(st.integers(-20, 200), st.sampled_from([None, 0, 1]))
SAMPLES = st.lists(st.tuples(TIMES, VALUES), min_size=1, max_size=120)


def vectors_of(samples, begin_s, end_s, interval_s):
    """The first sample of each time, by the bins of a table: the mean direction in exact sums, or None."""
    kept = {}
    for offset, value in samples:
        if offset is not None and begin_s <= offset < end_s and math.isfinite(value) and value != -9999999.0:
            kept.setdefault(offset, math.radians(float(np.float32(value))))
    for start in range(begin_s, end_s, interval_s):
        angles = [angle for offset, angle in kept.items() if start <= offset < start + interval_s]
        s, c = (math.fsum(map(function, angles)) / max(len(angles), 1) for function in (math.sin, math.cos))
        yield len(angles), math.degrees(math.atan2(s, c)) % 360 if math.hypot(s, c) > 2e-6 else None


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(samples=SAMPLES, cuts=st.lists(st.integers(0, 120), max_size=4), day=st.integers(1, 23), data=st.data())
def test_any_cut_into_files_and_chunks_gives_the_same_bits_and_the_right_mean(samples, cuts, day, data, monkeypatch):
    monkeypatch.setattr(reader, "BLOCK_ROWS", data.draw(st.sampled_from([7, 1000])))
    monkeypatch.setattr(binning, "SLAB_ROWS", data.draw(st.sampled_from([20, 1000])))
    monkeypatch.setattr(binning, "SLACK_MS", data.draw(st.sampled_from([0, 60_000])))
    edges = sorted({0, *(min(cut, len(samples)) for cut in cuts), len(samples)})
    begin, end, middle = DAY * 1000, (DAY + 180) * 1000, (DAY + 7.5 * day) * 1000
    with TemporaryDirectory() as name:
        folder = Path(name)
        whole = [write(folder / "whole.nc", samples)]
        pieces = [write(folder / f"{a}.nc", samples[a:b]) for a, b in itertools.pairwise(edges)]
        bin_files(whole, begin, end, 7500, [MARKED, "x"], folder / "one.bins", {})
        bin_files(pieces, begin, end, 7500, [MARKED, "x"], folder / "many.bins", {})
        assert (folder / "one.bins").read_bytes() == (folder / "many.bins").read_bytes()
        bin_files(pieces, begin, int(middle), 7500, [MARKED, "x"], folder / "early.bins", {})
        bin_files(whole, int(middle), end, 7500, [MARKED, "x"], folder / "late.bins", {})
        one, early, late = (columns_of(folder / f"{name}.bins") for name in ("one", "early", "late"))
        for column, values in one.items():
            assert values.tobytes() == np.concatenate([early[column], late[column]]).tobytes(), column
        write_table([folder / "one.bins"], NAME, 60_000, begin, end, 1.0, folder / "t.csv")
        table = pd.read_csv(folder / "t.csv")
        for row, (n, mean) in zip(table.itertuples(), vectors_of(samples, 0, 180, 60), strict=True):
            assert row.n == n
            if n and mean is not None:
                assert abs((row.mean - mean + 180) % 360 - 180) < 2e-5
                assert 0 <= row.mean < 360


def columns_of(path):
    """Return the columns of a bins file that have a value for every bin."""
    with h5py.File(path) as file:
        return {key: file[key][:] for key in file if file[key].shape == file["time"].shape and key != "day"}


def write(path, samples):
    seconds = np.array([math.nan if offset is None else DAY + offset for offset, _ in samples])
    values = np.array([value for _, value in samples])
    return write_ooi_file(path, seconds, {NAME: values, "x": np.ones(len(samples))}, units="degrees")


def test_other_variables_of_the_stream_are_binned_as_ever(tmp_path):
    samples = [(second, second * 7.0) for second in range(100)]
    path = write(tmp_path / "a.nc", samples)
    for name, variables in (("alone", ["x"]), ("beside", ["x", MARKED])):
        bin_files([path], DAY * 1000, (DAY + 100) * 1000, 7500, variables, tmp_path / name, {})
    with h5py.File(tmp_path / "alone") as alone, h5py.File(tmp_path / "beside") as beside:
        for column in alone:
            assert alone[column][:].tobytes() == beside[column][:].tobytes()
        assert {key for key in beside if key.startswith(NAME)} >= {f"{NAME}_n", f"{NAME}_sine_mean", f"{NAME}_used"}
        assert f"{NAME}_mean" not in beside
    assert read_units(tmp_path / "beside", NAME) == "degrees"


def test_metadata_and_parquet_say_and_hold_the_same(tmp_path):
    table = table_of(tmp_path, np.arange(0, 240, 1.0), end_s=300)
    about = json.loads((tmp_path / "t.csv-metadata.json").read_text())
    texts = {column["name"]: column["dc:description"] for column in about["tableSchema"]["columns"]}
    assert "where the mean of unit vectors points" in texts["mean"]
    assert "Mardia and Jupp 2000" in texts["std"]
    write_parquet(tmp_path / "t.csv", tmp_path / "t.csv-metadata.json", tmp_path / "t.parquet")
    frame = pd.read_parquet(tmp_path / "t.parquet")
    for name in ("mean", "std", "n", "coverage"):
        np.testing.assert_array_equal(frame[name], table[name])
    assert frame["min"].isna().all()


def test_a_figure_puts_rows_together_as_vectors(tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    values = rng.normal(0, 30, 4800) % 360
    table_of(tmp_path, values, end_s=4800)
    monkeypatch.setattr("plumbline.figures.MOST_POINTS", 40)
    table, together = figure._read_thinned(tmp_path / "t.csv", directions=True)
    assert together == 2
    for row, mean in enumerate(table["mean"]):
        right = circmean(values[row * 120 : row * 120 + 120], high=360)
        assert abs((mean - right + 180) % 360 - 180) < 0.01
    figure.plot_table(tmp_path / "t.csv", tmp_path / "t.csv-metadata.json", tmp_path / "t.png")
    assert (tmp_path / "t.png").stat().st_size > 10_000


@pytest.mark.parametrize(("units", "words"), [("radians", "is in 'radians', not in degrees"), ("", "has no unit")])
def test_a_direction_that_is_not_in_degrees_is_refused(tmp_path, units, words):
    with pytest.raises(PlumblineError, match=words):
        table_of(tmp_path, [1.0], units=units)
    assert not (tmp_path / "bins.nc").exists()


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("compass_direction", True),
        ("corrected_compass_direction", True),
        ("seafloor_tilt_direction", True),
        ("heading", True),
        ("sensor_bearing", True),
        ("bottom_pressure", False),
        ("lily_x_tilt", False),
        ("directional_spread", False),
        ("compass_direction_qc_results", False),
    ],
)
def test_directions_are_known_by_their_names(name, direction):
    assert is_direction(name) == direction


def test_a_stream_may_say_which_variables_are_directions():
    def binned(**keys):
        return configuration.read(small(variables=["x", "heading"], **keys)).streams[0].binned

    assert binned() == ["x", "heading:direction"]
    assert binned(directions=[]) == ["x", "heading"]
    assert binned(directions=["x"]) == ["x:direction", "heading"]
    with pytest.raises(PlumblineError, match="'directions': 'y' is none of the stream's variables; allowed are x, hea"):
        binned(directions=["y"])


@pytest.mark.parametrize(
    "name",
    [
        "bottom_pressure_qartod_results",
        "bottom_pressure_qartod_executed",
        "bottom_pressure_qc_results",
        "bottom_pressure_qc_executed",
        "time_sync_flag",
        "deployment",
        "id",
        "sensor_id",
        "serial_number",
        "port_timestamp",
        "date_time_string",
        "time",
    ],
)
def test_variables_without_a_mean_are_refused_by_their_names(name):
    assert why_no_mean(name)
    with pytest.raises(PlumblineError, match=f"'{name}' .*, of which there is no mean; take it out of the list"):
        configuration.read(small(variables=["botsflu_meanpres", name]))


@pytest.mark.parametrize(
    ("attributes", "words"),
    [({"flag_values": [1, 2, 3, 4, 9]}, "flags"), ({"units": "seconds since 1900-01-01"}, "times")],
)
def test_variables_without_a_mean_are_refused_by_what_the_file_says_of_them(tmp_path, attributes, words):
    path = write_ooi_file(tmp_path / "a.nc", DAY + np.arange(9), {"x": np.ones(9)})
    with h5py.File(path, "a") as file:
        file["x"].attrs.update(attributes)
    with pytest.raises(PlumblineError, match=f"a.nc holds 'x' .*: {words}, of which there is no mean; take it out of"):
        bin_files([path], DAY * 1000, (DAY + 60) * 1000, 7500, ["x"], tmp_path / "bins.nc", {})
