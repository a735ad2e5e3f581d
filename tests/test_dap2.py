"""DAP2: what a server says of a dataset, and numbers of which every byte must be there."""

from contextlib import nullcontext

import netCDF4
import numpy as np
import pytest

from plumbline.errors import PlumblineError
from plumbline.ooi.places import Place
from plumbline.ooi.session import result_session
from plumbline.sources import dap, dap2
from result_host import ResultHost
from staged import TOKEN, Staged, ooi_name, samples, write_hours

# As THREDDS describes OOI's files: what has a coordinate variable along its dimension is a grid.
DDS = """Dataset {
    Grid {
     ARRAY:
        Float32 bottom_pressure[obs = 4];
     MAPS:
        Int32 obs[obs = 4];
    } bottom_pressure;
    Int32 obs[obs = 4];
    Float64 time[obs = 4];
    String id[obs = 4];
} ooi/user@example.org/file.nc;
"""
DAS = """Attributes {
    bottom_pressure {
        Float64 _FillValue -9999999.0;
        String units "psi";
        String long_name "Bottom \\"Pressure\\"; of { the } sea";
        UInt32 _ChunkSizes 10000;
    }
    time {
        String units "seconds since 1900-01-01 0:0:0";
    }
    NC_GLOBAL {
        String title "a; b";
        Int32 numbers 1, 2, 3;
    }
    DODS_EXTRA {
        String Unlimited_Dimension "obs";
    }
}
"""
PRESSURES = np.array([2250.5, 2251.25, -0.0, 1e-30], ">f4")
TIMES = np.array([1.0, 2.5, 1e10, 3.6e9], ">f8")
NUMBER = np.array([4, 4], ">u4").tobytes()
# A grid's maps follow its array.
ANSWER = (
    DDS.replace("    Int32 obs[obs = 4];\n    Float64", "    Float64").replace("    String id[obs = 4];\n", "").encode()
    + b"\nData:\n"
    + NUMBER
    + PRESSURES.tobytes()
    + NUMBER
    + np.arange(4, dtype=">i4").tobytes()
    + NUMBER
    + TIMES.tobytes()
)


@pytest.fixture
def host():
    with ResultHost() as server:
        server.files = {"/d/file.nc.dds": DDS.encode(), "/d/file.nc.das": DAS.encode(), "/d/file.nc.dods": ANSWER}
        yield server


@pytest.fixture
def url(host):
    return f"{host.url}/d/file.nc"


@pytest.fixture
def session():
    return result_session(patient=False)


def test_a_grid_is_its_array_and_attributes_are_what_they_say(session, url):
    dataset = dap2.describe(session, url)
    assert {name: (one.type, one.shape) for name, one in dataset.arrays.items()} == {
        "bottom_pressure": ("Float32", (4,)),
        "obs": ("Int32", (4,)),
        "time": ("Float64", (4,)),
        "id": ("String", (4,)),
    }
    told = dataset.attributes["bottom_pressure"]
    assert told["long_name"] == 'Bottom "Pressure"; of { the } sea'
    assert (told["_FillValue"], told["units"]) == (-9999999.0, "psi")
    assert dataset.attributes["NC_GLOBAL"]["numbers"].tolist() == [1, 2, 3]


def test_numbers_come_as_they_are(session, url, host):
    arrays = dap2.describe(session, url).arrays
    found = dap2.rows(session, url, [arrays["bottom_pressure"], arrays["time"]], 0, 4)
    np.testing.assert_array_equal(found["bottom_pressure"], PRESSURES)
    np.testing.assert_array_equal(found["time"], TIMES)
    assert (found["bottom_pressure"].dtype, found["time"].dtype) == (np.float32, np.float64)


def test_an_answer_of_which_a_byte_is_missing_or_too_many_is_none(session, url, host):
    arrays = dap2.describe(session, url).arrays
    wanted = [arrays["bottom_pressure"], arrays["time"]]
    for content in [*(ANSWER[:length] for length in range(0, len(ANSWER), 7)), ANSWER + b"\0", ANSWER + NUMBER]:
        host.files["/d/file.nc.dods"] = content
        with pytest.raises(dap2.DapError):
            dap2.rows(session, url, wanted, 0, 4)


def test_an_answer_to_another_question_is_none(session, url):
    arrays = dap2.describe(session, url).arrays
    with pytest.raises(dap2.DapError, match="other than 3 rows"):
        dap2.rows(session, url, [arrays["time"]], 0, 3)


