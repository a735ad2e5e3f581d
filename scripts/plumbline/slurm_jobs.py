"""Jobs on a Slurm cluster: they never hold the account at OOI, and none outlives its run."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from plumbline.errors import PlumblineError

# What scripts/cluster/sbatch is told: where Slurm's own is, and where to write numbers of jobs.
SBATCH_VARIABLE = "PLUMBLINE_SBATCH"
JOBS_VARIABLE = "PLUMBLINE_SLURM_JOBS"
# A node that does not answer keeps its job for minutes; what it writes is atomic and the same.
LONGEST_WAIT_S = 60.0
LOOK_EVERY_S = 0.5


def stand_before_sbatch(folder: Path, record: Path) -> None:
    """Make every sbatch of this process one that hands on no account and writes down numbers; without Slurm do nothing.

    Parameters
    ----------
    folder : Path
        Where the `sbatch` lies that stands before Slurm's own.
    record : Path
        Where it writes the numbers of jobs, a line each; its folder is made if it is missing.
    """
    sbatch = shutil.which("sbatch")
    if sbatch is None:
        return
    # A copy: code that came out of an archive is not executable, and then Slurm's own would be called in its place.
    before = record.absolute().parent / "before-sbatch"
    before.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / "sbatch", before / "sbatch")
    (before / "sbatch").chmod(0o755)
    os.environ[SBATCH_VARIABLE] = sbatch
    os.environ[JOBS_VARIABLE] = str(record.absolute())
    os.environ["PATH"] = os.pathsep.join((str(before), os.environ["PATH"]))


def cancel_recorded(record: Path) -> int:
    """Cancel the jobs of a record that are in the queue, wait until they have left it, and remove the record.

    Returns
    -------
    int
        How many there were.

    Raises
    ------
    PlumblineError
        If Slurm does not answer: a job that goes on could remove what another one writes.
    """
    # With several clusters, the line of a job is its number and the cluster's name.
    jobs = [line.split(";")[0] for line in record.read_text().split()] if record.exists() else []
    try:
        left = _queued(jobs)
        if left:
            subprocess.run(["scancel", *left], capture_output=True, check=False, timeout=LONGEST_WAIT_S)
        end = time.monotonic() + LONGEST_WAIT_S
        while _queued(left) and time.monotonic() < end:
            time.sleep(LOOK_EVERY_S)
    except (OSError, subprocess.SubprocessError) as reason:
        raise PlumblineError(
            f"Jobs of this folder may be in Slurm's queue, and Slurm does not answer: {reason}. Run again when it"
            f" does; or remove '{record}' if you know that they are gone."
        ) from None
    record.unlink(missing_ok=True)
    return len(left)


def _queued(jobs: list[str]) -> list[str]:
    """Return which of some jobs wait or run."""
    if not jobs:
        return []
    words = ["squeue", "--me", "--noheader", "--format=%A"]
    answer = subprocess.run(words, capture_output=True, text=True, check=True, timeout=LONGEST_WAIT_S)
    queued = set(answer.stdout.split())
    return [job for job in jobs if job in queued]
