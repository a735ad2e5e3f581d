"""Every fault of the embedded server, one by one and over HTTP, as a client meets it."""

import itertools
import json
import re
import time
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import netCDF4
import numpy as np
import pytest
import requests

from plumbline.embedded import EMAIL, TOKEN, USERNAME, signal
from plumbline.embedded.faultmodes import MODES
from plumbline.ooi.results import file_name_pattern, list_names
from plumbline.ooi.session import result_session
from serving import serving

ACCOUNT = (USERNAME, TOKEN)
CENTRAL, EAST = "RS03CCAL-MJ03F-05-BOTPTA301", "RS03ECAL-MJ03E-06-BOTPTA302"
INVENTORY = "12576/sensor/inv/RS03CCAL/MJ03F/05-BOTPTA301"
SLOW, FAST = "botpt_nano_sample_15sec", "botpt_nano_sample"
NTP_OF_1970_S = 2_208_988_800
MILLISECOND = timedelta(milliseconds=1)

# Every mode has a day of its own, so that one server serves them all.
DAYS = {mode: date(2015, 5, 1) + timedelta(days=place) for place, mode in enumerate(MODES)}
OPTIONS = {
    "busy": {"times": 2, "seconds": 3.0},
    "timeout": {"times": 1},
    "down": {"times": 1},
    "bad_gateway": {"times": 1},
    "unavailable": {"times": 1, "seconds": 1},
    "maintenance": {"times": 1},
    "error_inside": {"times": 1},
    "truncated_json": {"times": 1},
    "slow_answer": {"times": 1, "seconds": 0.5},
    "cut_answer": {"times": 1},
    "lost_answer": {"times": 1},
    "api_errors": {"rate": 0.6},
    "empty_directory": {"seconds": 0.7},
    "partial_visible": {"seconds": 0.9},
    "empty_catalog": {"seconds": 1.0},
    "empty_index": {"seconds": 1.0},
    "vanish": {"after_files": 1},
    "failed_slices": {"times": 1},
    "cut_download": {"times": 2},
    "stalled_download": {"times": 1, "seconds": 1.0},
    "wrong_length": {"times": 1},
    "short_file": {"times": 2},
    "corrupt_file": {"times": 1},
    "html_file": {"times": 1},
    "no_head": {"times": 1},
    "result_errors": {"rate": 0.5},
}


def fault(mode):
    where = {"reference_designator": EAST} if mode == "api_errors" else {"on": str(DAYS[mode])}
    return {"mode": mode, **where, **OPTIONS.get(mode, {})}


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    delays = {"hidden_s": 0.02, "empty_s": 0, "step_s": 0}
    with serving(tmp_path_factory.mktemp("server"), delays=delays, faults=[fault(mode) for mode in MODES]) as address:
        yield address


def window(mode, hours=3, day=None):
    """Return a window as Plumbline asks for it: from one millisecond before the day begins."""
    begin = datetime.combine(day or DAYS[mode], datetime.min.time(), UTC)
    first, last = (
        f"{one:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z" for one in (begin - MILLISECOND, begin + timedelta(hours=hours))
    )
    return {"beginDT": first, "endDT": last}


def ask(api, mode, stream=SLOW, hours=3, **more):
    parameters = window(mode, hours) | more
    return requests.get(
        f"{api}/{INVENTORY}/streamed/{stream}", params=parameters, auth=ACCOUNT, timeout=20, allow_redirects=False
    )


def ordered(api, mode, **more):
    """Order and return the URL of the result directory."""
    return next(url for url in ask(api, mode, **more).json()["allURLs"] if "/async_results/" in url)


def completed(folder, seconds=30):
    """Wait until a directory is complete and return the names of everything in it."""
    deadline = time.monotonic() + seconds
    while requests.get(f"{folder}/status.txt", timeout=20).text != "complete\n":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return list_names(result_session(), folder)


def asked_for(names, stream=SLOW):
    """Return the names of the data files of exactly the stream."""
    pattern = file_name_pattern(CENTRAL, "streamed", stream)
    return [name for name in names if pattern.fullmatch(name)]


def opened(content):
    return netCDF4.Dataset("memory.nc", memory=content)


def fetched(folder, names):
    """Return (times in unix milliseconds, pressures) of some files, file after file."""
    times, values = [], []
    for name in names:
        with opened(requests.get(f"{folder}/{name}", timeout=20).content) as file:
            times.append(np.rint((file["time"][:].data - NTP_OF_1970_S) * 1000).astype(np.int64))
            known = "botsflu_meanpres" if "botsflu_meanpres" in file.variables else "bottom_pressure"
            values.append(file[known][:].data)
    return times, values


