"""`snakemake plan` and `snakemake status`: what a run would do, and how far everything is."""

import contextlib
import csv
import json
import subprocess
from urllib.parse import urlsplit

import pytest

from plumbline.coverage.days import counts_of
from plumbline.embedded import TOKEN, USERNAME
from serving import serving
from test_endings import until
from workflow import TABLES, Workflow, printed, small


def status(workflow):
    """Run `status`; return what it printed, and its JSON."""
    process = workflow.run("status")
    assert process.returncode == 0, printed(process)
    return process.stdout, json.loads((workflow.folder / "results/status.json").read_text())


def states(workflow):
    return {chunk["chunk"]: chunk["state"] for chunk in status(workflow)[1]["streams"]["central"]}


def test_a_plan_tells_chunks_bytes_and_room_and_orders_nothing(tmp_path):
    workflow = Workflow(tmp_path, small(stream="botpt_nano_sample", variables=["bottom_pressure"]))
    process = workflow.run("plan")
    assert process.returncode == 0, printed(process)
    plan = json.loads((tmp_path / "results/plan.json").read_text())
    stream = plan["streams"]["central"]
    assert (stream["chunks"], stream["to_order"], stream["there"], stream["no_data"]) == (2, 2, 0, 0)
    # two days at 20 Hz and 40 bytes, and the server's own 33.03
    assert stream["bytes_to_download"] == 2 * 86_400 * 20 * 40
    assert stream["server_bytes"] == pytest.approx(2 * 86_400 * 20 * 33.03, rel=0.1)
    assert stream["data_begin"].startswith("2014-08-29")
    assert plan["disk_bytes_free"] > 0
    assert plan["disk_bytes_needed"] > stream["bytes_to_download"]
    assert "138.2 MB" in process.stdout
    rows = list(csv.DictReader((tmp_path / "results/plan.csv").open()))
    assert [(row["chunk"], row["action"]) for row in rows] == [("2015-04-23", "order"), ("2015-04-24", "order")]
    assert workflow.orders() == set()
    assert not list(tmp_path.glob("results/*/requests/*"))


def test_a_plan_leaves_out_what_is_there_and_what_has_no_data(small_copy):
    longer = small_copy.with_config(small(begin="2014-08-20", end="2015-04-26", chunk="month"))
    assert longer.run("plan").returncode == 0
    rows = list(csv.DictReader((small_copy.folder / "results/plan.csv").open()))
    assert [row["action"] for row in rows] == ["order"] * 9
    days = small_copy.with_config(small(begin="2015-04-23", end="2015-04-26"))
    assert days.run("plan").returncode == 0
    rows = list(csv.DictReader((small_copy.folder / "results/plan.csv").open()))
    assert [row["action"] for row in rows] == ["nothing", "nothing", "order"]
    before = small_copy.with_config(small(begin="2014-08-27", end="2014-08-30"))
    assert before.run("plan").returncode == 0
    rows = list(csv.DictReader((small_copy.folder / "results/plan.csv").open()))
    assert [row["action"] for row in rows] == ["no data", "no data", "order"]


def test_a_chunk_that_the_inventory_has_no_data_for_is_not_ordered(tmp_path):
    workflow = Workflow(tmp_path, small(begin="2014-08-27", end="2014-08-30"))
    workflow.succeed(*TABLES)
    record = json.loads((tmp_path / "results/central/requests/2014-08-28.json").read_text())
    assert (record["outcome"], record["answer"]) == ("no data", {})
    assert record["reason"].startswith("its inventory has data from 2014-08-29T21:00:00Z on")
    assert len(workflow.orders()) == 1
    rows = list(csv.DictReader((tmp_path / "results/central/coverage.csv").open()))
    assert (
        "the server has no data in this window: its inventory has data from 2014-08-29T21:00:00Z on"
        in rows[0]["reason"]
    )


def test_a_misspelt_stream_is_told_in_the_plan(tmp_path):
    process = Workflow(tmp_path, small(stream="botpt_nano_sampel_15sec")).run("plan")
    assert "did you mean 'botpt_nano_sample_15sec'?" in " ".join(process.stdout.split())


