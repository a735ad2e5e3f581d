"""The two-node cluster of keeper.py, for tests: what they ask Slurm, and runs on it."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
from keeper import CONFIGURATION

KEEPER = Path(__file__).with_name("keeper.py")
# One at a time on a machine: there is one /etc/slurm.
LOCK = Path("/tmp/plumbline-slurm-tests.lock")
# Slurm's, and what keeper.py calls.
PROGRAMS = ("unshare", "munged", "slurmctld", "slurmd", "sbatch", "squeue")
# The profile, told to look often: on a real cluster that would be impolite. There is no database behind `sacct`.
OFTEN = ("--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1")
OFTEN += ("--seconds-between-status-checks", "1")
PROFILE = ("--workflow-profile", str(KEEPER.parents[2] / "profiles" / "slurm"), *OFTEN)
# As many chunks to a job as make four days two jobs, one for each node.
TWO_JOBS = ("--group-components", "bins=2", "tables_{stream}=1000")


def reason_to_skip():
    """Return why there can be no cluster here, None where there can be one."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        return f"Slurm is not installed: {', '.join(missing)} (Debian: slurm-wlm, munge)"
    if os.geteuid():
        return "a Slurm cluster can be started only as root"
    # One of a keeper that was killed is of no use to anybody.
    if CONFIGURATION.exists() and not (CONFIGURATION.resolve().parent / "munge.key").exists():
        return f"this machine has a cluster already: {CONFIGURATION}"
    try:
        import snakemake_executor_plugin_slurm  # noqa: F401
    except ImportError:
        return "Snakemake cannot speak to Slurm here: uv run --group cluster pytest"
    return None


@dataclass(frozen=True)
class Job:
    """A job as Slurm knows it; memory in MB."""

    number: int
    state: str
    node: str
    memory: str
    comment: str


class Cluster:
    """The cluster in a folder, from `with` to its end; another one on this machine is waited for."""

    def __init__(self, folder, *shared):
        self.folder, self._shared = folder, shared

    def __enter__(self):
        self._lock = LOCK.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        printed = self.folder.with_suffix(".log")
        with printed.open("w") as log:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log, "text": True}
            self._keeper = subprocess.Popen([sys.executable, KEEPER, self.folder, *self._shared], **pipes)
        assert self._keeper.stdout.readline() == "ready\n", printed.read_text()
        return self

    def __exit__(self, *failure):
        self._keeper.stdin.close()
        self._keeper.wait(timeout=60)
        self._lock.close()

    def jobs(self, *states):
        """Return the jobs in some states, of all times if none is given."""
        words = ["squeue", "--noheader", "--states", ",".join(states) or "all", "--format", "%A|%T|%N|%m|%k"]
        lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
        return sorted(
            (Job(int(line.split("|")[0]), *line.split("|")[1:]) for line in lines), key=lambda job: job.number
        )

    def running(self):
        """Return the jobs that run."""
        return self.jobs("RUNNING")

    def left(self):
        """Return the jobs that wait or run, or are about to end."""
        return self.jobs("PENDING", "RUNNING", "COMPLETING", "SUSPENDED")

    def cpu_s(self):
        """Return the CPU time of Slurm's servers and of all jobs so far, those that ended among them, seconds."""
        total = 0.0
        for process in psutil.Process(self._keeper.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += sum(process.cpu_times()[:4])
        return total

    def set_node(self, node, state):
        """Set the state of a node, as an operator does."""
        words = ["scontrol", "update", f"NodeName={node}", f"State={state}"]
        subprocess.run([*words, "Reason=test"] if state == "DOWN" else words, check=True)

    def suspend(self, numbers):
        """Hold jobs where they are; of one that is about to end, Slurm refuses that."""
        for number in numbers:
            subprocess.run(["scontrol", "suspend", str(number)], capture_output=True, check=False)

    def told(self, job):
        """Return everything that Slurm tells about a job, and its script."""
        shown = subprocess.run(["scontrol", "show", "job", str(job.number)], capture_output=True, text=True, check=True)
        script = ["scontrol", "write", "batch_script", str(job.number), "-"]
        return shown.stdout + subprocess.run(script, capture_output=True, text=True, check=True).stdout
