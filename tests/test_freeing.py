"""Raw files that are removed once they are binned, and what goes on without them."""

import json
import shutil

import pytest

from workflow import Workflow, edit, small

FREED = {"keep_netcdf": False}


@pytest.fixture(scope="module")
def freed_run(tmp_path_factory):
    workflow = Workflow(tmp_path_factory.mktemp("freed"), small() | FREED)
    workflow.succeed()
    return workflow


@pytest.fixture
def run(freed_run, tmp_path):
    return freed_run.copied(tmp_path / "run")


def test_files_are_gone_and_the_manifest_proves_what_was_there(run, small_run):
    assert run.results("central/netcdf/**/*.nc") == {}
    manifest = json.loads((run.folder / "results/central/netcdf/2015-04-23.json").read_text())
    checksums = (run.folder / "results/central/netcdf/2015-04-23/SHA256SUMS").read_text()
    assert [f"{file['sha256']}  {file['name']}" for file in manifest["files"]] == checksums.splitlines()
    assert manifest["files"][0]["bytes"] > 100_000
    assert run.products() == small_run.products()
    assert run.planned() == {}


def test_a_new_interval_needs_no_download(run):
    jobs = run.with_config(small(resample=["1min", "1h", "15min"]) | FREED).succeed()
    assert set(jobs) == {"resample_bins", "plot_table"} or set(jobs) == {"resample_bins"}
    assert run.results("central/*_15min.csv")


def test_an_interval_finer_than_the_bins_fetches_the_files_again_and_frees_them(run):
    orders = run.orders()
    finer = run.with_config(small(resample=["1min", "1h", "1s"]) | FREED)
    jobs = finer.succeed()
    assert (jobs["verify_netcdf"], jobs["bin_samples"], jobs["free_netcdf"]) == (2, 2, 2)
    assert run.results("central/netcdf/**/*.nc") == {}
    assert run.orders() == orders
    assert finer.planned() == {}


def test_files_that_were_kept_can_be_freed_later(small_copy):
    before = small_copy.products()
    jobs = small_copy.with_config(small() | FREED).succeed()
    assert jobs == {"free_netcdf": 2}
    assert small_copy.results("central/netcdf/**/*.nc") == {}
    assert small_copy.products() == before


def test_keeping_again_downloads_nothing(run):
    assert run.with_config(small() | {"keep_netcdf": True}).planned() == {}


def test_files_that_are_kept_again_are_binned_by_the_code_as_it_is(editable):
    assert editable.with_config(small() | FREED).succeed() == {"free_netcdf": 2}
    shutil.rmtree(editable.folder / "results/central/netcdf/2015-04-24")
    assert editable.with_config(small()).succeed() == {"download_netcdf": 1}
    edit(editable, "plumbline/samples/kernel.py")
    assert editable.planned()["bin_samples"] == 1


def test_a_stream_may_differ_from_the_others(tmp_path):
    workflow = Workflow(tmp_path, small(keep_netcdf=False, end="2015-04-24"))
    workflow.succeed()
    assert workflow.results("central/netcdf/**/*.nc") == {}


@pytest.mark.parametrize("name", ["bin_samples.py", "plumbline/samples/binning.py"])
def test_editing_what_bins_never_downloads_freed_files_again(editable, name):
    freed = editable.with_config(small() | FREED)
    assert freed.succeed() == {"free_netcdf": 2}
    edit(freed, name)
    assert "bin_samples" not in freed.planned()
    # ... also where nothing was noted of an earlier run but Snakemake's own records
    (freed.folder / ".snakemake/plumbline/settled.json").unlink()
    assert "bin_samples" not in freed.planned()


def test_bins_that_cannot_be_read_free_nothing(small_copy):
    path = small_copy.folder / "results/central/bins/2015-04-24.nc"
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = b""
    path.write_bytes(content)
    process = small_copy.with_config(small() | FREED).run()
    assert process.returncode == 1
    assert "cannot be read" in process.stdout + process.stderr
    assert len(small_copy.results("central/netcdf/2015-04-24/*.nc")) == 1
    assert small_copy.results("central/netcdf/2015-04-23/*.nc") == {}
