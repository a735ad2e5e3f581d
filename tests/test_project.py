"""The project itself: pins, formatting, lint."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parent.parent
RULES = [REPOSITORY / "Snakefile", *sorted((REPOSITORY / "rules").glob("*.smk"))]

PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
DIRECT = PYPROJECT["project"]["dependencies"] + [
    requirement for group in PYPROJECT["dependency-groups"].values() for requirement in group
]
# Targets of the command line whose script runs alone, too, where its name has to say more.
SCRIPT_NAMES = {"verify": "verify_supplement"}
# They run whenever they are asked for; a benchmark would be an output that is there.
LOOKING = ("plan", "status", "verify", "catalog", "live")
# Packages that conda has under another name.
CONDA_NAMES = {"frictionless-py": "frictionless"}


def run(*command, **options):
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, **options)


def pins(requirements):
    return {name.partition("[")[0].lower(): version for name, version in (line.split("==") for line in requirements)}


@pytest.mark.parametrize(
    ("environment", "requirements"),
    [("plumbline", PYPROJECT["project"]["dependencies"]), ("dev", PYPROJECT["dependency-groups"]["dev"])],
)
def test_conda_environments_hold_the_packages_and_pins_of_pyproject(environment, requirements):
    listed = yaml.safe_load((REPOSITORY / "envs" / f"{environment}.yaml").read_text())["dependencies"]
    pinned = {name.lower(): version for name, version in (line.split(" =") for line in listed if " =" in line)}
    pinned = {CONDA_NAMES.get(name, name): version for name, version in pinned.items()}
    assert pinned == pins(requirements)
    # what conda has and PyPI has not
    assert {line for line in listed if " =" not in line} <= {"python >=3.11", "wget"}


def test_every_pin_stands_in_the_lock_without_addresses():
    lock = (REPOSITORY / "requirements.lock").read_text()
    locked = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock, re.MULTILINE))
    wanted = pins(DIRECT)
    assert {name.lower(): locked.get(name.lower()) for name in wanted} == wanted
    assert "://" not in lock


def test_everything_that_uv_resolves_is_pinned_and_stands_in_the_lock():
    uv = os.environ.get("UV") or shutil.which("uv")
    if not uv:
        pytest.skip("uv is not there: the tests were started without it")
    exported = run(uv, "export", "--quiet", "--no-header", "--no-annotate", "--no-hashes", "--all-groups")
    assert exported.returncode == 0, exported.stderr
    resolved = [line for line in exported.stdout.splitlines() if line]
    lock = (REPOSITORY / "requirements.lock").read_text()
    assert resolved == [line.removesuffix(" \\") for line in lock.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    # A later release that the registry dates back must not come in by itself.
    direct = pins(DIRECT)
    others = {line.split(" ;")[0] for line in resolved if line.split("==")[0].lower() not in direct}
    assert {line.split(" ;")[0] for line in PYPROJECT["tool"]["uv"]["constraint-dependencies"]} == others


@pytest.mark.parametrize("command", [("check",), ("format", "--check", "--diff")], ids=lambda command: command[0])
def test_python_is_linted_and_formatted(command):
    result = run(sys.executable, "-m", "ruff", *command, ".")
    assert result.returncode == 0, result.stdout + result.stderr


def test_rules_are_formatted():
    result = run(sys.executable, "-m", "snakefmt", "--check", "--diff", *map(str, RULES))
    assert result.returncode == 0, result.stdout + result.stderr


def test_rules_are_linted():
    result = run(sys.executable, "-m", "snakemake", "--lint")
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_rule_has_a_log_a_benchmark_and_a_script_of_its_name():
    for path in RULES[1:]:
        for name, body in re.findall(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", path.read_text(), re.MULTILINE | re.DOTALL):
            if path.name == "object_storage.smk" and not re.search(r"^    (script|shell):", body, re.MULTILINE):
                continue  # a name that is refused before anything runs
            script = SCRIPT_NAMES.get(name, name)
            assert (REPOSITORY / "scripts" / f"{script}.py").is_file(), name
            assert f"scripts/{script}.py" in body or f"/{script}.py" in body, name
            assert f"logs/{name}/" in body, name
            assert f"benchmarks/results/{name}/" in body or name in LOOKING, name


def test_files_stay_short():
    sources = [*REPOSITORY.glob("scripts/**/*.py"), *REPOSITORY.glob("tests/*.py"), *RULES]
    sources += REPOSITORY.glob("benchmarks/**/*.py")
    long = {str(path.name): count for path in sources if (count := len(path.read_text().splitlines())) > 330}
    assert not long
