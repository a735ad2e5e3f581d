"""On Slurm: two nodes on this machine, of Debian's packages; the same bytes as without it, whatever happens."""

import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import replace

import pytest

from cluster import PROFILE, TWO_JOBS, Cluster, reason_to_skip
from test_endings import until
from workflow import TABLES, Workflow, small

# What this machine has found missing in the folder that it shares with the nodes, it does not look for again so soon.
LATENCY_S = 3600
ACCOUNT = {"OOI_USERNAME": "OOIAPI-OF-A-TEST", "OOI_TOKEN": "TEMP-TOKEN-OF-A-TEST"}
DAYS = small(begin="2015-04-23", end="2015-04-27")
ONE_DAY = "results/central/bins/2015-04-23.nc"


@pytest.fixture(scope="module")
def late_folder(tmp_path_factory):
    """A folder in which this machine does not see what a node has written until it must, and the real one."""
    place = tmp_path_factory.mktemp("shared")
    late, real = place / "late", place / "real"
    late.mkdir()
    real.mkdir()
    words = ["bindfs", "-o", f"negative_timeout={LATENCY_S}", str(real), str(late)]
    if shutil.which("bindfs") is None or subprocess.run(words, capture_output=True, check=False).returncode:
        yield ()
        return
    yield late, real
    subprocess.run(["umount", "--lazy", str(late)], check=True)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, late_folder):
    reason = reason_to_skip()
    if reason:
        pytest.skip(reason)
    with Cluster(tmp_path_factory.mktemp("cluster"), *late_folder) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """Four days, made on this machine."""
    workflow = Workflow(tmp_path_factory.mktemp("local"), DAYS)
    workflow.succeed(*TABLES)
    return workflow


@pytest.fixture
def downloaded(cluster, local, tmp_path):
    """The same four days, of which the files are there and nothing else; and no job at Slurm."""
    workflow = replace(local.copied(tmp_path / "run"), environment=dict(ACCOUNT))
    shutil.rmtree(workflow.folder / "results" / "central" / "bins")
    for path in workflow.folder.glob("results/central/*.csv*"):
        path.unlink()
    assert cluster.left() == []
    return workflow


@pytest.fixture
def started():
    """A function that starts a run on the cluster in the background; what has not ended with the test is killed."""
    processes = []

    def start(workflow, *arguments):
        with (workflow.folder / "printed.txt").open("w") as log:
            process = subprocess.Popen(
                workflow.command(*arguments, *PROFILE, *TWO_JOBS),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **workflow.options(),
            )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()


def told(workflow):
    """Return what a run has printed so far."""
    return (workflow.folder / "printed.txt").read_text()


def account_in(folder):
    """Return the files below a folder in which the account stands."""
    words = [word.encode() for word in ACCOUNT.values()]
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and any(word in path.read_bytes() for word in words)
    ]


def test_jobs_run_on_both_nodes_without_the_account_and_make_the_bytes_of_a_local_run(
    cluster, downloaded, local, started, tmp_path
):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    seen = []
    process = started(downloaded, *TABLES, "--default-resources", "mem_mb=600", "runtime=5", f"scratch='{scratch}'")
    while process.poll() is None:
        # What Slurm keeps of a job, it keeps while the job lasts.
        seen += account_in(cluster.folder)
        for job in cluster.running():
            seen += [word for word in ACCOUNT.values() if word in cluster.told(job)]
        time.sleep(1)
    assert process.returncode == 0, told(downloaded)
    assert seen == []
    binned = [job for job in cluster.jobs() if "bin_samples" in job.comment]
    assert {job.node for job in binned} == {"n1", "n2"}
    # Two days to a job, and all tables of a stream one job.
    assert len(binned) == 2
    assert len(cluster.jobs()) == 3
    # As the installed plugin words it: one Snakemake for all steps of a job.
    assert all("--executor local" in cluster.told(job) for job in cluster.jobs())
    assert downloaded.products() == local.products()
    assert downloaded.orders() == local.orders()
    assert account_in(downloaded.folder) == []
    assert list(scratch.iterdir()) == []


