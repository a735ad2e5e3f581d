"""The start of a run: the folder is this run's own, and the embedded server lives as long as it.

READS   the configuration
WRITES  .snakemake/plumbline.lock
        .snakemake/embedded-ooi/   the server's own store: orders that it took, results until they are fetched
        logs/embedded-ooi.log
WHERE   on the head node; a dry run starts nothing, and a run with nothing to retrieve no server
"""

import atexit

from plumbline.embedded.launcher import EmbeddedServer
from plumbline.folder_lock import lock_folder
from plumbline.ooi.session import EMBEDDED_API_VARIABLE

RETRIEVAL = {"request_data", "await_data", "download_netcdf", "verify_netcdf"}
EMBEDDED_SERVER = EmbeddedServer(
    store=Path(".snakemake") / "embedded-ooi",
    settings=CONFIGURATION.embedded.model_dump(),
    log_path=Path("logs") / "embedded-ooi.log",
)


def retrieves():
    """Tell whether anything is to be ordered, waited for or downloaded in this run."""
    return any(job.rule.name in RETRIEVAL for job in workflow.dag.needrun_jobs())


def start_embedded_server():
    """Start the server, and tell the jobs where it is."""
    atexit.register(EMBEDDED_SERVER.stop)
    os.environ[EMBEDDED_API_VARIABLE] = EMBEDDED_SERVER.start()
    # A proxy, as clusters have one, does not lead to this machine.
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))


onstart:
    try:
        # Held open until the process ends.
        FOLDER_LOCK = lock_folder(Path(".snakemake") / "plumbline.lock")
        atexit.register(FOLDER_LOCK.close)
        if OOI.api == "embedded" and retrieves():
            start_embedded_server()
    except PlumblineError as reason:
        sys.exit(str(reason))
