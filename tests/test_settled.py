"""Settled chunks: what is done is left out of the plan, and what is not quite done never is."""

import json
import os
import shutil
import signal
import subprocess
import time
from base64 import urlsafe_b64encode

import pytest

from plumbline import settled
from test_endings import until
from workflow import edit, printed, small

STEPS = ("requests/c.json", "complete/c.json", "netcdf/c.json", "netcdf/c/SHA256SUMS", "bins/c.nc")


@pytest.fixture
def stream(tmp_path):
    """The files of a chunk, a second apart."""
    folder = tmp_path / "stream"
    for number, name in enumerate(STEPS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
        os.utime(folder / name, (1000 + number, 1000 + number))
    return folder


def is_settled(stream, freed=False):
    return settled.files_in_order(stream, ["c"], freed) == {"c"}


def test_a_chunk_with_all_its_files_in_order_is_settled(stream):
    assert is_settled(stream)


@pytest.mark.parametrize("name", STEPS)
def test_a_chunk_that_lacks_a_file_is_not(stream, name):
    (stream / name).unlink()
    assert not is_settled(stream)


@pytest.mark.parametrize("name", ["requests/c.json", "complete/c.json"])
def test_a_chunk_with_a_newer_beginning_is_not(stream, name):
    os.utime(stream / name, (2000, 2000))
    assert not is_settled(stream)


def test_files_fetched_again_change_nothing(stream):
    for name in ("netcdf/c.json", "netcdf/c/SHA256SUMS"):
        os.utime(stream / name, (2000, 2000))
    assert is_settled(stream)


def test_where_files_are_to_be_freed_the_note_must_be_newer_than_the_bins(stream):
    assert not is_settled(stream, freed=True)
    note = stream / "netcdf/c.freed"
    note.write_text("x")
    assert is_settled(stream, freed=True)
    os.utime(note, (1001, 1001))
    assert not is_settled(stream, freed=True)


def test_a_stream_without_files_has_no_settled_chunk(tmp_path):
    assert settled.files_in_order(tmp_path / "nowhere", ["c"], freed=False) == set()


def ledger(folder, noted=None, recorded=(), incomplete=()):
    for name, paths in (("metadata", recorded), ("incomplete", incomplete)):
        (folder / name).mkdir()
        for path in paths:
            (folder / name / urlsafe_b64encode(path.encode()).decode()).write_text("{}")
    if noted is not None:
        (folder / "plumbline").mkdir()
        (folder / "plumbline/settled.json").write_text(noted)
    return settled.Ledger(folder)


def test_a_noted_chunk_is_trusted_as_long_as_nothing_that_went_into_it_changes(tmp_path):
    book = ledger(tmp_path, json.dumps({"s/c": "mark"}), recorded=["results/s/bins/c.nc"])
    assert book.trusts("s/c", "mark", "results/s/bins/c.nc")
    assert not book.trusts("s/c", "other", "results/s/bins/c.nc")


def test_a_chunk_that_was_never_noted_is_left_to_snakemake_if_that_knows_it(tmp_path):
    book = ledger(tmp_path, recorded=["results/s/bins/c.nc"])
    assert not book.trusts("s/c", "mark", "results/s/bins/c.nc")
    assert book.trusts("s/d", "mark", "results/s/bins/d.nc")


def test_a_chunk_whose_job_was_killed_is_never_trusted(tmp_path):
    book = ledger(tmp_path, json.dumps({"s/c": "mark"}), incomplete=["results/s/bins/c.nc"])
    assert not book.trusts("s/c", "mark", "results/s/bins/c.nc")


def test_a_chunk_that_is_about_to_change_is_forgotten_before(tmp_path):
    book = ledger(tmp_path, json.dumps({"s/c": "mark", "s/d": "mark"}), recorded=["results/s/bins/c.nc"])
    book.forget(["s/c"])
    assert not book.trusts("s/c", "mark", "results/s/bins/c.nc")
    assert settled.Ledger(tmp_path).noted == {"s/d": "mark"}


def test_a_name_so_long_that_snakemake_splits_its_record_is_left_to_snakemake(tmp_path):
    bins = f"results/{'s' * 200}/bins/c.nc"
    assert not ledger(tmp_path).trusts("s/c", "mark", bins)


def test_notes_that_are_damaged_are_none(tmp_path):
    assert ledger(tmp_path, "[1, 2").noted == {}


def test_notes_of_chunks_that_are_no_more_are_dropped(tmp_path):
    book = ledger(tmp_path, json.dumps({"s/a": "1", "s/b": "2"}))
    book.note({"s/c": "3"}, known=["s/b", "s/c"])
    assert settled.Ledger(tmp_path).noted == {"s/b": "2", "s/c": "3"}


def test_snakemake_keeps_its_records_where_they_are_looked_for(small_run):
    record = urlsafe_b64encode(b"results/central/bins/2015-04-23.nc").decode()
    assert (small_run.folder / ".snakemake/metadata" / record).is_file()


def test_a_finished_run_leaves_out_the_jobs_of_its_chunks(small_copy):
    assert set(json.loads((small_copy.folder / ".snakemake/plumbline/settled.json").read_text())) == {
        "central/2015-04-23",
        "central/2015-04-24",
    }
    listed = printed(small_copy.run("--dry-run", "--detailed-summary"))
    assert "\nresults/central/bins/2015-04-23.nc\t" in listed  # an option that is about every job
    shown = small_copy.run("--rulegraph").stdout
    assert "resample_bins" in shown
    assert "bin_samples" not in shown


def test_one_new_chunk_among_settled_ones_is_all_that_is_looked_at(small_copy):
    shown = small_copy.with_config(small(end="2015-04-26")).run("--dag").stdout
    assert shown.count("bin_samples") == 1


def test_what_is_forced_is_done_though_it_is_settled(small_copy):
    assert small_copy.planned("--forcerun", "bin_samples")["bin_samples"] == 2
    assert small_copy.succeed("-nF")["request_data"] == 2  # several letters in one word
    profile = small_copy.folder / "profile"
    profile.mkdir()
    (profile / "config.yaml").write_text("forceall: true\n")
    assert small_copy.planned("--profile", str(profile))["request_data"] == 2


def test_a_list_of_untracked_files_does_not_name_those_of_settled_chunks(small_copy):
    assert "results/central/complete/2015-04-23.json" not in printed(small_copy.run("--list-untracked"))


def test_without_its_notes_snakemake_judges_and_finds_the_same(small_copy):
    (small_copy.folder / ".snakemake/plumbline/settled.json").unlink()
    assert small_copy.planned() == {}
    shown = small_copy.run("--rulegraph").stdout
    assert "bin_samples" in shown


def test_files_without_any_records_are_judged_by_themselves(small_copy):
    shutil.rmtree(small_copy.folder / ".snakemake")
    assert small_copy.planned() == {}
    time.sleep(0.01)
    os.utime(small_copy.folder / "results/central/complete/2015-04-24.json")
    assert small_copy.planned() == {"download_netcdf": 1}


def test_an_edit_while_nothing_ran_is_found_by_the_fingerprint(editable):
    edit(editable, "plumbline/samples/kernel.py")
    assert editable.planned()["bin_samples"] == 2


def test_an_edited_command_is_found(editable):
    rules = editable.repository / "rules" / "samples.smk"
    rules.write_text(rules.read_text().replace("bin_samples.py --manifest", "bin_samples.py  --manifest"))
    assert editable.planned()["bin_samples"] == 2


def test_a_run_that_looks_at_times_alone_notes_nothing(editable):
    edit(editable, "plumbline/samples/kernel.py")
    (editable.folder / "results/central/botsflu_meanpres_1h.csv").unlink()
    assert "bin_samples" not in editable.succeed("--rerun-triggers", "mtime")
    assert editable.planned()["bin_samples"] == 2


def test_bins_of_a_killed_run_are_not_taken_for_those_of_the_configuration_before(small_copy):
    finer = small_copy.with_config(small(resample=["1min", "1h", "1s"]))
    bins = list((small_copy.folder / "results/central/bins").glob("*.nc"))
    before = [path.stat().st_mtime_ns for path in bins]
    process = subprocess.Popen(
        finer.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **finer.options()
    )

    records = [urlsafe_b64encode(f"results/central/bins/{path.name}".encode()).decode() for path in bins]
    incomplete = small_copy.folder / ".snakemake/incomplete"

    def made():
        new = all(path.exists() and path.stat().st_mtime_ns > was for path, was in zip(bins, before, strict=True))
        return new and not any((incomplete / record).exists() for record in records)

    assert until(lambda: made() or process.poll() is not None, 120)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert small_copy.planned()["bin_samples"] == 2
