"""However a workflow ends, its server ends with it, and running again brings it to its end."""

import os
import signal
import subprocess
import time
from urllib.parse import urlsplit

import psutil
import pytest

from plumbline.embedded import TOKEN, USERNAME
from serving import serving
from workflow import Workflow, printed, small

# Long enough to be interrupted: eight days, a chunk each.
LONG = small(begin="2015-04-13", end="2015-04-21")


def processes_in(folder):
    """Return the command lines of processes that name a folder or work in it."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
        words = " ".join(process.info["cmdline"] or ())
        place = process.info["cwd"] or ""
        if process.pid != os.getpid() and (str(folder) in words or place.startswith(str(folder))):
            found.append(words)
    return found


def until(condition, seconds=30):
    """Wait for a condition; return whether it came true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def started(workflow):
    """Start a run and return it when its first chunk is complete."""
    process = subprocess.Popen(
        workflow.command(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        **workflow.options(),
    )
    assert until(lambda: list(workflow.folder.glob("results/*/complete/*.json"))), process.kill()
    assert any("serve_ooi.py" in words for words in processes_in(workflow.folder))
    return process


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_a_workflow_that_is_stopped_leaves_no_process_and_goes_on_later(tmp_path, how):
    workflow = Workflow(tmp_path, LONG)
    process = started(workflow)
    if how is signal.SIGINT:
        os.killpg(process.pid, how)  # as Ctrl-C does: to everything on the terminal
    else:
        process.send_signal(how)
    assert until(lambda: process.poll() is not None), "it does not end"
    process.stdout.close()
    assert until(lambda: not processes_in(tmp_path)), processes_in(tmp_path)
    orders = workflow.orders()
    accepted = {path.name for path in tmp_path.glob("results/*/requests/*.json")}
    workflow.succeed()
    again = len(workflow.orders()) - 8
    # an order is lost only if the kill fell between the server's answer and its record
    assert 0 <= again <= len(orders) - len(accepted)
    assert workflow.planned() == {}
    assert not processes_in(tmp_path)


def test_sigterm_does_not_wait_for_an_order_that_may_take_days(tmp_path):
    account = {"OOI_USERNAME": USERNAME, "OOI_TOKEN": TOKEN}
    with serving(tmp_path / "server", delays={"hidden_s": 600}) as address:
        run = tmp_path / "run"
        run.mkdir()
        workflow = Workflow(run, small(ooi={"api": address}), environment=account)
        process = subprocess.Popen(
            workflow.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **workflow.options()
        )
        assert until(lambda: any("await_data.py" in words for words in processes_in(run)))
        process.terminate()
        assert until(lambda: process.poll() is not None, 30), process.kill()
        assert process.returncode != 0
        assert until(lambda: not processes_in(run))
        assert len(list(run.glob("results/*/requests/*.json"))) == 2


def test_a_proxy_does_not_stand_before_the_embedded_server(tmp_path):
    nowhere = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "no_proxy": "example.org"}
    Workflow(tmp_path, small(end="2015-04-24"), environment=nowhere).succeed("--until", "download_netcdf")


def test_two_runs_in_one_folder_are_one_too_many(tmp_path):
    workflow = Workflow(tmp_path, LONG)
    with started(workflow) as first:
        second = workflow.run()
        assert second.returncode == 1
        assert f"Another run is working in {tmp_path}; wait for its end, or stop it." in printed(second)
        assert "Traceback" not in printed(second)
        first.stdout.read()
    assert first.returncode == 0
    assert workflow.planned() == {}


def test_a_failing_workflow_leaves_no_process(tmp_path):
    process = Workflow(tmp_path, small(stream="botpt_nano_sampel_15sec")).run()
    assert process.returncode == 1, printed(process)
    assert not processes_in(tmp_path)


def test_a_deadline_ends_in_a_sentence_and_running_again_waits_for_the_same_order(tmp_path):
    account = {"OOI_USERNAME": USERNAME, "OOI_TOKEN": TOKEN}
    store = tmp_path / "server"
    with serving(store, delays={"hidden_s": 3600}) as address:
        hasty = small(end="2015-04-24", ooi={"api": address, "deadline": "1s"})
        workflow = Workflow(tmp_path, hasty, environment=account)
        process = workflow.run()
        text = printed(process)
        assert process.returncode == 1
        assert "is not complete after" in text
        assert "Run again to go on waiting for the same order" in text
        assert "Traceback" not in text
    # The order is ready when a server without delays takes the place of the other.
    with serving(store, port=urlsplit(address).port):
        patient = small(end="2015-04-24", ooi={"api": address})
        workflow.with_config(patient).succeed("--until", "download_netcdf")
    assert len(list(store.glob("ledger/*.json"))) == 1
