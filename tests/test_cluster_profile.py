"""Profiles for clusters name every rule that computes, and no other; what needs no cluster is tried here."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from plumbline import atomic
from plumbline.cluster_jobs import SLURM, cancel_recorded, stand_before
from workflow import REPOSITORY

PROFILES = {
    path.parent.name: yaml.safe_load(path.read_text()) for path in sorted(REPOSITORY.glob("profiles/*/config.yaml"))
}
DEFAULT = PROFILES["default"]
# Those that hand steps to other machines.
CLUSTERS = sorted(name for name, profile in PROFILES.items() if "groups" in profile)
RULES = "\n".join(path.read_text() for path in sorted((REPOSITORY / "rules").glob("*.smk")))
BODIES = dict(re.findall(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", RULES, re.MULTILINE | re.DOTALL))
COMPUTING = {name for name, body in BODIES.items() if "localrule: True" not in body}


@pytest.mark.parametrize("name", CLUSTERS)
def test_every_rule_that_computes_has_memory_and_time_that_grow(name):
    asked = PROFILES[name]["set-resources"]
    assert set(asked) == COMPUTING
    for resources in [*asked.values(), PROFILES[name]["default-resources"]]:
        assert {"mem_mb", "runtime"} <= resources.keys()
        assert all(re.fullmatch(r"\d+ \* attempt", amount) for amount in resources.values())


@pytest.mark.parametrize("name", CLUSTERS)
def test_every_rule_that_computes_is_grouped(name):
    assert set(PROFILES[name]["groups"]) | {"bin_samples"} == COMPUTING
    assert PROFILES[name]["groups"] == PROFILES["slurm"]["groups"]
    assert PROFILES[name]["group-components"] == PROFILES["slurm"]["group-components"]


@pytest.mark.parametrize("name", CLUSTERS)
def test_what_is_no_matter_of_a_cluster_is_as_in_the_default_profile(name):
    common = DEFAULT.keys() - {"cores"}
    assert {key: PROFILES[name].get(key) for key in common} == {key: DEFAULT[key] for key in common}


@pytest.mark.parametrize("fails", [False, True], ids=["ends well", "fails"])
def test_a_file_is_written_to_scratch_and_is_there_whole_or_not_at_all(tmp_path, monkeypatch, fails):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("SCRATCH_OF_A_NODE", str(scratch))
    monkeypatch.setenv(atomic.SCRATCH_VARIABLE, "$SCRATCH_OF_A_NODE")
    path = tmp_path / "results" / "table.csv"
    try:
        with atomic.replacing(path) as place:
            assert scratch in place.parents
            place.write_text("whole")
            assert list(path.parent.iterdir()) == []
            if fails:
                raise ValueError
    except ValueError:
        assert fails
    assert [file.name for file in path.parent.iterdir()] == [] if fails else ["table.csv"]
    assert list(scratch.iterdir()) == []


def test_where_there_is_no_such_scratch_it_is_written_beside(tmp_path, monkeypatch):
    monkeypatch.setenv(atomic.SCRATCH_VARIABLE, "$NOT_SET_ON_THIS_NODE/scratch")
    with atomic.replacing(tmp_path / "table.csv") as place:
        assert place.parent == tmp_path
        place.write_text("whole")
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Slurm's programs as scripts: sbatch prints its environment to a file, squeue knows two jobs until scancel."""
    folder = tmp_path / "bin"
    folder.mkdir()
    scripts = {
        "sbatch": f"env > {tmp_path}/environment; printf '%s\\n' \"$@\" > {tmp_path}/words; echo 17",
        "squeue": f"[ -e {tmp_path}/cancelled ] || printf '17\\n4711\\n'",
        "scancel": f"echo $* > {tmp_path}/cancelled",
    }
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    for name in (SLURM.program_variable, SLURM.jobs_variable):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("PATH", os.pathsep.join((str(folder), os.environ["PATH"])))
    return tmp_path


def test_a_job_is_submitted_without_the_account_and_ended_by_its_number(programs, monkeypatch):
    for name in ("OOI_USERNAME", "OOI_TOKEN"):
        monkeypatch.setenv(name, "TEMP-TOKEN-OF-A-TEST")
    record = programs / "slurm-jobs"
    stand_before(SLURM, REPOSITORY / "scripts" / "cluster", record)
    answer = subprocess.run("sbatch --parsable job.sh", shell=True, capture_output=True, text=True, check=True)
    assert answer.stdout == "17\n"
    environment = (programs / "environment").read_text()
    assert "TEMP-TOKEN-OF-A-TEST" not in environment
    assert f"HOME={Path.home()}" in environment
    # Not the other one, which somebody else's run has in the queue.
    assert cancel_recorded(SLURM, record) == 1
    assert (programs / "cancelled").read_text() == "17\n"
    assert not record.exists()
    assert cancel_recorded(SLURM, record) == 0


def test_a_job_starts_one_snakemake_for_all_its_steps(programs):
    stand_before(SLURM, REPOSITORY / "scripts" / "cluster", programs / "slurm-jobs")
    words = ["--parsable", "--comment=two words", "--wrap=snakemake 'a  b' --executor slurm-jobstep --jobs 1 --nolock"]
    subprocess.run(["sbatch", *words], capture_output=True, check=True)
    asked = [*words[:2], "--wrap=snakemake 'a  b' --executor local --nolock"]
    assert (programs / "words").read_text().splitlines() == asked
