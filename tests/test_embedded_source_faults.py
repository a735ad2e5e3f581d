"""Faults of the gold copy, of OPeNDAP and of the raw archive, switched on one by one or together."""

import netCDF4
import numpy as np
import pytest
import requests

from goldcopy import PUBLIC, catalog, dap_url, datasets, file_url, root_of
from serving import serving

CENTRAL, MOORING = "RS03CCAL-MJ03F-05-BOTPTA301", "CE02SHSM-RID27-03-CTDBPC000"
EAST = "RS03ECAL-MJ03E-06-BOTPTA302"
SENT, HOST = "ctdbp_cdef_dcl_instrument", "ctdbp_cdef_dcl_instrument_recovered"
INST = "ctdbp_cdef_instrument_recovered"
TOKENS = {
    SENT: f"{MOORING}-telemetered-{SENT}",
    HOST: f"{MOORING}-recovered_host-{HOST}",
    INST: f"{MOORING}-recovered_inst-{INST}",
}
LILY, HEAT = f"{CENTRAL}-streamed-botpt_lily_sample", f"{CENTRAL}-streamed-botpt_heat_sample"
FAULTS = [
    {"mode": "goldcopy_missing", "stream": "botpt_lily_sample", "reference_designator": CENTRAL, "times": 1},
    {"mode": "goldcopy_empty", "stream": "botpt_heat_sample"},
    {"mode": "goldcopy_overlap", "stream": "botpt_nano_sample", "on": "2015-05-02"},
    {"mode": "goldcopy_replaced", "stream": SENT},
    {"mode": "thredds5", "stream": SENT},
    {"mode": "cut_download", "stream": INST, "times": 1},
    {"mode": "dap_fill_mismatch", "stream": SENT},
    {"mode": "dap_truncated", "stream": HOST},
    {"mode": "dap_down", "stream": INST, "times": 1},
    {"mode": "raw_truncated_lines", "reference_designator": CENTRAL, "on": "2014-08-29", "times": 1},
    {"mode": "raw_missing_day", "reference_designator": CENTRAL, "on": "2014-08-30"},
]


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server"), faults=FAULTS) as address:
        yield address


def first_file(api, stream):
    """Return the token of a stream and the name of its first file."""
    return TOKENS[stream], next(iter(datasets(api, TOKENS[stream])))


def test_a_folder_may_be_missing(api):
    assert catalog(api, LILY).status_code == 404
    assert catalog(api, LILY).status_code == 200
    assert catalog(api, LILY.replace(CENTRAL, EAST)).status_code == 200


def test_a_catalog_may_be_empty(api):
    answer = catalog(api, HEAT)
    assert answer.status_code == 200
    assert "urlPath" not in answer.text


def test_neighbours_may_overlap(api):
    token = f"{CENTRAL}-streamed-botpt_nano_sample"
    names = [name for name in datasets(api, token) if "-2015050" in name]
    tails = [name.rpartition("_")[2] for name in names]
    assert "20150501T000000-20150501T235959.950000.nc" in tails
    assert "20150501T210000-20150502T235959.950000.nc" in tails
    assert "20150503T000000-20150503T235959.950000.nc" in tails


def test_a_file_may_be_replaced(api):
    token, name = first_file(api, SENT)
    url = file_url(api, token, name)
    head, first = requests.head(url, timeout=60), requests.get(url, timeout=60)
    assert head.headers["ETag"] == first.headers["ETag"]
    later = [requests.head(url, timeout=60), requests.get(url, timeout=60), requests.get(url, timeout=60)]
    for answer in later:
        assert answer.headers["ETag"] != first.headers["ETag"]
        assert answer.headers["Content-Length"] != first.headers["Content-Length"]
        assert answer.headers["Last-Modified"] != first.headers["Last-Modified"]
    assert later[1].content == later[2].content
    with (
        netCDF4.Dataset("memory.nc", memory=first.content) as one,
        netCDF4.Dataset("memory.nc", memory=later[1].content) as other,
    ):
        np.testing.assert_array_equal(one["time"][:], other["time"][:])
    # a range of the first is not continued with bytes of the second
    resumed = requests.get(url, headers={"Range": "bytes=100-", "If-Range": first.headers["ETag"]}, timeout=60)
    assert (resumed.status_code, resumed.content) == (200, later[1].content)


def test_pages_may_be_those_of_thredds_5(api):
    pages = [
        requests.get(f"{root_of(api)}/thredds/catalog/{PUBLIC}/{TOKENS[stream]}/catalog.html", timeout=20).text
        for stream in (SENT, HOST)
    ]
    assert '<a href="catalog.html?dataset=' in pages[0]
    assert "<code>" in pages[0]
    assert "<a href='catalog.html?dataset=" in pages[1]


def test_a_transfer_may_break_off(api):
    token, name = first_file(api, INST)
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(file_url(api, token, name), timeout=60)
    whole = requests.get(file_url(api, token, name), timeout=60)
    assert int(whole.headers["Content-Length"]) == len(whole.content)


def test_fill_values_may_be_of_another_type(api):
    token, name = first_file(api, SENT)
    url = dap_url(api, token, name)
    text = requests.get(f"{url}.das", timeout=60).text
    variable = text.partition("    sea_water_temperature {\n")[2].partition("}")[0]
    assert "Float64 _FillValue -9999999.0;" in variable
    with netCDF4.Dataset(f"{url}#fillmismatch") as file:
        assert file["sea_water_temperature"].dtype == np.float32
        assert np.isfinite(file["sea_water_temperature"][:10]).all()


def test_data_may_break_off(api):
    token, name = first_file(api, HOST)
    url = dap_url(api, token, name)
    assert requests.get(f"{url}.dds", timeout=60).status_code == 200
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(f"{url}.dods?time", timeout=60)
    content = requests.get(file_url(api, token, name), timeout=60).content
    with netCDF4.Dataset(url) as remote, netCDF4.Dataset("memory.nc", memory=content) as local:
        # netCDF's own client says so on standard error alone, and gives what its memory held: nobody may believe it
        assert not np.array_equal(remote["time"][:], local["time"][:])


def test_opendap_may_be_down(api):
    token, name = first_file(api, INST)
    answer = requests.get(f"{dap_url(api, token, name)}.dds", timeout=60)
    assert (answer.status_code, answer.text.splitlines()[1]) == (500, "    code = 500;")
    assert requests.get(f"{dap_url(api, token, name)}.dds", timeout=60).status_code == 200


def test_lines_may_be_broken_and_a_day_may_be_missing(api):
    folder = f"{root_of(api)}/files/RS03CCAL/MJ03F"
    page = requests.get(f"{folder}/", timeout=20).text
    assert "_20140829T0000_UTC.dat" in page
    assert "_20140830T0000_UTC.dat" not in page
    assert "_20140831T0000_UTC.dat" in page
    missing = requests.get(f"{folder}/BOTPTA301_10.31.6.5_9338_20140830T0000_UTC.dat", timeout=20)
    assert missing.status_code == 404
    url = f"{folder}/BOTPTA301_10.31.6.5_9338_20140829T0000_UTC.dat"
    told = int(requests.head(url, timeout=60).headers["Content-Length"])
    damaged, whole = (requests.get(url, timeout=60).content for _ in range(2))
    assert told == len(damaged) < len(whole)
    good = set(whole.splitlines())
    bad = [line for line in damaged.splitlines() if line not in good]
    assert 0.002 < len(bad) / len(good) < 0.02
    assert any(line.count(b"NANO") == 2 for line in bad)  # joined
    assert any(len(line) < 30 for line in bad)  # broken