def expected(mode, stream=SLOW, hours=3):
    """Return the samples that the window holds, from the signal model itself."""
    begin_ms = int(datetime.combine(DAYS[mode], datetime.min.time(), UTC).timestamp() * 1000)
    # The end is inclusive.
    time_ms, known = signal.samples(CENTRAL, stream, begin_ms, begin_ms + hours * 3_600_000 + 1)
    return time_ms, known["botsflu_meanpres" if stream == SLOW else "bottom_pressure"]


def assert_the_same_samples(folder, names, mode, stream=SLOW, hours=3):
    """Compare what files hold, repeated samples once, with what the window holds."""
    times, values = fetched(folder, names)
    time_ms, model = expected(mode, stream, hours)
    found, first = np.unique(np.concatenate(times), return_index=True)
    inside = np.isin(found, time_ms)
    assert (~inside).sum() <= 4  # padding, where it is asked for
    np.testing.assert_array_equal(found[inside], time_ms)
    np.testing.assert_array_equal(np.concatenate(values)[first][inside], model)
    return times


def orders_of(api, mode):
    """Return how many result directories the account has for a mode's day, seen by their files."""
    root = api.removesuffix("/api/m2m") + f"/async_results/{EMAIL}"
    day = f"{DAYS[mode]:%Y%m%d}"
    names = [
        name for name in re.findall(r'href="([^"?]+)/"', requests.get(f"{root}/", timeout=20).text) if "/" not in name
    ]
    return [name for name in names if day in requests.get(f"{root}/{name}/", timeout=20).text]


# Of the API


@pytest.mark.parametrize(
    ("mode", "status", "text"),
    [
        ("timeout", 408, "Timeout when getting data from uframe."),
        ("down", 500, "ConnectionError when getting data from uframe."),
        ("bad_gateway", 502, "<title>502 Bad Gateway</title>"),
        ("unavailable", 503, "<title>503 Service Unavailable</title>"),
        ("maintenance", 200, "Maintenance</title>"),
        ("error_inside", 200, "Unexpected internal error during request"),
    ],
)
def test_the_api_fails_once_and_then_takes_the_order(api, mode, status, text):
    estimate = ask(api, mode, estimate_only="true")
    assert "allURLs" in estimate.json()  # estimates are spared, and use nothing up
    answer = ask(api, mode)
    assert answer.status_code == status
    assert text in answer.text
    assert answer.headers.get("Retry-After") == ("1" if mode == "unavailable" else None)
    assert answer.headers["Content-Type"].startswith("text/html" if "<title>" in answer.text else "application/json")
    assert "allURLs" in ask(api, mode).json()


def test_busy_is_a_400_that_tells_when_to_come_back(api):
    for _ in range(2):
        answer = ask(api, "busy")
        assert (answer.status_code, answer.headers["Retry-After"]) == (400, "3")
        assert answer.json()["status_code"] == 400
        assert "Too many requests" in answer.json()["message"]["status"]
    assert ask(api, "busy").status_code == 200
    assert ask(api, "busy").status_code == 200
    # another question is counted by itself
    assert ask(api, "busy", stream=FAST, hours=1).status_code == 400


def test_truncated_json_keeps_no_order(api):
    answer = ask(api, "truncated_json")
    assert answer.status_code == 200
    assert answer.text.startswith('{"requestUUID"')
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    time.sleep(0.5)
    assert not orders_of(api, "truncated_json")
    completed(ordered(api, "truncated_json"))
    assert len(orders_of(api, "truncated_json")) == 1


def test_no_data_is_said_of_a_window_with_data(api):
    for _ in range(2):  # without `times`: always
        answer = ask(api, "no_data")
        assert answer.status_code == 404
        assert answer.json()["message"]["status"] == "Query returned no results for primary stream"
    assert ask(api, "no_data", stream=SLOW, **window("no_data", day=date(2015, 4, 25))).status_code == 200


def test_a_slow_answer_is_an_answer(api):
    started = time.monotonic()
    assert "allURLs" in ask(api, "slow_answer").json()
    assert time.monotonic() - started >= 0.5
    started = time.monotonic()
    ask(api, "slow_answer")
    assert time.monotonic() - started < 0.5


@pytest.mark.parametrize(("mode", "kept"), [("cut_answer", 0), ("lost_answer", 1)])
def test_a_connection_is_closed_with_and_without_an_order(api, mode, kept):
    with pytest.raises(requests.ConnectionError):
        ask(api, mode)
    deadline = time.monotonic() + 10
    while len(orders_of(api, mode)) < kept and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.3)
    assert len(orders_of(api, mode)) == kept
    completed(ordered(api, mode))
    assert len(orders_of(api, mode)) == kept + 1


