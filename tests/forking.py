"""Programs that do not import their packages anew: each is a fork of a process that has imported them.

The tests run Snakemake and its jobs thousands of times, and importing is most of the work of a dry run, and nearly all
of a job of a small chunk. A fork is a process of its own, in the folder and with the environment, words, input and
outputs that it is given; it ends as Python does that was started by itself.

Elsewhere than on Linux, and with PLUMBLINE_TESTS_FORK=no in the environment, each program is started as usual.

Started by itself, this file is the process that forks. It imports the modules that its words name and listens on the
socket that its input is. A program is asked for on a connection of its own: its input and outputs and a line of JSON;
the answers are the number of its process and, at its end, its exit code. It is killed when the connection is closed.
"""

import atexit
import contextlib
import fcntl
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

# The Python of a program whose own programs shall be forks, too, and what it is told.
FORKED_PYTHON = Path(__file__).with_name("forked_python")
TOLD = {"socket": "PLUMBLINE_TESTS_SOCKET", "python": "PLUMBLINE_TESTS_PYTHON"}


def can_fork():
    """Tell whether programs are forks here."""
    return sys.platform == "linux" and os.environ.get("PLUMBLINE_TESTS_FORK") != "no"


class Forks:
    """The process that forks, from the first program on; it ends with this one.

    Parameters
    ----------
    modules : str
        What it imports.
    path : Path, optional
        Where it finds modules that are not installed.
    python : Path, optional
        What `sys.executable` is in the programs.
    """

    def __init__(self, *modules, path=None, python=sys.executable):
        self._modules, self._python = modules, str(python)
        self._path = {"PYTHONPATH": str(path)} if path else {}
        self._process = self._folder = None

    def run(self, program, words, env, cwd, timeout=900):
        """Run a program, a module's name or a file's, and return the finished process; its output is text.

        Raises
        ------
        subprocess.TimeoutExpired
            If it did not end in time, and was killed.
        """
        program, words = str(program), [str(word) for word in words]
        if not can_fork():
            command = [sys.executable, *([program] if program.endswith(".py") else ["-m", program]), *words]
            options = {"capture_output": True, "text": True, "errors": "replace", "check": False}
            return subprocess.run(command, env=env, cwd=cwd, timeout=timeout, **options)
        address = self._listening()
        with TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
            paths = [Path(folder) / name for name in ("stdout", "stderr")]
            files = [stack.enter_context(open(path, "wb")) for path in paths]
            nothing = stack.enter_context(open(os.devnull, "rb"))
            env = env | {TOLD["socket"]: address, TOLD["python"]: sys.executable}
            request = {"program": program, "words": words, "env": env, "cwd": str(cwd), "python": self._python}
            opened = [file.fileno() for file in (nothing, *files)]
            number, answers = ask(address, request | {"descriptors": [0, 1, 2]}, opened)
            late = threading.Event()

            def kill():
                late.set()
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)

            timer = threading.Timer(timeout, kill)
            timer.start()
            with answers:
                code = int(answers.readline())
            timer.cancel()
            output, errors = (path.read_text(errors="replace") for path in paths)
            if late.is_set():
                raise subprocess.TimeoutExpired(words, timeout, output, errors)
            return subprocess.CompletedProcess(words, code, output, errors)

    def _listening(self):
        """Return the address of the process that forks, which is started if need be."""
        if self._process is None:
            self._folder = TemporaryDirectory(prefix="forks-")
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(f"{self._folder.name}/socket")
                listener.listen(100)
                pipe, self._lifeline = os.pipe()
                options = {"env": os.environ | self._path, "pass_fds": [pipe]}
                words = [sys.executable, __file__, str(pipe), *self._modules]
                self._process = subprocess.Popen(words, stdin=listener, **options)
                os.close(pipe)
        return f"{self._folder.name}/socket"


def ask(address, request, files):
    """Ask for a program, and return the number of its process and what its exit code will be read from."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        socket.send_fds(connection, [b"."], files)
        connection.sendall(json.dumps(request).encode() + b"\n")
        answers = connection.makefile()
    return int(answers.readline()), answers


def serve(lifeline, modules):
    """Fork for every connection, and return the request in the fork; end when nothing holds the lifeline any more."""
    for name in modules:
        importlib.import_module(name)
    if "snakemake.cli" in sys.modules:
        sys.modules["snakemake.cli"].get_argument_parser()  # looks for plugins, which are then known
    gc.freeze()  # what the forks share, they do not look through
    listener = socket.socket(fileno=os.dup(0))
    running = {}  # what tells of the end of a program, and who asked for it, by the number of its process
    while True:
        ends = {end: number for number, (end, _) in running.items()}
        connections = {connection: number for number, (_, connection) in running.items()}
        ready, _, _ = select.select([listener, lifeline, *ends, *connections], [], [])
        if lifeline in ready:
            return None
        for number in [ends[one] for one in ready if one in ends]:
            finish(number, *running.pop(number))
        for number in [connections[one] for one in ready if one in connections]:
            if number in running:  # nobody waits for it any more
                os.kill(number, signal.SIGKILL)
        if listener in ready:
            connection, _ = listener.accept()
            _, files, _, _ = socket.recv_fds(connection, 1, 9)
            request = json.loads(connection.makefile().readline())
            number = os.fork()
            if not number:
                for end, other in running.values():
                    os.close(end)
                    other.close()
                for one in (listener, connection):
                    one.close()
                return request | {"files": files}
            running[number] = (os.pidfd_open(number), connection)
            connection.sendall(b"%d\n" % number)
            for descriptor in files:
                os.close(descriptor)


def finish(number, end, connection):
    """Tell how a program has ended."""
    _, status = os.waitpid(number, 0)
    with connection, contextlib.suppress(OSError):
        connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os.close(end)


def become(program, words, env, cwd, python, descriptors, files):
    """Make this process the program."""
    moved = [fcntl.fcntl(opened, fcntl.F_DUPFD, 100) for opened in files]
    os.closerange(3, 100)
    for descriptor, opened in zip(descriptors, moved, strict=True):
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv, sys.executable = [program, *words], python
    # As Python has it for a file and for `-m`.
    if program.endswith(".py"):
        sys.path[0] = str(Path(program).parent)
        runpy.run_path(program, run_name="__main__")
    else:
        sys.path[0] = cwd
        runpy.run_module(program, run_name="__main__", alter_sys=True)


def ended(function, **arguments):
    """Call a function and return the exit code of a Python that had nothing else to do."""
    try:
        function(**arguments)
    except SystemExit as end:
        if end.code is not None and not isinstance(end.code, int):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__" and (request := serve(int(sys.argv[1]), sys.argv[2:])):
    code = ended(become, **request)
    # The end of Python, but for taking all its modules apart, which takes longer than most programs.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 0xFF)
