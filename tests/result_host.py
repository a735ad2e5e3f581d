"""A small HTTP server for results that can misbehave: cut connections, ignore Range, lose files."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ResultHost:
    """Serves `files` (path -> bytes), and keeps what it was asked in `seen`.

    Attributes
    ----------
    cuts : dict
        path -> how many answers break off half way.
    ranges : bool
        Whether Range is honoured.
    statuses : dict
        path -> list of statuses to answer with before the file is given.
    no_head : bool
        Whether HEAD is refused.
    retry_after : str or None
        What goes with an error of the server.
    """

    def __init__(self):
        self.files, self.cuts, self.statuses, self.ranges, self.seen = {}, {}, {}, True, []
        self.no_head, self.retry_after = False, None
        handler = type("Handler", (_Handler,), {"host": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    host: ResultHost
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        if self.host.no_head:
            self._answer(405, b"")
        else:
            self.do_GET()

    def do_GET(self):
        path = self.path.partition("?")[0]
        self.host.seen.append((self.command, path, dict(self.headers)))
        waiting = self.host.statuses.get(path)
        if waiting:
            return self._answer(waiting.pop(0), b"")
        content = self.host.files.get(path)
        if content is None:
            return self._answer(404, b"gone")
        asked = self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.host.ranges else 0
        if start >= len(content) > 0:
            return self._answer(416, b"")
        cut = self.command == "GET" and self.host.cuts.get(path, 0) > 0
        if cut:
            self.host.cuts[path] -= 1
        extra = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        return self._answer(206 if start else 200, content[start:], extra, cut)

    def _answer(self, status, body, extra=(), cut=False):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if self.host.retry_after and status >= 500:
            self.send_header("Retry-After", self.host.retry_after)
        for name, value in dict(extra).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True
