"""Programs that do not import their packages anew: each is a fork of a process that has imported them.

The tests run Snakemake and the retrieval scripts hundreds of times, and importing is most of the work of a dry run, and
nearly all of a script that is refused. A fork is a process of its own, in the folder and with the environment and words
that it is given; it ends as Python does that was started by itself.

Elsewhere than on Linux, and with PLUMBLINE_TESTS_FORK=no in the environment, each program is started as usual.

Started by itself, this file is the process that forks. It imports the modules that its words name, reads a line of JSON
for each program, and answers with the number of its process, and at its end with its exit code.
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


class Forks:
    """The process that forks, from the first program on; it ends with this one.

    Parameters
    ----------
    modules : str
        What it imports.
    path : Path, optional
        Where it finds modules that are not installed.
    """

    def __init__(self, *modules, path=None):
        self._words = [sys.executable, __file__, *modules]
        self._path = {"PYTHONPATH": str(path)} if path else {}
        self._process, self._one_at_a_time = None, threading.Lock()

    def run(self, program, words, env, cwd, timeout=900):
        """Run a program, a module's name or a file's, and return the finished process; its output is text.

        Raises
        ------
        subprocess.TimeoutExpired
            If it did not end in time, and was killed.
        """
        program, words = str(program), [str(word) for word in words]
        if sys.platform != "linux" or os.environ.get("PLUMBLINE_TESTS_FORK") == "no":
            command = [sys.executable, *([program] if program.endswith(".py") else ["-m", program]), *words]
            options = {"capture_output": True, "text": True, "errors": "replace", "check": False}
            return subprocess.run(command, env=env, cwd=cwd, timeout=timeout, **options)
        with self._one_at_a_time, TemporaryDirectory() as folder:
            printed = [Path(folder) / name for name in ("stdout", "stderr")]
            request = {"program": program, "words": words, "env": env, "cwd": str(cwd)}
            number = self._answer(json.dumps(request | {"printed": [str(path) for path in printed]}))
            late = threading.Event()

            def kill():
                late.set()
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)

            timer = threading.Timer(timeout, kill)
            timer.start()
            code = self._answer()
            timer.cancel()
            output, errors = (path.read_text(errors="replace") for path in printed)
            if late.is_set():
                raise subprocess.TimeoutExpired(words, timeout, output, errors)
            return subprocess.CompletedProcess(words, code, output, errors)

    def _answer(self, line=None):
        """Return the next number from the process that forks, after a line to it if there is one."""
        if self._process is None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self._process = subprocess.Popen(self._words, env=os.environ | self._path, **pipes)
        if line:
            print(line, file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())


def serve():
    """Fork for every line that is read, and return the request in the fork; end where there are no more lines."""
    for name in sys.argv[1:]:
        importlib.import_module(name)
    if "snakemake.cli" in sys.modules:
        sys.modules["snakemake.cli"].get_argument_parser()  # looks for plugins, which are then known
    gc.freeze()  # what the forks share, they do not look through
    for line in sys.stdin:
        number = os.fork()
        if not number:
            return json.loads(line)
        print(number, flush=True)
        _, status = os.waitpid(number, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return None


def become(program, words, env, cwd, printed):
    """Make this process the program."""
    for descriptor, path in enumerate([os.devnull, *printed]):
        opened = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = [program, *words]
    # As Python has it for a file and for `-m`.
    if program.endswith(".py"):
        sys.path[0] = str(Path(program).parent)
        runpy.run_path(program, run_name="__main__")
    else:
        sys.path[0] = cwd
        runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__" and (request := serve()):
    become(**request)
