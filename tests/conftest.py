"""Runs that many tests start from."""

import pytest

from workflow import SMALL, Workflow


@pytest.fixture(scope="session")
def small_run(tmp_path_factory):
    """A finished run of the small configuration; tests work on copies of it."""
    workflow = Workflow(tmp_path_factory.mktemp("small"), SMALL)
    workflow.succeed()
    return workflow


@pytest.fixture
def small_copy(small_run, tmp_path):
    """A copy of the finished run, for this test alone."""
    return small_run.copied(tmp_path / "run")
