"""Some variables of a remote netCDF-4 file, fetched by ranges: the same to the last bit, and few bytes."""

import itertools
import struct
import time

import h5py
import netCDF4
import numpy as np
import pytest
import xarray

from plumbline.errors import PlumblineError
from plumbline.retrieval import transfer
from plumbline.retrieval.integrity import check_netcdf
from plumbline.retrieval.subset.fetching import UnreadableError, fetch_subset
from plumbline.retrieval.subset.ranges import WholeOnlyError
from result_host import ResultHost

ROWS = 30_000
NAME = "f.nc"


@pytest.fixture
def host(monkeypatch):
    monkeypatch.setattr(transfer.time, "sleep", lambda seconds: None)  # of every module: it is one clock
    with ResultHost() as host:
        yield host


def values_of(kind, rows=ROWS):
    """Return numbers with NaN of two kinds, infinities and a zero below zero among them."""
    values = np.random.default_rng(1).normal(2250, 1, rows).astype(kind)
    if values.dtype.kind == "f":
        values[5:9] = np.nan, np.inf, -np.inf, -0.0
        other = struct.pack("<Q", 0x7FF4000000000001) if values.dtype.itemsize == 8 else struct.pack("<I", 0x7FA00001)
        values.view(f"u{values.dtype.itemsize}")[9] = np.frombuffer(other, f"<u{values.dtype.itemsize}")[0]
    return values


def written(path, rows=ROWS, unlimited=True, kind="f4", fill=None, change=None, **how):
    """Write a file as OOI's are, with a variable stored in some way; return its bytes."""
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("obs", None if unlimited else rows)
        file.createDimension("string36", 36)
        file.title, file.lat, file.counts = "a title", 45.95, np.array([1, 2, 3], "i2")
        file.setncattr_string("names", ["één", "two"])
        of_time = {"contiguous": True} if how.get("contiguous") else {"zlib": True, "chunksizes": (512,)}
        seconds = file.createVariable("time", "f8", ("obs",), fill_value=-9999999.0, **of_time)
        ident = file.createVariable("id", "S1", ("obs", "string36"), zlib=True, chunksizes=(10_000, 36))
        pressure = file.createVariable("bottom_pressure", kind, ("obs",), fill_value=fill, **how)
        file.createVariable("no_data", "f4", ("obs",))
        pressure.units, pressure.comment = "psi", "Überdruck"
        pressure.valid = np.array([0.5, 1.5], "f8")
        seconds.units = "seconds since 1900-01-01 0:0:0"
        for variable in (seconds, ident, pressure):
            variable.set_auto_maskandscale(False)
        seconds[:] = 3_600_000_000.0 + np.arange(rows) * 0.05
        ident.set_auto_chartostring(False)
        ident[:] = np.random.default_rng(2).integers(97, 122, (rows, 36), "u1").view("S1")
        pressure[:] = values_of(kind, rows)
    if change:
        with h5py.File(path, "a") as file:
            change(file)
    return path.read_bytes()


def fetched(host, tmp_path, content, variables=("bottom_pressure",)):
    host.files[f"/{NAME}"] = content
    part = tmp_path / "subset.nc"
    return part, fetch_subset(f"{host.url}/{NAME}", part, NAME, "/x/f.nc", list(variables))


LAYOUTS = {
    "chunks": {},
    "float64": {"kind": "f8", "zlib": True, "shuffle": True, "fill": np.nan},
    "fletcher32": {"zlib": True, "fletcher32": True, "chunksizes": (777,)},
    "whole numbers": {"kind": "i4", "zlib": True, "fill": -9999},
    "contiguous": {"unlimited": False, "contiguous": True},
    "fixed length": {"unlimited": False, "zlib": True, "chunksizes": (4096,)},
    "big-endian": {"kind": ">f4", "endian": "big", "zlib": True},
    "chunks not packed": {"chunksizes": (1000,)},
}


