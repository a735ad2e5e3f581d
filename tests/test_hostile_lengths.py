"""A server that sends more than was asked for, or without end: refused in a sentence, in bounded time and memory."""

import itertools
import json
import time

import pytest

from mean_server import FOLDER, NAME, assert_refused
from plumbline.errors import RefusedError
from plumbline.ooi import reading
from plumbline.ooi.session import result_session


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
