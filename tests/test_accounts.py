"""Credentials: where they come from, and that they are written nowhere."""

import subprocess
import time

import psutil
import pytest

from plumbline.embedded import TOKEN, USERNAME
from plumbline.errors import PlumblineError
from plumbline.ooi.credentials import credentials
from serving import serving
from workflow import Workflow, printed, small

API = "https://ooinet.oceanobservatories.org/api/m2m"


@pytest.fixture(scope="module")
def remote_api(tmp_path_factory):
    """A server that asks for an account."""
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def netrc(monkeypatch, tmp_path):
    """A netrc file that is looked at, and no account in the environment."""
    path = tmp_path / "netrc"
    monkeypatch.setenv("NETRC", str(path))
    monkeypatch.delenv("OOI_USERNAME", raising=False)
    monkeypatch.delenv("OOI_TOKEN", raising=False)
    return path


def test_the_environment_goes_before_netrc(monkeypatch, netrc):
    netrc.write_text("machine ooinet.oceanobservatories.org login OOIAPI-B password of-netrc\n")
    netrc.chmod(0o600)
    assert credentials(API) == ("OOIAPI-B", "of-netrc")
    monkeypatch.setenv("OOI_USERNAME", "OOIAPI-A")
    monkeypatch.setenv("OOI_TOKEN", "of-environment")
    assert credentials(API) == ("OOIAPI-A", "of-environment")
    monkeypatch.delenv("OOI_TOKEN")
    with pytest.raises(PlumblineError, match="OOI_TOKEN is not set"):
        credentials(API)


def test_netrc_of_another_host_is_not_taken(netrc):
    netrc.write_text("machine elsewhere.example.org login someone password secret\n")
    with pytest.raises(PlumblineError, match="No OOI account for ooinet"):
        credentials(API)


def test_a_broken_netrc_is_told_without_its_content(netrc):
    netrc.write_text("machine ooinet.oceanobservatories.org login OOIAPI-B secret-token-here\n")
    with pytest.raises(PlumblineError) as caught:
        credentials(API)
    assert "secret-token-here" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_missing_credentials_are_one_sentence_with_what_to_do(tmp_path, remote_api):
    process = Workflow(tmp_path, small(ooi={"api": remote_api})).run()
    text = printed(process)
    assert process.returncode == 1
    assert text.count("No OOI account for 127.0.0.1: set OOI_USERNAME and OOI_TOKEN") == 1
    assert "Error in rule" not in text
    assert "Traceback" not in text


def test_wrong_credentials_are_one_sentence_with_what_to_do(tmp_path, remote_api):
    account = {"OOI_USERNAME": USERNAME, "OOI_TOKEN": "wrong-token-4711"}
    process = Workflow(tmp_path, small(ooi={"api": remote_api}), environment=account).run()
    text = printed(process)
    assert process.returncode == 1
    # once, and not for every chunk
    assert text.count("does not know this user name and token (401)") == 1
    assert "Error in rule" not in text
    assert "Traceback" not in text
    assert "wrong-token-4711" not in text
    assert_nowhere(tmp_path, b"wrong-token-4711")


def test_a_run_with_an_account_writes_it_nowhere(tmp_path, tmp_path_factory, remote_api):
    account = {"OOI_USERNAME": USERNAME, "OOI_TOKEN": TOKEN}
    workflow = Workflow(tmp_path, small(ooi={"api": remote_api}), environment=account)
    seen, printed_to = set(), tmp_path_factory.mktemp("terminal") / "output"
    with (
        printed_to.open("w") as terminal,
        subprocess.Popen(workflow.command(), stdout=terminal, stderr=terminal, **workflow.options()) as process,
    ):
        while process.poll() is None:
            seen |= command_lines()
            time.sleep(0.02)
    text = printed_to.read_text()
    assert process.returncode == 0, text
    assert any("request_data.py" in words for words in seen)
    assert not any(TOKEN in words or USERNAME in words for words in seen)
    # What is made from a run, too.
    for arguments in (["--report", "report.html"], ["plan"], ["status"], ["--summary"]):
        made = workflow.run(*arguments)
        assert made.returncode == 0, printed(made)
        text += printed(made)
    assert (tmp_path / "report.html").stat().st_size > 100_000
    assert TOKEN not in text
    assert USERNAME not in text
    assert_nowhere(tmp_path, TOKEN.encode())
    assert_nowhere(tmp_path, USERNAME.encode())
    assert workflow.results("central/*_1h.csv")


def assert_nowhere(folder, secret):
    """Assert that no file below a folder holds a secret, plainly or as Basic authentication has it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if secret in path.read_bytes()] == []


def command_lines():
    """Return the command line of every process of this machine."""
    return {" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])}