@pytest.mark.parametrize("how", LAYOUTS.values(), ids=LAYOUTS)
def test_a_subset_is_the_same_to_the_last_bit_however_it_is_stored(host, tmp_path, how):
    content = written(tmp_path / "source.nc", **how)
    part, subset = fetched(host, tmp_path, content)
    assert check_netcdf(part) == ""
    with h5py.File(tmp_path / "source.nc") as source, h5py.File(part) as copy:
        assert set(copy) == {"time", "bottom_pressure", "obs"}
        for name in ("time", "bottom_pressure"):
            one, other = source[name], copy[name]
            assert one[:].tobytes() == other[:].tobytes()
            described = ("dtype", "shape", "maxshape", "chunks", "compression", "compression_opts", "shuffle")
            for what in (*described, "fletcher32"):
                assert getattr(one, what) == getattr(other, what), what
            np.testing.assert_array_equal(one.fillvalue, other.fillvalue)
            assert other.dims[0][0].name == "/obs"
    with netCDF4.Dataset(tmp_path / "source.nc") as source, netCDF4.Dataset(part) as copy:
        assert list(copy.variables) == ["time", "bottom_pressure"]
        assert list(copy.dimensions) == ["obs"]
        assert copy.dimensions["obs"].isunlimited() == source.dimensions["obs"].isunlimited()
        for one, other in ((source, copy), *((source[name], copy[name]) for name in copy.variables)):
            marks = [name for name in other.ncattrs() if name.startswith("plumbline_")]
            assert [name for name in other.ncattrs() if name not in marks] == one.ncattrs()
            for name in one.ncattrs():
                assert type(other.getncattr(name)) is type(one.getncattr(name))
                np.testing.assert_array_equal(other.getncattr(name), one.getncattr(name))
        assert copy.plumbline_subset_of == "/x/f.nc"
        assert copy.plumbline_subset_of_bytes == len(content) == subset.version.bytes
        assert copy.plumbline_subset_variables == "time, bottom_pressure"
    with xarray.open_dataset(tmp_path / "source.nc") as source, xarray.open_dataset(part) as copy:
        xarray.testing.assert_identical(copy["bottom_pressure"], source["bottom_pressure"])
        assert copy.encoding["unlimited_dims"] == source.encoding["unlimited_dims"]


def test_the_netcdf_library_can_go_on_with_a_subset(host, tmp_path):
    part, _ = fetched(host, tmp_path, written(tmp_path / "source.nc"))
    with netCDF4.Dataset(part, "a") as file:
        file["bottom_pressure"][ROWS] = 1.0
        assert file.dimensions["obs"].size == ROWS + 1


def test_a_variable_that_is_its_own_dimension_stays_one(host, tmp_path):
    with netCDF4.Dataset(tmp_path / "own.nc", "w") as file:
        file.createDimension("time", None)
        for name, kind in (("time", "f8"), ("bottom_pressure", "f4"), ("other", "f8")):
            file.createVariable(name, kind, ("time",))[:] = np.arange(ROWS)
    part, _ = fetched(host, tmp_path, (tmp_path / "own.nc").read_bytes())
    with netCDF4.Dataset(part) as file:
        assert list(file.dimensions) == ["time"]
        assert list(file.variables) == ["time", "bottom_pressure"]
        assert file["bottom_pressure"].dimensions == ("time",)


def test_the_same_file_gives_the_same_bytes_at_any_time(host, tmp_path):
    content = written(tmp_path / "source.nc")
    part, _ = fetched(host, tmp_path, content)
    first = part.read_bytes()
    start = time.time()
    while int(time.time()) <= int(start) + 1:
        pass
    part, _ = fetched(host, tmp_path, content)
    assert part.read_bytes() == first


def test_nothing_but_what_is_needed_is_fetched(host, tmp_path):
    content = written(tmp_path / "source.nc", rows=600_000, zlib=True, chunksizes=(10_000,))
    _, subset = fetched(host, tmp_path, content)
    needed = sum_of_chunks(tmp_path / "source.nc", ("time", "bottom_pressure"))
    assert host.sent == subset.bytes < 1.1 * needed + 200_000
    assert len(host.seen) == subset.requests < 40
    assert {command for command, _, _ in host.seen} == {"GET"}


def sum_of_chunks(path, names):
    with h5py.File(path) as file:
        return sum(file[name].id.get_storage_size() for name in names)


def text(file):
    del file["bottom_pressure"]
    file["bottom_pressure"] = np.full(ROWS, b"2250.0")


def link_outside(file):
    del file["bottom_pressure"]
    file["bottom_pressure"] = h5py.ExternalLink("/etc/passwd", "/time")


def raw_elsewhere(file):
    del file["bottom_pressure"]
    file.create_dataset("bottom_pressure", (ROWS,), "f8", external=[("/etc/hostname", 0, 8 * ROWS)])


def virtual(file):
    del file["bottom_pressure"]
    layout = h5py.VirtualLayout((ROWS,), "f4")
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "x", (ROWS,))
    file.create_virtual_dataset("bottom_pressure", layout)


