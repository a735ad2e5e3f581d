"""The life of a result directory at the embedded server, and how its files are served."""

import itertools
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

import h5py
import netCDF4
import numpy as np
import psutil
import pytest
import requests

from plumbline.embedded import EMAIL, TOKEN, USERNAME, signal
from plumbline.ooi.results import file_name_pattern, list_names
from plumbline.ooi.session import result_session
from serving import serving
from workflow import REPOSITORY, environment

ACCOUNT = (USERNAME, TOKEN)
DESIGNATOR = "RS03CCAL-MJ03F-05-BOTPTA301"
NANO = "12576/sensor/inv/RS03CCAL/MJ03F/05-BOTPTA301/streamed/botpt_nano_sample"
HOURS = {"beginDT": "2015-04-24T04:00:00.000Z", "endDT": "2015-04-24T06:59:59.999Z"}
BEGIN_MS, END_MS = 1_429_848_000_000, 1_429_858_800_000


def ordered(api, path=NANO, **parameters):
    """Order and return the URL of the result directory."""
    answer = requests.get(f"{api}/{path}", params=parameters or HOURS, auth=ACCOUNT, timeout=20)
    return next(url for url in answer.json()["allURLs"] if "/async_results/" in url)


def completed(folder, seconds=60):
    """Wait until a directory is complete and return the names in it."""
    deadline = time.monotonic() + seconds
    while requests.get(f"{folder}/status.txt", timeout=20).text != "complete\n":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return list_names(result_session(), folder)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def api(store):
    with serving(store, max_file_bytes=1_000_000) as address:
        yield address


@pytest.fixture(scope="module")
def folder(api):
    """A complete order of three hours, an hour in each file."""
    folder = ordered(api)
    completed(folder)
    return folder


@pytest.fixture(scope="module")
def names(folder):
    return completed(folder)


def data_names(names):
    return [name for name in names if name.endswith(".nc")]


def test_a_directory_is_hidden_then_empty_then_filled_and_status_txt_comes_last(tmp_path):
    with serving(tmp_path, max_file_bytes=1_000_000, delays={"hidden_s": 1, "empty_s": 1, "step_s": 0.3}) as api:
        folder, seen = ordered(api), []
        deadline = time.monotonic() + 60
        while not seen or seen[-1] is None or "status.txt" not in seen[-1]:
            assert time.monotonic() < deadline
            page = requests.get(f"{folder}/", timeout=20)
            files = None
            if page.status_code == 200:
                files = frozenset(re.findall(r'<a href="([^"?/]+)"', page.text))
            if not seen or seen[-1] != files:
                seen.append(files)
            time.sleep(0.02)
    assert seen[0] is None  # 404
    assert seen[1] == frozenset()
    assert seen[2] == {"status.json"}
    grown = [later - earlier for earlier, later in itertools.pairwise(seen[2:])]
    assert all(len(new) == 1 for new in grown), grown
    kinds = [next(iter(new)).rpartition(".")[2] for new in grown]
    assert kinds == ["nc", "nc", "nc", "ncml", "txt"]


def test_names_tell_the_window_and_lie_beside_others(names):
    pattern = file_name_pattern(DESIGNATOR, "streamed", "botpt_nano_sample")
    files = data_names(names)
    assert all(pattern.fullmatch(name) for name in files)
    assert len(files) == 3
    # a fraction where there is one, and none where there is none
    assert files[0].endswith("_20150424T040000-20150424T045959.950000.nc")
    assert {"status.json", "status.txt"} < set(names)
    assert any(name.endswith(".ncml") for name in names)


def read(folder, name, tmp_path):
    path = tmp_path / name
    path.write_bytes(requests.get(f"{folder}/{name}", timeout=60).content)
    return path


