"""Faults of the embedded server in files of results: their names, what lies beside them, what they hold."""

import itertools
import re

import numpy as np
import pytest
import requests

from faulty import (
    CENTRAL,
    DAYS,
    FAST,
    SLOW,
    asked_for,
    assert_the_same_samples,
    completed,
    expected,
    fetched,
    opened,
    ordered,
    received,
)
from plumbline.embedded import EMAIL
from serving import serving


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
