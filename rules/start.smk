"""The start of a run and its end: the folder is this run's own, and the embedded server lives as long as it.

READS   the configuration
WRITES  .snakemake/plumbline.lock
        .snakemake/plumbline/settled.json   at the end: the chunks of which every step is done
        results/{stream}/chunks.json        the chunks that a stream's results rest on
        .snakemake/plumbline/slurm-jobs     while it runs: the numbers of its jobs at Slurm; pbs-jobs, at PBS
        .snakemake/embedded-ooi/   the server's own store: orders that it took, results until they are fetched
        logs/embedded-ooi.log
WHERE   on the head node; a dry run starts nothing, and a run with nothing to retrieve no server
"""

import atexit
import contextlib
import signal
import threading
import time
from types import SimpleNamespace

import psutil

from plumbline.atomic import write_json
from plumbline.chunks import isoformat
from plumbline.cluster_jobs import PBS, SLURM, cancel_recorded, stand_before
from plumbline.embedded.launcher import EmbeddedServer
from plumbline.folder_lock import lock_folder
from plumbline.ooi.orders import check_api
from plumbline.ooi.session import EMBEDDED_API_VARIABLE, api_session
from plumbline.tables.growing import remove_orphans

# They look at what is there; those that ask the server do so for a person who waits for the answer.
ASKING = {"plan", "catalog", "live"}
LOOKING = {"status", "verify", *ASKING}
RETRIEVAL = {
    "request_data",
    "find_files",
    "await_data",
    "download_netcdf",
    "verify_netcdf",
    *ASKING,
}
# They bring together, or look at, files that a run has left in this folder.
GATHERING = {"status", "make_page", "make_supplement", "archive_supplement", "verify"}
INTERRUPTIBLE = ("find_files", "await_data", "download_netcdf", "verify_netcdf")
# Snakemake is in another folder when it ends.
CLUSTER_JOBS = {
    SLURM: (Path(".snakemake") / "plumbline" / "slurm-jobs").absolute(),
    PBS: (Path(".snakemake") / "plumbline" / "pbs-jobs").absolute(),
}
# What is told to the end of this run by its start.
RUN = SimpleNamespace(makes=False)
EMBEDDED_SERVER = EmbeddedServer(
    store=Path(".snakemake") / "embedded-ooi",
    settings=CONFIGURATION.embedded.model_dump(),
    log_path=Path("logs") / "embedded-ooi.log",
)


def retrieves():
    """Tell whether anything is to be ordered, waited for or downloaded in this run."""
    return any(job.rule.name in RETRIEVAL for job in workflow.dag.needrun_jobs())


def orders():
    """Tell whether the M2M API is asked for data in this run; for annotations alone it may be out of reach."""
    asked = [job for job in workflow.dag.needrun_jobs() if job.rule.name in RETRIEVAL]
    if any(job.rule.name in ("catalog", "live") for job in asked):
        return True
    names = {
        name for job in asked for name in ([job.wildcards.stream] if job.wildcards else STREAMS)
    }
    return any(STREAMS[name].source == M2M for name in names)


def write_chunks():
    """Write down which chunks every stream's results rest on, so that they can be made again later."""
    for name, chunks in CHUNKS.items():
        windows = [
            {"name": one.name, "begin": isoformat(one.begin), "end": isoformat(one.end)}
            for one in chunks.values()
        ]
        about = {"stream": name, "begin": windows[0]["begin"], "end": windows[-1]["end"]}
        write_json(RESULTS / name / "chunks.json", about | {"chunks": windows})


def remove_scratch():
    """Remove what killed jobs were writing beside the files that they were to make."""
    for pattern in ("*/.*.tmp", "*/*/.*.tmp", "*/netcdf/*/.*.tmp"):
        for path in RESULTS.glob(pattern):
            path.unlink(missing_ok=True)


def check_place():
    """Tell of results that are asked for in this folder and lie in a bucket."""
    if STORED and any(job.rule.name in GATHERING for job in workflow.dag.needrun_jobs()):
        place = workflow.storage_settings.default_storage_prefix
        raise PlumblineError(
            f"Nothing was run: the results are in {place}/results, and this looks for them here; bring them to results/,"
            " with the times of their files, and run without object storage."
        )


