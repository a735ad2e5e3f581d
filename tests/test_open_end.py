"""Streams without an end: a run on the next day orders one day."""

import json
import shutil

import pytest

from workflow import TABLES, Workflow, small


def on(day, **keys):
    """Return the configuration of an open stream as it is asked for on a day."""
    return small(begin="2015-03-30", end=None, chunk="month") | {"as_of": day} | keys


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """A run on 3 May 2015."""
    workflow = Workflow(tmp_path_factory.mktemp("open"), on("2015-05-03"))
    workflow.succeed()
    return workflow


@pytest.fixture
def run(first_run, tmp_path):
    return first_run.copied(tmp_path / "run")


def chunks(workflow):
    return [path.stem for path in sorted((workflow.folder / "results/central/requests").glob("*.json"))]


def test_what_is_over_is_ordered_whole_and_the_rest_in_days(run):
    assert chunks(run) == ["2015-03", "2015-04", "2015-05-01", "2015-05-02"]
    assert run.planned() == {}


def test_the_next_day_orders_that_day_alone(run):
    before = run.orders()
    jobs = run.with_config(on("2015-05-04")).succeed()
    assert (jobs["request_data"], jobs["download_netcdf"], jobs["bin_samples"]) == (1, 1, 1)
    assert len(run.orders() - before) == 1
    assert chunks(run)[-1] == "2015-05-03"


def test_a_month_that_is_over_is_not_ordered_again(run):
    jobs = run.with_config(on("2015-06-02")).planned()
    assert jobs["request_data"] == 29 + 1  # the rest of May, and the first of June


def test_the_tables_do_not_depend_on_how_the_record_grew(run, tmp_path):
    grown = run.with_config(on("2015-05-05"))
    grown.succeed(*TABLES)
    at_once = Workflow(tmp_path / "at_once", on("2015-05-05", as_of=None) | {"as_of": "2015-05-05"})
    (tmp_path / "at_once").mkdir()
    at_once.succeed(*TABLES)
    assert grown.results("central/*.csv") == at_once.results("central/*.csv")


def test_an_earlier_run_can_be_made_again_by_its_day_and_by_its_end(run):
    before = run.results("central/*.csv")
    run.with_config(on("2015-05-04")).succeed(*TABLES)
    later, orders = run.results("central/*.csv"), run.orders()
    assert later != before
    run.with_config(on("2015-05-03")).succeed(*TABLES)
    assert run.results("central/*.csv") == before
    assert run.orders() == orders
    written = json.loads((run.folder / "results/central/chunks.json").read_text())
    assert (written["begin"], written["end"]) == ("2015-03-30T00:00:00Z", "2015-05-03T00:00:00Z")
    assert [chunk["name"] for chunk in written["chunks"]] == ["2015-03", "2015-04", "2015-05-01", "2015-05-02"]
    fixed = small(begin=written["begin"], end=written["end"], chunk="month")
    shutil.rmtree(run.folder / "results")
    run.with_config(fixed).succeed(*TABLES)
    # All but what tells which chunks were ordered.
    again = run.results("central/*.csv")
    assert {name for name in before if again[name] != before[name]} == {"central/orders.csv"}
    assert again.keys() == before.keys()


def test_a_day_without_data_is_asked_for_again_while_data_may_come_late(tmp_path):
    late = {"embedded": {"faults": [{"mode": "no_data", "on": "2015-05-02"}]}}
    workflow = Workflow(tmp_path, small(begin="2015-05-01", end=None, chunk="day") | {"as_of": "2015-05-03"} | late)
    workflow.succeed()
    record = tmp_path / "results/central/requests/2015-05-02.json"
    assert json.loads(record.read_text())["outcome"] == "no data"
    assert workflow.planned() == {}, "not twice on one day"

    # As if it had been asked on that day: a record tells the real one.
    content = json.loads(record.read_text()) | {"ordered_at": "2015-05-03T00:10:00Z"}
    record.write_text(json.dumps(content))
    next_day = workflow.with_config(small(begin="2015-05-01", end=None, chunk="day") | {"as_of": "2015-05-04"})
    jobs = next_day.succeed()
    assert jobs["request_data"] == 2
    assert json.loads(record.read_text())["outcome"] == "accepted"
    assert "2015-05-02,5760,57" in (tmp_path / "results/central/coverage.csv").read_text()
    assert next_day.planned() == {}
