"""`snakemake live`: the newest minutes, from a server that may answer anything; nothing of it is kept."""

import csv
import io
import json
import socket
from datetime import UTC, datetime, timedelta
from itertools import repeat
from urllib.parse import parse_qs, urlsplit

import pytest
from rich.console import Console

from mean_server import ACCOUNT, MeanServer
from plumbline import configuration
from plumbline.embedded import TOKEN, USERNAME
from plumbline.errors import PlumblineError
from plumbline.ooi.session import api_session
from plumbline.present.newest import newest_of
from plumbline.present.showing import show_live, write_csv
from serving import serving
from workflow import OF_THIS_CODE, REPOSITORY, Workflow, environment, printed, small

NTP_OF_1970_S = 2_208_988_800
NOW = datetime(2017, 7, 4, 18, 0, 0, tzinfo=UTC)
INSTRUMENT = "12576/sensor/inv/RS03CCAL/MJ03F/05-BOTPTA301"
STREAM = configuration.read(small(stream="botpt_nano_sample", variables=["bottom_pressure"])).streams[0]
PARAMETER = {"particleKey": "bottom_pressure", "fillValue": "-9999999", "stream": "botpt_nano_sample"}
PARAMETER |= {"shape": "SCALAR", "units": "psia", "type": "FLOAT", "pdId": "PD848"}


def times_until(end):
    about = {"method": "streamed", "stream": "botpt_nano_sample", "count": 1000}
    return [about | {"beginTime": "2014-08-29T20:59:49.975Z", "endTime": f"{end:%Y-%m-%dT%H:%M:%S}.000Z"}]


def particle(when, value, **more):
    return {"bottom_pressure": value, "time": when.timestamp() + NTP_OF_1970_S, "pk": {"node": "MJ03F"}} | more


def minute_before(end, every_s=1):
    """Return a minute of particles that end at a time; the pressure is the second within the minute."""
    return [particle(end - timedelta(seconds=second), float(60 - second)) for second in range(60, -1, -every_s)]


@pytest.fixture
def mean(monkeypatch):
    """A server of one instrument, whose answers a test can replace; it keeps what it was asked for."""
    monkeypatch.setattr("plumbline.ooi.reading.growing_delays", lambda *_: repeat(0.0))
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)
    with MeanServer() as server:
        server.asked = []
        server.told = {f"{INSTRUMENT}/metadata/times": times_until(NOW)}
        server.told[f"{INSTRUMENT}/metadata/parameters"] = [PARAMETER]
        server.particles, server.status = minute_before(NOW), 200

        def answer(handler):
            path = handler.path.partition("?")[0].removeprefix("/api/m2m/")
            if path == f"{INSTRUMENT}/streamed/botpt_nano_sample":
                server.asked.append({k: v[0] for k, v in parse_qs(urlsplit(handler.path).query).items()})
                content, status = server.particles, server.status
            else:
                content = server.told.get(path)
                status = 200 if content is not None else 404
            handler.give(content if isinstance(content, bytes) else json.dumps(content).encode(), status=status)

        server.every_call = answer
        yield server


def looked(server, minutes=5, now=NOW):
    return newest_of(api_session(server.url), server.url, STREAM, minutes, now)


def shown(found, now=NOW, synthetic=False):
    out = Console(width=120, record=True, file=io.StringIO())
    show_live(out, [found], "the server", synthetic, 5, now)
    return " ".join(out.export_text().split())


def test_the_target_shows_the_present_and_writes_no_result(tmp_path):
    streams = [
        small(stream="botpt_nano_sample", variables=["bottom_pressure"])["streams"][0] | {"name": "fast"},
        small()["streams"][0],
        small(stream="botpt_nano_sampel")["streams"][0] | {"name": "misspelt"},
    ]
    workflow = Workflow(tmp_path, small() | {"streams": streams})
    process = workflow.run("live", "--config", "live={minutes: 1}")
    assert process.returncode == 0, printed(process)
    assert process.stdout.startswith("SYNTHETIC DATA")
    assert "The newest 1 minute of the embedded server" in process.stdout
    assert "bottom_pressure, psi; every 15 s from" in process.stdout
    assert "botsflu_meanpres, psi; every 15 s from" in process.stdout
    # 15 s at 20 Hz, and 15 s means
    assert " 300 " in process.stdout
    assert "No sample was given." in process.stdout
    assert "OLD" not in process.stdout
    assert not (tmp_path / "results").exists()
    assert workflow.orders() == set()