def unknown_filter(file):
    del file["bottom_pressure"]
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk((1000,))
    properties.set_filter(32_000 + 999, h5py.h5z.FLAG_OPTIONAL)
    h5py.h5d.create(file.id, b"bottom_pressure", h5py.h5t.NATIVE_FLOAT, h5py.h5s.create_simple((ROWS,)), properties)


def of_references(file):
    file["bottom_pressure"].attrs["see"] = file["time"].ref


def missing(file):
    del file["bottom_pressure"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (missing, "it has no variable 'bottom_pressure'"),
        (text, "'bottom_pressure' is not one number for each row"),
        (link_outside, "'bottom_pressure' is no variable of its own"),
        (raw_elsewhere, "keeps its values in other files"),
        (virtual, "keeps its values in other files"),
        (unknown_filter, "a filter that is not known here"),
        (of_references, "attribute 'see' is of a kind that is not copied"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_cannot_be_copied_is_to_be_fetched_whole(host, tmp_path, change, words):
    content = written(tmp_path / "source.nc", change=change)
    with pytest.raises(WholeOnlyError, match=words):
        fetched(host, tmp_path, content)


def test_a_server_without_ranges_is_found_out_at_once(host, tmp_path):
    host.ranges = False
    with pytest.raises(WholeOnlyError, match="does not give ranges, it answered 200"):
        fetched(host, tmp_path, written(tmp_path / "source.nc"))
    assert len(host.seen) == 1


def test_answers_of_two_versions_are_never_mixed(host, tmp_path):
    old, new = (written(tmp_path / "source.nc", kind=kind) for kind in ("f4", "f8"))
    calls = itertools.count()

    def replace_it():
        if next(calls) == 2:
            host.files[f"/{NAME}"], host.etags[f"/{NAME}"] = new, '"new"'

    host.etags[f"/{NAME}"], host.on_get = '"old"', replace_it
    part, subset = fetched(host, tmp_path, old)
    assert (subset.version.bytes, subset.version.etag) == (len(new), '"new"')
    with h5py.File(part) as copy:
        assert copy["bottom_pressure"][:].tobytes() == values_of("f8").tobytes()


def test_a_file_that_never_stays_the_same_is_to_be_fetched_whole(host, tmp_path):
    calls = itertools.count()
    host.on_get = lambda: host.etags.update({f"/{NAME}": f'"{next(calls)}"'})
    with pytest.raises(WholeOnlyError, match="it changed 3 times while it was read"):
        fetched(host, tmp_path, written(tmp_path / "source.nc"))


def test_ranges_that_break_off_are_gone_on_with(host, tmp_path):
    host.cuts[f"/{NAME}"], host.statuses[f"/{NAME}"] = 6, [503, 500]
    part, _ = fetched(host, tmp_path, written(tmp_path / "source.nc"))
    assert check_netcdf(part) == ""


def test_a_file_that_is_gone_is_told_at_once(host, tmp_path):
    with pytest.raises(transfer.GoneError):
        fetch_subset(f"{host.url}/gone.nc", tmp_path / "x.nc", "gone.nc", "/gone.nc", ["bottom_pressure"])


def test_a_server_that_is_down_is_told_after_a_bounded_number_of_tries(host, tmp_path):
    host.statuses[f"/{NAME}"] = [500] * 1000
    with pytest.raises(PlumblineError, match="Run again to go on"):
        fetched(host, tmp_path, b"x")
    assert len(host.seen) < 50


@pytest.mark.parametrize("part", [0.0, 0.001, 0.01, 0.5, 0.99])
def test_damage_anywhere_ends_soon_and_with_few_bytes(host, tmp_path, part):
    content = bytearray(written(tmp_path / "source.nc"))
    place = int(part * (len(content) - 600))
    for at in range(place, place + 600):
        content[at] ^= 0xFF
    try:
        copy, _ = fetched(host, tmp_path, bytes(content))
    except (WholeOnlyError, UnreadableError):
        pass
    else:
        # What was not hit is whole; what was hit is found when every number is read.
        check_netcdf(copy)
    assert host.sent <= len(content) + 100_000


def test_chunks_that_claim_the_same_bytes_are_not_multiplied(host, tmp_path, monkeypatch):
    content = written(tmp_path / "source.nc")
    monkeypatch.setattr("plumbline.retrieval.subset.structure.Structure.bytes", len(content) + 1)
    with pytest.raises(WholeOnlyError, match="claim more bytes than it has"):
        fetched(host, tmp_path, content)
