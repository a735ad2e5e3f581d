"""The embedded OOI server: it lives as long as the workflow that has something to retrieve.

READS   the configuration
WRITES  .snakemake/embedded-ooi/   its own store: orders that it took, results until they are fetched
        logs/embedded-ooi.log
WHERE   on the head node; a dry run, or a run with nothing to retrieve, starts nothing
"""

import atexit

from plumbline.embedded.launcher import EmbeddedServer
from plumbline.ooi.session import EMBEDDED_API_VARIABLE

RETRIEVAL = {"request_data", "await_data", "download_netcdf", "verify_netcdf"}
EMBEDDED_SERVER = EmbeddedServer(
    store=Path(".snakemake") / "embedded-ooi",
    settings=CONFIGURATION.embedded.model_dump(),
    log_path=Path("logs") / "embedded-ooi.log",
)


onstart:
    if OOI.api == "embedded" and any(
        job.rule.name in RETRIEVAL for job in workflow.dag.needrun_jobs()
    ):
        atexit.register(EMBEDDED_SERVER.stop)
        try:
            os.environ[EMBEDDED_API_VARIABLE] = EMBEDDED_SERVER.start()
        except PlumblineError as reason:
            sys.exit(str(reason))
        # A proxy, as clusters have one, does not lead to this machine.
        for name in ("no_proxy", "NO_PROXY"):
            os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))
