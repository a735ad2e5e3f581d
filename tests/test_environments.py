"""Environments of conda: those of the rules hold what their scripts import, and shell rules run with theirs."""

import ast
import os
import re
import sys
from dataclasses import replace
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

from plumbline.provenance import PACKAGE, sources_of
from test_project import CONDA_NAMES, PYPROJECT, SCRIPT_NAMES, pins
from workflow import REPOSITORY

RULES = "\n".join(path.read_text() for path in sorted((REPOSITORY / "rules").glob("*.smk")))
# A rule of the same name stands in two files where there are two ways; some are names that are refused, with no script.
BODIES = [
    (rule, body)
    for rule, body in re.findall(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", RULES, re.MULTILINE | re.DOTALL)
    if re.search(r"^    (script|shell):", body, re.MULTILINE)
]
ENVIRONMENTS = {(rule, re.search(r'conda:\n\s+"\.\./envs/(\w+)\.yaml"', body)[1]) for rule, body in BODIES}
ENVIRONMENT_OF = dict(ENVIRONMENTS)
SHELL_RULES = {rule for rule, body in BODIES if "\n    shell:" in body}
# What is needed and imported by no script: fsspec reads over HTTP with aiohttp, and wget downloads.
UNIMPORTED = {"retrieval": {"aiohttp", "wget"}}
# In every environment.
PYTHON = "python >=3.11"
# Direct dependencies, and what those need in their turn.
PINS = pins(
    [
        *PYPROJECT["project"]["dependencies"],
        *PYPROJECT["dependency-groups"]["dev"],
        *(line for line in PYPROJECT["tool"]["uv"]["constraint-dependencies"] if ";" not in line),
    ]
)
# An environment is made by writing a Python that tells that it was called; everything that is installed is in it.
CONDA = """#!/bin/sh
case "$1" in
info) echo '{{"conda_prefix": "{prefix}", "platform": "linux-64"}}' ;;
--version) echo 'conda 25.1.0' ;;
config) echo '{{"get": {{"channel_priority": "strict"}}}}' ;;
env)
    while [ $# -gt 0 ]; do
        case "$1" in --file) file=$2 ;; --prefix) environment=$2 ;; esac
        shift
    done
    mkdir -p "$environment/bin"
    name=$(sed -n 's/^name: //p' "$file")
    printf '#!/bin/sh\\necho "%s" "$@" >>{prefix}/called\\nexec {python} "$@"\\n' "$name" >"$environment/bin/python"
    chmod +x "$environment/bin/python"
    ;;
esac
"""


def listed(environment):
    """Return the packages of an environment, by name, with their pins; None where there is none."""
    lines = yaml.safe_load((REPOSITORY / "envs" / f"{environment}.yaml").read_text())["dependencies"]
    assert PYTHON in lines
    split = (line.partition(" =") for line in lines if line != PYTHON)
    return {CONDA_NAMES.get(name, name).lower(): pin or None for name, _, pin in split}


def imported(rule):
    """Return the packages that a rule's script imports, itself or through Plumbline's modules."""
    names = set()
    for source in sources_of(REPOSITORY / "scripts" / f"{SCRIPT_NAMES.get(rule, rule)}.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module)
    modules = {name.split(".")[0] for name in names} - sys.stdlib_module_names - {PACKAGE}
    distributions = packages_distributions()
    return {distributions[module][0].lower() for module in modules}


def times(run):
    """Return when the files that came from the server were written."""
    return {path: path.stat().st_mtime_ns for path in run.folder.glob("results/*/netcdf/*/*.nc")}


@pytest.mark.parametrize("environment", sorted(set(ENVIRONMENT_OF.values())))
def test_an_environment_holds_what_the_scripts_of_its_rules_import_and_no_more(environment):
    rules = [rule for rule, name in ENVIRONMENT_OF.items() if name == environment]
    needed = set().union(*map(imported, rules)) | UNIMPORTED.get(environment, set())
    assert listed(environment).keys() == needed
    pinned = {name: pin for name, pin in listed(environment).items() if name != "wget"}
    assert pinned == {name: PINS[name] for name in pinned}


def test_every_environment_is_some_rules_or_that_of_snakemake_or_the_tests():
    there = {path.stem for path in (REPOSITORY / "envs").glob("*.yaml")}
    assert there == {"plumbline", "dev", *ENVIRONMENT_OF.values()}
    assert len(ENVIRONMENT_OF) == len(ENVIRONMENTS)


def test_with_conda_every_step_runs_with_the_python_of_its_environment(small_copy, tmp_path):
    prefix = tmp_path / "conda"
    (prefix / "bin").mkdir(parents=True)
    conda = prefix / "bin" / "conda"
    conda.write_text(CONDA.format(prefix=prefix, python=sys.executable))
    conda.chmod(0o755)
    (prefix / "bin" / "activate").write_text('PATH="$1/bin:$PATH"\n')
    path = os.pathsep.join((str(prefix / "bin"), os.environ["PATH"]))
    run = replace(small_copy, environment={"PATH": path})
    tables, orders, files = run.tables(), run.orders(), times(run)
    arguments = ("--software-deployment-method", "conda", "--conda-prefix", str(prefix / "envs"), "--until")
    # To Snakemake other software is a reason to do everything again, were it not for the chunks that are settled.
    assert run.planned(*arguments, "resample_bins").keys() == {"resample_bins"}
    (run.folder / ".snakemake" / "plumbline" / "settled.json").unlink()
    done = run.succeed(*arguments, "resample_bins")
    assert {"request_data", "await_data", "download_netcdf", "bin_samples", "resample_bins"} <= done.keys()
    called = [line.split() for line in (prefix / "called").read_text().splitlines()]
    seen = {(words[0], word) for words in called for word in (Path(word).name for word in words[1:2])}
    assert {(f"plumbline-{ENVIRONMENT_OF[rule]}", f"{rule}.py") for rule in SHELL_RULES & done.keys()} <= seen
    # Scripts that Snakemake starts itself have a name of its own.
    assert any(name == "plumbline-tables" and script.endswith(".resample_bins.py") for name, script in seen)
    # But what was ordered is not ordered again, and what is there not fetched again.
    assert (run.tables(), run.orders(), times(run)) == (tables, orders, files)
