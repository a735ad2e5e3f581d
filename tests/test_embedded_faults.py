"""Faults of the embedded server: at the API, in its answers, and in the settings."""

import itertools
import json
import re
import time
from datetime import date, timedelta
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests

from faulty import (
    ACCOUNT,
    CENTRAL,
    DAYS,
    EAST,
    FAST,
    INVENTORY,
    SLOW,
    ask,
    asked_for,
    completed,
    ordered,
    orders_of,
    window,
)
from plumbline.embedded.faultmodes import MODES
from serving import serving

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


# Of the settings


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
