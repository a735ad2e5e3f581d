"""Files that are not what they should be: named in a sentence, in bounded memory and time."""

import io
import json
import time

import h5py
import numpy as np
import pytest

from mean_server import DAY_S, NAME, assert_refused
from ooi_files import write_ooi_file


def netcdf(tmp_path, change=None, **columns):
    """Return the bytes of a file of the day with other columns, and with something changed by h5py."""
    seconds = DAY_S + np.arange(200) * 432
    path = write_ooi_file(tmp_path / "made.nc", seconds, columns or {"bottom_pressure": np.full(200, 2250.0)})
    if change:
        with h5py.File(path, "a") as file:
            change(file)
    content = path.read_bytes()
    path.unlink()
    return content


def as_text(file):
    del file["bottom_pressure"]
    file["bottom_pressure"] = np.full(200, b"2250.0")


def too_many_rows(file):
    """Declare a million million rows, of which none is stored."""
    for name in ("time", "bottom_pressure"):
        units = file[name].attrs["units"]
        del file[name]
        column = file.create_dataset(name, (10**12,), "f8", chunks=(10_000,), maxshape=(None,), compression="gzip")
        column.attrs["units"] = units


def one_large_piece(file):
    del file["bottom_pressure"]
    file.create_dataset("bottom_pressure", (200,), "f8", chunks=(10**9,), maxshape=(None,), compression="gzip")


def link_outside(file):
    del file["time"]
    file["time"] = h5py.ExternalLink("/etc/passwd", "/time")


def pressure_elsewhere(file):
    """Point to another file of this machine for the values."""
    del file["bottom_pressure"]
    file["bottom_pressure"] = h5py.ExternalLink("/tmp/secret.h5", "/bottom_pressure")


def raw_elsewhere(file):
    del file["bottom_pressure"]
    file.create_dataset("bottom_pressure", (200,), "f8", external=[("/etc/hostname", 0, 1600)])


def shorter(file):
    del file["bottom_pressure"]
    file["bottom_pressure"] = np.full(100, 2250.0)


def no_units(file):
    file["time"].attrs["units"] = "fortnights since the flood"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (as_text, ["holds 'bottom_pressure' as |S6"]),
        (too_many_rows, ["'time' declares 1000000000000 values, more than its bytes can hold"]),
        (one_large_piece, ["stored in pieces of 1000000000 values"]),
        (link_outside, ["it has no variable 'time'"]),
        (pressure_elsewhere, ["has no variable 'bottom_pressure'"]),
        (raw_elsewhere, ["'bottom_pressure' keeps its values in other files"]),
        (shorter, ["holds 100 values of 'bottom_pressure' for 200 times"]),
        (no_units, ["gives its time in 'fortnights since the flood'"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_file_that_is_not_what_it_should_be_is_named(chunk, server, tmp_path, change, words):
    server.files[NAME] = netcdf(tmp_path, change)
    start = time.monotonic()
    assert_refused(chunk.through(), NAME, *words)
    assert time.monotonic() - start < 60
    assert not chunk.path("bins").exists() or not list(chunk.path("bins").iterdir())


def test_a_missing_variable_is_named_with_those_that_are_there(chunk, server, tmp_path):
    server.files[NAME] = netcdf(tmp_path, press_trans_temp=np.full(200, 2.7))
    assert_refused(
        chunk.through(), "has no variable 'bottom_pressure'; it has obs, press_trans_temp, time", "variables"
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><title>Bad Gateway</title>" * 10, "it is an HTML page"),
        (b"CDF\x01" + bytes(1000), "it cannot be read"),
        (b"\x89HDF\r\n\x1a\n" + bytes(1000), "it cannot be read"),
        (b"", "it cannot be read"),
    ],
    ids=["html", "netCDF-3", "torn", "empty"],
)
def test_what_is_no_netcdf_is_fetched_again_and_then_named(chunk, server, content, words):
    server.files[NAME] = content
    done = chunk.through()
    assert_refused(done, f"{NAME} arrived whole 4 times and cannot be used", words, "Run again to order anew")
    assert not list(chunk.path("netcdf/2015-04-23").glob("*.nc"))
    assert not list(chunk.path("netcdf/2015-04-23").glob("*.part"))


def test_bytes_that_changed_on_the_way_are_found_before_they_are_counted(chunk, server):
    content, gets = server.files[NAME], []
    with h5py.File(io.BytesIO(content)) as file:
        place = file["bottom_pressure"].id.get_chunk_info(0)

    def damaged(handler):
        gets.append(handler.command)
        harmed = bytearray(content)
        harmed[place.byte_offset + place.size // 2] ^= 0xFF
        handler.give(content if gets.count("GET") > 1 else bytes(harmed))

    server.files[NAME] = damaged
    assert chunk.through().code == 0
    assert gets.count("GET") == 2


def test_where_it_is_asked_for_the_chunk_goes_on_without_a_file_that_cannot_be_read(chunk, server):
    bad = NAME.replace("T000000-", "T060000-")
    server.files[bad] = b"<!DOCTYPE html><title>Bad Gateway</title>" * 10
    chunk.order()
    chunk.wait()
    assert_refused(chunk.download(), bad, "Run again to order anew")
    chunk.path("requests/2015-04-23.json").unlink()
    chunk.order()
    done = chunk.download("--unreadable", "skip")
    assert done.code == 0, done.text
    assert "Going on without a file" in done.text
    manifest = json.loads(chunk.path("netcdf/2015-04-23.json").read_text())
    assert [file["name"] for file in manifest["files"]] == [NAME]
    ((name, reason),) = [tuple(file.values()) for file in manifest["unreadable"]]
    assert name == bad
    assert "it is an HTML page" in reason
    assert chunk.bin().code == 0