def test_the_api_sends_to_its_other_host_name_which_answers(api):
    answer = ask(api, "redirect_api")
    assert answer.status_code == 302
    here, there = urlsplit(answer.request.url), urlsplit(answer.headers["Location"])
    assert (here.hostname, there.hostname) == ("127.0.0.1", "localhost")
    assert (here.port, here.path, here.query.replace("%3A", ":")) == (there.port, there.path, there.query)
    followed = requests.get(answer.headers["Location"], auth=ACCOUNT, timeout=20, allow_redirects=False)
    assert "allURLs" in followed.json()
    assert ask(api, "redirect_api").status_code == 302


def test_api_errors_strike_every_kind_of_call(api):
    place = "/".join(EAST.split("-", 2))
    calls = [
        (f"12576/sensor/inv/{place}", {}),
        (f"12576/sensor/inv/{place}/metadata/times", {}),
        ("12580/anno/find", {"refdes": EAST}),
        (f"12587/events/deployment/inv/{place}/-1", {}),
        (f"12576/sensor/inv/{place}/streamed/{SLOW}", window("busy", day=date(2015, 4, 25))),
    ]
    seen = []
    for path, parameters in calls:
        seen.append([])
        for _ in range(20):
            try:
                answer = requests.get(f"{api}/{path}", params=parameters, auth=ACCOUNT, timeout=20)
            except requests.ConnectionError:
                seen[-1].append("cut")
            else:
                seen[-1].append(answer.status_code)
    assert all(200 in one and len(set(one)) > 2 for one in seen), seen
    assert set(itertools.chain(*seen)) == {200, 400, 408, 500, 502, "cut"}
    struck = sum(one != 200 for one in itertools.chain(*seen)) / 100
    assert struck == pytest.approx(0.6, abs=0.15)
    others = [requests.get(f"{api}/{INVENTORY}", auth=ACCOUNT, timeout=20).status_code for _ in range(20)]
    assert set(others) == {200}


# Of the answer


def test_urls_are_swapped(api):
    first, second = ask(api, "swap_urls").json()["allURLs"]
    assert "/async_results/" in first
    assert "/thredds/" in second


def test_urls_name_another_host_that_answers(api):
    urls = ask(api, "foreign_host").json()["allURLs"]
    assert {urlsplit(url).hostname for url in urls} == {"localhost"}
    assert len(asked_for(completed(urls[1]))) == 1


def test_old_stamps_have_whole_seconds_and_differ(api):
    folders = [ordered(api, "old_stamp") for _ in range(2)]
    assert all(re.fullmatch(rf"\d{{8}}T\d{{6}}-{CENTRAL}-streamed-{SLOW}", url.split("/")[-1]) for url in folders)
    assert len(set(folders)) == 2
    for folder in folders:
        completed(folder)


def test_there_is_no_apache_url(api):
    (url,) = ask(api, "no_apache_url").json()["allURLs"]
    assert "/thredds/catalog/" in url


# Of the directory


def test_a_directory_is_never_complete(api):
    folder = ordered(api, "never_complete")
    deadline = time.monotonic() + 20
    while requests.get(f"{folder}/", timeout=20).text.count(".ncml") == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.5)
    names = list_names(result_session(), folder)
    assert "status.txt" not in names
    assert requests.get(f"{folder}/status.txt", timeout=20).status_code == 404
    assert_the_same_samples(folder, asked_for(names), "never_complete")


def test_status_txt_tells_of_a_failure(api):
    folder = ordered(api, "failed_status")
    deadline = time.monotonic() + 20
    while (answer := requests.get(f"{folder}/status.txt", timeout=20)).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert answer.json()["code"] == 500
    assert "Aggregation failed" in answer.json()["message"]
    assert not asked_for(list_names(result_session(), folder))


def test_an_order_is_complete_and_has_no_files(api):
    folder = ordered(api, "no_files")
    assert completed(folder) == ["status.json", "status.txt"]
    assert set(requests.get(f"{folder}/status.json", timeout=20).json().values()) == {"complete"}