def only_orders():
    """Tell whether nothing can be done in this run before the API has answered: no chunk was ever ordered."""
    first = [
        job
        for job in workflow.dag.needrun_jobs()
        if job.rule.name in RETRIEVAL and "chunk" in job.wildcards_dict
    ]
    records = (
        RESULTS / job.wildcards.stream / "requests" / f"{job.wildcards.chunk}.json" for job in first
    )
    return not any(record.exists() for record in records)


def check_server():
    """Tell of a server out of reach, or an account that it does not know, once and not in the words of every job."""
    if OOI.api == "embedded" or not orders():
        return
    session = api_session(OOI.api)
    if all(job.rule.name == "catalog" for job in workflow.dag.needrun_jobs()):
        check_api(session, OOI.api, tries=1)
        return  # out of reach, it shows what it was told before
    trouble = check_api(session, OOI.api)
    # Orders that were made can be waited for and fetched from another host; jobs that order tell it themselves.
    if trouble and only_orders():
        raise PlumblineError(
            f"Nothing was ordered: {trouble}. Check the network and 'ooi.api', and run again later."
        )


def start_embedded_server():
    """Start the server, and tell the jobs where it is."""
    atexit.register(EMBEDDED_SERVER.stop)
    os.environ[EMBEDDED_API_VARIABLE] = EMBEDDED_SERVER.start()
    # A proxy, as clusters have one, does not lead to this machine.
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))


def cancel_left_behind():
    """Cancel the jobs that this folder has on a cluster: when a run begins, those of one that was killed."""
    for scheduler, record in CLUSTER_JOBS.items():
        count = cancel_recorded(scheduler, record)
        if count:
            print(
                f"Jobs that were left at {scheduler.name} have been cancelled: {count}.",
                file=sys.stderr,
            )


def leave_nothing_behind():
    """Cancel what this run has left on a cluster: Ctrl-C may come when Snakemake has not yet heard of a job."""
    try:
        cancel_left_behind()
    except PlumblineError as reason:
        print(reason, file=sys.stderr)


def only_looks():
    """Tell whether this run looks at what is there and makes nothing, so that it may do so beside another."""
    return all(job.rule.name in LOOKING for job in workflow.dag.needrun_jobs())


def stop_when_asked():
    """Make a SIGTERM end the run, whenever it comes.

    Snakemake's own handler takes a lock that the interrupted code may hold, and then waits for itself; in
    a thread of its own it waits for that code.
    """

    def end_what_waits():
        # What only waits or can be gone on with is not waited for: it might take days. A job may just be starting.
        while True:
            for job in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if any(
                        f"{name}.py" in word for word in job.cmdline() for name in INTERRUPTIBLE
                    ):
                        job.terminate()
            time.sleep(0.5)

    def stop(number, frame):
        for what in (workflow.scheduler.exit_gracefully, end_what_waits):
            threading.Thread(target=what, daemon=True).start()

    with contextlib.suppress(ValueError):  # not the main thread, where no signal arrives
        signal.signal(signal.SIGTERM, stop)


onstart:
    stop_when_asked()
    try:
        check_place()
        RUN.makes = not only_looks()
        if RUN.makes:
            # Held open until the process ends.
            FOLDER_LOCK = lock_folder(Path(".snakemake") / "plumbline.lock")
            atexit.register(FOLDER_LOCK.close)
            # First of all, for they write, and remove what they could not finish.
            cancel_left_behind()
            atexit.register(leave_nothing_behind)
            for scheduler, record in CLUSTER_JOBS.items():
                stand_before(scheduler, SCRIPTS / "cluster", record)
            remove_scratch()
            remove_orphans(Path(".snakemake") / "plumbline" / "tables")
            forget_settled(workflow.dag)
            write_chunks()
        check_server()
        if OOI.api == "embedded" and retrieves():
            start_embedded_server()
    except PlumblineError as reason:
        sys.exit(str(reason))
    except OSError as reason:
        sys.exit(
            f"Nothing was run, for results cannot be written: {reason}. Mend that and run again."
        )


def end_run():
    """Note what is done; what says that files were verified holds for the run in which they were."""
    if RUN.makes:
        note_settled(workflow.dag)
        for note in RESULTS.glob("*/netcdf/*.verified"):
            note.unlink(missing_ok=True)


onsuccess:
    end_run()


onerror:
    end_run()
