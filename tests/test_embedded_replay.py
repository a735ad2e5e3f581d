"""Replay: a record from a file goes through the whole workflow in place of the signal model."""

import json

import netCDF4
import numpy as np
import pandas as pd
import pytest

from plumbline.embedded import replay
from plumbline.embedded.settings import Replay
from plumbline.errors import PlumblineError
from workflow import Workflow, printed, small

DESIGNATOR = "RS03CCAL-MJ03F-05-BOTPTA301"
FIFTEEN = "botpt_nano_sample_15sec"
BEGIN_S = 1_301_616_000  # 2011-04-01


def row(path, stream=FIFTEEN):
    return {"file": str(path), "reference_designator": DESIGNATOR, "stream": stream}


@pytest.fixture
def pressure():
    """Two days of 15 s pressure, psi, with a value missing."""
    values = 2255 + np.sin(np.arange(2 * 5760) / 700)
    values[100] = np.nan
    return values


def write_axial_layout(path, pressure):
    """Write the layout of the record of 2011: depth in 1e-5 m, 0 where it is missing, and the tide."""
    depth = np.nan_to_num(-0.67 * pressure * 1e5).round().astype(np.int32)
    tide = np.zeros(len(depth) + 100, np.int32)
    start = np.float64(BEGIN_S)
    np.savez(
        path,
        depth_1e5_m=depth,
        depth_start_unix_s=start,
        predicted_tide_1e6_m=tide,
        tide_start_unix_s=start,
        step_s=np.float64(15),
    )


def write_plain(path, pressure):
    np.savez(path, time=BEGIN_S + 15.0 * np.arange(len(pressure)), botsflu_meanpres=pressure)


def write_netcdf(path, pressure):
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("time", len(pressure))
        time = file.createVariable("time", "f8", ("time",))
        time.units = "days since 2011-04-01"
        time[:] = np.arange(len(pressure)) * 15 / 86400
        file.createVariable("botsflu_meanpres", "f8", ("time",))[:] = pressure


@pytest.mark.parametrize(
    ("write", "name", "chunk"),
    [
        (write_axial_layout, "record.npz", "day"),
        (write_plain, "record.npz", "whole"),
        (write_netcdf, "record.nc", "whole"),
    ],
)
def test_a_replayed_record_ends_in_the_table_and_says_what_it_is(tmp_path, pressure, write, name, chunk):
    write(tmp_path / name, pressure)
    config = small(begin="2011-04-01", end="2011-04-04", chunk=chunk) | {"embedded": {"replay": [row(tmp_path / name)]}}
    workflow = Workflow(tmp_path, config)
    workflow.succeed("results/central/botsflu_meanpres_1h.csv")
    table = pd.read_csv(tmp_path / "results/central/botsflu_meanpres_1h.csv")
    expected = pressure.astype(np.float32).astype(float).reshape(48, 240)
    assert table["n"].tolist() == [239, *[240] * 47, *[0] * 24]
    np.testing.assert_allclose(table["mean"][:48], np.nanmean(expected, axis=1), rtol=0, atol=2.5e-4)
    metadata = json.loads((tmp_path / "results/central/botsflu_meanpres_1h.csv-metadata.json").read_text())
    facts = {item["schema:name"]: item["schema:value"] for item in metadata["schema:additionalProperty"]}
    assert facts["synthetic"] is False
    assert facts["data origin"].startswith(f"replay of {name} (sha256 ")
    assert "Not data of the Ocean Observatories Initiative" in metadata["dc:bibliographicCitation"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no file"),
        (b"no archive", "cannot be read as npz or netCDF"),
        ({"pressure": np.zeros(3)}, "has no array 'time'; it has pressure"),
        ({"time": np.array([0.0, 15.0, 15.0]), "botsflu_meanpres": np.zeros(3)}, "does not increase at position 2"),
        ({"time": np.array([0.0, 15.0]), "botsflu_meanpres": np.zeros(3)}, "has shape"),
        ({"time": np.array([0.0, 15.0]), "temperature": np.zeros(2)}, "has no variable of botpt_nano_sample_15sec"),
        ({"time": np.array([0.0, np.nan]), "botsflu_meanpres": np.zeros(2)}, "values that are no times"),
    ],
    ids=["missing", "broken", "no time", "order", "shape", "variable", "nan"],
)
def test_a_record_that_cannot_be_replayed_gets_one_sentence(tmp_path, content, words):
    path = tmp_path / "record.npz"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        np.savez(path, **content)
    with pytest.raises(PlumblineError, match=words):
        replay.load(Replay(str(path), DESIGNATOR, FIFTEEN))


def test_a_stream_that_the_server_does_not_have_cannot_be_replayed(tmp_path, pressure):
    write_plain(tmp_path / "record.npz", pressure)
    config = small() | {"embedded": {"replay": [row(tmp_path / "record.npz", "botpt_nano")]}}
    process = Workflow(tmp_path, config).run()
    assert process.returncode != 0
    assert "the embedded server has no stream" in printed(process)
    assert "Traceback" not in printed(process)