def test_slices_fail_and_their_samples_are_missing(api):
    hours = 8
    folder = ordered(api, "failed_slices", hours=hours)
    names = completed(folder)
    states = requests.get(f"{folder}/status.json", timeout=20).json()
    assert len(states) == 8
    failed = [name for name, state in states.items() if state != "complete"]
    day = f"{DAYS['failed_slices']:%Y%m%d}"
    assert failed == [f"{day}T010000-{day}T015959", f"{day}T050000-{day}T055959"]
    assert [states[name]["code"] for name in failed] == [408, 500]
    assert "Request for particles failed" in states[failed[0]]["message"]
    times, values = fetched(folder, asked_for(names))
    time_ms, model = expected("failed_slices", hours=hours)
    hour = (time_ms - time_ms[0] // 3_600_000 * 3_600_000) // 3_600_000
    good = ~np.isin(hour, (1, 5))
    np.testing.assert_array_equal(np.concatenate(times), time_ms[good])
    np.testing.assert_array_equal(np.concatenate(values), model[good])
    # `times: 1`: the second order of the question is whole
    again = ordered(api, "failed_slices", hours=hours)
    assert_the_same_samples(again, asked_for(completed(again)), "failed_slices", hours=hours)


def test_files_are_seen_before_they_are_whole(api):
    folder, sizes, scratch, early = ordered(api, "partial_visible"), {}, 0, False
    while requests.get(f"{folder}/status.txt", timeout=20).status_code != 200:
        page = requests.get(f"{folder}/", timeout=20)
        scratch += "aggregation_temp.nc" in page.text
        early |= "status.json" in page.text
        for name in asked_for(re.findall(r'href="([^"/?]+)"', page.text)):
            sizes.setdefault(name, []).append(
                int(requests.head(f"{folder}/{name}", timeout=20).headers["Content-Length"])
            )
        time.sleep(0.03)
    names = completed(folder)
    assert early
    assert scratch
    assert "aggregation_temp.nc" not in names
    (seen,) = sizes.values()
    whole = int(requests.head(f"{folder}/{asked_for(names)[0]}", timeout=20).headers["Content-Length"])
    assert len(set(seen)) >= 3
    assert seen == sorted(seen)
    assert seen[0] < whole
    assert_the_same_samples(folder, asked_for(names), "partial_visible")


def test_a_directory_stays_empty_for_a_while(api):
    folder, seen = ordered(api, "empty_directory"), []
    while not seen or seen[-1][1] != ["status.txt"]:
        page = requests.get(f"{folder}/", timeout=20)
        names = re.findall(r'href="([^"/?]+)"', page.text) if page.status_code == 200 else None
        seen.append((time.monotonic(), ["status.txt"] if names and "status.txt" in names else names))
        time.sleep(0.02)
    empty = [when for when, names in seen if names == []]
    assert empty[-1] - empty[0] > 0.5


def test_names_have_whole_seconds(api):
    folder = ordered(api, "whole_seconds", stream=FAST, hours=1)
    (name,) = asked_for(completed(folder), FAST)
    day = f"{DAYS['whole_seconds']:%Y%m%d}"
    assert re.search(rf"_{day}T\d{{6}}-{day}T\d{{6}}\.nc$", name)
    assert_the_same_samples(folder, [name], "whole_seconds", FAST, 1)


def test_deployment_zero_holds_samples_of_1970(api):
    folder = ordered(api, "deployment_zero")
    odd, real = asked_for(completed(folder))
    assert odd == f"deployment0000_{CENTRAL}-streamed-{SLOW}_19700101T000140-19700101T000419.nc"
    (times,), _ = fetched(folder, [odd])
    assert (times[0], times[-1], len(times)) == (100_000, 259_000, 160)
    head = requests.head(f"{folder}/{odd}", timeout=20)
    assert int(head.headers["Content-Length"]) == len(requests.get(f"{folder}/{odd}", timeout=20).content)
    assert_the_same_samples(folder, [real], "deployment_zero")


def test_files_of_other_streams_lie_beside(api):
    folder = ordered(api, "ancillary")
    names = completed(folder)
    (own,) = asked_for(names)
    others = [name for name in names if name.endswith(".nc") and name != own]
    assert len(others) == 2
    assert any(f"-{SLOW}_native_" in name for name in others)  # our name is the beginning of its name
    assert any("CTDPFB" in name for name in others)
    time_ms, _ = expected("ancillary")
    for name in others:
        (times,), (values,) = fetched(folder, [name])
        assert np.isin(times, time_ms).all()
        assert (values == 4321.0).all()
    assert_the_same_samples(folder, [own], "ancillary")


def test_files_that_are_no_data_lie_beside(api):
    folder = ordered(api, "extras")
    names = completed(folder)
    for end in ("_aggregate_provenance.json", "_annotations.json", ".ncml", ".csv", ".nc.md5"):
        assert any(name.endswith(end) for name in names), end
    assert len([name for name in names if name.endswith(".nc")]) == len(asked_for(names)) == 1
    assert_the_same_samples(folder, asked_for(names), "extras")


@pytest.mark.parametrize(("stream", "hours"), [(SLOW, 3), (FAST, 1)])
def test_files_overlap_and_reach_beyond_the_window(api, stream, hours):
    folder = ordered(api, "overlap", stream=stream, hours=hours)
    names = asked_for(completed(folder), stream)
    assert len(names) == 6
    times = assert_the_same_samples(folder, names, "overlap", stream, hours)
    shared = [np.intersect1d(one, other) for one, other in itertools.pairwise(times)]
    assert all(3 <= len(both) <= 100 for both in shared)
    found, model = np.unique(np.concatenate(times)), expected("overlap", stream, hours)[0]
    assert (found < model[0]).sum() == 2
    assert (found > model[-1]).sum() == 2


def test_the_deployment_number_grows(api):
    numbers = []
    for _ in range(3):
        folder = ordered(api, "deployment_changes")
        (name,) = asked_for(completed(folder))
        with opened(requests.get(f"{folder}/{name}", timeout=20).content) as file:
            (number,) = np.unique(file["deployment"][:])
        assert name.startswith(f"deployment{number:04d}_")
        numbers.append(int(number))
        assert_the_same_samples(folder, [name], "deployment_changes")
    assert numbers == [1, 2, 3]


def test_variables_differ_between_files(tmp_path):
    faults = [{"mode": "variables_differ"}]
    with serving(tmp_path, faults=faults, max_file_bytes=1_000_000) as api:
        folder = ordered(api, "variables_differ", stream=FAST, hours=2)
        names = asked_for(completed(folder), FAST)
        assert len(names) == 3
        kinds = []
        for name in names:
            with opened(requests.get(f"{folder}/{name}", timeout=20).content) as file:
                kinds.append((file["bottom_pressure"].units, "lat" in file.variables, "lat" in file.ncattrs()))
                older = {"provenance", "lon", "bottom_pressure_qc_executed", "bottom_pressure_qc_results"}
                newer = {"bottom_pressure_qartod_executed", "bottom_pressure_qartod_results"}
                there, absent = (older, newer) if kinds[-1][1] else (newer, older)
                assert there <= file.variables.keys()
                assert not absent & file.variables.keys()
                if kinds[-1][1]:
                    assert (file["lat"][:] == 45.95485).all()
                    assert len(file["lat"]) == len(file["time"])
        assert kinds == [("psia", True, False), ("psi", False, True), ("psia", True, False)]
        assert_the_same_samples(folder, names, "variables_differ", FAST, 2)


def test_a_day_is_left_in_hundreds_of_files(api):
    folder = ordered(api, "unaggregated", hours=24)
    names = asked_for(completed(folder))
    assert 200 <= len(names) <= 300
    times = assert_the_same_samples(folder, names, "unaggregated", hours=24)
    assert sum(len(one) for one in times) == len(np.unique(np.concatenate(times)))


def test_the_catalog_is_empty_at_first(api):
    folder = ordered(api, "empty_catalog")
    (name,) = asked_for(completed(folder))
    catalog = folder.replace("/async_results/", "/thredds/catalog/ooi/")
    for page in ("catalog.xml", "catalog.html"):
        assert name not in requests.get(f"{catalog}/{page}", timeout=20).text
    time.sleep(1.0)
    for page in ("catalog.xml", "catalog.html"):
        assert name in requests.get(f"{catalog}/{page}", timeout=20).text


def test_the_index_is_empty_at_first(api):
    folder = ordered(api, "empty_index")
    assert completed(folder) == []
    time.sleep(1.0)
    names = asked_for(completed(folder))
    assert_the_same_samples(folder, names, "empty_index")


def test_the_catalog_page_is_that_of_thredds_5(api):
    folder = ordered(api, "thredds5")
    names = completed(folder)
    catalog = folder.replace("/async_results/", "/thredds/catalog/ooi/")
    page = requests.get(f"{catalog}/catalog.html", timeout=20).text
    root = f"ooi/{EMAIL}/{folder.split('/')[-1]}"
    for name in names:
        assert re.search(rf'<a href="catalog.html\?dataset={re.escape(f"{root}/{name}")}">\s*<code>{name}</code>', page)
    assert "'" not in page
    assert '<tr class="subset">' in page
    assert "<tt>" not in page


def test_results_vanish_after_a_file_was_fetched(api):
    folder = ordered(api, "vanish")
    (name,) = asked_for(completed(folder))
    part = requests.get(f"{folder}/{name}", headers={"Range": "bytes=0-99"}, timeout=20)
    assert (part.status_code, len(part.content)) == (206, 100)
    assert requests.get(f"{folder}/{name}", timeout=20).status_code == 200
    time.sleep(0.1)
    catalog = folder.replace("/async_results/", "/thredds/catalog/ooi/")
    for url in (f"{folder}/{name}", f"{folder}/", f"{folder}/status.txt", f"{catalog}/catalog.xml"):
        assert requests.get(url, timeout=20).status_code == 404, url


# Of the transfer


def whole_file(mode, api):
    """Return (URL, length as HEAD tells it) of the one data file of an order."""
    folder = ordered(api, mode)
    (name,) = asked_for(completed(folder))
    url = f"{folder}/{name}"
    return url, lambda: int(requests.head(url, timeout=20, allow_redirects=True).headers["Content-Length"])


def received(url, begin=0, timeout=20):
    """Return (status, headers, what came before the connection ended, whether it ended early)."""
    headers = {"Range": f"bytes={begin}-"} if begin else {}
    content, cut = b"", False
    with requests.get(url, headers=headers, timeout=timeout, stream=True) as answer:
        try:
            for piece in answer.iter_content(1000):
                content += piece
        except (requests.exceptions.ChunkedEncodingError, requests.ConnectionError):
            cut = True
        return answer.status_code, answer.headers, content, cut


def assert_good(url, mode):
    """Check that a file is now sent as it should be; return its content."""
    folder, _, name = url.rpartition("/")
    assert_the_same_samples(folder, [name], mode)
    return requests.get(url, timeout=20).content


def test_a_download_is_cut_and_can_be_resumed(api):
    url, length = whole_file("cut_download", api)
    size = length()
    status, headers, first, cut = received(url)
    assert (status, int(headers["Content-Length"]), cut) == (200, size, True)
    assert 0 < len(first) <= size // 2
    status, headers, second, cut = received(url, len(first))
    assert (status, cut) == (206, True)
    assert headers["Content-Range"] == f"bytes {len(first)}-{size - 1}/{size}"
    so_far = first + second
    status, _, third, cut = received(url, len(so_far))
    assert (status, cut) == (206, False)
    assert so_far + third == assert_good(url, "cut_download")


def test_a_download_stalls(api):
    url, length = whole_file("stalled_download", api)
    size, started = length(), time.monotonic()
    with pytest.raises(requests.ConnectionError):  # nothing comes any more
        requests.get(url, timeout=0.4)
    assert time.monotonic() - started < 0.9
    assert len(assert_good(url, "stalled_download")) == size


def test_a_stalled_download_is_closed_in_the_end(tmp_path):
    with serving(tmp_path, faults=[{"mode": "stalled_download", "seconds": 0.6}]) as api:
        url, length = whole_file("stalled_download", api)
        started = time.monotonic()
        _, _, content, cut = received(url)
        assert cut
        assert len(content) <= length() // 2
        assert time.monotonic() - started >= 0.6


def test_a_length_is_announced_that_is_not_sent(api):
    url, length = whole_file("wrong_length", api)
    told = length()
    assert told == length()  # to look costs nothing
    _, headers, content, cut = received(url)
    assert int(headers["Content-Length"]) == told
    assert cut
    right = assert_good(url, "wrong_length")
    assert len(right) == length() == told - 7
    assert right.startswith(content)


def test_a_file_is_shorter_than_head_says(api):
    url, length = whole_file("short_file", api)
    status, headers, content, cut = received(url)
    assert (status, cut) == (200, False)
    assert int(headers["Content-Length"]) == len(content) < length()
    assert requests.get(url, headers={"Range": f"bytes={len(content)}-"}, timeout=20).status_code == 416
    right = assert_good(url, "short_file")
    assert right.startswith(content)
    assert len(right) == length()


def test_a_file_is_damaged(api):
    url, length = whole_file("corrupt_file", api)
    content = requests.get(url, timeout=20).content
    right = assert_good(url, "corrupt_file")
    assert len(content) == length() == len(right)
    assert content[:512] != right[:512]
    assert content[len(right) // 2] != right[len(right) // 2]
    with pytest.raises(OSError, match=r"."):
        opened(content)


def test_a_page_comes_in_place_of_a_file(api):
    url, length = whole_file("html_file", api)
    answer = requests.get(url, timeout=20)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert int(answer.headers["Content-Length"]) == len(answer.content) < length()
    assert len(assert_good(url, "html_file")) == length()


def test_ranges_are_ignored(api):
    url, length = whole_file("no_range", api)
    answer = requests.get(url, headers={"Range": "bytes=1000-"}, timeout=20)
    assert answer.status_code == 200
    assert len(answer.content) == length()
    assert answer.content == assert_good(url, "no_range")


def test_head_is_not_allowed(api):
    url, _ = whole_file("no_head", api)
    assert requests.head(url, timeout=20).status_code == 405
    assert requests.get(url, timeout=20).status_code == 200
    assert requests.head(url, timeout=20).status_code == 200


def test_no_length_is_told(api):
    url, length = whole_file("no_length", api)
    status, headers, content, cut = received(url)
    assert (status, cut, len(content)) == (200, False, length())
    assert "Content-Length" not in headers
    assert headers["Transfer-Encoding"] == "chunked"
    assert content == assert_good(url, "no_length")


def test_files_lie_at_the_other_host_name(api):
    url, length = whole_file("redirect_results", api)
    answer = requests.get(url, timeout=20, allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"] == url.replace("127.0.0.1", "localhost")
    assert len(requests.get(url, timeout=20).content) == length()
    assert_good(url, "redirect_results")


def test_result_errors_strike_every_kind_of_call(api):
    folder = ordered(api, "result_errors")
    catalog = folder.replace("/async_results/", "/thredds/catalog/ooi/")

    def outcome(method, url):
        try:
            answer = requests.request(method, url, timeout=20)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return "cut", ""
        if answer.status_code == 503:
            assert answer.headers["Retry-After"] == "0"
        return answer.status_code, answer.text

    deadline = time.monotonic() + 20
    while outcome("GET", f"{folder}/status.txt")[1] != "complete\n":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    page = ""
    while ".nc" not in page:
        page = outcome("GET", f"{folder}/")[1]
    (name,) = asked_for(re.findall(r'href="([^"/?]+)"', page))
    urls = [f"{folder}/status.txt", f"{folder}/status.json", f"{folder}/", f"{folder}/{name}", f"{catalog}/catalog.xml"]
    calls = [("GET", url) for url in urls] + [("HEAD", f"{folder}/{name}")]
    seen = [[outcome(*call)[0] for _ in range(20)] for call in calls]
    assert all(200 in one and len(set(one)) > 2 for one in seen), seen
    assert set(itertools.chain(*seen)) == {200, 404, 500, 502, 503, "cut"}


# Of several at once, of what lasts, and of what is asked of the settings


def test_faults_join(tmp_path):
    """Every shape at once, and in the end the same samples."""
    modes = "overlap unaggregated whole_seconds variables_differ extras deployment_zero ancillary partial_visible"
    faults = [{"mode": mode, "seconds": 0.01} for mode in modes.split()] + [{"mode": "cut_download", "times": 1}]
    with serving(tmp_path, faults=faults, delays={"hidden_s": 0, "empty_s": 0, "step_s": 0}) as api:
        folder = ordered(api, "overlap", hours=1)
        names = [name for name in asked_for(completed(folder)) if not name.startswith("deployment0000")]
        assert len(names) > 30
        for name in names:
            assert received(f"{folder}/{name}")[3]
        assert_the_same_samples(folder, names, "overlap", hours=1)


def test_an_order_keeps_its_faults_over_a_restart(tmp_path):
    faults = [{"mode": mode} for mode in ("overlap", "variables_differ", "deployment_zero", "ancillary")]
    with serving(tmp_path, faults=faults) as api:
        folder = ordered(api, "overlap", stream=FAST, hours=1)
        names = completed(folder)
        before = {name: requests.get(f"{folder}/{name}", timeout=20).content for name in names}
    with serving(tmp_path) as api:  # without any faults
        folder = api.removesuffix("/api/m2m") + folder[folder.index("/async_results/") :]
        assert completed(folder) == names
        assert {name: requests.get(f"{folder}/{name}", timeout=20).content for name in names} == before


@pytest.mark.parametrize(
    ("hours", "number", "failed"), [(72, 3, "T000000-{}T235959"), (1, 4, "T001500-{}T002959")], ids=["days", "quarters"]
)
def test_slices_of_other_lengths(tmp_path, hours, number, failed):
    with serving(tmp_path, faults=[{"mode": "failed_slices"}]) as api:
        folder = ordered(api, "failed_slices", hours=hours)
        completed(folder)
        states = requests.get(f"{folder}/status.json", timeout=20).json()
    assert len(states) == number
    day = f"{DAYS['failed_slices'] + timedelta(days=hours // 72):%Y%m%d}"
    assert [name for name, state in states.items() if state != "complete"] == [day + failed.format(day)]


def test_results_vanish_some_seconds_after_they_were_complete(tmp_path):
    with serving(tmp_path, faults=[{"mode": "vanish", "seconds": 1.0, "times": 1}]) as api:
        folder = ordered(api, "vanish")
        names = completed(folder)
        assert asked_for(names)
        time.sleep(1.1)
        assert requests.get(f"{folder}/status.txt", timeout=20).status_code == 404
        time.sleep(0.1)
        again = ordered(api, "vanish")
        assert again != folder
        completed(again)
        time.sleep(1.1)
        assert asked_for(completed(again))


def test_a_begin_at_midnight_is_of_its_own_day(api):
    begin = f"{DAYS['no_data']}T00:00:00.000Z"
    assert ask(api, "no_data", beginDT=begin).status_code == 404
    assert ask(api, "no_data", beginDT=f"{DAYS['no_data'] - timedelta(days=1)}T23:59:59.998Z").status_code != 404


def test_a_rate_strikes_the_same_occasions_in_every_run(tmp_path):
    runs = []
    for run in ("first", "second"):
        with serving(tmp_path / run, faults=[{"mode": "down", "rate": 0.5}]) as api:
            runs.append([ask(api, "down").status_code for _ in range(20)])
    assert runs[0] == runs[1]
    assert 4 <= runs[0].count(500) <= 16


def test_the_end_of_a_live_stream_moves(api):
    def end():
        times = requests.get(f"{api}/{INVENTORY}/metadata/times", auth=ACCOUNT, timeout=20).json()
        return next(entry["endTime"] for entry in times if entry["stream"] == FAST)

    earlier = end()
    time.sleep(0.2)
    assert end() > earlier


def test_a_replayed_record_lies_within_its_deployment(tmp_path):
    begin = 1_301_616_000  # 2011-04-01, before there was an instrument
    record = tmp_path / "record.npz"
    np.savez(record, time=begin + 15.0 * np.arange(100), botsflu_meanpres=np.full(100, 2200.0))
    replay = [{"file": str(record), "reference_designator": CENTRAL, "stream": SLOW}]
    with serving(tmp_path / "store", replay=replay) as api:
        times = requests.get(f"{api}/{INVENTORY}/metadata/times", auth=ACCOUNT, timeout=20).json()
        deployments = "12587/events/deployment/inv/RS03CCAL/MJ03F/05-BOTPTA301/-1"
        (deployment,) = requests.get(f"{api}/{deployments}", auth=ACCOUNT, timeout=20).json()
    first = next(entry["beginTime"] for entry in times if entry["stream"] == SLOW)
    assert first == "2011-04-01T00:00:00.000Z"
    assert deployment["eventStartTime"] <= begin * 1000


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"mode": "bussy"}, "unknown mode 'bussy'; did you mean 'busy'?"),
        ({"on": "2015-04-23"}, "each fault needs a 'mode'"),
        ({"mode": "busy", "on": "23 April"}, "'on' must be a date such as 2015-04-23"),
        ({"mode": "busy", "on": "2015-02-30"}, "'on' must be a date such as 2015-04-23"),
        ({"mode": "busy", "times": 0}, "'times' must be a whole number from 1 up"),
        ({"mode": "busy", "rate": 1.5}, "'rate' must be a number above 0 and up to 1"),
        ({"mode": "busy", "seconds": -1}, "'seconds' must be a number from 0 up"),
        ({"mode": "busy", "after_files": 1}, "'after_files' belongs to mode 'vanish' alone"),
        ({"mode": "busy", "day": "2015-04-23"}, "unknown key 'day'; allowed are mode, on,"),
        ("busy", "a mapping is needed, not 'busy'"),
    ],
)
def test_a_mistake_in_a_fault_gets_one_sentence(row, words):
    from plumbline.configuration import read
    from plumbline.embedded.settings import settings_from
    from plumbline.errors import PlumblineError
    from workflow import small

    for check, content in ((settings_from, {"faults": [row]}), (read, small() | {"embedded": {"faults": [row]}})):
        with pytest.raises(PlumblineError, match=re.escape(words)) as caught:
            check(content)
        assert str(caught.value).endswith(".")
        assert "\n" not in str(caught.value)


def test_yaml_s_own_idea_of_on_and_of_dates_is_understood():
    import yaml

    from plumbline.configuration import read
    from workflow import small

    config = small() | {"embedded": yaml.safe_load("faults: [{mode: busy, on: 2015-04-23, times: 2}]")}
    settings = read(config).embedded.model_dump()
    assert settings["faults"] == [{"mode": "busy", "on": "2015-04-23", "times": 2}]
    json.dumps(settings)


def test_the_documents_name_every_mode():
    from workflow import REPOSITORY

    text = (REPOSITORY / "docs" / "embedded-server.md").read_text()
    assert not [mode for mode in MODES if f"| `{mode}` |" not in text]
