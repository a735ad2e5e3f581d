"""The image: its lock is the part of the whole that runs, and both recipes bring the same files in the same way."""

import os
import re
import shutil
import subprocess

import pytest

from plumbline.supplement.contents import CODE_FILES, CODE_FOLDERS
from plumbline.supplement.workflow_record import ARCHIVED
from test_project import PYPROJECT, pins
from workflow import REPOSITORY

LOCK = "requirements-run.lock"
# The workflow, its lock, and whose commit it is where it came out of `git archive`.
FILES = {name.split("/")[0] for name in (*CODE_FILES, *CODE_FOLDERS)} | {LOCK, ARCHIVED}


def text_of(name):
    return (REPOSITORY / name).read_text()


def locked(name):
    """Return what a lock pins, name and version, with the lines of hashes; not for which machines."""
    return dict(re.findall(r"^(\w\S*==\S+)[^\\\n]* \\\n((?:    --hash=\S+(?: \\)?\n)+)", text_of(name), re.MULTILINE))


def steps_of(dockerfile):
    """Return the instructions of a Dockerfile, each in one line."""
    lines = "\n".join(line for line in dockerfile.splitlines() if not line.startswith("#"))
    return [line.split(maxsplit=1) for line in re.sub(r"\\\n\s*", "", lines).splitlines() if line]


def test_the_lock_of_what_runs_is_part_of_the_lock_of_everything():
    run, everything = locked(LOCK), locked("requirements.lock")
    assert run.items() < everything.items()
    names = {one.split("==")[0].lower(): one.split("==")[1] for one in run}
    wanted = pins(PYPROJECT["project"]["dependencies"])
    assert {name: names.get(name) for name in wanted} == wanted
    # Of the tests, clusters and benchmarks there is only what something that runs needs, too.
    assert names.keys().isdisjoint({"pytest", "ruff", "duckdb", "polars", "snakemake-executor-plugin-slurm"})
    assert "://" not in text_of(LOCK)


def test_the_lock_of_what_runs_is_what_uv_resolves():
    uv = os.environ.get("UV") or shutil.which("uv")
    if not uv:
        pytest.skip("uv is not there: the tests were started without it")
    command = re.search(r"^#   uv (export .*) > ", text_of(LOCK), re.MULTILINE)[1].split()
    exported = subprocess.run([uv, *command, "--quiet"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert exported.returncode == 0, exported.stderr
    assert exported.stdout == "".join(re.findall(r"^[^#].*\n", text_of(LOCK), re.MULTILINE))


def test_the_workflow_goes_into_the_image_and_nothing_else():
    ignored = text_of(".dockerignore").splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == FILES
    files = re.search(r"^%files\n(.*?)\n\n", text_of("apptainer.def"), re.MULTILINE | re.DOTALL)[1]
    copied = dict(line.split() for line in files.splitlines())
    assert copied == {name: f"/opt/plumbline/{name}" for name in FILES}


def test_both_recipes_begin_with_the_same_and_install_the_same():
    steps, recipe = steps_of(text_of("Dockerfile")), text_of("apptainer.def")
    commands = [command.strip() for word, step in steps if word == "RUN" for command in step.split("&&")]
    post = re.search(r"^%post\n(.*?)\n\n", recipe, re.MULTILINE | re.DOTALL)[1]
    installing = [command for command in commands if re.match(r"apt-get|rm|pip|python", command)]
    assert [line.strip() for line in post.splitlines()][: len(installing)] == installing
    assert dict(steps)["FROM"] == re.search(r"^From: (.*)", recipe, re.MULTILINE)[1]
    # A job's command is what AWS Batch gives an image in place of its own, and would be words of an entry point.
    assert "ENTRYPOINT" not in dict(steps)
