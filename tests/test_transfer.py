"""One file over the wire, with wget and without."""

import shutil

import pytest

from plumbline.errors import PlumblineError
from plumbline.retrieval import transfer
from result_host import ResultHost

CONTENT = bytes(range(256)) * 4000


@pytest.fixture(params=["wget", "requests"])
def host(request, monkeypatch):
    if request.param == "wget" and not shutil.which("wget"):
        pytest.skip("wget is not installed on this machine")
    if request.param == "requests":
        monkeypatch.setattr(transfer.shutil, "which", lambda name: None)
    monkeypatch.setattr(transfer.time, "sleep", lambda seconds: None)  # of every module: it is one clock
    with ResultHost() as host:
        host.files["/f.nc"] = CONTENT
        yield host


def test_a_file_arrives_whole(host, tmp_path):
    transfer.fetch(f"{host.url}/f.nc", tmp_path / "f.nc.part", len(CONTENT))
    assert (tmp_path / "f.nc.part").read_bytes() == CONTENT


def test_a_transfer_that_breaks_off_goes_on_where_it_stopped(host, tmp_path):
    host.cuts["/f.nc"] = 3
    transfer.fetch(f"{host.url}/f.nc", tmp_path / "f.nc.part", len(CONTENT))
    assert (tmp_path / "f.nc.part").read_bytes() == CONTENT
    asked = [headers.get("Range") for command, _, headers in host.seen if command == "GET"]
    assert asked[0] is None
    assert all(start.startswith("bytes=") for start in asked[1:])


def test_a_partial_file_of_an_earlier_run_is_gone_on_with(host, tmp_path):
    (tmp_path / "f.nc.part").write_bytes(CONTENT[:1000])
    transfer.fetch(f"{host.url}/f.nc", tmp_path / "f.nc.part", len(CONTENT))
    assert (tmp_path / "f.nc.part").read_bytes() == CONTENT
    assert host.seen[0][2]["Range"] == "bytes=1000-"


def test_a_server_that_ignores_ranges_is_asked_for_the_whole_file(host, tmp_path):
    host.ranges = False
    (tmp_path / "f.nc.part").write_bytes(CONTENT[:1000])
    transfer.fetch(f"{host.url}/f.nc", tmp_path / "f.nc.part", len(CONTENT))
    assert (tmp_path / "f.nc.part").read_bytes() == CONTENT


def test_what_has_arrived_is_kept_when_the_next_connection_brings_nothing(host, tmp_path):
    part = tmp_path / "f.nc.part"
    part.write_bytes(CONTENT[:1000])
    host.statuses["/f.nc"] = [500] * 1000
    with pytest.raises(PlumblineError, match="Run again to go on"):
        transfer.fetch(f"{host.url}/f.nc", part, len(CONTENT))
    assert part.read_bytes() == CONTENT[:1000]
    host.statuses.clear()
    host.seen.clear()
    transfer.fetch(f"{host.url}/f.nc", part, len(CONTENT))
    assert part.read_bytes() == CONTENT
    assert host.seen[0][2]["Range"] == "bytes=1000-"


def test_a_server_that_is_down_for_a_while_is_no_reason_for_a_new_order(host, tmp_path):
    host.statuses["/f.nc"] = [503] * 1000
    with pytest.raises(PlumblineError) as caught:
        transfer.fetch(f"{host.url}/f.nc", tmp_path / "f.nc.part", len(CONTENT))
    assert not isinstance(caught.value, transfer.UnusableFileError)


def test_a_file_that_ends_early_at_the_same_place_every_time_is_unusable(host, tmp_path):
    with pytest.raises(transfer.UnusableFileError):
        transfer.fetch(f"{host.url}/f.nc", tmp_path / "f.nc.part", len(CONTENT) + 5)


def test_too_long_a_part_is_begun_again(host, tmp_path):
    (tmp_path / "f.nc.part").write_bytes(CONTENT + b"more")
    transfer.fetch(f"{host.url}/f.nc", tmp_path / "f.nc.part", len(CONTENT))
    assert (tmp_path / "f.nc.part").read_bytes() == CONTENT


def test_a_busy_server_is_asked_again(host, tmp_path):
    host.statuses["/f.nc"] = [503, 500]
    transfer.fetch(f"{host.url}/f.nc", tmp_path / "f.nc.part", len(CONTENT))
    assert (tmp_path / "f.nc.part").read_bytes() == CONTENT


def test_a_file_that_is_gone_is_told_at_once(host, tmp_path):
    with pytest.raises(transfer.GoneError, match=r"gone\.nc"):
        transfer.fetch(f"{host.url}/gone.nc", tmp_path / "gone.nc.part", 10)


def test_a_file_that_never_arrives_whole_is_named_after_a_bounded_number_of_tries(host, tmp_path):
    with pytest.raises(PlumblineError, match=r"f\.nc could not be downloaded whole in \d+ tries"):
        transfer.fetch(f"{host.url}/f.nc", tmp_path / "f.nc.part", len(CONTENT) + 5)
    assert len(host.seen) < 40


def test_no_credentials_are_sent_to_the_result_host(host, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password SECRET\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copy(netrc, tmp_path / ".netrc")
    transfer.fetch(f"{host.url}/f.nc", tmp_path / "f.nc.part", len(CONTENT))
    assert not any("Authorization" in headers for _, _, headers in host.seen)
