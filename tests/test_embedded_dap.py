"""OPeNDAP at the embedded server, read by netCDF's own client and byte by byte."""

import time

import netCDF4
import numpy as np
import pytest
import requests
import xarray

from goldcopy import dap_url, file_url, root_of
from plumbline.embedded import EMAIL, TOKEN, USERNAME
from serving import serving

CENTRAL, MOORING = "RS03CCAL-MJ03F-05-BOTPTA301", "CE02SHSM-RID27-03-CTDBPC000"
NANO = f"{CENTRAL}-streamed-botpt_nano_sample"
NAME = f"deployment0001_{NANO}_20140829T205950-20140829T235959.950000.nc"
LIMIT_MBYTES = 5


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server"), dap_limit_mbytes=LIMIT_MBYTES) as address:
        yield address


@pytest.fixture(scope="module")
def url(api):
    return dap_url(api, NANO, NAME)


@pytest.fixture(scope="module")
def truth(api):
    """The same file, downloaded."""
    content = requests.get(file_url(api, NANO, NAME), timeout=60).content
    with netCDF4.Dataset("memory.nc", memory=content) as file:
        file.set_auto_maskandscale(False)
        yield file


def got(url, **more):
    answer = requests.get(url, timeout=60, **more)
    assert answer.status_code == 200, answer.text
    return answer


def test_the_structure_is_that_of_the_file(url, truth):
    answer = got(f"{url}.dds")
    assert answer.headers["Content-Description"] == "dods-dds"
    lines = answer.text.splitlines()
    count = truth.dimensions["obs"].size
    assert lines[0] == "Dataset {"
    assert f"    Float32 bottom_pressure[obs = {count}];" in lines
    assert f"    String id[obs = {count}];" in lines
    assert lines[-1] == f"}} ooigoldcopy/public/{NANO}/{NAME};"
    assert [line.split()[1].partition("[")[0] for line in lines[1:-1]] == list(truth.variables)


def test_the_attributes_have_thredds_habits(url):
    text = got(f"{url}.das").text
    assert "        Float32 _FillValue -9999999.0;" in text
    assert '        DODS {\n            Int32 strlen 36;\n            String dimName "string36";\n' in text
    assert '    DODS_EXTRA {\n        String Unlimited_Dimension "obs";\n' in text
    assert "        Int32 _ChunkSizes 10000, 36;" in text
    assert '        String data_origin "synthetic: signal model of' in text


@pytest.mark.parametrize("mark", ["", "#fillmismatch"])
def test_netcdf_reads_it(url, truth, mark):
    with netCDF4.Dataset(url + mark) as remote:
        remote.set_auto_maskandscale(False)
        assert set(remote.variables) == set(truth.variables)
        assert remote.getncattr("DODS_EXTRA.Unlimited_Dimension") == "obs"
        for name in ("obs", "time", "bottom_pressure", "deployment", "bottom_pressure_qartod_results"):
            np.testing.assert_array_equal(remote[name][:], truth[name][:])
            np.testing.assert_array_equal(remote[name][7:5000:13], truth[name][7:5000:13])
        identifiers = remote["id"][100:200]
        assert identifiers.shape == (100, 64)  # as long as DAP's client thinks a text may be
        np.testing.assert_array_equal(identifiers[:, :36], truth["id"][100:200])
        assert not np.ma.getdata(identifiers[:, 36:]).astype("S1").tobytes().strip(b"\0")


def test_xarray_reads_it(url, truth):
    with xarray.open_dataset(f"{url}#fillmismatch") as remote:
        assert remote["time"].values[0] == np.datetime64("2014-08-29T20:59:50")
        np.testing.assert_array_equal(remote["bottom_pressure"][50:60].values, truth["bottom_pressure"][50:60])


