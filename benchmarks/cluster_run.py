"""One run on the two-node cluster of tests/slurm, watched: what the head node, the jobs and their steps took."""

import csv
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

# Before this folder, which has a module of the same name.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "slurm"))

from cluster import PROFILE, Cluster, reason_to_skip

REPOSITORY = Path(__file__).resolve().parent.parent
LOOK_EVERY_S = 0.25
ACCOUNT = ("OOI_USERNAME", "OOI_TOKEN")
# How Snakemake tells a job which steps are its own.
BINNED = re.compile(r"bin_samples:([\w=,-]+)")


@dataclass
class Head:
    """What a run took on the head node: seconds, MB, and CPU seconds of Snakemake alone and of what it started."""

    wall_s: float
    peak_mb: float
    own_cpu_s: float
    children_cpu_s: float
    ended_well: bool


@dataclass(frozen=True)
class Job:
    """A job as Slurm timed it, to the second: when it was submitted, began and ended, and the chunks it binned."""

    state: str
    cores: int
    submitted: float
    began: float
    ended: float
    chunks: tuple[tuple[str, str], ...]

    @property
    def lasted_s(self) -> float:
        """How long its cores were its own."""
        return self.ended - self.began

    @property
    def core_s(self) -> float:
        """What Slurm gave it."""
        return self.cores * self.lasted_s


def options(group: int) -> list[str]:
    """Return the options of a run with so many chunks in a job."""
    return [*PROFILE, "--group-components", f"bins={group}", "tables_{stream}=1000"]


def run(folder: Path, group: int, seconds: float | None) -> dict:
    """Run the workflow in a folder, and return what was found.

    Parameters
    ----------
    folder : Path
        As `retrieved.lay_out` leaves it.
    group : int
        How many chunks a job bins.
    seconds : float or None
        Interrupt the run after so long.
    """
    words = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
    words += ["--directory", str(folder), *options(group), "--configfile", str(folder / "configuration.yaml")]
    with _cluster(folder) as cluster:
        before, began = cluster.cpu_s(), time.time()
        head = _watched(words, folder / "printed.txt", seconds)
        nodes_cpu_s, jobs = cluster.cpu_s() - before, _jobs(cluster)
    if not head.ended_well and seconds is None:
        raise SystemExit(f"The run failed:\n{(folder / 'printed.txt').read_text()[-3000:]}")
    done = [job for job in jobs if job.state == "COMPLETED"]
    binning = [job for job in done if job.chunks]
    steps = _steps(folder)
    starts = [_until_first_log(folder, job) for job in binning]
    return {
        "whole": head.ended_well,
        "bins": len(list(folder.glob("results/*/bins/*.nc"))),
        "wall_s": head.wall_s,
        "first_job_s": min((job.submitted for job in jobs), default=began) - began,
        "head_mb": head.peak_mb,
        "head_cpu_s": head.own_cpu_s,
        "head_children_cpu_s": head.children_cpu_s,
        "nodes_cpu_s": nodes_cpu_s,
        "jobs": len(done),
        "other_jobs": len(jobs) - len(done),
        "span_s": max((job.ended for job in done), default=0) - min((job.submitted for job in done), default=0),
        "binning_jobs": len(binning),
        "binning_chunks": sum(len(job.chunks) for job in binning),
        "binning_core_s": sum(job.core_s for job in binning),
        "binning_job_s": statistics.median(job.lasted_s for job in binning) if binning else None,
        "until_first_log_s": statistics.median(starts) if starts else None,
        "core_s": sum(job.core_s for job in done),
        "steps": {
            rule: {"count": len(took), "s": round(sum(took.values()), 1)} for rule, took in sorted(steps.items())
        },
    }


@contextmanager
def _cluster(folder: Path) -> Iterator[Cluster]:
    reason = reason_to_skip()
    if reason:
        raise SystemExit(f"Nothing was measured: {reason}.")
    slurm = folder.with_name(f"{folder.name}-slurm")
    slurm.mkdir()
    with Cluster(slurm) as cluster:
        yield cluster


def _watched(words: list[str], printed: Path, seconds: float | None) -> Head:
    """Run Snakemake to its end, looking at it all the time."""
    environment = {key: value for key, value in os.environ.items() if key not in ACCOUNT}
    start, asked = time.perf_counter(), False
    with printed.open("w") as log:
        process = subprocess.Popen(words, cwd=REPOSITORY, env=environment, stdout=log, stderr=subprocess.STDOUT)
    status, peak_kb, own = Path(f"/proc/{process.pid}/status"), 0, 0.0
    while True:
        ended, code, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        if found := re.search(r"VmHWM:\s+(\d+)", status.read_text()):
            peak_kb = int(found[1])
            own = sum(psutil.Process(process.pid).cpu_times()[:2])
        if seconds is not None and not asked and time.perf_counter() - start > seconds:
            process.send_signal(signal.SIGINT)
            asked = True
        time.sleep(LOOK_EVERY_S)
    process.returncode = os.waitstatus_to_exitcode(code)
    rest = usage.ru_utime + usage.ru_stime - own
    return Head(time.perf_counter() - start, peak_kb * 1024 / 1e6, own, rest, process.returncode == 0)


def _jobs(cluster: Cluster) -> list[Job]:
    """Return the jobs of a run that has ended."""
    words = ["squeue", "--noheader", "--states", "all", "--format", "%A|%C|%V|%S|%e"]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    times = {int(line.split("|")[0]): line.split("|")[1:] for line in lines}
    found = []
    for job in cluster.jobs():
        steps = (dict(pair.split("=") for pair in step.split(",")) for step in BINNED.findall(cluster.told(job)))
        chunks = tuple(sorted({(step["stream"], step["chunk"]) for step in steps}))
        cores, *moments = times[job.number]
        found.append(Job(job.state, int(cores), *(_seconds(text) for text in moments), chunks))
    return found


def _seconds(text: str) -> float:
    """Return a moment of Slurm's in seconds since 1970; 0 where there is none."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0


def _steps(folder: Path) -> dict[str, dict[str, float]]:
    """Return by rule and file how many seconds each step took."""
    found: dict[str, dict[str, float]] = {}
    root = folder / "benchmarks" / "results"
    for path in root.glob("**/*.tsv"):
        rule, *rest = path.relative_to(root).with_suffix("").parts
        with path.open() as file:
            found.setdefault(rule, {})["/".join(rest)] = float(next(csv.DictReader(file, delimiter="\t"))["s"])
    return found


def _until_first_log(folder: Path, job: Job) -> float:
    """Return how long a job took until the first of its steps wrote its log, seconds.

    The bins themselves are given a new time by the head node when it sees them.
    """
    logs = [folder / "logs" / "bin_samples" / stream / f"{chunk}.log" for stream, chunk in job.chunks]
    return min(path.stat().st_mtime for path in logs if path.exists()) - job.began