def test_other_resources_are_no_reason_to_make_anything_anew(cluster, local):
    assert local.planned(*PROFILE, *TABLES) == {}


def test_files_that_are_seen_late_are_waited_for(cluster, downloaded, local, late_folder, started):
    if not late_folder:
        pytest.skip("no file system can be mounted here that shows files late: that takes bindfs and /dev/fuse")
    folder, real = (one / "run" for one in late_folder)
    late = downloaded.copied(folder)
    (folder / ONE_DAY).parent.mkdir()
    process = started(late, ONE_DAY)
    assert until(lambda: "for missing files" in told(late), 180), told(late)
    assert (real / ONE_DAY).exists()
    assert not (folder / ONE_DAY).exists()
    while process.poll() is None:
        for path in real.rglob("*"):
            if path.is_file() and not (folder / path.relative_to(real)).exists():
                # As if the time were over in which it is not looked for.
                os.close(os.open(folder / path.relative_to(real), os.O_CREAT))
        time.sleep(0.5)
    assert process.returncode == 0, told(late)
    assert (real / ONE_DAY).read_bytes() == (local.folder / ONE_DAY).read_bytes()


def test_a_job_that_was_killed_for_its_memory_is_tried_again_with_more(cluster, downloaded, local, started):
    before = cluster.jobs()
    process = started(downloaded, ONE_DAY, "--set-resources", "bin_samples:mem_mb=30 * attempt ** 4")
    assert process.wait(180) == 0, told(downloaded)
    first, second = cluster.jobs()[len(before) :]
    # As Slurm calls it where cgroups limit memory, and where they do not.
    assert first.state in {"OUT_OF_MEMORY", "FAILED", "CANCELLED"}
    assert first.memory == "30M"
    assert (second.state, second.memory) == ("COMPLETED", "480M")
    assert (downloaded.folder / ONE_DAY).read_bytes() == (local.folder / ONE_DAY).read_bytes()


def test_ctrl_c_leaves_no_job_behind(cluster, downloaded, started):
    process = started(downloaded, "--until", "bin_samples")
    assert until(cluster.running, 60), told(downloaded)
    # They take seconds, and are not to be over before the run hears of it.
    cluster.suspend({job.number for job in cluster.running()})
    process.send_signal(signal.SIGINT)
    assert process.wait(60) != 0
    assert cluster.left() == []
    assert not (downloaded.folder / ".snakemake" / "plumbline" / "slurm-jobs").exists()


def test_after_a_kill_and_the_loss_of_a_node_the_same_command_makes_the_same_bytes(cluster, downloaded, local, started):
    process = started(downloaded, "--until", "bin_samples")
    assert until(lambda: len(cluster.running()) == 2, 60), told(downloaded)
    process.send_signal(signal.SIGKILL)
    process.wait()
    orphans = {job.number for job in cluster.left()}
    assert len(orphans) == 2
    # They take seconds: what they have made by now is taken away, and they do not get to the rest.
    cluster.suspend(orphans)
    shutil.rmtree(downloaded.folder / "results" / "central" / "bins", ignore_errors=True)
    process = started(downloaded, "--until", "bin_samples")
    assert until(lambda: len({job.number for job in cluster.running()} - orphans) == 2, 60)
    assert not orphans & {job.number for job in cluster.left()}
    lost = next(job for job in cluster.running() if job.node == "n1")
    cluster.set_node("n1", "DOWN")
    try:
        assert process.wait(180) == 0, told(downloaded)
    finally:
        cluster.set_node("n1", "RESUME")
    text = told(downloaded)
    assert "Jobs that were left at Slurm have been cancelled: 2." in text
    again = next(job for job in cluster.jobs() if job.number == lost.number)
    assert (again.state, again.node) == ("COMPLETED", "n2")
    assert re.search(r"Restarts=1\b", cluster.told(again))
    assert downloaded.results("*/bins/*.nc") == local.results("*/bins/*.nc")
