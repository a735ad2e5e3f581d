"""One and the same samples by every source, as the examples have them, through the whole workflow."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml

from workflow import REPOSITORY, TABLES, Workflow, small

EXAMPLES = REPOSITORY / "config" / "examples"
SOURCES = ("goldcopy", "thredds", "opendap", "raw", "files")
# Text has six decimals, and OOI's netCDF float32.
RAW = 1e-6


def example(name):
    """Return an example's configuration."""
    return yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make every example's tables, in one folder: first those that fetch, then what refers to their files."""
    fetched = example("goldcopy")
    fetched["streams"] = [stream for name in SOURCES[:-1] for stream in example(name)["streams"]]
    workflow = Workflow(tmp_path_factory.mktemp("sources"), fetched)
    workflow.succeed(*TABLES)
    here = workflow.with_config(example("files") | {"keep_netcdf": False})
    here.succeed(*TABLES, "free_netcdf")
    return workflow


@pytest.mark.parametrize("stream", ["gold", "staged", "opendap", "here"])
@pytest.mark.parametrize("table", ["bottom_pressure_1s.csv", "bottom_pressure_1min.csv", "coverage.csv", "gaps.csv"])
def test_every_source_gives_the_bytes_of_an_order(made, stream, table):
    ordered = (made.folder / "results/ordered" / table).read_bytes()
    assert (made.folder / "results" / stream / table).read_bytes() == ordered


@pytest.mark.parametrize("interval", ["1s", "1min"])
def test_raw_lines_give_the_same_to_a_millionth_of_a_psi(made, interval):
    ordered, raw = (
        pd.read_csv(made.folder / f"results/{stream}/bottom_pressure_{interval}.csv") for stream in ("ordered", "raw")
    )
    assert (ordered["time"] == raw["time"]).all()
    assert (ordered["n"] == raw["n"]).all()
    assert ordered["n"].sum() > 200_000
    for column in ("mean", "std", "min", "max"):
        np.testing.assert_allclose(raw[column], ordered[column], rtol=0, atol=RAW)


def test_records_say_where_files_were_found_and_that_the_data_are_synthetic(made):
    for stream, source in (("gold", "goldcopy"), ("staged", "thredds"), ("opendap", "opendap"), ("raw", "raw")):
        folder = made.folder / "results" / stream
        record = json.loads((folder / "requests/2015-04-24.json").read_text())
        assert (record["query"]["source"], record["server"]) == (source, "embedded")
        assert record["annotations"]
        assert "synthetic" in (folder / "bottom_pressure_1s.csv-metadata.json").read_text()
        (order,) = pd.read_csv(folder / "orders.csv").to_dict("records")
        assert (order["source"], order["outcome"], order["server"]) == (source, "accepted", "embedded")
        (note,) = pd.read_csv(folder / "annotations.csv").to_dict("records")
        assert (note["id"], note["begin"], note["text"][:18]) == (1, "2014-07-25T21:05:00Z", "Data of this serve")
    folder = json.loads((made.folder / "results/ordered/complete/2015-04-24.json").read_text())["folder"]
    assert "/thredds/fileServer/" in folder


def test_files_that_were_here_are_here_when_their_chunk_is_freed(made):
    assert list((made.folder / "results/gold/netcdf/2015-04-24").glob("*.nc"))
    assert not list((made.folder / "results/here/netcdf/2015-04-24").glob("*.nc"))


@pytest.mark.parametrize("name", SOURCES[:-1])
def test_nothing_is_to_be_done_afterwards(made, name):
    assert made.with_config(example(name)).planned(*TABLES) == {}


def test_a_file_that_is_new_here_is_taken_and_others_are_not_looked_at_again(tmp_path, made):
    (tmp_path / "data").mkdir()
    (gold,) = (made.folder / "results/gold/netcdf/2015-04-24").glob("*.nc")
    (tmp_path / "data" / gold.name).hardlink_to(gold)
    config = example("files")
    config["streams"][0] |= {"files": "data", "begin": "2015-04-23T23:00:00Z"}
    workflow = Workflow(tmp_path, config)
    workflow.succeed(*TABLES)
    assert (tmp_path / "results/here/gaps.csv").read_text().count("of 1 file at 'data' none reaches into it") == 1
    early = gold.name.replace("20150424T000000-20150424T235959", "20150423T000000-20150423T235959")
    (tmp_path / "data" / early).write_bytes(b"new")
    assert workflow.planned("--until", "find_files") == {"find_files": 1}


def test_every_example_is_accepted(tmp_path):
    for path in sorted(EXAMPLES.glob("*.yaml")):
        assert Workflow(tmp_path, path.read_text()).planned()


def test_the_last_days_of_a_stream_without_an_end_are_looked_for_again_for_three_days(tmp_path):
    stream = {
        "name": "mooring",
        "source": "goldcopy",
        "reference_designator": "CE02SHSM-RID27-03-CTDBPC000",
        "method": "recovered_inst",
        "stream": "ctdbp_cdef_instrument_recovered",
        "variables": ["sea_water_temperature"],
        "begin": "2016-05-08",
        "chunk": "day",
    }
    config = {"streams": [stream], "products": [], "resample": ["1h"]}
    workflow = Workflow(tmp_path, config | {"as_of": "2016-05-12"})
    until = ("--until", "find_files")
    workflow.succeed(*until)
    assert workflow.planned(*until) == {}
    # The new day, and the three before it.
    assert workflow.with_config(config | {"as_of": "2016-05-13"}).planned(*until) == {"find_files": 4}


@pytest.mark.parametrize(
    ("results", "mode", "way"),
    [("thredds", "empty_catalog", "/async_results/"), ("apache", "empty_index", "/fileServer/")],
)
def test_where_one_server_shows_nothing_the_other_is_read(tmp_path, results, mode, way):
    config = small(begin="2015-04-23", end="2015-04-24", results=results)
    config["embedded"] = {"faults": [{"mode": mode, "seconds": 600}]}
    workflow = Workflow(tmp_path, config)
    workflow.succeed("--until", "download_netcdf")
    (marker,) = (tmp_path / "results/central/complete").glob("*.json")
    assert way in json.loads(marker.read_text())["folder"]
    assert len(workflow.results("central/netcdf/*/*.nc")) == 1


def test_a_supplement_of_what_was_found_is_whole_and_can_be_made_again(made):
    here = made.with_config(example("goldcopy"))
    here.succeed("supplement")
    assert here.succeed("verify") == {"verify": 1}
    about = json.loads((made.folder / "results/supplement/provenance/gold.json").read_text())
    assert about["chunks"][0]["request"]["source"] == "goldcopy"


def test_a_longer_window_over_opendap_is_read_whole(tmp_path):
    stream = {
        "name": "mooring",
        "source": "opendap",
        "reference_designator": "CE02SHSM-RID27-03-CTDBPC000",
        "method": "telemetered",
        "stream": "ctdbp_cdef_dcl_instrument",
        "variables": ["sea_water_temperature"],
        "begin": "2015-06-01",
        "end": "2015-06-02",
        "chunk": "whole",
    }
    config = {"streams": [stream], "products": [], "resample": ["1h"]}
    longer = config | {"streams": [stream | {"end": "2015-06-03"}]}
    for name, first in (("grown", config), ("at-once", longer)):
        (tmp_path / name).mkdir()
        workflow = Workflow(tmp_path / name, first)
        workflow.succeed(*TABLES)
        workflow.with_config(longer).succeed(*TABLES)
    grown, at_once = (Workflow(tmp_path / name).tables() for name in ("grown", "at-once"))
    assert grown == at_once
