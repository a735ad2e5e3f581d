"""The gold copy of the embedded server: catalogs, and files that are made when they are asked for."""

import re
import time
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import netCDF4
import numpy as np
import psutil
import pytest
import requests

from goldcopy import NAMESPACE, PUBLIC, catalog, datasets, file_url, root_of
from plumbline.embedded import signal
from serving import serving

CENTRAL, MOORING = "RS03CCAL-MJ03F-05-BOTPTA301", "CE02SHSM-RID27-03-CTDBPC000"
NANO, LILY = f"{CENTRAL}-streamed-botpt_nano_sample", f"{CENTRAL}-streamed-botpt_lily_sample"
FIFTEEN = f"{CENTRAL}-streamed-botpt_nano_sample_15sec"
SENT, STREAM = f"{MOORING}-telemetered-ctdbp_cdef_dcl_instrument", "ctdbp_cdef_dcl_instrument"
FIRST_DAY = f"deployment0001_{NANO}_20140829T205950-20140829T235959.950000.nc"
NTP_OF_1970_S = 2_208_988_800
HOURS_3_MS = 10_800_000


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


def times_ms(file):
    return np.rint((file["time"][:].data - NTP_OF_1970_S) * 1000).astype(np.int64)


def test_the_catalog_above_refers_to_every_stream(api):
    tree = ElementTree.fromstring(catalog(api).text)
    href = "{http://www.w3.org/1999/xlink}href"
    found = [one.get(href) for one in tree.iter(f"{NAMESPACE}catalogRef")]
    assert f"{SENT}/catalog.xml" in found
    assert f"{LILY}/catalog.xml" in found
    assert len(found) == 4 * 6 + 1 + 3
    for reference in found:
        answer = requests.get(f"{root_of(api)}/thredds/catalog/{PUBLIC}/{reference}", timeout=20)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("application/xml")
    page = requests.get(f"{root_of(api)}/thredds/catalog/{PUBLIC}/catalog.html", timeout=20).text
    assert f"href='{SENT}/catalog.html'" in page


def test_a_piece_is_a_day_a_month_or_a_year_and_the_running_one_is_left_out(api):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    days = list(datasets(api, NANO))
    assert days[0] == FIRST_DAY
    assert f"_{yesterday:%Y%m%d}T000000-{yesterday:%Y%m%d}T235959.950000.nc" in days[-2]
    assert days[-1] == "status.txt"
    assert len(days) > 4000
    months = list(datasets(api, LILY))
    assert f"deployment0001_{LILY}_20150201T000000-20150228T235959.nc" in months
    assert not [name for name in months if f"_{datetime.now(UTC):%Y%m}01T" in name]
    years = list(datasets(api, FIFTEEN))
    assert years[1] == f"deployment0001_{FIFTEEN}_20150101T000000-20151231T235945.nc"
    assert not [name for name in years if f"_{datetime.now(UTC):%Y}" in name]


def test_a_dataset_has_its_path_its_size_and_its_date(api):
    one = datasets(api, NANO)[FIRST_DAY]
    assert one.get("ID") == one.get("urlPath") == f"{PUBLIC}/{NANO}/{FIRST_DAY}"
    size = one.find(f"{NAMESPACE}dataSize")
    assert size.get("units") == "Mbytes"
    assert one.find(f"{NAMESPACE}date").text == "2014-08-30T00:00:00Z"
    length = int(requests.head(file_url(api, NANO, FIRST_DAY), timeout=60).headers["Content-Length"])
    assert float(size.text) * 1e6 == pytest.approx(length, rel=0.1)  # estimated
    assert float(datasets(api, NANO)[FIRST_DAY].find(f"{NAMESPACE}dataSize").text) == float(f"{length / 1e6:.4g}")
    chosen = requests.get(
        f"{root_of(api)}/thredds/catalog/{PUBLIC}/{NANO}/catalog.xml",
        params={"dataset": one.get("ID")},
        timeout=20,
    )
    assert chosen.text.count("urlPath") == 1
    page = requests.get(f"{root_of(api)}/thredds/catalog/{PUBLIC}/{NANO}/catalog.html", timeout=20).text
    assert f"<a href='catalog.html?dataset={one.get('ID')}'><tt>{FIRST_DAY}</tt></a>" in page