def test_the_script_prints_csv_and_mistakes_in_a_sentence(tmp_path):
    def script(*words, **account):
        words = [str(REPOSITORY / "scripts" / "live.py"), *map(str, words)]
        return OF_THIS_CODE.run(words[0], words[1:], environment(**account), tmp_path)

    file = tmp_path / "config.yaml"
    with serving(tmp_path / "server") as api:
        file.write_text(json.dumps(small(ooi={"api": api})))
        account = {"OOI_USERNAME": USERNAME, "OOI_TOKEN": TOKEN}
        process = script("--configfile", file, "--minutes", 2, "--csv", "central", **account)
    rows = list(csv.DictReader(io.StringIO(process.stdout)))
    assert len(rows) in (7, 8, 9), printed(process)
    assert {row["server"] for row in rows} == {"127.0.0.1 (synthetic)"}
    assert {(row["stream"], row["variable"], row["units"], row["n"]) for row in rows} == {
        ("central", "botsflu_meanpres", "psi", "1")
    }
    assert all(2200 < float(row["mean"]) < 2300 for row in rows)
    assert list(tmp_path.glob("results*")) == []
    assert "allowed are 1 to 30" in script("--configfile", file, "--minutes", 31, **account).stderr
    assert "it has central" in script("--configfile", file, "centrall", **account).stderr
    assert "No OOI account for 127.0.0.1" in script("--configfile", file).stderr
    file.write_text("[")
    assert "is no YAML" in script("--configfile", file).stderr
    file.write_text("5")
    assert "is no configuration" in script("--configfile", file).stderr


def test_one_request_with_a_limit_asks_for_the_variables_alone(mean):
    looked(mean)
    (asked,) = mean.asked
    assert asked == {
        "beginDT": "2017-07-04T17:55:00.000Z",
        "endDT": "2017-07-04T18:00:00.000Z",
        "limit": "20000",
        "parameters": "848",
    }


def test_statistics_are_of_the_seconds_that_a_row_names(mean):
    found = looked(mean)
    assert found.newest == NOW
    rows = found.rows["bottom_pressure"]
    assert [row.begin for row in rows] == [NOW - timedelta(seconds=60 - 15 * place) for place in range(5)]
    assert [(row.n, row.mean, row.min, row.max) for row in rows] == [
        (15, 7.0, 0.0, 14.0),
        (15, 22.0, 15.0, 29.0),
        (15, 37.0, 30.0, 44.0),
        (15, 52.0, 45.0, 59.0),
        (1, 60.0, 60.0, 60.0),
    ]
    text = shown(found)
    assert "bottom_pressure, psia; every 15 s from" in text
    assert "newest sample 2017-07-04 18:00:00 UTC, 0 s old" in text
    assert "SYNTHETIC" not in text
    assert "SYNTHETIC" in shown(found, synthetic=True)
    file = io.StringIO()
    write_csv(file, [found], "server", synthetic=False)
    assert file.getvalue().splitlines()[1] == (
        "server,central,bottom_pressure,psia,2017-07-04T17:59:00Z,15,15,7.0,0.0,14.0"
    )


def test_old_data_are_where_the_inventory_says_and_said_to_be_old(mean):
    end = NOW - timedelta(days=3)
    mean.told[f"{INSTRUMENT}/metadata/times"] = times_until(end)
    mean.particles = minute_before(end)
    found = looked(mean)
    assert mean.asked[0]["endDT"] == "2017-07-01T18:00:00.000Z"
    assert "newest sample 2017-07-01 18:00:00 UTC, 3 d 00 h old: OLD, the server has nothing newer" in shown(found)
    mean.status, mean.particles = 404, {"message": {"status": "Query returned no results for primary stream"}}
    text = shown(looked(mean))
    assert "No sample was given." in text
    assert "The newest data are of 2017-07-01 18:00:00 UTC by the inventory." in text


