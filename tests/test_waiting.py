"""Waiting for an order: what the result folder says, over HTTP, with a host that says what it is told."""

import json
import time

import pytest

from plumbline.errors import PlumblineError
from plumbline.ooi.results import describe, list_names
from plumbline.ooi.session import result_session
from plumbline.retrieval import completion, records, waiting
from result_host import ResultHost

PATH = "/async_results/user@example.org/20260101T000000000Z-x"
NAME = "deployment0001_RS03CCAL-MJ03F-05-BOTPTA301-streamed-botpt_nano_sample_20150423T000000-20150423T235959.950000.nc"
NEAR = NAME.replace("botpt_nano_sample_", "botpt_nano_sample_15sec_")


@pytest.fixture
def host():
    with ResultHost() as host:
        yield host


@pytest.fixture
def record(host, tmp_path):
    """A request record whose order lies at the host."""
    record = {
        "stream": "central",
        "chunk": "2015-04-23",
        "window": {"begin": "2015-04-23T00:00:00Z", "end": "2015-04-24T00:00:00Z"},
        "server": "https://ooinet.example.org/api/m2m",
        "query": {
            "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301",
            "method": "streamed",
            "stream": "botpt_nano_sample",
        },
        "ordered_at": records.now(),
        "outcome": "accepted",
        "answer": {"requestUUID": "u", "allURLs": [host.url + "/thredds/x/catalog.html", host.url + PATH]},
        "attempts": [],
    }
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record))
    return path


def lay(host, status="complete\n", slices=None, names=(NAME,)):
    """Lay a result folder out at the host, with Apache's page of it."""
    files = dict.fromkeys(names, b"x" * 10)
    files |= {"status.txt": status.encode(), "status.json": json.dumps(slices or {}).encode()}
    links = "".join(f'<a href="{name}">{name[:20]}..&gt;</a>' for name in files)
    host.files[PATH + "/"] = f'<a href="?C=N;O=D">Name</a><a href="/async_results/">Parent</a>{links}'.encode()
    host.files |= {f"{PATH}/{name}": content for name, content in files.items()}


def test_the_marker_lists_exactly_the_files_of_the_stream(host, record, tmp_path):
    lay(host, names=[NAME, NEAR, NAME + "ml", "deployment0001_x_aggregate_provenance.json", "aggregation_temp.nc"])
    waiting.wait(record, 5, tmp_path / "complete.json")
    marker = json.loads((tmp_path / "complete.json").read_text())
    assert [(file["name"], file["bytes"]) for file in marker["files"]] == [(NAME, 10)]
    assert NEAR in marker["other_files"]
    assert marker["failed_slices"] == {}
    assert not any("Authorization" in headers for _, _, headers in host.seen)


@pytest.mark.parametrize("status", ["", "comple", "still running", "<html>complete</html>", '"complete'])
def test_anything_but_complete_is_not_complete(host, record, tmp_path, status):
    lay(host, status=status)
    with pytest.raises(PlumblineError, match="Run again to go on waiting for the same order"):
        waiting.wait(record, 0.2, tmp_path / "complete.json")
    assert not (tmp_path / "complete.json").exists()


def test_slices_that_failed_are_written_down(host, record, tmp_path):
    failure = {
        "code": 408,
        "message": "Request for particles failed\nfor the following reason: slow",
        "requestUUID": "u",
    }
    lay(host, slices={"20150423T000000-20150423T120000": "complete", "20150423T120000-20150424T000000": failure})
    waiting.wait(record, 5, tmp_path / "complete.json")
    marker = json.loads((tmp_path / "complete.json").read_text())
    reason = "Request for particles failed for the following reason: slow"
    assert marker["failed_slices"] == {"20150423T120000-20150424T000000": reason}


