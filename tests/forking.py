"""Runs of Snakemake that do not import it anew: each is a fork of a process that has imported it, and nothing of ours.

The tests run Snakemake hundreds of times, and importing it is most of the work of a dry run. A fork is a process of
its own, in the folder and with the environment and words that it is given; it ends as `python -m snakemake` does.

Started by itself, this file is the process that forks: it reads a line of JSON for each run, and answers with the
number of the run's process, and at its end with its exit code.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

# What a dry run imports. Not Plumbline: a run may be about a copy of the code.
MODULES = ("snakemake.storage", "nbformat", "jsonschema", "requests", "pydantic", "psutil", "pandas", "yaml")


class Forks:
    """The process that forks, from the first run on; it ends with this one."""

    def __init__(self):
        self._process, self._one_at_a_time = None, threading.Lock()

    def run(self, words, env, cwd, timeout):
        """Run `python -m snakemake` with words and return the finished process; its output is text.

        Raises
        ------
        subprocess.TimeoutExpired
            If it did not end in time, and was killed.
        """
        with self._one_at_a_time, TemporaryDirectory() as folder:
            printed = [Path(folder) / name for name in ("stdout", "stderr")]
            request = {"words": words, "env": env, "cwd": str(cwd), "printed": [str(path) for path in printed]}
            number = self._answer(json.dumps(request))
            late = threading.Event()

            def kill():
                late.set()
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)

            timer = threading.Timer(timeout, kill)
            timer.start()
            code = self._answer()
            timer.cancel()
            output, errors = (path.read_text() for path in printed)
            if late.is_set():
                raise subprocess.TimeoutExpired(words, timeout, output, errors)
            return subprocess.CompletedProcess(words, code, output, errors)

    def _answer(self, line=None):
        """Return the next number from the process that forks, after a line to it if there is one."""
        if self._process is None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self._process = subprocess.Popen([sys.executable, __file__], **pipes)
        if line:
            print(line, file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())


def become(words, env, cwd, printed):
    """Make this process a run, up to the call of Snakemake."""
    for descriptor, path in enumerate([os.devnull, *printed]):
        opened = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.path[0] = cwd  # as `python -m` has it
    sys.argv[1:] = words


def serve():
    """Fork for every line that is read, and return in the fork; end where there are no more lines."""
    from snakemake import cli  # only in this process

    for name in MODULES:
        importlib.import_module(name)
    cli.get_argument_parser()  # looks for plugins, which are then known
    gc.freeze()  # what the forks share, they do not look through
    for line in sys.stdin:
        number = os.fork()
        if not number:
            return become(**json.loads(line))
        print(number, flush=True)
        _, status = os.waitpid(number, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    sys.exit()


if __name__ == "__main__":
    serve()
    runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
