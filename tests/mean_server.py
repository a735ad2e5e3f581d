"""An OOI server that answers what a test puts in its mouth, however hostile, and scripts run against it."""

import contextlib
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from forking import Forks
from ooi_files import DESIGNATOR, write_ooi_file
from workflow import REPOSITORY, environment, printed

SCRIPTS, MEASURED = REPOSITORY / "scripts", Path(__file__).parent / "measured.py"
# With what the steps import; all of it counts in each one's memory.
STEPS = Forks(
    "plumbline.retrieval.ordering", "plumbline.retrieval.downloads", "plumbline.samples.binning", path=SCRIPTS
)
FOLDER = "/async_results/user@example.org/20260101T000000000Z-x"
TOKEN_OF_STREAM = f"{DESIGNATOR}-streamed-botpt_nano_sample"
NAME = f"deployment0001_{TOKEN_OF_STREAM}_20150423T000000-20150423T235959.950000.nc"
NCML = "http://www.unidata.ucar.edu/namespaces/netcdf/ncml-2.2"
DAY_S = 1_429_747_200  # 2015-04-23T00:00Z

ACCOUNT = {"OOI_USERNAME": "OOIAPI-TEST", "OOI_TOKEN": "token-of-the-test"}


class MeanServer:
    """Answers one order, whose results are `files` (name -> bytes, or a function that answers by itself).

    Attributes
    ----------
    answer : object
        Of a data request; None: an ordinary one.
    names : list or None
        What Apache's page lists; None: the files.
    page, catalog : bytes, function or None
        Apache's page and THREDDS' catalog, where they are not made from the names; None for the
        catalog: there is none.
    api, every_call : bytes, function or None
        The answer to a data request, and to every call of the API.
    seen : list of (method, path, headers)
    """

    def __init__(self):
        joined = f'<netcdf xmlns="{NCML}"><aggregation><netcdf location="{NAME}"/></aggregation></netcdf>'
        self.files = {
            "status.txt": b"complete\n",
            "status.json": b'{"20150423T000000-20150424T000000": "complete"}',
            f"deployment0001_{TOKEN_OF_STREAM}.ncml": joined.encode(),
        }
        self.answer = self.names = self.page = self.catalog = self.api = self.every_call = None
        self.seen = []
        handler = type("Handler", (_Handler,), {"server_of": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.root = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{self.root}/api/m2m"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def order(self):
        """Return the answer to a data request."""
        if self.answer is not None:
            return self.answer
        thredds = f"{self.root}/thredds/catalog/ooi/user@example.org/x/catalog.html"
        return {"requestUUID": "u", "outputURL": thredds, "allURLs": [thredds, self.root + FOLDER]}

    def index(self):
        """Return Apache's page."""
        if self.page is not None:
            return self.page
        links = "".join(f'<a href="{name}">x</a>\n' for name in (self.names or self.files))
        return f'<a href="?C=N;O=D">Name</a><a href="/async_results/">Parent</a>\n{links}'.encode()


class _Handler(BaseHTTPRequestHandler):
    server_of: MeanServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        mean, path = self.server_of, self.path.partition("?")[0]
        mean.seen.append((self.command, path, dict(self.headers)))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if path.startswith("/api/"):
                wanted = path.endswith("/streamed/botpt_nano_sample") and "format=" in self.path
                ordinary = mean.api or json.dumps(mean.order()).encode() if wanted else None
                self.give(mean.every_call or ordinary)
            elif path.startswith("/thredds/"):
                self.give(mean.catalog)
            elif path == FOLDER + "/":
                self.give(mean.index())
            else:
                self.give(mean.files.get(path.removeprefix(FOLDER + "/")))

    def give(self, content, status=200, **headers):
        """Send bytes; let a function send what it wants; without either, 404."""
        if callable(content):
            content(self)
            return
        if content is None:
            status, content = 404, b'{"message": "Not Found", "status_code": 404}'
        start, end = 0, len(content)
        if self.headers.get("Range"):
            first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
            start, end = int(first), min(end, int(last) + 1) if last else end
            status = 206
            headers = {"Content-Range": f"bytes {start}-{end - 1}/{len(content)}"} | headers
        self.send_response(status)
        self.send_header("Content-Length", str(end - start))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content[start:end])


@dataclass
class Done:
    """How a script ended: exit code, what it said, its largest memory in MB."""

    code: int
    text: str
    peak_mb: float


@dataclass
class Chunk:
    """The files of one chunk in a folder, and the steps that make them from a mean server."""

    folder: Path
    server: MeanServer

    def path(self, name):
        return self.folder / "results" / "central" / name

    def order(self, email="account"):
        return self.script(
            "request_data.py",
            *("--api", self.server.url, "--reference-designator", DESIGNATOR, "--method", "streamed"),
            *("--stream", "botpt_nano_sample", "--begin", "2015-04-23", "--end", "2015-04-24"),
            *("--name", "central", "--chunk", "2015-04-23", "--record", self.path("requests/2015-04-23.json")),
            *("--email", email),
        )

    def wait(self, deadline=20):
        words = ("--record", self.path("requests/2015-04-23.json"), "--deadline", deadline)
        return self.script("await_data.py", *words, "--completion", self.path("complete/2015-04-23.json"))

    def download(self, *words):
        return self.script(
            "download_netcdf.py",
            *("--completion", self.path("complete/2015-04-23.json")),
            *("--record", self.path("requests/2015-04-23.json"), "--folder", self.path("netcdf/2015-04-23")),
            *("--manifest", self.path("netcdf/2015-04-23.json")),
            *words,
        )

    def bin(self):
        return self.script(
            "bin_samples.py",
            *("--manifest", self.path("netcdf/2015-04-23.json"), "--folder", self.path("netcdf/2015-04-23")),
            *("--begin-ms", DAY_S * 1000, "--end-ms", (DAY_S + 86_400) * 1000, "--base-ms", 7500),
            *("--variables", "bottom_pressure", "--output", self.path("bins/2015-04-23.nc")),
        )

    def through(self):
        """Go through all steps as far as they go; return how the last one ended."""
        for step in (self.order, self.wait, self.download, self.bin):
            done = step()
            if done.code:
                break
        return done

    def script(self, name, *words, **extra):
        """Run a retrieval script as a process of its own."""
        peak = self.folder / "peak.txt"
        words = [peak, SCRIPTS / name, *words]
        process = STEPS.run(MEASURED, words, environment(**ACCOUNT, **extra), self.folder)
        return Done(process.returncode, printed(process), float(peak.read_text()))


# What a step takes with Python, h5py and its largest allowed answer.
MOST_MB = 350


def assert_refused(done, *words):
    """Assert that a step ended with a sentence, and in bounded memory."""
    assert done.code == 1, done.text
    assert "Traceback" not in done.text
    assert all(word in done.text for word in words), done.text
    assert done.peak_mb < MOST_MB


def day_of_data(folder, rows=200):
    """Return the bytes of an ordinary file of the day: a sample every some minutes."""
    seconds = DAY_S + np.arange(rows) * (86_400 // rows)
    path = write_ooi_file(folder / "day.nc", seconds, {"bottom_pressure": np.linspace(2250, 2251, rows)})
    content = path.read_bytes()
    path.unlink()
    return content