def test_head_and_ranges_tell_of_the_file_that_is_sent(api):
    url = file_url(api, NANO, FIRST_DAY)
    head, got = requests.head(url, timeout=60), requests.get(url, timeout=60)
    for name in ("Content-Length", "ETag", "Last-Modified", "Accept-Ranges", "Content-Type"):
        assert head.headers[name] == got.headers[name]
    assert int(head.headers["Content-Length"]) == len(got.content)
    assert parsedate_to_datetime(got.headers["Last-Modified"]) == datetime(2014, 8, 30, tzinfo=UTC)
    half = len(got.content) // 2
    rest = requests.get(url, headers={"Range": f"bytes={half}-", "If-Range": got.headers["ETag"]}, timeout=60)
    assert (rest.status_code, rest.content) == (206, got.content[half:])


def test_a_file_holds_what_an_order_delivers(api):
    content = requests.get(file_url(api, NANO, FIRST_DAY), timeout=60).content
    begin = 1_409_345_990_000
    time_ms, known = signal.samples(CENTRAL, "botpt_nano_sample", begin, begin + HOURS_3_MS + 10_000)
    with netCDF4.Dataset("memory.nc", memory=content) as file:
        np.testing.assert_array_equal(times_ms(file), time_ms)
        np.testing.assert_array_equal(file["bottom_pressure"][:], known["bottom_pressure"])
        assert "synthetic" in file.data_origin
        assert file.date_created == "2014-08-30T00:00:00.000"


def test_deployments_have_files_of_their_own(api):
    names = [name for name in datasets(api, SENT) if name.endswith(".nc")]
    assert [re.sub(r"T\d{6}\.\d{6}", "", name).removesuffix(".nc")[-17:] for name in names] == [
        "20150402-20150922", "20151007-20151231", "20160101-20160516",
    ]  # fmt: skip
    assert [name[:14] for name in names] == ["deployment0001", "deployment0002", "deployment0002"]
    found = []
    for name, number in zip(names, (1, 2, 2), strict=True):
        content = requests.get(file_url(api, SENT, name), timeout=60).content
        with netCDF4.Dataset("memory.nc", memory=content) as file:
            assert set(file["deployment"][:].tolist()) == {number}
            assert file.time_coverage_start.replace("-", "").replace(":", "") in name
            found.append(times_ms(file))
    expected, _ = signal.samples(MOORING, STREAM, 1_420_070_400_000, 1_470_000_000_000)
    np.testing.assert_array_equal(np.concatenate(found), expected)


def test_the_same_bytes_after_a_restart(api, tmp_path):
    (name, *_) = datasets(api, SENT)
    before = requests.get(file_url(api, SENT, name), timeout=60)
    with serving(tmp_path / "server") as again:
        after = requests.get(file_url(again, SENT, name), timeout=60)
    assert before.content == after.content
    assert before.headers["ETag"] == after.headers["ETag"]
    assert not (tmp_path / "server" / "made").exists()


def test_what_is_not_there_is_404(api):
    for path in (
        f"catalog/{PUBLIC}/nothing/catalog.xml",
        f"catalog/{PUBLIC}/{NANO}/catalog.xml?dataset=nothing",
        f"fileServer/{PUBLIC}/{NANO}/deployment0001_{NANO}_20140830T000000-20140830T235959.900000.nc",
        f"fileServer/{PUBLIC}/nothing/status.txt",
    ):
        assert requests.get(f"{root_of(api)}/thredds/{path}", timeout=20).status_code == 404
    status = requests.get(file_url(api, NANO, "status.txt"), timeout=20)
    assert (status.text, status.headers["Content-Length"]) == ("complete\n", "9")


def test_a_large_file_does_not_stay(tmp_path):
    store = tmp_path / "server"
    with serving(store) as api:
        url = file_url(api, NANO, f"deployment0001_{NANO}_20150425T000000-20150425T235959.950000.nc")
        first = requests.get(url, timeout=60)
        assert len(first.content) > 10_000_000
        made = store / "made"
        deadline = time.monotonic() + 30
        while any(path.is_file() for path in made.rglob("*")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        # its length is still known, and it is made again with the same bytes
        assert int(requests.head(url, timeout=60).headers["Content-Length"]) == len(first.content)
        servers = [one for one in psutil.Process().children() if str(store) in one.cmdline()]
        rss = [one.memory_info().rss for server in servers for one in (server, *server.children(recursive=True))]
        assert 0 < max(rss) < 500_000_000
