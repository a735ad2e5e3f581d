"""What the server sees of us: few orders at a time, few connections, polls that become rare."""

import itertools
import json
import subprocess
import time
from datetime import datetime

import psutil
import pytest

from plumbline.embedded import TOKEN, USERNAME
from plumbline.ooi.patience import growing_delays
from plumbline.retrieval import records, waiting
from serving import serving
from workflow import Workflow, small

MOST_ORDERS, MOST_CONNECTIONS = 6, 4  # profiles/default


def most_at_once(spans):
    """Return how many of the spans (begin, end) overlap at the most."""
    changes = sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans])
    most = now = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return most


def test_orders_in_flight_and_connections_stay_below_their_caps(tmp_path):
    """Ten days in six files each, from a server that takes two seconds for each order."""
    store, account = tmp_path / "server", {"OOI_USERNAME": USERNAME, "OOI_TOKEN": TOKEN}
    slow = {"mode": "stalled_download", "times": 1, "seconds": 0.3}
    with serving(store, delays={"hidden_s": 2.0}, faults=[{"mode": "overlap"}, slow]) as address:
        run = tmp_path / "run"
        run.mkdir()
        workflow = Workflow(run, small(begin="2015-06-01", end="2015-06-11", ooi={"api": address}), environment=account)
        words = workflow.command("--until", "download_netcdf", cores=8)
        with (tmp_path / "output").open("w") as output:
            process = subprocess.Popen(words, stdout=output, stderr=output, **workflow.options())
            connections = []
            while process.poll() is None:
                connections.append(sum(is_download(one, run) for one in psutil.process_iter(["name", "cwd"])))
                time.sleep(0.02)
    assert process.returncode == 0, (tmp_path / "output").read_text()
    orders = [json.loads(path.read_text()) for path in store.glob("ledger/*.json")]
    assert len(orders) == 10
    spans = [(datetime.fromisoformat(order["accepted"]).timestamp(), order["completed_s"]) for order in orders]
    assert 3 <= most_at_once(spans) <= MOST_ORDERS
    assert 1 <= max(connections) <= MOST_CONNECTIONS


def is_download(process, folder):
    # By its folder: other tests, and other people, may be downloading at the same time.
    return process.info["name"] == "wget" and process.info["cwd"] == str(folder)


def test_polls_go_from_seconds_to_minutes(tmp_path, monkeypatch):
    """A server that takes three hours."""
    clock, polls = [0.0], []
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))

    def state(session, folder):
        polls.append(clock[0])
        return ("complete" if clock[0] > 3 * 3600 else "the server is still working"), 0.0

    monkeypatch.setattr(waiting, "_state", state)
    record = {"ordered_at": records.now(), "answer": {"timeCalculation": 60}}
    waiting._until_complete(["http://127.0.0.1/x"], record, 0.0, 48 * 3600)
    pauses = [after - before for before, after in itertools.pairwise(polls)]
    assert pauses[0] < 1
    assert all(pause > 60 for pause in pauses[40:])
    assert max(pauses) <= 120
    assert len(polls) < 170


def test_two_clients_do_not_come_in_step():
    first, second = (list(itertools.islice(growing_delays(2, 2, 60), 20)) for _ in range(2))
    assert first != second
    assert all(2 / 3 * full <= delay <= full for delay, full in zip(first, (2, 4, 8, 16, 32, 60, 60), strict=False))


@pytest.mark.parametrize("email", ["account", "none"])
def test_mail_is_silenced_where_it_is_asked_for(chunk, server, email):
    asked = []

    def answer(handler):
        asked.append(handler.path)
        handler.give(json.dumps(server.order()).encode())

    server.api = answer
    assert chunk.order(email=email).code == 0
    assert ["email=none" in path for path in asked] == [email == "none"]
    # Nor is an order sent again because of it.
    other = {"none": "account", "account": "none"}[email]
    assert chunk.order(email=other).code == 0
    assert len(asked) == 1
