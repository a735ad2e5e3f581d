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
    etags : dict
        path -> tag of the file.
    sent : int
        Bytes of all bodies.
    on_get : callable or None
        Called before every GET is answered.
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
        self.etags, self.sent, self.on_get = {}, 0, None
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
        if self.host.on_get and self.command == "GET":
            self.host.on_get()
        self.host.seen.append((self.command, path, dict(self.headers)))
        waiting = self.host.statuses.get(path)
        if waiting:
            return self._answer(waiting.pop(0), b"")
        content = self.host.files.get(path)
        if content is None:
            return self._answer(404, b"gone")
        asked = self.headers.get("Range", "")
        honoured = bool(asked) and self.host.ranges
        first, _, last = asked.removeprefix("bytes=").partition("-") if honoured else ("0", "", "")
        start, end = int(first), min(int(last) + 1, len(content)) if last else len(content)
        if start >= len(content) > 0:
            return self._answer(416, b"")
        cut = self.command == "GET" and self.host.cuts.get(path, 0) > 0
        if cut:
            self.host.cuts[path] -= 1
        extra = {"ETag": self.host.etags[path]} if path in self.host.etags else {}
        if honoured:
            extra["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
        return self._answer(206 if honoured else 200, content[start:end], extra, cut)

    def _answer(self, status, body, extra=(), cut=False):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if self.host.retry_after and status >= 500:
            self.send_header("Retry-After", self.host.retry_after)
        for name, value in dict(extra).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.host.sent += len(body)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True
