"""Starts the embedded server from the workflow and makes sure that it ends with it.

Only light modules are imported here, because the Snakefile imports this one.
"""

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time
from pathlib import Path

from plumbline.errors import PlumblineError

SCRIPT = Path(__file__).resolve().parents[2] / "serve_ooi.py"
START_PATIENCE_S, STOP_PATIENCE_S = 60.0, 10.0


class EmbeddedServer:
    """The embedded server as a child process.

    Parameters
    ----------
    store : Path
        The server's own folder; what is there from earlier runs goes on being answered.
    settings : dict
        As `plumbline.embedded.settings` has them.
    log_path : Path
        Where the server writes what it does.
    """

    def __init__(self, store: Path, settings: dict, log_path: Path) -> None:
        self.store, self.settings, self.log_path = Path(store), settings, Path(log_path)
        self.process: subprocess.Popen | None = None

    def start(self) -> str:
        """Start the server, wait until it answers, and return the URL of its API.

        The socket listens before the child runs, so that no port is lost to another program in
        between. The child's standard input is the lifeline: it ends when this process does, in
        whatever way, and the server ends with it.

        Raises
        ------
        PlumblineError
            If the server ends at once, or does not answer.
        """
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with socket.socket() as listener, self.log_path.open("wb") as log_file:
            listener.bind(("127.0.0.1", 0))
            listener.listen(256)
            port = listener.getsockname()[1]
            command = [sys.executable, str(SCRIPT), "--fd", str(listener.fileno()), "--lifeline"]
            command += ["--store", str(self.store), "--settings", json.dumps(self.settings)]
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log_file,
                stderr=subprocess.STDOUT,
                pass_fds=[listener.fileno()],
                # Ctrl-C on the terminal is for the workflow, which stops its jobs first.
                start_new_session=True,
            )
        self._wait_until_it_answers(port)
        return f"http://127.0.0.1:{port}/api/m2m"

    def _wait_until_it_answers(self, port: int) -> None:
        deadline = time.monotonic() + START_PATIENCE_S
        while self.process.poll() is None and time.monotonic() < deadline:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_PATIENCE_S)
            with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
                connection.request("GET", "/api/m2m/12576/help/sensor")
                connection.getresponse().read()
                return
            time.sleep(0.05)
        self.stop()
        lines = self.log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        said = lines[-1] if lines else f"it ended with code {self.process.returncode} and without a word."
        raise PlumblineError(f"The embedded OOI server did not start: {said}")

    def stop(self) -> None:
        """Stop the server and wait for its end; one that does not end in time is killed."""
        if self.process is None:
            return
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