def test_a_plan_says_that_the_disk_is_too_small(tmp_path):
    config = small(stream="botpt_nano_sample", variables=["bottom_pressure"], begin="2015-01-01", end="2026-01-01")
    config["streams"] = [
        config["streams"][0] | {"name": f"copy-{number}", "chunk": "year", "sample_rate_hz": 10_000}
        for number in range(4)
    ]
    process = Workflow(tmp_path, config).run("plan")
    assert "NOT ENOUGH" in process.stdout


def test_status_before_and_after_a_run(tmp_path, small_run):
    empty = Workflow(tmp_path, small_run.config)
    text, told = status(empty)
    assert {chunk["state"] for chunk in told["streams"]["central"]} == {"not asked"}
    assert "No run is at work" in text
    text, told = status(small_run)
    assert "binned" in text
    chunk = told["streams"]["central"][0]
    used = counts_of(small_run.folder / "results/central/bins/2015-04-23.nc")["used"]
    assert (chunk["state"], chunk["used"], chunk["expected"]) == ("binned", used, 5760)
    assert chunk["coverage"] == pytest.approx(used / 5760)
    assert chunk["bytes_here"] == chunk["bytes_total"] > 100_000


def test_status_follows_a_chunk_through_every_step(small_copy):
    results = small_copy.folder / "results/central"
    seen = [states(small_copy)["2015-04-24"]]
    for name in ("bins/2015-04-24.nc", "netcdf/2015-04-24.json"):
        (results / name).unlink()
        seen.append(states(small_copy)["2015-04-24"])
    (file,) = (results / "netcdf/2015-04-24").glob("*.nc")
    file.unlink()
    seen.append(states(small_copy)["2015-04-24"])
    (results / "complete/2015-04-24.json").unlink()
    seen.append(states(small_copy)["2015-04-24"])
    (results / "requests/2015-04-24.json").unlink()
    seen.append(states(small_copy)["2015-04-24"])
    assert seen == ["binned", "downloaded", "downloading", "ready", "ordered", "not asked"]


def test_status_tells_the_error_of_a_chunk_while_it_has_not_been_overcome(tmp_path):
    faulty = {"embedded": {"faults": [{"mode": "redirect_api", "on": "2015-04-24"}]}}
    workflow = Workflow(tmp_path, small() | faulty)
    assert workflow.run().returncode == 1
    text, told = status(workflow)
    first, second = told["streams"]["central"]
    assert first["error"] == ""
    assert second["error"].endswith(
        "another host, which was refused. Run again later; if it stays so, it is for the people of the server to mend."
    )
    assert "another host, which was refused" in " ".join(text.split())
    workflow.with_config(small()).succeed("--until", "bin_samples")
    assert [chunk["error"] for chunk in status(workflow)[1]["streams"]["central"]] == ["", ""]


def test_status_and_plan_work_beside_a_run(tmp_path):
    account = {"OOI_USERNAME": USERNAME, "OOI_TOKEN": TOKEN}
    store, run = tmp_path / "server", tmp_path / "run"
    run.mkdir()
    with contextlib.ExitStack() as ending:
        # An order takes as long as the test: it is ready when a server without delays takes the place of this one.
        with serving(store, delays={"hidden_s": 3600}) as address:
            workflow = Workflow(run, small(end="2015-04-24", ooi={"api": address}), environment=account)
            process = subprocess.Popen(
                workflow.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **workflow.options()
            )
            ending.callback(process.kill)
            assert until(lambda: list(run.glob("results/*/requests/*.json")), 300)
            text, told = status(workflow)
            assert told["running"]
            assert "A run is at work in this folder." in text
            chunk = told["streams"]["central"][0]
            assert chunk["state"] == "ordered"
            assert chunk["left_s"] > 0
            assert "left by the server's estimate" in " ".join(text.split())
            assert workflow.run("plan").returncode == 0
            assert process.poll() is None
        with serving(store, port=urlsplit(address).port):
            assert process.wait(900) == 0
    assert workflow.planned() == {}


def test_both_are_made_anew_whenever_they_are_asked_for(small_copy):
    # What a run that is at work beside them has verified and not yet binned.
    verified = small_copy.folder / "results/central/netcdf/2015-04-24.verified"
    verified.touch()
    for target in ("status", "plan"):
        path = small_copy.folder / f"results/{target}.json"
        for _ in range(2):
            assert small_copy.run(target).returncode == 0
            assert path.exists()
            path.unlink()
    assert verified.exists()
