"""The workflow with `download: subset`: the same tables of a few bytes, whatever is switched, harmed or killed."""

import io
import json

import h5py
import numpy as np
import pytest

from mean_server import NAME, assert_refused
from test_hostile_files import netcdf, too_many_rows
from workflow import Workflow, printed, small

SUBSET = {"download": "subset"}
WANTED = ("--mode", "subset", "--variables", "bottom_pressure")


@pytest.fixture(scope="module")
def subset_run(tmp_path_factory):
    """A run whose first day suffers from the server; on the second the server does not give ranges."""
    faults = [
        {"mode": "corrupt_file", "on": "2015-04-23", "times": 1},
        {"mode": "cut_download", "on": "2015-04-23", "times": 3},
        {"mode": "no_range", "on": "2015-04-24"},
    ]
    workflow = Workflow(tmp_path_factory.mktemp("subset"), small() | SUBSET | {"embedded": {"faults": faults}})
    process = workflow.run()
    assert process.returncode == 0, printed(process)
    assert "is fetched whole, not in parts: the server does not give ranges" in printed(process)
    return workflow.with_config(small() | SUBSET)


@pytest.fixture
def run(subset_run, tmp_path):
    return subset_run.copied(tmp_path / "run")


def manifest_of(workflow, day="2015-04-23"):
    return json.loads((workflow.folder / f"results/central/netcdf/{day}.json").read_text())


def test_tables_are_those_of_whole_files_and_the_manifest_tells_what_was_fetched(run, small_run):
    assert run.products() == small_run.products()
    (file,), (whole,) = manifest_of(run)["files"], manifest_of(small_run)["files"]
    assert file["name"] == whole["name"]
    assert file["bytes"] < whole["bytes"] / 5
    source = file["subset_of"]
    assert source["bytes"] == whole["bytes"]
    assert source["variables"] == ["time", "botsflu_meanpres"]
    assert source["url"].startswith("/async_results/")
    assert source["etag"]
    assert source["last_modified"].endswith("GMT")
    assert "subset_of" not in manifest_of(run, "2015-04-24")["files"][0]
    assert run.planned() == {}


def test_a_switch_makes_nothing_anew(run, small_copy):
    for workflow, mode in ((run, "whole"), (small_copy, "subset")):
        assert workflow.with_config(small() | {"download": mode}).planned() == {}


def test_a_variable_that_is_added_is_fetched_before_it_is_binned(run):
    orders = run.orders()
    more = run.with_config(small(variables=["botsflu_meanpres", "botsflu_predtide"]) | SUBSET)
    jobs = more.succeed()
    assert (jobs["verify_netcdf"], jobs["bin_samples"]) == (2, 2)
    assert "download_netcdf" not in jobs
    assert manifest_of(run)["files"][0]["subset_of"]["variables"] == ["time", "botsflu_meanpres", "botsflu_predtide"]
    assert run.results("central/botsflu_predtide_1h.csv")
    assert run.orders() == orders
    assert more.planned() == {}


def test_the_plan_says_that_it_is_a_subset(tmp_path):
    workflow = Workflow(tmp_path, small(stream="botpt_nano_sample", variables=["bottom_pressure"]) | SUBSET)
    process = workflow.run("plan")
    assert process.returncode == 0, printed(process)
    assert "a subset: time, bottom_pressure alone are fetched, about 4% of what OOI writes" in " ".join(
        process.stdout.split()
    )
    plan = json.loads((tmp_path / "results/plan.json").read_text())
    assert plan["streams"]["central"]["bytes_to_download"] == round(0.04 * 2 * 86_400 * 20 * 40)


def ready(chunk):
    for step in (chunk.order, chunk.wait):
        assert step().code == 0


def test_four_hours_at_20_hz_take_6_percent_of_their_bytes_and_are_not_fetched_twice(chunk, server, tmp_path):
    server.files[NAME] = content = four_hours(tmp_path)
    sent = []
    server.files[NAME] = lambda handler: counted(handler, content, sent)
    ready(chunk)
    assert chunk.download(*WANTED).code == 0
    assert sum(sent) < 0.06 * len(content)
    assert chunk.bin().code == 0
    (path,) = chunk.path("netcdf/2015-04-23").glob("*.nc")
    before, asked = path.read_bytes(), len(server.seen)
    for words in (WANTED, ("--mode", "whole", "--variables", "bottom_pressure")):
        assert verify(chunk, *words).code == 0
        assert (path.read_bytes(), len(server.seen)) == (before, asked)
    done = verify(chunk, "--mode", "whole", "--variables", "bottom_pressure,id")
    assert done.code == 0
    assert f"{NAME} was fetched without id; fetching again" in done.text
    assert path.read_bytes() == content


