"""A Slurm cluster of two nodes on this machine, for as long as standard input is open; at most for half an hour.

    python tests/slurm/keeper.py FOLDER [LATE REAL]

Starts munged, slurmctld and two slurmd, from Debian's packages slurm-wlm and munge, as root and on loopback alone;
prints `ready`. Whatever ends it ends them, and every job that is left: they are all its children, or become so.

What lies in the folder REAL, the nodes see in the folder LATE at once, whatever this machine sees there.

Where this machine's cgroups can be written to, Slurm limits the memory of a job as it does on a cluster; elsewhere it
looks once a second, and kills a job that has more than it asked for.
"""

import contextlib
import ctypes
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

NODES = ("n1", "n2")
CORES, MEMORY_MB = 2, 4000
# Where jobs find it: the jobstep plugin drops SLURM_CONF from the environment before it calls srun.
CONFIGURATION = Path("/etc/slurm/slurm.conf")
MEMORY_CGROUPS = Path("/sys/fs/cgroup/memory")
LIFE_S = 1800
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36

SETTINGS = """
ClusterName=plumbline
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser=root
SlurmdUser=root
# loopback, and not every address of the machine
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
AuthType=auth/munge
# A job that is put back into the queue waits so long, on a cluster for two minutes.
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmdLogFile={folder}/slurmd.%n.log
SlurmdSpoolDir={folder}/spool.%n
ProctrackType=proctrack/linuxproc
{memory_limit}
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MpiDefault=none
SwitchType=switch/none
# no database: a finished job stays known for so many seconds
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MinJobAge=3600
SchedulerParameters=batch_sched_delay=0,sched_interval=1,defer_batch
# A node that was set down stays so.
ReturnToService=0
KillWait=2
# more cores than this machine may have
SlurmdParameters=config_overrides
NodeName={nodes} NodeHostname={host} NodeAddr=127.0.0.1 Port={node_ports} CPUs={cores} RealMemory={memory_mb}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
BY_CGROUP = "TaskPlugin=task/cgroup\nJobAcctGatherType=jobacct_gather/none"
BY_LOOKING = (
    "TaskPlugin=task/none\nJobAcctGatherType=jobacct_gather/linux\n"
    "JobAcctGatherFrequency=task=1\nJobAcctGatherParams=OverMemoryKill"
)
CGROUP_SETTINGS = "CgroupPlugin=cgroup/v1\nCgroupAutomount=no\nConstrainRAMSpace=yes\nConstrainSwapSpace=no\n"


def free_ports(count):
    """Return ports that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def limits_memory_by_cgroup():
    """Tell whether groups of processes with a limit of memory can be made here."""
    probe = MEMORY_CGROUPS / f"plumbline-{os.getpid()}"
    try:
        probe.mkdir()
        (probe / "memory.limit_in_bytes").write_text("100000000")
        probe.rmdir()
    except OSError:
        return False
    return True


def write_settings(folder):
    """Write slurm.conf and cgroup.conf into the folder."""
    controller_port, *node_ports = free_ports(1 + len(NODES))
    by_cgroup = limits_memory_by_cgroup()
    (folder / "slurm.conf").write_text(
        SETTINGS.format(
            folder=folder,
            host=platform.node().split(".")[0],
            controller_port=controller_port,
            node_ports=",".join(map(str, node_ports)),
            nodes=",".join(NODES),
            cores=CORES,
            memory_mb=MEMORY_MB,
            memory_limit=BY_CGROUP if by_cgroup else BY_LOOKING,
        )
    )
    (folder / "cgroup.conf").write_text(CGROUP_SETTINGS if by_cgroup else "CgroupPlugin=disabled\n")


def start(*words):
    """Start a server that ends with this process."""

    def die_with_parent():
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    return subprocess.Popen(words, preexec_fn=die_with_parent, stdin=subprocess.DEVNULL)


def start_servers(folder, shared):
    """Start munged, the controller and the nodes, each with its own mounts."""
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    files = {"key-file": key.name, "socket": "munge.socket", "pid-file": "munged.pid"}
    files |= {"log-file": "munged.log", "seed-file": "munged.seed"}
    start("munged", "--foreground", "--force", *(f"--{option}={folder / name}" for option, name in files.items()))
    while not (folder / "munge.socket").exists():
        time.sleep(0.05)
    start("slurmctld", "-D", "-c")
    for node in NODES:
        (folder / f"spool.{node}").mkdir()
        mount = 'if [ "$2" ]; then mount --bind "$3" "$2"; fi && exec slurmd -D -N "$1"'
        start("unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh", node, *shared)


def wait_until_idle():
    """Wait until the nodes have registered with the controller."""
    for _ in range(150):
        answer = subprocess.run(["sinfo", "-h", "-o", "%T %D"], capture_output=True, text=True, check=False)
        if answer.stdout.split() == ["idle", str(len(NODES))]:
            return
        time.sleep(0.2)
    sys.exit("the cluster did not come up; see its logs")


def stop_everything():
    """End the servers, and the jobs that they have left to this process."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(["scancel", "--user", "root"], capture_output=True, check=False, timeout=10)
    for _ in range(20):
        rest = psutil.Process().children(recursive=True)
        for process in rest:
            process.terminate()
        if not psutil.wait_procs(rest, timeout=0.5)[1]:
            break
    for process in psutil.Process().children(recursive=True):
        process.kill()


def main():
    """Bring the cluster up, and take it down when standard input ends or time is over."""
    folder = Path(sys.argv[1]).resolve()
    folder.chmod(0o755)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Timer(LIFE_S, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
    write_settings(folder)
    (folder / "state").mkdir()
    CONFIGURATION.parent.mkdir(exist_ok=True)
    for name in ("slurm.conf", "cgroup.conf"):
        (CONFIGURATION.parent / name).unlink(missing_ok=True)
        (CONFIGURATION.parent / name).symlink_to(folder / name)
    try:
        start_servers(folder, sys.argv[2:])
        wait_until_idle()
        print("ready", flush=True)
        sys.stdin.read()
    finally:
        stop_everything()
        for name in ("slurm.conf", "cgroup.conf"):
            (CONFIGURATION.parent / name).unlink(missing_ok=True)
        for group in sorted(MEMORY_CGROUPS.glob("slurm_n[12]/**/"), reverse=True):
            with contextlib.suppress(OSError):
                group.rmdir()
        # Not waiting for the timer.
        os._exit(0)


if __name__ == "__main__":
    main()