@pytest.mark.parametrize(
    ("status", "slices"),
    [
        ('{\n  "code": 500,\n  "message": "Aggregation failed for the following reason: disk"\n}', {}),
        ("complete\n", {"code": 500, "message": "Aggregation failed for the following reason: disk"}),
        ("complete\n", {"20150423T000000-20150424T000000": {"message": "the following reason: disk"}}),
    ],
)
def test_a_failed_order_is_made_anew_once_and_then_given_up(host, record, tmp_path, monkeypatch, status, slices):
    lay(host, status=status, slices=slices, names=[])
    monkeypatch.setattr(waiting, "reorder", lambda record, reason, mail: record | {"attempts": [reason]})
    monkeypatch.setattr(completion, "FIRST_LOOK_S", 0.01)
    with pytest.raises(PlumblineError, match=r"following reason: disk.*Run again to order it anew"):
        waiting.wait(record, 5, tmp_path / "complete.json")
    kept = json.loads(record.read_text())
    assert "disk" in kept["given_up"]
    assert len(kept["attempts"]) == 1
    assert not (tmp_path / "complete.json").exists()


def test_an_order_whose_slices_hold_nothing_is_complete_without_files(host, record, tmp_path):
    nothing = {"code": 404, "message": "Query returned no results for primary stream"}
    lay(host, slices={"20150423T000000-20150424T000000": nothing}, names=[])
    waiting.wait(record, 5, tmp_path / "complete.json")
    assert json.loads((tmp_path / "complete.json").read_text())["files"] == []


def test_a_host_that_refuses_head_tells_the_length_all_the_same(host):
    lay(host)
    host.no_head = True
    assert describe(result_session(), host.url + PATH, NAME).bytes == 10


@pytest.mark.parametrize("target", ["../up.nc", "/etc/passwd", "%2e%2e/up.nc", "sub/file.nc", "..", "."])
def test_a_link_that_leaves_the_folder_is_no_file(host, target):
    host.files[PATH + "/"] = f'<a href="{target}">x</a><a href="{NAME}">x</a>'.encode()
    assert list_names(result_session(), host.url + PATH) == [NAME]


def test_an_order_of_which_nothing_is_left_after_a_week_is_made_anew_at_once(host, record, tmp_path, monkeypatch):
    content = json.loads(record.read_text()) | {"ordered_at": "2026-01-01T00:00:00Z"}
    record.write_text(json.dumps(content))

    def anew(record, reason, mail):
        lay(host)
        return record | {"attempts": [reason], "ordered_at": records.now()}

    monkeypatch.setattr(waiting, "reorder", anew)
    waiting.wait(record, 20, tmp_path / "complete.json")
    (reason,) = json.loads(record.read_text())["attempts"]
    assert "nothing can be seen of it" in reason


def test_an_old_order_that_the_server_still_works_on_is_waited_for(host, record, tmp_path):
    content = json.loads(record.read_text()) | {"ordered_at": "2026-01-01T00:00:00Z"}
    record.write_text(json.dumps(content))
    host.files[PATH + "/status.json"] = b"{}"
    with pytest.raises(PlumblineError, match="go on waiting for the same order"):
        waiting.wait(record, 1.0, tmp_path / "complete.json")


def test_a_deadline_holds_whatever_the_host_asks_for(host, record, tmp_path):
    lay(host)
    host.statuses[PATH + "/status.txt"] = [503] * 1000
    host.retry_after = "600"
    start = time.monotonic()
    with pytest.raises(
        PlumblineError, match=r"after 2 s of waiting \(the result host answers 503\), and the deadline is 2 s"
    ):
        waiting.wait(record, 2.0, tmp_path / "complete.json")
    assert time.monotonic() - start < 6


def test_slices_that_cannot_be_read_at_first_are_looked_for_again(host, record, tmp_path):
    lay(host, slices={"20150423T000000-20150423T120000": {"message": "slow"}, "20150423T120000-x": "complete"})
    host.statuses[PATH + "/status.json"] = [404]
    waiting.wait(record, 20, tmp_path / "complete.json")
    marker = json.loads((tmp_path / "complete.json").read_text())
    assert marker["failed_slices"] == {"20150423T000000-20150423T120000": "slow"}
    assert marker["slices_known"]
