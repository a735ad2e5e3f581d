"""What runs again, and what does not: every step is a file."""

import json
import os
import shutil

import pytest

from workflow import Workflow, edit, printed, small

RETRIEVAL = {"request_data", "await_data", "download_netcdf"}
TABLES = {"resample_bins": 2, "plot_table": 1}
COVERAGE = {"summarize_coverage": 1, "list_orders": 1}


def test_a_finished_run_has_nothing_to_do(small_copy):
    process = small_copy.run("--dry-run")
    assert process.returncode == 0
    assert "Nothing to be done" in printed(process)


def test_a_dry_run_in_an_empty_folder_starts_and_writes_nothing(tmp_path, small_run):
    workflow = Workflow(tmp_path, small_run.config)
    jobs = workflow.planned()
    assert jobs["request_data"] == 2
    assert not (tmp_path / "results").exists()
    assert not (tmp_path / "logs").exists()
    assert not (tmp_path / ".snakemake" / "embedded-ooi").exists()


def test_a_deleted_table_comes_back_from_the_bins(small_copy):
    before = small_copy.products()
    (small_copy.folder / "results/central/botsflu_meanpres_1h.csv").unlink()
    jobs = small_copy.succeed()
    assert jobs.keys() <= {"resample_bins", "plot_table"}
    assert jobs["resample_bins"] == 1
    assert small_copy.products() == before


def test_a_deleted_bins_file_comes_back_from_the_files_on_disk(small_copy):
    before, orders = small_copy.products(), small_copy.orders()
    (small_copy.folder / "results/central/bins/2015-04-24.nc").unlink()
    jobs = small_copy.succeed()
    assert jobs["bin_samples"] == 1
    assert not jobs.keys() & RETRIEVAL
    assert small_copy.products() == before
    assert small_copy.orders() == orders


def test_a_deleted_netcdf_folder_is_downloaded_again_and_nothing_else(small_copy):
    before, orders = small_copy.products(), small_copy.orders()
    files = small_copy.results("central/netcdf/2015-04-24/*.nc")
    shutil.rmtree(small_copy.folder / "results/central/netcdf/2015-04-24")
    jobs = small_copy.succeed()
    assert jobs == {"download_netcdf": 1}
    assert small_copy.results("central/netcdf/2015-04-24/*.nc") == files
    assert small_copy.products() == before
    assert small_copy.orders() == orders
    assert small_copy.planned() == {}


def test_results_that_the_server_has_lost_are_ordered_anew_by_just_running_again(small_copy):
    before = small_copy.products()
    shutil.rmtree(small_copy.folder / "results/central/netcdf/2015-04-24")
    shutil.rmtree(small_copy.folder / ".snakemake/embedded-ooi")
    process = small_copy.run()
    assert process.returncode == 1
    assert "any more. Run again to order anew" in printed(process)
    assert "Traceback" not in printed(process)
    assert small_copy.orders() == set()
    small_copy.succeed()
    assert len(small_copy.orders()) == 1
    assert small_copy.products() == before
    record = json.loads((small_copy.folder / "results/central/requests/2015-04-24.json").read_text())
    assert ["does not have" in attempt["given_up"] for attempt in record["attempts"]] == [True]
    assert small_copy.planned() == {}


