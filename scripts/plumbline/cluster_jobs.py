"""Jobs on a cluster: they never hold the account at OOI, and none outlives its run."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from plumbline.errors import PlumblineError

# A node that does not answer keeps its job for minutes; what it writes is atomic and the same.
LONGEST_WAIT_S = 60.0
LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Scheduler:
    """What keeps the queue of a cluster.

    Attributes
    ----------
    name : str
        As people call it.
    submit : str
        Its program that takes a job; `scripts/cluster` has one of the same name that stands before it.
    cancel : str
        Its program that ends the jobs whose numbers it is given.
    queue : tuple of str
        What prints the numbers of the user's jobs that wait or run, and nothing else.
    program_variable, jobs_variable : str
        Where the program before it is told which one is the scheduler's own, and where to write numbers of jobs.
    """

    name: str
    submit: str
    cancel: str
    queue: tuple[str, ...]
    program_variable: str
    jobs_variable: str


SLURM = Scheduler(
    name="Slurm",
    submit="sbatch",
    cancel="scancel",
    queue=("squeue", "--me", "--noheader", "--format=%A"),
    program_variable="PLUMBLINE_SBATCH",
    jobs_variable="PLUMBLINE_SLURM_JOBS",
)
PBS = Scheduler(
    name="PBS",
    submit="qsub",
    cancel="qdel",
    # Jobs that have ended are not selected.
    queue=("sh", "-c", 'exec qselect -u "$(id -un)"'),
    program_variable="PLUMBLINE_QSUB",
    jobs_variable="PLUMBLINE_PBS_JOBS",
)


def stand_before(scheduler: Scheduler, folder: Path, record: Path) -> None:
    """Make every submission of this process one that hands on no account and writes down the number of its job.

    Where there is no such scheduler, do nothing.

    Parameters
    ----------
    scheduler : Scheduler
        Which one.
    folder : Path
        Where the program lies that stands before the scheduler's own.
    record : Path
        Where it writes the numbers of jobs, a line each; its folder is made if it is missing.
    """
    program = shutil.which(scheduler.submit)
    if program is None:
        return
    # A copy: code that came out of an archive is not executable, and then the scheduler's own would be called instead.
    before = record.absolute().parent / f"before-{scheduler.submit}"
    before.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / scheduler.submit, before / scheduler.submit)
    (before / scheduler.submit).chmod(0o755)
    os.environ[scheduler.program_variable] = program
    os.environ[scheduler.jobs_variable] = str(record.absolute())
    os.environ["PATH"] = os.pathsep.join((str(before), os.environ["PATH"]))


def cancel_recorded(scheduler: Scheduler, record: Path) -> int:
    """Cancel the jobs of a record that are in the queue, wait until they have left it, and remove the record.

    Returns
    -------
    int
        How many there were.

    Raises
    ------
    PlumblineError
        If the scheduler does not answer: a job that goes on could remove what another one writes.
    """
    # With several clusters, Slurm's line of a job is its number and the cluster's name.
    jobs = [line.split(";")[0] for line in record.read_text().split()] if record.exists() else []
    try:
        left = _queued(scheduler, jobs)
        if left:
            subprocess.run([scheduler.cancel, *left], capture_output=True, check=False, timeout=LONGEST_WAIT_S)
        end = time.monotonic() + LONGEST_WAIT_S
        while _queued(scheduler, left) and time.monotonic() < end:
            time.sleep(LOOK_EVERY_S)
    except (OSError, subprocess.SubprocessError) as reason:
        raise PlumblineError(
            f"Jobs of this folder may be in the queue of {scheduler.name}, which does not answer: {reason}. Run again"
            f" when it does; or remove '{record}' if you know that they are gone."
        ) from None
    record.unlink(missing_ok=True)
    return len(left)


def _queued(scheduler: Scheduler, jobs: list[str]) -> list[str]:
    """Return which of some jobs wait or run."""
    if not jobs:
        return []
    answer = subprocess.run(scheduler.queue, capture_output=True, text=True, check=True, timeout=LONGEST_WAIT_S)
    queued = set(answer.stdout.split())
    return [job for job in jobs if job in queued]