def test_without_a_word_of_the_inventory_the_last_minutes_are_asked_for(mean):
    mean.told = {}
    found = looked(mean)
    assert "parameters" not in mean.asked[0]
    assert found.newest == NOW
    assert "The inventory does not tell of this stream" in shown(found)


def test_fill_values_texts_and_times_from_elsewhere_are_no_samples(mean):
    strange = [None, "2255.8", True, -9999999.0, [], {}, 10**400]
    mean.particles = [particle(NOW - timedelta(seconds=20 + n), value) for n, value in enumerate(strange)]
    mean.particles += [particle(NOW + timedelta(days=9), 1.0), particle(datetime(1970, 1, 2, tzinfo=UTC), 1.0)]
    mean.particles += [particle(NOW, 1.0, time=odd) for odd in (None, "x", True, 10**400)] + [5, None, []]
    mean.particles += [particle(NOW, 7.0), particle(NOW, 8.0)]
    found = looked(mean)
    (row,) = found.rows["bottom_pressure"]
    assert (row.n, row.mean) == (1, 7.0)
    assert found.newest == NOW
    mean.particles = [particle(NOW, None)]
    assert "Without a value of bottom_pressure." in shown(looked(mean))
    mean.particles = [particle(datetime(1970, 1, 2, tzinfo=UTC), 1.0)]
    assert "No sample of the answer has a time in the window." in shown(looked(mean))


def test_a_list_that_breaks_off_is_read_as_far_as_it_goes(mean):
    whole = json.dumps(minute_before(NOW), indent=1)
    for cut, count in ((len(whole) - 2, 61), (len(whole) - 3, 60), (len(whole) // 2, 30), (3, 0), (1, 0)):
        mean.particles = whole[:cut].encode()
        found = looked(mean)
        assert sum(row.n for row in found.rows.get("bottom_pressure", [])) == pytest.approx(count, abs=1), cut
        assert "The answer broke off" in shown(found)


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (200, {"requestUUID": "u", "message": "Unexpected internal error during request"}, "Unexpected internal error"),
        (200, b"<html><title>OOI Maintenance</title>", "under maintenance"),
        (200, b"", "answered 200 (without a reason)"),
        (200, 5, "answered 200 (5)"),
        (200, {"data": 5}, "answered 200"),
        (200, [], "No sample was given."),
        (413, {"message": {"status": "larger than maximum allowed limit"}}, "413 (larger than maximum"),
        (500, b"<html>", "answered 500"),
        (400, {"message": "busy"}, "answered 400 (busy)"),
    ],
)
def test_what_is_no_list_of_samples_is_told(mean, status, answer, told):
    mean.status, mean.particles = status, answer
    assert told in shown(looked(mean))


def test_samples_beside_annotations_are_read(mean):
    mean.particles = {"data": minute_before(NOW), "annotations": []}
    assert looked(mean).newest == NOW


def test_a_refused_account_is_told(mean):
    mean.status, mean.particles = 401, {"message": "Authentication failed.", "status_code": 401}
    with pytest.raises(PlumblineError, match="does not know this user name and token"):
        looked(mean)


def test_a_server_that_is_gone_is_told(mean):
    mean.every_call = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
    assert "There was no answer (ConnectionError)" in shown(looked(mean))


def test_half_an_hour_has_longer_rows(mean):
    mean.particles = [particle(NOW - timedelta(seconds=second), 1.0) for second in range(1800)]
    found = looked(mean, minutes=30)
    assert found.step_s == 120
    assert len(found.rows["bottom_pressure"]) == 16
    assert sum(row.n for row in found.rows["bottom_pressure"]) == 1800
