"""The plan: what the configuration asks for, as the names of files.

READS   the configuration (checked here, before anything runs)
WRITES  nothing; gives the rules CONFIGURATION, the lists of targets, and small look-ups
"""

import atexit
import os
import sys
from pathlib import Path

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))

from plumbline import configuration, provenance
from plumbline.embedded.launcher import EmbeddedServer
from plumbline.errors import PlumblineError
from plumbline.ooi.session import EMBEDDED_API_VARIABLE

# Scripts run with the interpreter that runs the workflow, activated or not.
PYTHON = sys.executable

try:
    CONFIGURATION = configuration.read(config)
except PlumblineError as mistakes:
    raise WorkflowError(f"The configuration has a mistake.\n{mistakes}")

OOI = CONFIGURATION.ooi
STREAMS = {stream.name: stream for stream in CONFIGURATION.streams}
CHUNKS = {name: stream.chunks() for name, stream in STREAMS.items()}
INTERVALS = CONFIGURATION.intervals_ms()

NETCDF = [f"results/{name}/netcdf/{chunk}/SHA256SUMS" for name in STREAMS for chunk in CHUNKS[name]]
BINS = [f"results/{name}/bins/{chunk}.nc" for name in STREAMS for chunk in CHUNKS[name]]
TABLES = [
    f"results/{name}/{variable}_{interval}.csv{ending}"
    for name, stream in STREAMS.items()
    for variable in stream.variables
    for interval in INTERVALS
    for ending in ("", "-metadata.json")
]
FIGURES = [
    f"results/{name}/{variable}.png"
    for name, stream in STREAMS.items()
    for variable in stream.variables
]


wildcard_constraints:
    stream=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    chunk=r"\d{4}|\d{4}-\d{2}|\d{4}-\d{2}-\d{2}|whole",
    variable=r"[A-Za-z][A-Za-z0-9_]*",
    interval=r"[0-9A-Za-z.]+",


def stream_of(wildcards):
    """Return the configured stream of a job."""
    return STREAMS[wildcards.stream]


def chunk_of(wildcards):
    """Return the chunk of a job."""
    return CHUNKS[wildcards.stream][wildcards.chunk]


def modules_of(script):
    """Return a digest of the modules that a script uses: when one is edited, its rule runs again."""
    return provenance.digest_of_modules(SCRIPTS / script)


# The embedded server lives as long as the workflow: started when there is something to retrieve,
# stopped at the end; a workflow that is killed takes it along (see its launcher).
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
        os.environ[EMBEDDED_API_VARIABLE] = EMBEDDED_SERVER.start()
        atexit.register(EMBEDDED_SERVER.stop)