def test_files_have_the_schema_of_the_real_ones(folder, names, tmp_path):
    path = read(folder, data_names(names)[0], tmp_path)
    with netCDF4.Dataset(path) as file:
        assert file.dimensions["obs"].isunlimited()
        types = {name: variable.dtype for name, variable in file.variables.items()}
        assert types["obs"] == np.int32
        assert types["time"] == types["press_trans_temp"] == types["internal_timestamp"] == np.float64
        assert types["bottom_pressure"] == np.float32
        assert types["deployment"] == np.int32
        assert types["bottom_pressure_qartod_results"] == np.uint8
        expected = {"sensor_id", "time_sync_flag", "date_time_string", "preferred_timestamp", "driver_timestamp"}
        assert expected | {"port_timestamp", "ingestion_timestamp", "id"} <= types.keys()
        time_, pressure = file["time"], file["bottom_pressure"]
        assert (time_.units, time_.calendar, time_.axis) == ("seconds since 1900-01-01 0:0:0", "gregorian", "T")
        assert (pressure.units, pressure._FillValue, pressure.coordinates) == ("psi", -9999999.0, "time lat lon")
        assert pressure.filters()["zlib"]
        assert pressure.filters()["shuffle"]
        assert pressure.filters()["complevel"] == 1
        assert pressure.chunking() == [10_000]
        assert file.getncattr("id") == file.source == DESIGNATOR
        assert (file.subsite, file.node, file.sensor) == ("RS03CCAL", "MJ03F", "05-BOTPTA301")
        assert file.time_coverage_start == "2015-04-24T04:00:00"
        assert file.time_coverage_resolution.startswith("P0.05")
        assert file.Conventions == "CF-1.6"
        assert "synthetic" in file.data_origin
        assert "ynthetic" in file.title


def test_samples_are_those_of_the_model_whatever_the_window_and_the_split(api, folder, names, tmp_path):
    time_ms, model = signal.samples(DESIGNATOR, "botpt_nano_sample", BEGIN_MS, END_MS)
    pieces = [read(folder, name, tmp_path) for name in data_names(names)]
    with_others = ordered(api, NANO, beginDT="2015-04-24T04:20:00.000Z", endDT="2015-04-24T05:10:00.000Z")
    middle = [read(with_others, name, tmp_path) for name in data_names(completed(with_others))]
    for paths, window in ((pieces, (BEGIN_MS, END_MS)), (middle, (1_429_849_200_000, 1_429_852_200_001))):
        times, values = [], []
        for path in paths:
            with h5py.File(path) as file:
                times.append(file["time"][:])
                values.append(file["bottom_pressure"][:])
        inside = slice(*np.searchsorted(time_ms, window))
        seconds = np.concatenate(times) - 2_208_988_800.0
        np.testing.assert_array_equal(np.rint(seconds * 1000).astype(np.int64), time_ms[inside])
        np.testing.assert_array_equal(np.concatenate(values), model["bottom_pressure"][inside])


def test_head_ranges_and_conditions(folder, names):
    url = f"{folder}/{data_names(names)[1]}"
    whole = requests.get(url, timeout=60)
    head = requests.head(url, timeout=20)
    for key in ("Content-Length", "Last-Modified", "ETag", "Accept-Ranges"):
        assert head.headers[key] == whole.headers[key], key
    assert int(head.headers["Content-Length"]) == len(whole.content)
    part = requests.get(url, headers={"Range": "bytes=1000-1999"}, timeout=20)
    assert (part.status_code, part.content) == (206, whole.content[1000:2000])
    rest = requests.get(url, headers={"Range": f"bytes={len(whole.content) - 7}-"}, timeout=20)
    assert (rest.status_code, rest.content) == (206, whole.content[-7:])
    assert requests.get(url, headers={"Range": "bytes=999999999-"}, timeout=20).status_code == 416
    thredds = url.replace("/async_results/", "/thredds/fileServer/ooi/")
    assert requests.get(thredds, timeout=60).content == whole.content


def test_apache_sends_to_the_address_with_a_slash_and_cuts_long_names(folder, names):
    moved = requests.get(folder, allow_redirects=False, timeout=20)
    assert moved.status_code == 301
    assert moved.headers["Location"].endswith("/")
    page = requests.get(f"{folder}/", timeout=20).text
    assert "Parent Directory" in page
    assert "..&gt;</a>" in page
    assert all(f'href="{name}"' in page for name in names)


