"""The embedded server started by itself: to the workflow it is a server like any other."""

import contextlib
import json
import subprocess
import sys

from workflow import REPOSITORY, environment


@contextlib.contextmanager
def serving(store, port=0, **settings):
    """Run the server with settings, on a port or any that is free; give the address of its API."""
    words = [sys.executable, str(REPOSITORY / "scripts" / "serve_ooi.py"), "--lifeline", "--store", str(store)]
    words += ["--settings", json.dumps(settings), "--port", str(port)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, env=environment(), cwd=REPOSITORY, **pipes) as process:
        try:
            yield next(line.split()[1] for line in process.stdout if line.startswith("API"))
        finally:
            process.stdin.close()
            process.wait(10)
