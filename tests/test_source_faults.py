"""What goes wrong where files lie ready, through the whole workflow: overcome, or told in one sentence."""

import json
from datetime import UTC, datetime

import pandas as pd
import pytest

from plumbline.embedded import signal
from workflow import TABLES, Workflow, printed

MOORING = {
    "reference_designator": "CE02SHSM-RID27-03-CTDBPC000",
    "variables": ["sea_water_temperature"],
    "begin": "2015-06-01",
    "end": "2015-06-03",
    "chunk": "whole",
}
SENT = {"method": "telemetered", "stream": "ctdbp_cdef_dcl_instrument"}
HOST = {"method": "recovered_host", "stream": "ctdbp_cdef_dcl_instrument_recovered"}
INST = {"method": "recovered_inst", "stream": "ctdbp_cdef_instrument_recovered"}
BOTPT = {
    "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301",
    "method": "streamed",
    "begin": "2015-05-01T06:00:00Z",
    "end": "2015-05-01T12:00:00Z",
    "chunk": "day",
}
LILY = {"stream": "botpt_lily_sample", "variables": ["lily_x_tilt"]}
HEAT = {"stream": "botpt_heat_sample", "variables": ["heat_x_tilt"]}
STREAMS = [
    MOORING | SENT | {"name": "replaced", "source": "goldcopy"},
    MOORING | HOST | {"name": "overlapping", "source": "goldcopy"},
    MOORING | INST | {"name": "cut", "source": "goldcopy"},
    MOORING | SENT | {"name": "other-fill", "source": "opendap"},
    MOORING | HOST | {"name": "broken-off", "source": "opendap"},
    MOORING | INST | {"name": "down", "source": "opendap"},
    BOTPT | LILY | {"name": "missing", "source": "goldcopy"},
    BOTPT | HEAT | {"name": "empty", "source": "goldcopy"},
    BOTPT | LILY | {"name": "lines", "source": "raw"},
    BOTPT | HEAT | {"name": "no-day", "source": "raw", "begin": "2015-05-03", "end": "2015-05-04"},
]
FAULTS = [
    {"mode": "goldcopy_replaced", "stream": SENT["stream"]},
    {"mode": "thredds5", "stream": SENT["stream"]},
    {"mode": "goldcopy_overlap", "stream": HOST["stream"]},
    {"mode": "cut_download", "stream": INST["stream"], "times": 1},
    {"mode": "dap_fill_mismatch", "stream": SENT["stream"]},
    {"mode": "dap_truncated", "stream": HOST["stream"], "times": 1},
    {"mode": "dap_down", "stream": INST["stream"]},
    {"mode": "goldcopy_missing", "stream": LILY["stream"]},
    {"mode": "goldcopy_empty", "stream": HEAT["stream"]},
    {"mode": "raw_truncated_lines", "on": "2015-05-01"},
    {"mode": "raw_missing_day", "on": "2015-05-03"},
]
OVERCOME = ("replaced", "overlapping", "cut", "other-fill", "broken-off")
TOLD = {
    "missing": "There is no catalog at",
    "empty": "lists no netCDF file (4 looks): run again later",
    "down": "could not be read over OPeNDAP in 4 tries",
}


def configuration(names, faults=()):
    streams = [stream for stream in STREAMS if stream["name"] in names]
    return {"streams": streams, "resample": ["10min"], "products": [], "embedded": {"faults": list(faults)}}


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory):
    """Run everything with every fault; return the workflow and the finished process."""
    names = [stream["name"] for stream in STREAMS]
    workflow = Workflow(tmp_path_factory.mktemp("disturbed"), configuration(names, FAULTS))
    return workflow, workflow.run("--keep-going", "--retries", "0", *TABLES)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Make the tables that faults must not change."""
    workflow = Workflow(tmp_path_factory.mktemp("undisturbed"), configuration([*OVERCOME, "down"]))
    workflow.succeed(*TABLES)
    return workflow


@pytest.mark.parametrize("name", OVERCOME)
def test_what_can_be_overcome_changes_no_table(disturbed, undisturbed, name):
    table = f"{name}/sea_water_temperature_10min.csv"
    made = disturbed[0].results(table)
    assert made == undisturbed.results(table)
    assert pd.read_csv(disturbed[0].folder / "results" / table)["n"].sum() > 100


@pytest.mark.parametrize("name", TOLD)
def test_what_cannot_is_told_in_one_sentence_and_leaves_no_record_that_says_otherwise(disturbed, name):
    workflow, run = disturbed
    assert run.returncode == 1
    said = [line for line in printed(run).splitlines() if f"{name} " in line and TOLD[name] in line]
    assert said
    folder = workflow.folder / "results" / name
    assert not list(folder.glob("netcdf/*.json"))
    assert not [path for path in folder.glob("requests/*.json") if "files" not in path.read_text()]
    assert "Traceback" not in printed(run)


def test_running_again_without_the_fault_mends_it(disturbed, undisturbed):
    workflow = disturbed[0].with_config(configuration(["down"]))
    workflow.succeed(*TABLES)
    table = "down/sea_water_temperature_10min.csv"
    assert workflow.results(table) == undisturbed.results(table)


def test_lines_that_are_broken_are_left_out_and_counted_and_every_other_is_there(disturbed):
    hours = range(int(datetime(2015, 5, 1, 6, tzinfo=UTC).timestamp()) // 3600, 1 << 40)
    designator = BOTPT["reference_designator"]
    sent = sum(len(signal.hour_of_times(designator, LILY["stream"], hour)) for hour in hours[:6])
    folder = disturbed[0].folder / "results/lines"
    there = pd.read_csv(folder / "lily_x_tilt_10min.csv")["n"].sum()
    (file,) = json.loads((folder / "netcdf/2015-05-01.json").read_text())["files"]
    assert 0 < sent - there < file["subset_of"]["lines_left_out"] < 0.02 * 86400


def test_a_day_that_the_archive_does_not_have_is_a_gap(disturbed):
    folder = disturbed[0].folder / "results/no-day"
    assert pd.read_csv(folder / "heat_x_tilt_10min.csv")["n"].sum() == 0
    assert len((folder / "gaps.csv").read_text().splitlines()) == 2
