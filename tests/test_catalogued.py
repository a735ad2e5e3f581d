"""Files that a THREDDS catalog lists: which are taken, and what is said where the catalog is not in order."""

import numpy as np
import pytest

from ooi_files import DESIGNATOR, write_ooi_file
from plumbline.errors import PlumblineError
from plumbline.ooi.places import Place
from plumbline.retrieval import records
from plumbline.sources import catalogued
from result_host import ResultHost
from staged import BEGIN, STREAM, TOKEN, Staged, catalog, ooi_name, write_hours

ROOT = f"/thredds/catalog/staged/{TOKEN}"
FILES = f"staged/{TOKEN}"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(catalogued, "FIRST_LOOK_S", 0.01)


@pytest.fixture
def host():
    with ResultHost() as server:
        yield server


@pytest.fixture
def chunk(tmp_path, host, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Staged(tmp_path, Place("thredds", host.url, f"{host.url}{ROOT}/catalog.html"))


def put(host, tmp_path, *hours, name=ooi_name):
    """Put files of some hours onto the server, and return their paths below a service."""
    paths = []
    for first, last in hours:
        path = f"{FILES}/{name(first, last)}"
        host.files[f"/thredds/fileServer/{path}"] = write_hours(tmp_path / "file.nc", first, last).read_bytes()
        paths.append(path)
    return paths


def put_catalog(host, paths, **options):
    host.files[f"{ROOT}/catalog.xml"] = catalog(paths, **options)


def test_files_of_a_catalog_become_the_same_bins_however_they_are_cut(host, chunk, tmp_path):
    put_catalog(host, put(host, tmp_path, (-3, 2), (2, 9), (8, 30)))
    whole = write_hours(tmp_path / "whole.nc", 0, 24)
    assert chunk.through() == chunk.bins([whole])


def test_files_outside_the_window_of_other_streams_and_of_other_kinds_are_passed_over(host, chunk, tmp_path):
    wanted = put(host, tmp_path, (0, 24))
    other = TOKEN + "_15sec"
    rest = [f"{FILES}/{name}" for name in (ooi_name(-9, -2), ooi_name(26, 30), ooi_name(0, 24, other), "status.txt")]
    put_catalog(host, wanted + rest + [f"{wanted[0]}.ncml"])
    host.files[f"/thredds/fileServer/{FILES}/status.txt"] = b"complete\n"
    assert [file["name"] for file in chunk.find()["answer"]["files"]] == [ooi_name(0, 24)]
    assert not [path for _, path, _ in host.seen if "_15sec" in path]


@pytest.mark.parametrize(
    ("beside", "status", "words"),
    [
        (["status.json", "aggregation_temp.nc"], None, "it has no status.txt"),
        (["aggregation_temp.nc"], None, "it has no status.txt"),
        (["status.txt"], b'{"code": 500}', "says '{\"code\": 500}'"),
    ],
)
def test_an_order_that_is_not_complete_is_not_taken_for_whole(host, chunk, tmp_path, beside, status, words):
    put_catalog(host, put(host, tmp_path, (0, 12)) + [f"{FILES}/{name}" for name in beside])
    if status:
        host.files[f"/thredds/fileServer/{FILES}/status.txt"] = status
    with pytest.raises(PlumblineError, match="not complete") as refused:
        chunk.find()
    assert words in str(refused.value)


def test_two_files_of_one_name_in_two_catalogs_are_both_taken(host, chunk, tmp_path):
    put_catalog(host, [], references=["a/catalog.xml", "b/catalog.xml"])
    for folder, hours in (("a", (0, 12)), ("b", (12, 24))):
        path = f"{FILES}/{folder}/{ooi_name(0, 24)}"
        host.files[f"/thredds/fileServer/{path}"] = write_hours(tmp_path / "file.nc", *hours).read_bytes()
        host.files[f"{ROOT}/{folder}/catalog.xml"] = catalog([path])
    assert chunk.through()[0] == [360] * 24


def test_catalogs_on_other_hosts_are_not_read_and_said(host, chunk, tmp_path, caplog):
    put_catalog(host, put(host, tmp_path, (0, 24)), references=["http://127.0.0.2/x/catalog.xml"])
    assert len(chunk.find()["answer"]["files"]) == 1
    assert "Not read: 1 catalog on other hosts (http://127.0.0.2/x/catalog.xml)" in caplog.text


def test_what_is_there_in_the_same_version_is_not_fetched_again_for_one_file_more(host, chunk, tmp_path):
    put_catalog(host, put(host, tmp_path, (0, 12)))
    chunk.through()
    put_catalog(host, put(host, tmp_path, (0, 12), (12, 24)))
    assert chunk.through()[0] == [360] * 24
    assert len([path for what, path, _ in host.seen if what == "GET" and path.endswith(".nc")]) == 2


def test_what_is_asked_for_anew_by_hand_is_fetched_again(host, chunk, tmp_path):
    put_catalog(host, put(host, tmp_path, (0, 24)))
    chunk.through()
    records.give_up(chunk.path("requests/2015-04-23.json"), records.BY_HAND)
    chunk.wait()
    chunk.download()
    assert len([path for what, path, _ in host.seen if what == "GET" and path.endswith(".nc")]) == 2


def test_catalogs_that_a_catalog_refers_to_are_read(host, chunk, tmp_path):
    put_catalog(host, [], references=["2015/catalog.xml", "catalog.xml"])
    host.files[f"{ROOT}/2015/catalog.xml"] = catalog(put(host, tmp_path, (0, 24)))
    assert len(chunk.find()["answer"]["files"]) == 1


def test_nothing_is_fetched_twice_of_a_file_that_reaches_into_two_days(host, chunk, tmp_path):
    put_catalog(host, put(host, tmp_path, (0, 30)))
    chunk.through()
    other = Staged(tmp_path, chunk.place, chunk="2015-04-24")
    assert other.through() == chunk.bins(sorted(chunk.path("netcdf/2015-04-23").glob("*.nc")))
    whole = [path for what, path, _ in host.seen if what == "GET" and path.endswith(".nc")]
    assert len(whole) == 1


def test_a_subset_that_another_day_has_is_neither_taken_for_the_whole_file_nor_written_into(host, chunk, tmp_path):
    (path,) = put(host, tmp_path, (0, 30))
    put_catalog(host, [path])
    seconds = BEGIN.timestamp() + np.arange(30 * 3600.0)
    # Of this a part is less than the whole.
    columns = {name: np.random.default_rng(1).random(seconds.size) for name in ("bottom_pressure", *"abcdefgh")}
    large = write_ooi_file(tmp_path / "file.nc", seconds, columns, dtype="f8")
    host.files[f"/thredds/fileServer/{path}"] = large.read_bytes()
    host.etags[f"/thredds/fileServer/{path}"] = '"v1"'
    chunk.find()
    chunk.wait()
    (first,) = chunk.download(in_parts=True)["files"]
    assert "subset_of" in first
    small = chunk.path("netcdf/2015-04-23") / first["name"]
    before = small.read_bytes()
    other = Staged(tmp_path, chunk.place, chunk="2015-04-24")
    other.through()
    whole = other.path("netcdf/2015-04-24") / first["name"]
    assert whole.read_bytes() == host.files[f"/thredds/fileServer/{FILES}/{first['name']}"]
    assert small.read_bytes() == before


def test_of_a_file_that_was_replaced_another_days_copy_is_not_taken(host, chunk, tmp_path):
    put_catalog(host, put(host, tmp_path, (0, 30)))
    chunk.through()
    put(host, tmp_path, (0, 30))
    host.etags[f"/thredds/fileServer/{FILES}/{ooi_name(0, 30)}"] = '"new"'
    Staged(tmp_path, chunk.place, chunk="2015-04-24").through()
    assert len([path for what, path, _ in host.seen if what == "GET" and path.endswith(".nc")]) == 2


def test_a_file_that_is_replaced_after_it_was_found_is_taken_as_it_is_now(host, chunk, tmp_path):
    put_catalog(host, put(host, tmp_path, (0, 23)))
    chunk.find()
    chunk.wait()
    path = f"/thredds/fileServer/{FILES}/{ooi_name(0, 23)}"
    host.files[path] = write_hours(tmp_path / "file.nc", 0, 24).read_bytes()
    manifest = chunk.download()
    assert manifest["files"][0]["bytes"] == len(host.files[path])


def test_a_window_that_no_file_reaches_into_is_written_down_with_what_there_is(host, chunk, tmp_path):
    put_catalog(host, put(host, tmp_path, (30, 33)))
    record = chunk.find()
    assert (record["outcome"], record["reason"]) == ("no data", "the catalog has files from 2015-04-24 to 2015-04-24")
    assert chunk.wait()["files"] == []


def test_what_has_not_changed_is_kept_as_it_was_written_down(host, chunk, tmp_path):
    put_catalog(host, put(host, tmp_path, (0, 24)))
    chunk.find()
    record = chunk.path("requests/2015-04-23.json")
    before = record.read_text().replace('"ordered_at": "20', '"ordered_at": "19')
    record.write_text(before)
    chunk.find()
    assert record.read_text() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no catalog at"),
        (catalog([]), "lists no netCDF file"),
        (b"<html>maintenance</html>", "no THREDDS catalog"),
        (b"<catalog", "cannot be read"),
        (b'<!DOCTYPE x [<!ENTITY a "aa">]><catalog/>', "cannot be read"),
        (catalog([f"{FILES}/{ooi_name(0, 24)}"], service="http://127.0.0.2/"), "leads to another host"),
        (catalog([f"{FILES}/other.nc"]), f"lists no file of {DESIGNATOR} streamed {STREAM}, but other.nc"),
        (catalog([f"../../{ooi_name(0, 24)}"]), "lists no netCDF file"),
        (catalog([f"{FILES}/{ooi_name(0, 24)}"]), "is listed and cannot be had (it is not there)"),
    ],
)
def test_a_catalog_that_is_not_in_order_gets_one_sentence_and_no_record(host, chunk, content, words):
    if content is not None:
        host.files[f"{ROOT}/catalog.xml"] = content
    with pytest.raises(PlumblineError) as refused:
        chunk.find()
    assert words in str(refused.value)
    assert not chunk.path("requests/2015-04-23.json").exists()


def test_a_host_that_cannot_be_reached_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("plumbline.ooi.reading.LONGEST_PATIENCE_S", 0.0)
    monkeypatch.setattr("plumbline.ooi.session.Retry", lambda **_: 0)
    chunk = Staged(tmp_path, Place("goldcopy", "http://127.0.0.1:9", f"http://127.0.0.1:9{ROOT}/catalog.xml"))
    with pytest.raises(PlumblineError, match=r"127\.0\.0\.1:9 cannot be reached .* check the address"):
        chunk.find()


def test_files_that_are_gone_are_looked_for_again_in_the_next_run(host, chunk, tmp_path):
    put_catalog(host, put(host, tmp_path, (0, 24)))
    chunk.find()
    chunk.wait()
    host.files = {}
    with pytest.raises(PlumblineError, match="Run again"):
        chunk.download()
    put_catalog(host, put(host, tmp_path, (0, 12), (12, 24)))
    assert len(chunk.wait()["files"]) == 2
    assert len(chunk.download()["files"]) == 2
