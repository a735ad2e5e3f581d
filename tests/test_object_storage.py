"""Without a shared file system: jobs in folders of their own get all they read from a bucket, and bring it there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bucket import KEYS, NAME, bucket, objects
from workflow import REPOSITORY, Workflow, environment, printed, rules_of, small

pytest.importorskip("moto", reason="no object storage is there: uv run --group cluster --group bucket pytest")
pytest.importorskip(
    "snakemake_storage_plugin_s3", reason="Snakemake cannot speak S3 here: uv run --group cluster pytest"
)
pytest.importorskip("snakemake_executor_plugin_cluster_generic", reason="uv run --group cluster pytest")

ACCOUNT = {"OOI_USERNAME": "OOIAPI-OF-A-TEST", "OOI_TOKEN": "TEMP-TOKEN-OF-A-TEST"}
PREFIX = "a/run"
# What tells of the times of orders, and so differs from run to run.
RECORDS = ("/requests/", "/complete/", "/netcdf/")
CONFIG = small(begin="2015-04-23", end="2015-04-26") | {"products": ["uplift"]}

# A queue: each job in an empty folder and an environment of its own.
SUBMIT = """#!/bin/bash
folder=$(mktemp --directory {jobs}/XXXXXX)
cp "$1" "$folder/script"
cd "$folder"
(
    env --ignore-environment HOME="$folder" PATH="{path}" bash script > printed 2>&1
    echo $? > ended
) > /dev/null 2>&1 < /dev/null &
basename "$folder"
"""
STATUS = """#!/bin/bash
if [ ! -e "{jobs}/$1/ended" ]; then echo running
elif [ "$(cat "{jobs}/$1/ended")" = 0 ]; then echo success
else echo failed
fi
"""


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    """A folder of the code as a clone has it, with the sources that jobs are sent."""
    folder = tmp_path_factory.mktemp("stored") / "clone"
    for name in ("Snakefile", "rules", "scripts", "config", "profiles", "envs", "report"):
        source = REPOSITORY / name
        folder.mkdir(exist_ok=True)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, folder / name, ignore=ignored) if source.is_dir() else shutil.copy2(source, folder)
    for words in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def queue(tmp_path_factory):
    """The folder of the queue's jobs, and the options that submit to it."""
    folder = tmp_path_factory.mktemp("queue")
    jobs = folder / "jobs"
    jobs.mkdir()
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    for name, script in (("submit", SUBMIT), ("status", STATUS)):
        (folder / name).write_text(script.format(jobs=jobs, path=path))
        (folder / name).chmod(0o755)
    words = ["--executor", "cluster-generic", "--cluster-generic-submit-cmd", str(folder / "submit")]
    words += ["--cluster-generic-status-cmd", str(folder / "status"), "--seconds-between-status-checks", "1"]
    return jobs, words


@pytest.fixture(scope="module")
def stored(code, queue):
    """A finished run through the bucket: its folder, the objects that it left, and how to run it again."""
    with bucket() as (client, address):
        settings = {f"SNAKEMAKE_STORAGE_S3_{key.upper()}": value for key, value in KEYS.items()}
        settings["SNAKEMAKE_STORAGE_S3_ENDPOINT_URL"] = address
        workflow = Workflow(code, CONFIG, code, {**settings, **ACCOUNT})
        words = ["--workflow-profile", "profiles/s3", "--default-storage-prefix", f"s3://{NAME}/{PREFIX}", *queue[1]]

        def run(*arguments, config=CONFIG):
            command = workflow.with_config(config).command(*arguments, *words)
            # Jobs would work there as well.
            place = command.index("--directory")
            del command[place : place + 2]
            options = {"env": environment(**workflow.environment), "cwd": code, "capture_output": True, "text": True}
            return subprocess.run(command, **options, timeout=900, check=False)

        first = run()
        assert first.returncode == 0, printed(first)
        yield SimpleNamespace(workflow=workflow, client=client, left=objects(client), run=run)


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """The same without a bucket."""
    workflow = Workflow(tmp_path_factory.mktemp("local"), CONFIG)
    workflow.succeed()
    return workflow


def test_the_bucket_holds_the_bytes_of_a_local_run(stored, local):
    left, begin = stored.left, f"{PREFIX}/results/"
    made = {name.removeprefix(begin): content for name, content in left.items() if name.startswith(begin)}
    made = {name: content for name, content in made.items() if not any(kind in name for kind in RECORDS)}
    there = {name: content for kind in ("*.*", "bins/*") for name, content in local.results(f"central/{kind}").items()}
    del there["central/chunks.json"]
    assert made.keys() == there.keys()
    assert [name for name in made if made[name] != there[name]] == []
    # Raw files are gone from the bucket once they are binned.
    assert not [name for name in left if name.endswith(".tar")]


def test_jobs_computed_in_folders_of_their_own_and_without_the_account(stored, queue):
    jobs = sorted(queue[0].iterdir())
    # Three days of one stream to bin, its tables, its products.
    assert len(jobs) == 3
    for job in jobs:
        assert f"Working directory: {job}" in (job / "printed").read_text()
        assert not (job / "results").exists()
    assert not stored.workflow.results("*/bins/*") | stored.workflow.results("*/*.csv")
    said = [path.read_bytes() for job in jobs for path in job.rglob("*") if path.is_file()]
    said += stored.left.values()
    assert not [content for content in said if any(word.encode() in content for word in ACCOUNT.values())]


def test_running_again_does_nothing(stored):
    assert "Nothing to be done" in printed(stored.run("--dry-run"))


def test_the_default_configuration_is_planned_as_without_a_bucket(stored, tmp_path):
    process = stored.run("--dry-run", config=None)
    assert process.returncode == 0, printed(process)
    jobs = rules_of(process)
    assert jobs.pop("share_chunk") == 8
    assert jobs == Workflow(tmp_path).planned()


@pytest.mark.parametrize("target", ["supplement", "archive", "verify", "status"])
def test_what_brings_together_files_of_this_folder_says_that_they_are_in_the_bucket(stored, target):
    process = stored.run(target)
    assert process.returncode == 1
    assert f"Nothing was run: the results are in s3://{NAME}/{PREFIX}/results" in printed(process)
    assert "Traceback" not in printed(process)


def test_results_brought_back_from_the_bucket_go_on_without_it(stored, tmp_path):
    copy = stored.workflow.copied(tmp_path / "run")
    for name, content in stored.left.items():
        path = copy.folder / name.removeprefix(f"{PREFIX}/")
        if name.startswith(f"{PREFIX}/results/") and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            # As programs that bring whole folders do.
            written = stored.client.head_object(Bucket=NAME, Key=name)["LastModified"].timestamp()
            os.utime(path, (written, written))
    assert copy.planned() == {}


def test_a_stream_without_an_end_needs_a_shared_file_system(stored):
    process = stored.run("--dry-run", config=small(end=None))
    assert process.returncode == 1
    assert "stream 'central' has no 'end'" in printed(process)
    assert "Traceback" not in printed(process)
