"""Killed anywhere, and other accidents of the machine: started again, the workflow ends with the same bytes."""

import json
import os
import random
import shutil
import subprocess
import time

import pytest

from plumbline.embedded import TOKEN, USERNAME
from plumbline.retrieval import records, waiting
from serving import serving
from test_endings import processes_in, until
from workflow import TABLES, Workflow, printed, small

KILLS = 20

# Eight days in small files, and a server that takes its time: the moments of a kill are spread over all steps.
DAYS = {"begin": "2015-04-13", "end": "2015-04-21"}
SERVER = {"embedded": {"faults": [{"mode": "overlap"}, {"mode": "slow_answer", "seconds": 0.3}]}}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Make the results without a kill; return the workflow, and how many seconds it took."""
    workflow = Workflow(tmp_path_factory.mktemp("undisturbed"), small(**DAYS, keep_netcdf=False) | SERVER)
    start = time.monotonic()
    workflow.succeed(*TABLES)
    return workflow, time.monotonic() - start


def accepted(workflow):
    """Return the orders that stand in request records, with those of earlier attempts."""
    found = set()
    for path in workflow.folder.glob("results/*/requests/*.json"):
        record = json.loads(path.read_text())
        found |= {one["answer"].get("requestUUID") for one in (record, *record["attempts"])}
    return found


def test_killed_at_twenty_moments_it_ends_with_the_same_bytes(tmp_path, undisturbed):
    (whole, seconds), workflow = undisturbed, Workflow(tmp_path, small(**DAYS, keep_netcdf=False) | SERVER)
    moments = random.Random(20150424)
    seen, killed = [], 0
    for _ in range(KILLS):
        # From before the first order up to the tables; a run of which nothing is left to do ends by itself.
        try:
            assert workflow.run(timeout=moments.uniform(0.5, min(4, 0.45 * seconds))).returncode == 0
        except subprocess.TimeoutExpired:  # and with that it has been killed
            killed += 1
        assert until(lambda: not processes_in(tmp_path), 10), processes_in(tmp_path)
        standing = accepted(workflow)
        assert set(seen) <= standing, "an order that was written down was forgotten"
        seen = sorted(standing)
    assert killed > 3, "it was over too soon to be killed"
    workflow.succeed()
    assert workflow.planned() == {}
    assert workflow.tables() == whole.tables()
    assert workflow.results("*/bins/*.nc") == whole.results("*/bins/*.nc")
    # No day was ordered again once its answer had been written down.
    assert len(accepted(workflow)) == 8
    left = [path for path in (tmp_path / "results").rglob("*") if path.suffix in (".part", ".nc.tmp", ".tmp")]
    assert left == []


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 12 MB, where one can be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("no file system can be mounted here: that takes Linux and the rights of root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def store(tmp_path):
    return tmp_path / "server"


@pytest.fixture
def on_small_disk(small_disk, store):
    """Two hours of 20 Hz samples, 4 MB, in a folder on the small disk; the server's store lies elsewhere."""
    with serving(store) as address:
        config = small(
            stream="botpt_nano_sample",
            variables=["bottom_pressure"],
            begin="2015-04-23T00:00:00Z",
            end="2015-04-23T02:00:00Z",
            chunk="whole",
            ooi={"api": address},
        )
        account = {"OOI_USERNAME": USERNAME, "OOI_TOKEN": TOKEN}
        yield Workflow(small_disk, config, environment=account)


def run_with(workflow, free):
    """Run with so many bytes free on the disk, and give them back."""
    ballast = workflow.folder / "ballast"
    ballast.write_bytes(bytes(max(0, shutil.disk_usage(workflow.folder).free - free)))
    process = workflow.run()
    ballast.unlink()
    return process


def test_a_disk_without_room_for_the_files_is_told_before_they_are_fetched(on_small_disk):
    process = run_with(on_small_disk, 2_000_000)
    assert process.returncode == 1
    assert "are free on the disk: make room and run again" in printed(process)
    assert "Traceback" not in printed(process)
    assert not on_small_disk.results("central/netcdf/**/*.part")
    on_small_disk.succeed()


def test_a_disk_that_is_full_at_any_step_loses_no_order_and_leaves_nothing_half_written(on_small_disk, store, tmp_path):
    for free in (150_000, 500_000, 3_000_000, 5_000_000, 5_400_000, 5_800_000, 6_200_000):
        process = run_with(on_small_disk, free)
        assert "is damaged" not in printed(process)
    on_small_disk.succeed()
    assert len(list(store.glob("ledger/*.json"))) <= 2
    assert on_small_disk.planned() == {}
    roomy = Workflow(tmp_path / "roomy", on_small_disk.config, environment=on_small_disk.environment)
    roomy.folder.mkdir()
    roomy.succeed()
    assert on_small_disk.products() == roomy.products()


@pytest.mark.parametrize("obstacle", ["file", "read-only"])
def test_results_that_cannot_be_written_are_told_before_anything_is_ordered(tmp_path, request, obstacle):
    workflow = Workflow(tmp_path, small())
    if obstacle == "file":
        (tmp_path / "results").write_text("a file where a folder should be")
    else:
        disk = request.getfixturevalue("small_disk")
        (disk / "results").mkdir()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        (tmp_path / "results").symlink_to(disk / "results")
    process = workflow.run()
    assert process.returncode != 0
    assert "results cannot be written" in printed(process)
    assert "Traceback" not in printed(process)
    assert workflow.orders() == set()


def test_a_clock_that_jumps_neither_ends_nor_prolongs_a_wait(tmp_path, monkeypatch):
    real, jumps = time.time, iter([0, 86_400 * 30, -86_400 * 300] * 1000)
    monkeypatch.setattr(time, "time", lambda: real() + next(jumps))
    states = iter(["the server is still working"] * 5 + ["complete"])
    monkeypatch.setattr(waiting, "_state", lambda session, folder: (next(states), 0.0))
    record = {"ordered_at": records.now(), "answer": {"timeCalculation": 60}}
    start = time.monotonic()
    waiting._until_complete("http://127.0.0.1/x", record, start, 60)
    assert time.monotonic() - start < 20
    assert next(states, None) is None


def test_outputs_dated_in_the_future_and_in_the_past_cost_no_order(small_copy):
    """A clock that was set back or forward between two steps leaves such files."""
    orders, products = small_copy.orders(), small_copy.products()
    year = 366 * 86_400
    for name, shift in (("requests/2015-04-23.json", year), ("complete/2015-04-24.json", -year)):
        path = small_copy.folder / "results/central" / name
        os.utime(path, (time.time() + shift, time.time() + shift))
    small_copy.succeed()
    assert small_copy.orders() == orders
    assert small_copy.products() == products
