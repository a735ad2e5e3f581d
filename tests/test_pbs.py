"""On PBS: programs of its names that run jobs on this machine, through the executor and the profile as they are."""

import importlib.util
import os
import signal
import subprocess
from dataclasses import replace

import pytest

from test_endings import until
from workflow import REPOSITORY, TABLES

ACCOUNT = {"OOI_USERNAME": "OOIAPI-OF-A-TEST", "OOI_TOKEN": "TEMP-TOKEN-OF-A-TEST"}
PROFILE = ("--workflow-profile", str(REPOSITORY / "profiles" / "pbs"), "--seconds-between-status-checks", "1")
STATUS = REPOSITORY / "scripts" / "cluster" / "pbs-status"

# A job of a server of one machine is a folder: what it was asked with, its process, and its exit code at its end. It
# gets nothing of the environment but what PBS gives to every job. While there is a file `hold`, new jobs do not begin.
QSUB = """#!/bin/sh
number=$(mktemp -d "$PBS_OF_TEST/XXXXXX"); name=$(basename "$number").server
printf '%s\\n' "$@" >"$number/words"
env >"$number/environment-of-qsub"
while [ $# -gt 1 ]; do shift; done
cp "$1" "$number/script"
[ ! -e "$PBS_OF_TEST/hold" ] || touch "$number/held"
(
    cd /
    setsid env -i HOME="$HOME" PATH=/usr/bin:/bin PBS_JOBID="$name" sh -c '
        while [ -e "$0/held" ]; do sleep 0.1; done
        sh "$0/script" >"$0/printed" 2>&1; echo $? >"$0/.code"; mv "$0/.code" "$0/code"' "$number" >/dev/null 2>&1 &
    echo $! >"$number/process"
)
echo "$name"
"""
QSTAT = """#!/bin/sh
for job; do :; done
folder=$PBS_OF_TEST/${job%.server}
[ -d "$folder" ] || { echo "qstat: Unknown Job Id $job" >&2; exit 153; }
echo "Job Id: $job"
if [ -e "$folder/code" ]; then
    printf '    job_state = F\\n    Exit_status = %s\\n' "$(cat "$folder/code")"
else
    printf '    job_state = R\\n'
fi
"""
QSELECT = """#!/bin/sh
for folder in "$PBS_OF_TEST"/??????; do
    [ -e "$folder/process" ] && [ ! -e "$folder/code" ] && echo "$(basename "$folder").server"
done
true
"""
QDEL = """#!/bin/sh
for job; do
    folder=$PBS_OF_TEST/${job%.server}
    kill -TERM -- "-$(cat "$folder/process")"
    echo 271 >"$folder/code"
done
"""


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A folder of jobs, and the programs that submit, tell, select and end them."""
    folder, programs = tmp_path / "jobs", tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    for name, text in {"qsub": QSUB, "qstat": QSTAT, "qselect": QSELECT, "qdel": QDEL}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PBS_OF_TEST", str(folder))
    monkeypatch.setenv("PATH", os.pathsep.join((str(programs), os.environ["PATH"])))
    yield folder
    for process in folder.glob("*/process"):
        if not (process.parent / "code").exists():
            os.killpg(int(process.read_text()), signal.SIGKILL)


@pytest.fixture
def downloaded(small_run, tmp_path):
    """The small run's files, of which no bins and tables have been made."""
    if importlib.util.find_spec("snakemake_executor_plugin_cluster_generic") is None:
        pytest.skip("Snakemake cannot speak to PBS here: uv run --group cluster pytest")
    workflow = replace(small_run.copied(tmp_path / "run"), environment=dict(ACCOUNT))
    for path in [*workflow.folder.glob("results/central/*.csv*"), *workflow.folder.glob("results/central/bins/*")]:
        path.unlink()
    return workflow


def start(workflow, *arguments):
    """Start a run at PBS, as a process of its own."""
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(workflow.command(*arguments, *PROFILE), **output, **workflow.options())


def test_steps_that_compute_are_jobs_without_the_account_and_make_the_same_bytes(server, downloaded, small_run):
    process = start(downloaded, *TABLES)
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0, printed
    assert downloaded.tables() == small_run.tables()
    # Two days of bins lie side by side and are one job; the tables of a stream are another.
    jobs = sorted(server.iterdir(), key=lambda job: (job / "process").stat().st_mtime)
    words = [(job / "words").read_text().splitlines() for job in jobs]
    assert [one[one.index("-l") + 1] for one in words] == ["select=1:ncpus=2:mem=1200mb", "select=1:ncpus=2:mem=1000mb"]
    assert [one[one.index("-l", one.index("-l") + 1) + 1] for one in words] == ["walltime=300", "walltime=1200"]
    for path in [*server.rglob("*"), *downloaded.folder.rglob("*")]:
        assert not path.is_file() or ACCOUNT["OOI_TOKEN"].encode() not in path.read_bytes(), path
    assert not (downloaded.folder / ".snakemake" / "plumbline" / "pbs-jobs").exists()


def test_jobs_of_a_killed_run_are_ended_by_the_next_one(server, downloaded):
    (server / "hold").touch()
    killed = start(downloaded, "--until", "bin_samples")
    assert until(lambda: list(server.glob("*/process")))
    killed.kill()
    killed.communicate()
    left = [job.parent for job in server.glob("*/process")]
    (server / "hold").unlink()
    after = start(downloaded, "--until", "bin_samples")
    printed, _ = after.communicate(timeout=300)
    assert after.returncode == 0, printed
    assert "left at PBS have been cancelled: 1" in printed
    assert [(job / "code").read_text().strip() for job in left] == ["271"]


@pytest.mark.parametrize(
    ("told", "code", "state"),
    [
        ("job_state = Q", 0, "running"),
        ("job_state = H", 0, "running"),
        ("job_state = E", 0, "running"),
        ("job_state = F\n    Exit_status = 0", 0, "success"),
        ("job_state = F\n    Exit_status = -29", 0, "failed"),
        # Deleted before it began: it has no exit status.
        ("job_state = F", 0, "failed"),
        ("", 153, "failed"),
        # The server does not answer.
        ("", 111, "running"),
    ],
)
def test_what_pbs_says_of_a_job_is_told_to_snakemake(tmp_path, told, code, state):
    (tmp_path / "qstat").write_text(f"#!/bin/sh\necho 'Job Id: 17.server\n    {told}'\nexit {code}\n")
    (tmp_path / "qstat").chmod(0o755)
    path = os.pathsep.join((str(tmp_path), os.environ["PATH"]))
    answer = subprocess.run(["sh", STATUS, "17.server"], env={"PATH": path}, capture_output=True, text=True, check=True)
    assert answer.stdout == f"{state}\n"
