"""Profiles for what cannot be run here: every key is an option of Snakemake, or of its plugin as it was read."""

import dataclasses
import importlib.util
import itertools
import re
from importlib.metadata import version

import pytest
import yaml
from snakemake.cli import get_argument_parser

from workflow import REPOSITORY

# Settings of the plugins, as they stand in the classes that declare them; installed by the commands in the profiles.
EXECUTORS = {
    "kubernetes": (
        "snakemake-executor-plugin-kubernetes==0.5.1",
        "namespace cpu_scalar service_account_name privileged persistent_volumes omit_job_cleanup",
    ),
    "aws-batch": (
        "snakemake-executor-plugin-aws-batch==0.2.1",
        "region job_queue job_role tags task_timeout",
    ),
    "googlebatch": (
        "snakemake-executor-plugin-googlebatch==0.5.1",
        "project region container docker_password docker_username machine_type labels image_family image_project"
        " work_tasks cpu_milli boot_disk_gb network subnetwork service_account boot_disk_type boot_disk_image"
        " work_tasks_per_node memory mount_path retry_count max_run_duration snippets",
    ),
    "cluster-generic": (
        "snakemake-executor-plugin-cluster-generic==1.0.9",
        "submit_cmd status_cmd cancel_cmd cancel_nargs sidecar_cmd",
    ),
}
STORAGE = {
    "s3": (
        "snakemake-storage-plugin-s3==0.3.6",
        "endpoint_url region access_key secret_key token signature_version retries",
    ),
    "gcs": ("snakemake-storage-plugin-gcs==1.1.4", "project stay_on_remote retries"),
}
# What a plugin cannot do without.
REQUIRED = {
    "kubernetes": set(),
    "aws-batch": {"region", "job_queue", "job_role"},
    "googlebatch": {"project", "region"},
    "cluster-generic": {"submit_cmd"},
    "s3": set(),
    "gcs": {"project"},
}
# Memory that AWS Batch's plugin asks for as it is, for each number of cores (VALID_RESOURCES_MAPPING): MB.
AWS_MEMORY_MB = {1: {2048, 3072, 4096, 5120, 6144, 7168, 8192}, 2: set(range(4096, 16385, 1024))}
# Plugins of their own have a class of settings in a module of their own name.
CLASSES = {"executor": "ExecutorSettings", "storage": "StorageProviderSettings"}

FOLDERS = ("kubernetes", "aws-batch", "google-batch", "pbs")
PROFILES = {name: yaml.safe_load((REPOSITORY / "profiles" / name / "config.yaml").read_text()) for name in FOLDERS}
CLOUDS = [name for name in FOLDERS if name != "pbs"]
PLUGINS = [("executor", name) for name in EXECUTORS] + [("storage", name) for name in STORAGE]


def read(kind, name):
    """Return which plugin was read, and its settings."""
    requirement, settings = (EXECUTORS if kind == "executor" else STORAGE)[name]
    return requirement, set(settings.split())


def options_of(profile):
    """Return the options that a profile gives to its plugins, by plugin."""
    plugins = {"executor": profile["executor"], "storage": profile.get("default-storage-provider")}
    prefixes = {"executor": f"{plugins['executor']}-", "storage": f"storage-{plugins['storage']}-"}
    return {
        kind: {key.removeprefix(prefix).replace("-", "_") for key in profile if key.startswith(prefix)}
        for kind, prefix in prefixes.items()
    }, plugins


@pytest.mark.parametrize("name", FOLDERS)
def test_every_key_is_an_option_of_snakemake_or_of_the_plugin(name):
    profile = PROFILES[name]
    options, plugins = options_of(profile)
    for kind, given in options.items():
        if plugins[kind]:
            assert given <= read(kind, plugins[kind])[1]
            assert given >= REQUIRED[plugins[kind]]
    own = {option.lstrip("-") for action in get_argument_parser()._actions for option in action.option_strings}
    prefixes = (f"{plugins['executor']}-", f"storage-{plugins['storage']}-")
    assert {key for key in profile if not key.startswith(prefixes)} <= own


@pytest.mark.parametrize("name", CLOUDS)
def test_where_there_is_no_shared_folder_there_is_an_image_and_a_store(name):
    profile = PROFILES[name]
    provider = profile["default-storage-provider"]
    assert profile["default-storage-prefix"].startswith(f"{provider}://")
    assert "container-image" in profile
    # Accounts come from the environment, or from who the machine is.
    assert not re.search(r"(access|secret)[-_]key:|password:|token:", yaml.safe_dump(profile))


@pytest.mark.parametrize("name", CLOUDS)
def test_the_command_in_a_profile_brings_the_plugins_that_were_read(name):
    text, profile = (REPOSITORY / "profiles" / name / "config.yaml").read_text(), PROFILES[name]
    brought = set(re.findall(r"--with (\S+)", text))
    assert read("executor", profile["executor"])[0] in brought
    # The plugin for AWS brings that for S3 with it.
    assert read("storage", profile["default-storage-provider"])[0] in brought or name == "aws-batch"
    told = (REPOSITORY / "docs" / "clusters.md").read_text()
    assert brought <= set(re.findall(r"--with (\S+)", told))


def test_memory_at_aws_is_what_its_plugin_asks_for():
    steps = [*PROFILES["aws-batch"]["set-resources"].values(), PROFILES["aws-batch"]["default-resources"]]
    memory = {int(step["mem_mb"].removesuffix(" * attempt")) for step in steps}
    attempts = range(1, PROFILES["aws-batch"]["retries"] + 2)
    # Two steps side by side ask for the sum.
    for one, another, attempt in itertools.product(memory, memory, attempts):
        assert one * attempt in AWS_MEMORY_MB[1]
        assert (one + another) * attempt in AWS_MEMORY_MB[2]


def test_memory_at_google_is_that_of_the_step():
    for step in PROFILES["google-batch"]["set-resources"].values():
        assert step["googlebatch_memory"] == step["mem_mb"]


@pytest.mark.parametrize(("kind", "name"), PLUGINS, ids=[name for _, name in PLUGINS])
def test_the_settings_that_were_read_are_those_of_the_plugin(kind, name):
    requirement, settings = read(kind, name)
    package, pinned = requirement.split("==")
    module = package.replace("-", "_")
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"not installed: {package}")
    declared = getattr(importlib.import_module(module), CLASSES[kind])
    fields = {field.name: field for field in dataclasses.fields(declared)}
    assert version(package) == pinned
    # Every plugin for storage has these from Snakemake, too.
    inherited = {field.name for base in declared.__mro__[1:-1] for field in dataclasses.fields(base)}
    assert fields.keys() - inherited == settings
    assert {one for one, field in fields.items() if field.metadata.get("required")} == REQUIRED[name]
