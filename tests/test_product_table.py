"""Product tables: the text is what Python's own formatting gives, and both files hold the same numbers."""

import csv
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import netCDF4
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from plumbline.tables.csvw import Column
from plumbline.tables.fixed_text import LARGE, lines
from plumbline.tables.product import product_table

COLUMNS = [
    Column("time", "moment", "datetime", required=True),
    Column("depth_m", "depth", "double", "m"),
    Column("n", "number", "nonNegativeInteger", "1", required=True),
    Column("rate", "rate", "double", "cm/h", decimals=3),
]
FLOATS = st.one_of(
    st.floats(),
    st.floats(-5000, 5000),
    st.floats(-1e-5, 1e-5),
    st.integers(-(10**9), 10**9).map(lambda micro: micro / 1e6),
    st.sampled_from([0.0, -0.0, -1e-7, 5e-7, -5e-7, 1.5e-6, 0.9999999, 999.9999996, -2254.0, 4.6e9, 1e300, np.nan]),
)
FIRST_MS = 1_302_047_985_000


def by_python(value, decimals):
    """Return the text of a number as Python formats it once it is rounded, which a large one is."""
    if np.isnan(value):
        return ""
    if abs(value) * 10.0**decimals < LARGE:
        value = np.round(value, decimals) + 0.0
    return f"{value:.{decimals}f}"


def rows(values, first_ms=FIRST_MS):
    """Return times and the other three columns."""
    depth = np.array(values, dtype=np.float64)
    time_ms = first_ms + 15_000 * np.arange(depth.size, dtype=np.int64)
    return time_ms, depth, np.arange(depth.size, dtype=np.int64) * 37, depth[::-1].copy()


@given(values=st.lists(FLOATS, min_size=1, max_size=40), decimals=st.sampled_from([0, 1, 3, 6, 9]))
@example(values=[-0.0000001], decimals=6)
@example(values=[4_503_599_627.370495, 4_503_599_627.370497, 0.0000025], decimals=6)
def test_numbers_are_written_as_python_writes_them(values, decimals):
    text = lines(np.zeros(len(values), np.int64), [np.array(values)], [decimals]).decode()
    assert text == "".join(f"1970-01-01T00:00:00Z,{by_python(value, decimals)}\n" for value in values)


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=20))
def test_whole_numbers_have_no_decimals(numbers):
    text = lines(np.zeros(len(numbers), np.int64), [np.array(numbers)], [6]).decode()
    assert text == "".join(f"1970-01-01T00:00:00Z,{number}\n" for number in numbers)


@given(st.lists(st.integers(-(10**9), 4 * 10**9), min_size=1, max_size=20))
def test_times_are_iso_8601_to_the_second(seconds):
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    text = lines(np.array(seconds) * 1000, [], []).decode()
    expected = [(epoch + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ") for second in seconds]
    assert text.splitlines() == expected


def test_what_rounds_to_zero_has_no_sign():
    assert lines(np.zeros(1, np.int64), [np.array([-0.0000001])], [6]) == b"1970-01-01T00:00:00Z,0.000000\n"


def write(folder, columns, cuts=()):
    """Write a table in pieces; return the paths of both files."""
    paths = folder / "table.csv", folder / "table.nc"
    with product_table(*paths, COLUMNS, columns[0].size, {"title": "a table"}) as table:
        edges = [0, *sorted(cuts), columns[0].size]
        for begin, end in pairwise(edges):
            table.append(*(column[begin:end] for column in columns))
    return paths


@given(values=st.lists(FLOATS, min_size=1, max_size=60), cuts=st.lists(st.integers(0, 60), max_size=5))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_written_in_any_pieces_make_the_same_files(tmp_path, values, cuts):
    columns = rows(values)
    cuts = [min(cut, len(values)) for cut in cuts]
    whole = [path.read_bytes() for path in write(tmp_path, columns)]
    assert [path.read_bytes() for path in write(tmp_path, columns, cuts)] == whole


@pytest.mark.parametrize("count", [1, 8191, 8192, 20_001])
def test_both_files_hold_the_same_numbers(tmp_path, count):
    chance = np.random.default_rng(count)
    values = np.where(chance.random(count) < 0.1, np.nan, chance.normal(-1510, 3, count))
    columns = rows(values)
    csv_path, netcdf_path = write(tmp_path, columns)
    with netCDF4.Dataset(netcdf_path) as file:
        file.set_auto_maskandscale(False)
        for column, numbers in zip(COLUMNS, columns, strict=True):
            np.testing.assert_array_equal(file[column.name][:], numbers)
    with open(csv_path, newline="") as file:
        header, *lines_read = csv.reader(file)
    assert header == [column.name for column in COLUMNS]
    time_ms, depth, n, rate = columns
    times = np.datetime_as_string(time_ms.astype("datetime64[ms]"), unit="s").tolist()
    numbers = zip(depth.tolist(), n.tolist(), rate.tolist(), strict=True)
    expected = [[f"{d:.6f}", str(k), f"{r:.3f}"] for d, k, r in numbers]
    assert lines_read == [
        [f"{time}Z", *("" if text == "nan" else text for text in texts)]
        for time, texts in zip(times, expected, strict=True)
    ]
