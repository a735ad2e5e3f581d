"""A server that is hostile, or broken beyond what servers usually are: refused in a sentence, and nothing harmed."""

import itertools
import json
import time

import pytest

from mean_server import FOLDER, NAME, NCML, TOKEN_OF_STREAM, assert_refused
from plumbline.errors import RefusedError
from plumbline.ooi import reading
from plumbline.ooi.catalog import names_in_catalog
from plumbline.ooi.session import result_session
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


def test_a_list_of_a_hundred_thousand_files_is_refused(chunk, server):
    names = [NAME.replace("deployment0001", f"deployment{number:06d}") for number in range(100_000)]
    server.page = "".join(f'<a href="{name}">x</a>\n' for name in names).encode()
    chunk.order()
    assert_refused(chunk.wait(), "has 100000 entries, more than an order can hold")


def test_forty_thousand_files_of_the_stream_are_refused_before_each_is_asked_for(chunk, server):
    names = [
        NAME.replace("T000000", f"T{number // 3600:02d}{number // 60 % 60:02d}{number % 60:02d}")
        for number in range(40_000)
    ]
    server.names = [*names, *server.files]
    chunk.order()
    assert_refused(chunk.wait(), "The order holds 40000 files, more than 20000")
    assert sum(method == "HEAD" for method, _, _ in server.seen) == 0


def endless(handler):
    """Send zeros without end, at most a gigabyte."""
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    for _ in range(1000):
        handler.wfile.write(bytes(1_000_000))


@pytest.mark.parametrize("name", ["status.txt", "status.json"])
def test_a_status_without_end_is_refused(chunk, server, name):
    server.files[name] = endless
    chunk.order()
    assert_refused(chunk.wait(), "is longer than", "it was refused")


def test_a_list_without_end_is_refused(chunk, server):
    server.page = endless
    chunk.order()
    assert_refused(chunk.wait(), "is longer than", "it was refused")


def test_an_answer_of_the_api_without_end_is_refused(chunk, server):
    server.api = endless
    assert_refused(chunk.order(), "is longer than", "it was refused")


@pytest.mark.parametrize("with_wget", [True, False], ids=["wget", "requests"])
def test_a_file_that_goes_on_beyond_its_length_is_cut_and_named(chunk, server, with_wget, monkeypatch):
    content = server.files[NAME]

    def lying(handler):
        if handler.command == "HEAD":
            handler.give(content)
        else:
            endless(handler)

    server.files[NAME] = lying
    chunk.order()
    assert chunk.wait().code == 0
    if not with_wget:
        monkeypatch.setenv("PATH", "/nonexistent")
    done = chunk.download()
    assert_refused(done, f"it sends more than the {len(content)} bytes that it announced", "Run again to order anew")
    left = sum(path.stat().st_size for path in chunk.folder.rglob("*") if path.is_file())
    assert left < len(content) + 2_000_000


# Ten times ten times ten ... letters, from a few lines.
ENTITIES = "".join(f'<!ENTITY {after} "{f"&{before};" * 10}">' for before, after in itertools.pairwise("abcdefghijz"))
BOMB = f"""<?xml version="1.0"?>
<!DOCTYPE catalog [<!ENTITY a "aaaaaaaaaa">{ENTITIES}]>
<catalog xmlns="http://www.unidata.ucar.edu/namespaces/thredds/InvCatalog/v1.0"><dataset urlPath="&z;"/></catalog>
"""
OUTSIDE = BOMB.replace('<!ENTITY a "aaaaaaaaaa">', '<!ENTITY z SYSTEM "file:///etc/passwd">')


@pytest.mark.parametrize("catalog", [BOMB, OUTSIDE, "<catalog>", "", "<html>" * 100_000], ids=str.__len__)
def test_a_catalog_that_is_none_is_refused_where_only_the_catalog_is_there(chunk, server, catalog):
    server.page = lambda handler: handler.give(b"no list here", status=403)
    server.catalog = catalog.encode()
    chunk.order()
    assert_refused(chunk.wait(), "THREDDS' catalog cannot be read")


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
    assert names_in_catalog(text) == ["passwd", "b.nc"]


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


def test_an_answer_that_drips_is_ended(server, monkeypatch):
    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(600):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)

    monkeypatch.setattr(reading, "LONGEST_ANSWER_S", 1.0)
    server.files["status.txt"] = drip
    start = time.monotonic()
    with pytest.raises(RefusedError, match="does not end within 1 s"):
        reading.read(result_session(), f"{server.root}{FOLDER}/status.txt")
    assert time.monotonic() - start < 5


def test_what_only_adds_to_an_order_never_fails_it(chunk, server, tmp_path):
    """Inventory and annotations redirect to another host, or have no end."""
    ordinary = server.order()

    def answer(handler):
        if "metadata" in handler.path:
            handler.give(b"", status=302, Location="http://elsewhere.example.org/")
        elif "anno" in handler.path:
            endless(handler)
        else:
            handler.give(json.dumps(ordinary).encode())

    server.every_call = answer
    done = chunk.order()
    assert done.code == 0, done.text
    assert json.loads(chunk.path("requests/2015-04-23.json").read_text())["annotations"] is None


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