def verify(chunk, *words):
    return chunk.script(
        "verify_netcdf.py",
        *("--completion", chunk.path("complete/2015-04-23.json"), "--record", chunk.path("requests/2015-04-23.json")),
        *("--folder", chunk.path("netcdf/2015-04-23"), "--manifest", chunk.path("netcdf/2015-04-23.json")),
        *("--output", chunk.path("netcdf/2015-04-23.verified")),
        *words,
    )


def four_hours(tmp_path):
    """Return a file of which identifiers are most, as OOI's are, with time in small chunks."""
    rows = 288_000
    content = tmp_path / "hours.nc"
    with h5py.File(content, "w") as file:
        seconds = 3_638_736_000 + np.arange(rows) * 0.05
        how = {"compression": 1, "shuffle": True, "maxshape": (None,)}
        file.create_dataset("time", data=seconds, chunks=(512,), **how)
        file["time"].attrs["units"] = "seconds since 1900-01-01 0:0:0"
        pressure = np.round(2250 + np.random.default_rng(1).normal(0, 0.002, rows), 3).astype("f4")
        file.create_dataset("bottom_pressure", data=pressure, chunks=(10_000,), **how)
        file["id"] = np.random.default_rng(1).integers(48, 58, (rows, 36), "u1").view("S1")
    text = content.read_bytes()
    content.unlink()
    return text


def counted(handler, content, sent):
    """Answer a request with a file, and count what is sent."""
    if handler.command == "GET":
        first, _, last = (
            handler.headers.get("Range", f"bytes=0-{len(content) - 1}").removeprefix("bytes=").partition("-")
        )
        sent.append(min(int(last), len(content) - 1) + 1 - int(first))
    handler.give(content)


def test_files_that_are_done_are_kept_over_a_failure(chunk, server, tmp_path):
    """A run that was killed leaves the same: some files, and their hashes in the note of what is done."""
    bad = NAME.replace("T000000-", "T060000-")
    server.files[bad] = b"<html>" * 20
    ready(chunk)
    folder, content = chunk.path("netcdf/2015-04-23"), server.files[NAME]
    assert_refused(chunk.download(*WANTED), bad)
    assert [path.name for path in folder.glob("*.nc")] == [NAME]
    left = folder / f"{bad}.12345678.subset.part"
    left.write_bytes(b"half a file")
    record = json.loads(chunk.path("requests/2015-04-23.json").read_text())
    del record["given_up"]
    chunk.path("requests/2015-04-23.json").write_text(json.dumps(record))
    server.files[bad] = content
    server.seen.clear()
    assert chunk.download(*WANTED).code == 0
    assert not any(path.endswith(NAME) for _, path, _ in server.seen)
    assert not left.exists()
    assert chunk.bin().code == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda folder: b"<!DOCTYPE html><title>Bad Gateway</title>" * 10, ["4 times", "it is an HTML page"]),
        (lambda folder: netcdf(folder, too_many_rows), ["declares 1000000000000 values, more than its bytes"]),
        (
            lambda folder: netcdf(folder, press_trans_temp=np.full(200, 2.7)),
            ["has no variable 'bottom_pressure'; it has obs, press_trans_temp, time"],
        ),
    ],
    ids=["html", "too many rows", "missing variable"],
)
def test_a_file_that_is_not_what_it_should_be_is_told_as_ever(chunk, server, tmp_path, content, words):
    server.files[NAME] = content(tmp_path)
    ready(chunk)
    done = chunk.download(*WANTED)
    assert_refused(chunk.bin() if done.code == 0 else done, NAME, *words)


def test_a_damaged_value_is_found_and_the_file_left_out_where_it_is_asked_for(chunk, server):
    content = bytearray(server.files[NAME])
    with h5py.File(io.BytesIO(bytes(content))) as file:
        place = file["bottom_pressure"].id.get_chunk_info(0)
    content[place.byte_offset + place.size // 2] ^= 0xFF
    server.files[NAME] = bytes(content)
    ready(chunk)
    done = chunk.download(*WANTED, "--unreadable", "skip")
    assert done.code == 0, done.text
    assert "Going on without a file" in done.text
    assert json.loads(chunk.path("netcdf/2015-04-23.json").read_text())["files"] == []