def test_thredds_lists_the_same_files(folder, names):
    catalog = folder.replace("/async_results/", "/thredds/catalog/ooi/")
    answer = requests.get(f"{catalog}/catalog.xml", timeout=20)
    assert answer.headers["Content-Type"] == "application/xml;charset=UTF-8"
    space = "{http://www.unidata.ucar.edu/namespaces/thredds/InvCatalog/v1.0}"
    tree = ElementTree.fromstring(answer.content)
    listed = {item.get("name"): item.get("urlPath") for item in tree.iter(f"{space}dataset") if item.get("urlPath")}
    assert set(listed) == set(names)
    directory = folder.rpartition("/")[2]
    assert all(path == f"ooi/{EMAIL}/{directory}/{name}" for name, path in listed.items())
    one = requests.get(f"{catalog}/catalog.xml", params={"dataset": listed["status.txt"]}, timeout=20)
    assert "status.txt" in one.text
    assert ".nc" not in one.text
    assert f"dataset={listed['status.txt']}" in requests.get(f"{catalog}/catalog.html", timeout=20).text


@pytest.mark.parametrize("path", ["../../lock", "%2e%2e/%2e%2e/lock", "..%2f..%2flock", "nothing.nc", ".progress"])
def test_nothing_but_results_is_served(folder, path):
    with requests.Session() as session:
        request = requests.Request("GET", f"{folder}/x").prepare()
        request.url = f"{folder}/{path}"
        assert session.send(request, timeout=20).status_code == 404


def test_a_server_that_starts_again_gives_the_same_bytes(tmp_path):
    with serving(tmp_path) as api:
        folder = ordered(api)
        names = completed(folder)
        before = {name: requests.get(f"{folder}/{name}", timeout=60).content for name in names}
    assert not list(tmp_path.rglob("*.nc"))  # at rest it keeps the ledger alone
    with serving(tmp_path) as api:
        folder = api.removesuffix("/api/m2m") + folder[folder.index("/async_results/") :]
        assert completed(folder) == names
        assert {name: requests.get(f"{folder}/{name}", timeout=60).content for name in names} == before


def test_a_large_file_is_made_again_for_whoever_asks_after_its_room_was_given_back(tmp_path):
    with serving(tmp_path) as api:
        folder = ordered(api, beginDT="2015-04-24T00:00:00.000Z", endDT="2015-04-24T07:59:59.999Z")
        (name,) = data_names(completed(folder))
        (path,) = tmp_path.rglob(name)
        first = requests.get(f"{folder}/{name}", timeout=60)
        assert len(first.content) > 10_000_000
        deadline = time.monotonic() + 30
        while path.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        # A part is not all of it: the file stays, so that ranges can be fetched one by one.
        part = requests.get(f"{folder}/{name}", headers={"Range": "bytes=0-99"}, timeout=60)
        assert part.content == first.content[:100]
        time.sleep(3)
        assert path.exists()
        again = requests.get(f"{folder}/{name}", timeout=60)
        assert again.content == first.content
        assert again.headers["ETag"] == first.headers["ETag"]


def test_a_second_server_in_the_same_store_waits_and_then_refuses(api, store):
    words = [sys.executable, str(REPOSITORY / "scripts" / "serve_ooi.py"), "--store", str(store)]
    second = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, env=environment())
    assert second.returncode == 1
    assert "Another embedded server is working in" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("way", ["lifeline", "SIGTERM", "SIGINT", "SIGKILL", "hours"])
def test_it_ends_with_all_its_workers(tmp_path, way):
    words = [sys.executable, str(REPOSITORY / "scripts" / "serve_ooi.py"), "--store", str(tmp_path), "--lifeline"]
    words += ["--max-hours", "0.0006"] if way == "hours" else []
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, env=environment(), **pipes) as process:
        address = next(line.split()[1] for line in process.stdout if line.startswith("API"))
        assert address.startswith("http://127.0.0.1:")
        requests.get(f"{address}/{NANO}", params=HOURS, auth=ACCOUNT, timeout=20)
        family = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
        assert len(family) > 1
        if way == "lifeline":
            process.stdin.close()
        elif way != "hours":
            process.send_signal(getattr(__import__("signal"), way))
        process.wait(20)
        deadline = time.monotonic() + 10
        while any(psutil.pid_exists(pid) for pid in family[1:]) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not [pid for pid in family[1:] if psutil.pid_exists(pid)]