def test_everything_of_a_chunk_deleted_is_ordered_again(small_copy):
    before = small_copy.products()
    for kind in ("requests", "complete", "netcdf", "bins"):
        for path in (small_copy.folder / "results/central" / kind).glob("2015-04-24*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    jobs = small_copy.succeed()
    assert {rule: jobs.get(rule) for rule in RETRIEVAL | {"bin_samples"}} == dict.fromkeys(
        RETRIEVAL | {"bin_samples"}, 1
    )
    assert small_copy.products() == before


def remove(path):
    path.unlink()


def alter_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    times = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # nothing but the hash can tell


def shorten(path):
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize("harm", [remove, alter_a_byte, shorten])
def test_a_file_that_is_not_as_the_manifest_says_is_noticed_when_it_is_needed(small_copy, harm):
    before = small_copy.products()
    file = next((small_copy.folder / "results/central/netcdf/2015-04-24").glob("*.nc"))
    whole = file.read_bytes()
    harm(file)
    (small_copy.folder / "results/central/bins/2015-04-24.nc").unlink()
    process = small_copy.run()
    assert process.returncode == 0, printed(process)
    assert f"{file.name} {'is missing' if harm is remove else 'was altered'}; fetching again" in printed(process)
    assert file.read_bytes() == whole
    assert small_copy.products() == before
    assert small_copy.planned() == {}


def test_a_new_interval_makes_tables_from_the_bins(small_copy):
    before = small_copy.products()
    jobs = small_copy.with_config(small(resample=["1min", "1h", "15min"])).succeed()
    assert jobs.keys() <= {"resample_bins", "plot_table"}
    assert jobs["resample_bins"] == 1
    after = small_copy.products()
    assert {name: after[name] for name in before} == before
    assert "central/botsflu_meanpres_15min.csv" in after


def test_an_interval_finer_than_the_bins_bins_again_and_downloads_nothing(small_copy):
    jobs = small_copy.with_config(small(resample=["1min", "1h", "1s"])).succeed()
    assert jobs["bin_samples"] == 2
    assert not jobs.keys() & RETRIEVAL


def test_a_later_end_orders_the_new_days_only(small_copy):
    before, orders = small_copy.products(), small_copy.orders()
    jobs = small_copy.with_config(small(end="2015-04-26")).succeed()
    assert {rule: jobs[rule] for rule in RETRIEVAL | {"bin_samples"}} == dict.fromkeys(RETRIEVAL | {"bin_samples"}, 1)
    assert len(small_copy.orders() - orders) == 1
    after = small_copy.products()
    longer, shorter = after["central/botsflu_meanpres_1h.csv"], before["central/botsflu_meanpres_1h.csv"]
    assert longer.startswith(shorter)
    assert longer.count(b"\n") == 3 * 24 + 1


def test_another_server_makes_the_orders_anew(small_copy):
    jobs = small_copy.with_config(small(ooi={"api": "http://127.0.0.1:9/api/m2m"})).planned()
    assert jobs["request_data"] == 2
    assert jobs["bin_samples"] == 2


def test_another_deadline_runs_nothing(small_copy):
    assert small_copy.with_config(small(ooi={"deadline": "3h"})).planned() == {}


def test_editing_what_retrieves_runs_nothing(editable):
    for name in ("request_data.py", "await_data.py", "download_netcdf.py", "verify_netcdf.py"):
        edit(editable, name)
    for name in ("ooi/orders.py", "ooi/session.py", "retrieval/ordering.py", "retrieval/waiting.py"):
        edit(editable, f"plumbline/{name}")
    for name in ("retrieval/transfer.py", "retrieval/downloads.py", "embedded/signal.py", "embedded/server.py"):
        edit(editable, f"plumbline/{name}")
    assert editable.planned() == {}


@pytest.mark.parametrize(
    ("name", "jobs"),
    [
        ("bin_samples.py", {"verify_netcdf": 2, "bin_samples": 2, **TABLES, **COVERAGE}),
        ("plumbline/samples/binning.py", {"verify_netcdf": 2, "bin_samples": 2, **TABLES, **COVERAGE}),
        ("plumbline/samples/kernel.py", {"verify_netcdf": 2, "bin_samples": 2, **TABLES, **COVERAGE}),
        ("resample_bins.py", TABLES),
        ("plumbline/tables/csv_table.py", TABLES),
        ("plumbline/tables/csvw.py", {**TABLES, **COVERAGE}),
        ("summarize_coverage.py", {"summarize_coverage": 1}),
        ("plumbline/coverage/gaps.py", {"summarize_coverage": 1}),
        ("plumbline/coverage/orders.py", {"list_orders": 1}),
        ("plot_table.py", {"plot_table": 1}),
        ("plumbline/figures/tables.py", {"plot_table": 1}),
    ],
)
def test_editing_a_computing_step_runs_it_and_what_follows(editable, name, jobs):
    edit(editable, name)
    assert editable.planned() == jobs


def test_an_edited_step_gives_the_same_bytes_and_then_rests(editable):
    before, orders = editable.products(), editable.orders()
    edit(editable, "plumbline/samples/kernel.py")
    editable.succeed()
    assert editable.products() == before
    assert editable.orders() == orders
    assert editable.planned() == {}


def test_everything_forced_on_one_core_orders_nothing_and_gives_the_same_bytes(small_copy):
    before, orders = small_copy.products(), small_copy.orders()
    shutil.rmtree(small_copy.folder / ".snakemake/embedded-ooi/async_results")  # nothing to download from
    small_copy.succeed("--forceall", cores=1)
    assert small_copy.products() == before
    assert small_copy.orders() == orders


def test_nothing_half_written_is_left(small_copy):
    left = [path.name for path in (small_copy.folder / "results").rglob("*") if path.suffix in (".tmp", ".part")]
    assert left == []