def test_several_variables_with_slabs_in_one_answer(url, truth):
    for first, last in ("[]", ("%5B", "%5D")):
        asked = f"time{first}10:2:14{last},bottom_pressure{first}10:2:14{last},date_time_string{first}3{last}"
        content = got(f"{url}.dods?{asked}").content
        head, _, values = content.partition(b"\nData:\n")
        assert head.decode().splitlines()[1:4] == [
            "    Float64 time[obs = 3];",
            "    Float32 bottom_pressure[obs = 3];",
            "    String date_time_string[obs = 1];",
        ]
        expected = b"\0\0\0\3" * 2 + truth["time"][10:15:2].astype(">f8").tobytes()
        expected += b"\0\0\0\3" * 2 + truth["bottom_pressure"][10:15:2].astype(">f4").tobytes()
        written = truth["date_time_string"][3].tobytes()
        expected += b"\0\0\0\1" + b"\0\0\0\x17" + written + b"\0"
        assert values == expected
    # bytes are packed, and filled up to four
    values = got(f"{url}.dods?bottom_pressure_qartod_results[0:4]").content.partition(b"\nData:\n")[2]
    assert values == b"\0\0\0\5" * 2 + b"\1\1\1\1\1" + b"\0\0\0"


@pytest.mark.parametrize("asked", ["nothing", "time[5:1]", "time[0:1:99999999]", "time[x]", "time&time>3"])
def test_what_cannot_be_given_is_an_error_object(url, asked):
    answer = requests.get(f"{url}.dods?{asked}", timeout=20)
    assert answer.status_code == 400
    assert answer.headers["Content-Description"] == "dods-error"
    assert answer.text.startswith('Error {\n    code = 400;\n    message = "')


def test_what_is_not_there_is_an_error_object(api, url):
    for other in (url.replace("0829", "0828"), f"{root_of(api)}/thredds/dodsC/nothing.nc"):
        answer = requests.get(f"{other}.dds", timeout=20)
        assert (answer.status_code, answer.text.splitlines()[1]) == (404, "    code = 404;")


def test_too_much_is_refused_in_thredds_words(url, truth):
    count = truth.dimensions["obs"].size
    answer = requests.get(f"{url}.dods?time,id", timeout=20)
    assert answer.status_code == 403
    size = count * (8 + 36) / 1e6
    assert answer.text == f'Error {{\n    code = 403;\n    message = "Request too big={size} Mbytes, max=5.0";\n}};\n'
    assert len(got(f"{url}.dods?time").content) > 8 * count  # while less is given


def test_results_of_an_order_can_be_read(api):
    inventory = f"{api}/12576/sensor/inv/{MOORING.replace('-', '/', 2)}/telemetered/ctdbp_cdef_dcl_instrument"
    window = {"beginDT": "2015-06-01T00:00:00.000Z", "endDT": "2015-06-03T00:00:00.000Z"}
    answer = requests.get(inventory, params=window, auth=(USERNAME, TOKEN), timeout=20).json()
    folder = next(one for one in answer["allURLs"] if "/async_results/" in one)
    deadline = time.monotonic() + 60
    while requests.get(f"{folder}/status.txt", timeout=20).text != "complete\n":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    directory = folder.rpartition("/")[2]
    page = requests.get(f"{root_of(api)}/thredds/catalog/ooi/{EMAIL}/{directory}/catalog.xml", timeout=20).text
    path = next(part.partition('"')[0] for part in page.split('urlPath="')[1:] if '.nc"' in part.partition(">")[0])
    content = requests.get(f"{root_of(api)}/thredds/fileServer/{path}", timeout=20).content
    with (
        netCDF4.Dataset(f"{root_of(api)}/thredds/dodsC/{path}") as remote,
        netCDF4.Dataset("memory.nc", memory=content) as local,
    ):
        np.testing.assert_array_equal(remote["sea_water_temperature"][:], local["sea_water_temperature"][:])
    assert "<h1>OPeNDAP" in got(f"{root_of(api)}/thredds/dodsC/{path}.html").text
