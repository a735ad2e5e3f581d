"""The Python of a workflow's jobs under test: a script of the workflow becomes a fork; see forking.py.

What else it is asked for, the Python does that runs the tests.
"""

import json
import os
import signal
import socket
import sys

SCRIPT = sys.argv[1] if len(sys.argv) > 1 else ""
FOLDERS = (os.path.abspath(".snakemake/scripts"), os.environ.get("PLUMBLINE_SCRIPTS"))

PYTHON = os.environ["PLUMBLINE_TESTS_PYTHON"]

if not SCRIPT.endswith(".py") or os.path.dirname(SCRIPT) not in FOLDERS:
    os.execv(PYTHON, [PYTHON, *sys.argv[1:]])

# The embedded server is given a socket that listens already.
descriptors = [0, 1, 2] + [int(sys.argv[place + 1]) for place, word in enumerate(sys.argv) if word == "--fd"]
request = {
    "program": SCRIPT,
    "words": sys.argv[2:],
    "env": dict(os.environ),
    "cwd": os.getcwd(),
    "python": PYTHON,
    "descriptors": descriptors,
}
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(os.environ["PLUMBLINE_TESTS_SOCKET"])
    socket.send_fds(connection, [b"."], descriptors)
    connection.sendall(json.dumps(request).encode() + b"\n")
    _, code = connection.makefile().read().split()
if int(code) < 0:
    signal.signal(-int(code), signal.SIG_DFL)
    os.kill(os.getpid(), -int(code))
sys.exit(int(code))
