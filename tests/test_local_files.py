"""Files that are here already: linked, never changed, taken by what is in them."""

import netCDF4
import pytest

from ooi_files import write_ooi_file
from plumbline.errors import PlumblineError
from plumbline.ooi.places import Place
from plumbline.retrieval.freeing import free
from plumbline.sources import names_here
from staged import TOKEN, Staged, ooi_name, samples, write_hours


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    return Staged(tmp_path, Place("files", "files", "data"))


def test_files_of_any_name_are_taken_by_the_times_in_them(here, tmp_path):
    for number, hours in enumerate([(-9, -3), (-2, 7), (6, 26), (27, 30)]):
        write_hours(tmp_path / "data" / f"part{number}.nc", *hours)
    write_hours(tmp_path / "data" / ooi_name(0, 24, TOKEN + "_15sec"), 0, 24)
    whole = write_hours(tmp_path / "whole.nc", 0, 24)
    assert here.through() == here.bins([whole])
    assert sorted(path.name for path in here.path("netcdf/2015-04-23").glob("*.nc")) == ["part1.nc", "part2.nc"]


def test_a_file_is_linked_and_stays_when_the_chunks_files_are_freed(here, tmp_path):
    original = write_hours(tmp_path / "data" / "mine.nc", 0, 24)
    here.through()
    linked = here.path("netcdf/2015-04-23/mine.nc")
    assert linked.is_symlink()
    assert not linked.readlink().is_absolute()
    folder = here.path("netcdf/2015-04-23")
    free(tmp_path / "bins.nc", folder.with_suffix(".json"), folder, "m", folder.with_suffix(".freed"))
    assert not linked.exists()
    assert original.stat().st_size > 0


def test_two_files_of_one_name_are_both_taken(here, tmp_path):
    for folder, hours in (("a", (0, 12)), ("b", (12, 24))):
        (tmp_path / "data" / folder).mkdir()
        write_hours(tmp_path / "data" / folder / "mine.nc", *hours)
    here.place = Place("files", "files", "data/**/*.nc")
    numbers, _ = here.through()
    assert numbers == [360] * 24


def test_a_file_that_is_replaced_after_it_was_found_is_told_and_found_anew(here, tmp_path):
    write_hours(tmp_path / "data" / "mine.nc", 0, 20)
    here.find()
    here.wait()
    write_hours(tmp_path / "data" / "mine.nc", 0, 24)
    with pytest.raises(PlumblineError, match=r"mine\.nc has \d+ bytes now and not \d+\. Run again"):
        here.download()
    here.wait()
    here.download()
    assert here.bins([here.path("netcdf/2015-04-23/mine.nc")])[0] == [360] * 24


def test_no_file_and_none_in_the_window_are_two_things(here, tmp_path):
    with pytest.raises(PlumblineError, match="There is no netCDF file at 'data'"):
        here.find()
    write_hours(tmp_path / "data" / "later.nc", 30, 31)
    assert here.find()["reason"] == "of 1 file at 'data' none reaches into it"


def test_a_file_that_is_no_netcdf_is_named(here, tmp_path):
    (tmp_path / "data" / "broken.nc").write_bytes(b"CDF\x01 is the form before netCDF-4")
    with pytest.raises(
        PlumblineError, match=r"data/broken\.nc cannot be read as netCDF-4 .*: leave it out of the stream's 'files'"
    ):
        here.find()


def test_a_file_without_the_variable_is_named_when_it_is_binned(here, tmp_path):
    seconds, values = samples(0, 24)
    write_ooi_file(tmp_path / "data" / "other.nc", seconds, {"temperature": values})
    with pytest.raises(
        PlumblineError, match=r"other\.nc has no variable 'bottom_pressure'; it has obs, temperature, time"
    ):
        here.through()


def test_what_plumbline_makes_is_left_out_and_of_links_to_one_file_one_is_taken(here, tmp_path):
    mine = write_hours(tmp_path / "data" / "mine.nc", 0, 24)
    (tmp_path / "data" / "again.nc").hardlink_to(mine)
    for made in ("staged/netcdf/2015-04-23/mine.nc", "staged/bins/2015-04-23.nc", "other/bins/2015-04-23.nc"):
        (tmp_path / "results" / made).parent.mkdir(parents=True, exist_ok=True)
        write_hours(tmp_path / "results" / made, 0, 24)
    raw = tmp_path / "results/other/netcdf/2015-04-23/raw.nc"
    raw.parent.mkdir(parents=True)
    write_hours(raw, 24, 25)
    here.place = Place("files", "files", "**/*.nc")
    assert [file["url"] for file in here.find()["answer"]["files"]] == ["data/again.nc"]
    assert here.path("bins").is_dir()
    assert "results/other/netcdf/2015-04-23/raw.nc" in map(str, names_here.paths_of("**/*.nc", "staged"))


def test_a_file_that_says_it_is_another_instruments_is_passed_over(here, tmp_path, caplog):
    for name, sensor in (("mine.nc", "05-BOTPTA301"), ("from_colleague.nc", "05-BOTPTA302")):
        path = write_hours(tmp_path / "data" / name, 0, 24)
        with netCDF4.Dataset(path, "a") as file:
            about = {"subsite": "RS03CCAL", "node": "MJ03F", "sensor": sensor}
            file.setncatts(about | {"collection_method": "streamed", "stream": "botpt_nano_sample"})
    assert [file["url"] for file in here.find()["answer"]["files"]] == ["data/mine.nc"]
    assert (
        "from_colleague.nc says that it is RS03CCAL-MJ03F-05-BOTPTA302 streamed botpt_nano_sample, and not"
        in caplog.text
    )


def test_a_folder_whose_files_lie_deeper_is_told_how_to_write_it(here, tmp_path):
    (tmp_path / "data" / "2015").mkdir()
    write_hours(tmp_path / "data" / "2015" / "mine.nc", 0, 24)
    with pytest.raises(PlumblineError, match=r"for which write 'data/\*\*/\*\.nc'"):
        here.find()


def test_a_file_that_ends_in_two_times_and_is_not_ooi_named_is_opened(here, tmp_path):
    write_hours(tmp_path / "data" / "axial_20150423T000000-20150423T000100.nc", 0, 24)
    assert here.through()[0] == [360] * 24