@pytest.mark.parametrize("words", ["Request Too Large: 600 MB, max=500", ""])
def test_a_refusal_is_told_in_the_servers_words(session, url, host, words):
    host.files["/d/file.nc.dods"] = f'Error {{\n    code = 403;\n    message = "{words}";\n}};\n'.encode()
    arrays = dap2.describe(session, url).arrays
    with pytest.raises(dap2.DapError, match=words or "it answers 200"):
        dap2.rows(session, url, [arrays["time"]], 0, 4)


@pytest.mark.parametrize("content", [b"", b"<html>", b"Dataset { Float64 time[obs = x]; } a;", b"}", b"Dataset {"])
def test_what_is_no_description_is_refused(session, url, host, content):
    host.files["/d/file.nc.dds"] = content
    with pytest.raises(dap2.DapError):
        dap2.describe(session, url)


class Served:
    """A dataset of which rows are answered as they are asked for, in whatever order they are."""

    def __init__(self, columns):
        self.columns, self.asked = columns, []

    def rows(self, session, url, arrays, start, stop, stride=1):
        self.asked.append((start, stop, stride))
        return {one.name: self.columns[one.name][start:stop:stride] for one in arrays}

    def describe(self, session, url):
        count = len(self.columns["time"])
        arrays = {name: dap2.Array(name, "Float64", (count,)) for name in self.columns}
        return dap2.Dataset(arrays, {"time": {"units": "seconds since 1970-01-01"}})


@pytest.mark.parametrize("disorder_s", [0, 40])
@pytest.mark.parametrize("looked_at", [3, 50, 100_000])
def test_every_row_of_the_window_comes_however_few_times_are_looked_at(tmp_path, monkeypatch, looked_at, disorder_s):
    seconds, values = samples(-20, 50)
    seconds = seconds[np.argsort(seconds + np.random.default_rng(1).uniform(0, disorder_s, seconds.size))]
    served = Served({"time": seconds, "bottom_pressure": values.astype(float)})
    monkeypatch.setattr(dap, "rows", served.rows)
    monkeypatch.setattr(dap, "describe", served.describe)
    monkeypatch.setattr(dap, "LOOKED_AT", looked_at)
    monkeypatch.setattr(dap, "BLOCK_BYTES", 16_000)
    window = {"begin": "2015-04-23T00:00:00Z", "end": "2015-04-24T00:00:00Z"}
    dap.write_window("http://127.0.0.1:9/x", tmp_path / "small.nc", window, ["bottom_pressure"], "x.nc", nullcontext())
    whole = write_hours(tmp_path / "whole.nc", 0, 24)
    staged = Staged(tmp_path, Place("files", "files", "."))
    assert staged.bins([tmp_path / "small.nc"])[0] == staged.bins([whole])[0]
    assert max(stop - start for start, stop, stride in served.asked if stride == 1) <= 1000 or looked_at == 100_000


def test_a_dataset_that_is_replaced_while_it_is_read_is_begun_again(tmp_path, monkeypatch):
    seconds, values = samples(0, 24)
    served = Served({"time": seconds, "bottom_pressure": values.astype(float)})
    monkeypatch.setattr(dap, "rows", served.rows)
    monkeypatch.setattr(dap, "sleep", lambda _: None)
    versions = iter(["old", *["new"] * 7])

    def describe(session, url):
        dataset = served.describe(session, url)
        dataset.attributes["NC_GLOBAL"] = {"uuid": next(versions)}
        return dataset

    monkeypatch.setattr(dap, "describe", describe)
    window = {"begin": "2015-04-23T00:00:00Z", "end": "2015-04-24T00:00:00Z"}
    dap.write_window("http://127.0.0.1:9/x", tmp_path / "small.nc", window, ["bottom_pressure"], "x.nc", nullcontext())
    with netCDF4.Dataset(tmp_path / "small.nc") as small:
        assert small.uuid == "new"
    versions = iter("abcdefgh")
    with pytest.raises(PlumblineError, match="replaced while it was read, 4 times"):
        dap.write_window(
            "http://127.0.0.1:9/x", tmp_path / "small.nc", window, ["bottom_pressure"], "x.nc", nullcontext()
        )


def test_a_dataset_without_the_variable_names_what_it_has(tmp_path, host, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = ooi_name(0, 24)
    folder = f"/thredds/dodsC/{TOKEN}"
    host.files = {
        f"{folder}/{name}.{kind}": content for kind, content in (("dds", DDS.encode()), ("das", DAS.encode()))
    }
    chunk = Staged(tmp_path, Place("opendap", host.url, f"{host.url}{folder}/{name}"))
    with pytest.raises(PlumblineError, match="has no variable 'pressure'; it has bottom_pressure, obs, time"):
        chunk.through(variables=["pressure"])
