"""A server that is hostile, or broken beyond what servers usually are: refused in a sentence, and nothing harmed."""

import json
import time

import pytest

from mean_server import FOLDER, NAME, NCML, TOKEN_OF_STREAM, assert_refused
from plumbline.ooi.catalog import read_catalog
from result_host import ResultHost


def files_of(chunk):
    return json.loads(chunk.path("complete/2015-04-23.json").read_text())["files"]


def test_an_ordinary_answer_goes_through(chunk):
    done = chunk.through()
    assert done.code == 0, done.text
    assert chunk.path("bins/2015-04-23.nc").exists()


LONG = f"deployment0001_{'x' * 5000}.nc"


@pytest.mark.parametrize(
    "name",
    [
        f"../{NAME}",
        f"../../../../tmp/{NAME}",
        f"/etc/{NAME}",
        f"..%2f..%2f{NAME}",
        f"%2e%2e/{NAME}",
        f"http://elsewhere.example.org/{NAME}",
        f"//elsewhere.example.org/{NAME}",
        f"http://[/{NAME}",
        NAME.replace(".950000", "%00.950000"),
        NAME.replace(".950000", "%0a.950000"),
        NAME.replace("deployment0001", "..%5cdeployment0001"),
        NAME + "%00.txt",
        LONG,
        "\x1b[2J.nc",
    ],
)
def test_a_name_that_no_file_should_have_is_not_taken_and_the_others_are(chunk, server, name):
    server.names = [name, *server.files]
    assert chunk.through().code == 0
    assert [file["name"] for file in files_of(chunk)] == [NAME]
    assert "\x1b" not in chunk.path("complete/2015-04-23.json").read_text()
    assert {path.name for path in chunk.path("netcdf/2015-04-23").iterdir()} == {NAME, "SHA256SUMS"}


def test_the_catalog_serves_where_apaches_list_does_not(chunk, server):
    server.page = lambda handler: handler.give(b"no list here", status=403)
    root = "ooi/user@example.org/x"
    rows = "".join(f'<dataset name="n" ID="i" urlPath="{root}/{name}"/>' for name in (*server.files, f"../../{NAME}"))
    space = "http://www.unidata.ucar.edu/namespaces/thredds/InvCatalog/v1.0"
    server.catalog = f'<catalog xmlns="{space}"><dataset name="x" ID="{root}">{rows}</dataset></catalog>'.encode()
    done = chunk.through()
    assert done.code == 0, done.text
    assert [file["name"] for file in files_of(chunk)] == [NAME]


def test_names_of_a_catalog_never_lead_anywhere():
    space = "http://www.unidata.ucar.edu/namespaces/thredds/InvCatalog/v1.0"
    text = f'<catalog xmlns="{space}"><dataset urlPath="../../etc/passwd"/><dataset urlPath="a/b.nc"/></catalog>'
    listed = read_catalog(text, "http://127.0.0.1/thredds/catalog/a/catalog.xml").datasets
    assert [one.name for one in listed] == ["passwd", "b.nc"]


@pytest.mark.parametrize("where", ["api", "status.txt", NAME])
def test_a_redirect_to_another_host_is_never_followed(chunk, server, where):
    with ResultHost() as elsewhere:

        def away(handler):
            handler.give(b"", status=302, Location=f"{elsewhere.url}/x")

        if where == "api":
            server.api = away
        else:
            server.files[where] = away
        assert_refused(chunk.through(), "another host, which was refused")
        assert elsewhere.seen == []


def test_a_redirect_within_the_result_host_is_followed_without_an_account(chunk, server, tmp_path, monkeypatch):
    netrc = tmp_path / "run" / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password SECRET\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(netrc.parent))
    (netrc.parent / ".netrc").write_text(netrc.read_text())
    content = server.files[NAME]
    server.files["moved.nc"] = content

    def moved(handler):
        handler.give(b"", status=302, Location=f"{FOLDER}/moved.nc")

    server.files[NAME] = moved
    server.names = [name for name in server.files if name != "moved.nc"]
    done = chunk.through()
    assert done.code == 0, done.text
    results = [headers for _, path, headers in server.seen if path.startswith("/async_results/")]
    assert results
    assert not any("Authorization" in headers for headers in results)


@pytest.mark.parametrize(
    "answer",
    [
        {"allURLs": ["file:///async_results/etc"]},
        {"allURLs": "http://127.0.0.1/async_results/x"},
        {"allURLs": [{"x": 1}]},
        {"allURLs": {"a": 1}},
    ],
)
def test_an_answer_without_a_usable_address_is_refused(chunk, server, answer):
    server.answer = answer
    assert_refused(chunk.order(), "names no async_results folder")
    assert not chunk.path("requests").exists() or not list(chunk.path("requests").glob("*.json"))


@pytest.mark.parametrize("value", ["soon", -5, 1e300, None, [], {"a": 1}, float("nan"), True])
def test_estimates_that_are_no_numbers_harm_nothing(chunk, server, value):
    server.answer = server.order() | {"sizeCalculation": value, "timeCalculation": value, "requestUUID": value}
    assert chunk.through().code == 0


def test_a_list_that_lags_behind_is_not_taken_for_the_whole(chunk, server, tmp_path):
    """The files come into the list one by one, the last three seconds after status.txt is there."""
    halves = {NAME.replace("T000000-", "T060000-"): 1.0, NAME: 0.0, "status.txt": 0.0, "status.json": 0.0}
    late = {NAME.replace("T000000-", "T120000-"): 3.0}
    ncml = f"deployment0001_{TOKEN_OF_STREAM}.ncml"
    located = "".join(f'<netcdf location="{name}"/>' for name in (*halves, *late) if name.endswith(".nc"))
    server.files |= dict.fromkeys((*halves, *late), server.files[NAME]) | {
        "status.txt": b"complete\n",
        "status.json": b"{}",
        ncml: f'<netcdf xmlns="{NCML}"><aggregation>{located}</aggregation></netcdf>'.encode(),
    }
    start = []

    def page(handler):
        start.append(time.monotonic())
        there = [name for name, after in (halves | late).items() if time.monotonic() - start[0] >= after]
        handler.give("".join(f'<a href="{name}">x</a>' for name in (*there, ncml)).encode())

    server.page = page
    chunk.order()
    assert chunk.wait().code == 0
    assert len(files_of(chunk)) == 3


def test_a_list_that_breaks_off_is_not_taken_for_the_whole(chunk, server):
    second = NAME.replace("T000000-", "T120000-")
    server.files[second] = server.files[NAME]
    pages = []

    def page(handler):
        whole = "".join(f'<a href="{name}">x</a>' for name in (NAME, second, "status.json", "status.txt")).encode()
        pages.append(whole[: 150 if len(pages) < 2 else None])
        handler.send_response(200)  # without a length: it ends where the connection does
        handler.end_headers()
        handler.wfile.write(pages[-1])
        handler.close_connection = True

    server.page = page
    chunk.order()
    assert chunk.wait().code == 0
    assert len(files_of(chunk)) == 2


@pytest.mark.parametrize(
    "slices",
    [b"[1, 2]", b'{"a": {"message": {"message": ["x"]}}}', b"{", b'{"a": null}', b'"complete"', b"[" * 100_000],
    ids=["list", "nested", "torn", "null", "text", "deep"],
)
def test_slices_of_any_form_harm_nothing(chunk, server, slices):
    server.files["status.json"] = slices
    done = chunk.through()
    assert done.code == 0, done.text
    assert "Traceback" not in done.text
