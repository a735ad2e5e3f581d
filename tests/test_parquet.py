"""Parquet holds what the CSV holds: every number, every empty field, and the metadata."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ooi_files import write_ooi_file
from plumbline.errors import PlumblineError
from plumbline.samples.binning import bin_files
from plumbline.tables import parquet
from plumbline.tables.csv_table import write_table
from plumbline.tables.description import describe_table
from plumbline.tables.parquet import write_parquet
from workflow import SMALL

DAY = 1_429_747_200
NAME = "bottom_pressure"
STREAM = {"name": "s", "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301", "method": "m", "stream": "å"}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table of one day at 15 s, with samples in half of its bins; and its metadata."""
    folder = tmp_path_factory.mktemp("table")
    rng = np.random.default_rng(3)
    seconds = DAY + np.sort(rng.choice(86_400, 5000, replace=False)).astype(float)
    samples = write_ooi_file(folder / "samples.nc", seconds, {NAME: rng.normal(2254, 1, 5000)})
    begin, end = DAY * 1000, (DAY + 86_400) * 1000
    bin_files([samples], begin, end, 7500, [NAME], folder / "bins.nc", {})
    csv_path, metadata_path = folder / "t.csv", folder / "t.csv-metadata.json"
    write_table([folder / "bins.nc"], NAME, 15_000, begin, end, 20.0, csv_path)
    describe_table([], "psi", NAME, "15s", 15_000, begin, end, 20.0, STREAM, "embedded", metadata_path)
    return csv_path, metadata_path


@pytest.mark.parametrize("rows", [1000, 5760, 100_000])
def test_every_value_is_that_of_the_csv(table, tmp_path, monkeypatch, rows):
    monkeypatch.setattr(parquet, "ROWS_OF_A_GROUP", rows)
    write_parquet(*table, tmp_path / "t.parquet")
    read = pq.ParquetFile(tmp_path / "t.parquet")
    sizes = [read.metadata.row_group(place).num_rows for place in range(read.num_row_groups)]
    assert sum(sizes) == 5760
    assert set(sizes[:-1]) <= {rows}
    frame = pd.read_parquet(tmp_path / "t.parquet")
    expected = pd.read_csv(table[0], parse_dates=["time"])
    assert 0 < (expected["n"] == 0).sum() < 5000  # empty fields are among them
    assert frame["time"].tolist() == expected["time"].tolist()
    for name in ("mean", "std", "min", "max", "n", "coverage"):
        np.testing.assert_array_equal(frame[name], expected[name])
    schema = pq.read_schema(tmp_path / "t.parquet")
    assert schema.field("time").type == pa.timestamp("ms", "UTC")
    assert schema.field("n").type == pa.int64()
    assert schema.field("mean").type == pa.float64()
    assert json.loads(schema.metadata[b"csvw"]) == json.loads(table[1].read_text())


def test_the_same_table_gives_the_same_bytes(table, tmp_path):
    for name in ("one", "two"):
        write_parquet(*table, tmp_path / f"{name}.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_a_table_that_is_not_what_its_metadata_say_is_told(table, tmp_path):
    spoilt = tmp_path / "t.csv"
    spoilt.write_text(table[0].read_text().replace(",2254", ",x2254", 1))
    with pytest.raises(PlumblineError, match=r"t\.csv does not hold what .* remove it and run again\."):
        write_parquet(spoilt, table[1], tmp_path / "t.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_parquet_is_made_beside_csv_and_nothing_else_runs(small_copy):
    before = small_copy.products()
    workflow = small_copy.with_config(SMALL | {"formats": ["csv", "parquet"]})
    tables = [name for name in before if name.endswith(("min.csv", "h.csv"))]
    assert workflow.succeed() == {"write_parquet": len(tables)}
    assert workflow.products() == before
    for name in tables:
        frame = pd.read_parquet(workflow.folder / "results" / name.replace(".csv", ".parquet"))
        expected = pd.read_csv(workflow.folder / "results" / name, parse_dates=["time"])
        pd.testing.assert_frame_equal(frame, expected.astype({"time": frame["time"].dtype}), check_exact=True)
    assert workflow.planned() == {}
