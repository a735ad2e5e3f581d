"""Runs that many tests start from."""

import shutil
from dataclasses import replace

import pytest
from hypothesis import settings

from browser import Browser
from faulty import faulty_server
from mean_server import ACCOUNT, NAME, Chunk, MeanServer, day_of_data
from page_files import write_page
from page_shown import settle
from workflow import REPOSITORY, SMALL, Workflow

# How long an example takes is the machine's business.
settings.register_profile("plumbline", deadline=None)
settings.load_profile("plumbline")


@pytest.fixture(scope="session")
def small_run(tmp_path_factory):
    """A finished run of the small configuration; tests work on copies of it."""
    workflow = Workflow(tmp_path_factory.mktemp("small"), SMALL)
    workflow.succeed()
    return workflow


@pytest.fixture
def small_copy(small_run, tmp_path):
    """A copy of the finished run, for this test alone."""
    return small_run.copied(tmp_path / "run")


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """The address of an embedded server with every fault, each on a day of its own."""
    with faulty_server(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def server(tmp_path):
    """A server for one order, which answers in an ordinary way until a test changes that."""
    with MeanServer() as server:
        server.files[NAME] = day_of_data(tmp_path)
        yield server


@pytest.fixture
def chunk(tmp_path, server):
    """The chunk that is ordered from it, in a folder of its own."""
    folder = tmp_path / "run"
    folder.mkdir()
    yield Chunk(folder, server)
    # Whatever the server did: nothing lies outside the folder, and no account anywhere in it.
    assert {path.name for path in tmp_path.iterdir()} == {"run"}
    for path in folder.rglob("*"):
        assert not path.is_file() or ACCOUNT["OOI_TOKEN"].encode() not in path.read_bytes()


@pytest.fixture(scope="session")
def code(small_run, tmp_path_factory):
    """A copy of the code, which makes nothing of the finished run anew."""
    copy = tmp_path_factory.mktemp("code")
    for name in ("Snakefile", "rules", "scripts", "config", "profiles", "envs", "report"):
        source = REPOSITORY / name
        # With what Python has compiled of it, which takes as long as a dry run.
        shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy2(source, copy)
    folder = tmp_path_factory.mktemp("unedited")
    assert replace(small_run.copied(folder), repository=copy).planned() == {}
    return copy


@pytest.fixture
def editable(small_run, code, tmp_path):
    """The finished run beside a copy of the code that a test may edit."""
    shutil.copytree(code, tmp_path / "code")
    return replace(small_run.copied(tmp_path / "run"), repository=tmp_path / "code")


@pytest.fixture(scope="session")
def page_results(tmp_path_factory):
    """A folder of results with an interactive page of two stations."""
    folder = tmp_path_factory.mktemp("results")
    write_page(folder)
    return folder


@pytest.fixture(scope="session")
def chromium():
    """A browser."""
    with Browser() as browser:
        yield browser


@pytest.fixture
def page(page_results, chromium):
    """The interactive page, opened; whatever a test does, nothing is asked of a host, nothing is complained of."""
    page = chromium.page()
    page.open(page_results / "supplement" / "index.html")
    settle(page)
    yield page
    settle(page)
    folder = (page_results / "supplement").as_uri()
    assert not [address for address in page.requests if not address.startswith((folder, "data:,", "blob:null"))]
    assert page.complaints == []
    page.close()
