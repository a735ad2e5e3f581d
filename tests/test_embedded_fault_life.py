"""Faults of the embedded server in the life of a result directory: when it is seen, complete, and gone."""

import re
import time
from datetime import timedelta

import numpy as np
import pytest
import requests

from faulty import (
    DAYS,
    FAST,
    asked_for,
    assert_the_same_samples,
    completed,
    expected,
    fetched,
    ordered,
)
from plumbline.ooi.results import list_names
from plumbline.ooi.session import result_session
from serving import serving


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
