"""A job ends with its workflow, even with one that was killed and could not stop its jobs."""

import os
import platform
import threading
import time

import psutil

# Set by the workflow: the number of its process, and the machine that it runs on.
WORKFLOW_VARIABLE = "PLUMBLINE_WORKFLOW"
LOOK_EVERY_S = 1.0


def workflow_identity() -> str:
    """Return what tells this process from all others: ``number@machine``."""
    return f"{os.getpid()}@{platform.node()}"


def end_with_workflow() -> None:
    """Watch the workflow that started this job, and end this process when it is gone.

    A killed workflow leaves its jobs behind: they would go on polling a server, or write where
    the next run writes. A job on another machine, or one started by hand, watches nothing.
    """
    number, _, machine = os.environ.get(WORKFLOW_VARIABLE, "").partition("@")
    if not number.isdigit() or machine != platform.node():
        return
    try:
        workflow = psutil.Process(int(number))
    except psutil.NoSuchProcess:
        os._exit(1)
    threading.Thread(target=_watch, args=(workflow,), daemon=True).start()


def _watch(workflow: psutil.Process) -> None:
    while _lives(workflow):
        time.sleep(LOOK_EVERY_S)
    # A wget that this process has started would go on alone.
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(1)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
