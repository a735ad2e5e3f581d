"""The plan: what the configuration asks for, as the names of files.

READS   the configuration (checked here, before anything runs)
WRITES  nothing; gives the rules CONFIGURATION, the lists of targets, and small look-ups
"""

import gc
import os
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))

import yaml
from snakemake.settings.types import DeploymentMethod

from plumbline import configuration, provenance
from plumbline.atomic import SCRATCH_VARIABLE
from plumbline.errors import PlumblineError
from plumbline.figures import MOST_POINTS
from plumbline.ooi.session import THREDDS_VARIABLE
from plumbline.lifeline import WORKFLOW_VARIABLE, workflow_identity

AS_OF_VARIABLE = "PLUMBLINE_AS_OF"

# Of thousands of jobs Snakemake makes millions of small objects that stay as long as it does. Python's collector
# would look at them again and again: a quarter of the time of a dry run.
gc.set_threshold(100_000, 50, 100)

# Jobs end with the workflow that started them; what a job parses again is not another workflow.
os.environ.setdefault(WORKFLOW_VARIABLE, workflow_identity())

# Shell rules run with the interpreter that runs the workflow, activated or not; where conda makes their environment,
# with the one that is in it.
IN_CONDA = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
os.environ.update(
    PLUMBLINE_PYTHON="python" if IN_CONDA else sys.executable, PLUMBLINE_SCRIPTS=str(SCRIPTS)
)

# A cluster's profile may name a folder on its nodes as the default resource `scratch`.
SCRATCH = (workflow.resource_settings.default_resources or {}).get("scratch")
if SCRATCH is not None:
    # Where jobs find it. Snakemake would have it in quotes, as an expression, and does not evaluate it here.
    os.environ[SCRATCH_VARIABLE] = str(SCRATCH.raw).strip("'\"")

# stream_engine cuts aggregated files at about this size (MAX_AGGREGATION_SIZE - AGGREGATION_RANGE).
OOI_FILE_BYTES = 450e6
MOST_CONNECTIONS = 4
# The parts of the report; it sorts them by name.
REPORT = SimpleNamespace(
    data="1 Data", coverage="2 Coverage", products="3 Products", provenance="4 Provenance"
)

with open(f"{workflow.basedir}/config/config.yaml") as default:
    config = configuration.without_foreign_pairs(config, yaml.safe_load(default))

try:
    CONFIGURATION = configuration.read(config)
except PlumblineError as mistakes:
    # Not a WorkflowError: Snakemake would put lines of a traceback under it.
    sys.exit(f"The configuration has a mistake; nothing was run.\n{mistakes}")

# In place of a shared file system: see object_storage.smk.
STORED = workflow.storage_settings.default_storage_provider is not None

for key, path in CONFIGURATION.files():
    # In a bucket Snakemake looks for them.
    if not STORED and not Path(path).is_file():
        sys.exit(
            f"Nothing was run: the file '{path}' of '{key}' does not exist; give its path from here."
        )

for folder in (Path("results"), Path("logs")):
    if folder.exists() and not folder.is_dir():
        sys.exit(
            f"Nothing was run, for results cannot be written: '{folder}' is a file; move it away and run again."
        )

OOI = CONFIGURATION.ooi
STREAMS = {stream.name: stream for stream in CONFIGURATION.streams}
INTERVALS = CONFIGURATION.intervals_ms()

# Streams without an end have one all the same, and the jobs of a run that goes on over midnight keep it.
AS_OF = datetime.fromisoformat(
    os.environ.setdefault(AS_OF_VARIABLE, CONFIGURATION.open_end().isoformat())
)


# To the jobs that wait for orders, which run here.
os.environ[THREDDS_VARIABLE] = ",".join(
    name for name, stream in STREAMS.items() if stream.results == "thredds"
)


# To jobs on other machines, which get nothing else of the environment; never the account.
envvars:
    AS_OF_VARIABLE,


include: "chunks.smk"


# What is settled is there; of the rest, every chunk's files are wanted.
BINS = [f"results/{name}/bins/{chunk}.nc" for name, chunk in OPEN]
NETCDF = [
    local(
        f"results/{name}/netcdf/{chunk}/SHA256SUMS"
        if CONFIGURATION.keeps_netcdf(STREAMS[name])
        else f"results/{name}/netcdf/{chunk}.freed"
    )
    for name, chunk in OPEN
]
TABLES = [
    f"results/{name}/{variable}_{interval}.csv{ending}"
    for name, stream in STREAMS.items()
    for variable in stream.variables
    for interval in INTERVALS
    for ending in ("", "-metadata.json")
]
PARQUET = [
    table.removesuffix(".csv") + ".parquet"
    for table in TABLES
    if table.endswith(".csv") and "parquet" in CONFIGURATION.formats
]
COVERAGE = [
    f"results/{name}/{table}.csv{ending}"
    for name in STREAMS
    for table in ("coverage", "gaps", "orders", "annotations")
    for ending in ("", "-metadata.json")
]
FIGURES = [
    f"results/{name}/{variable}.png"
    for name, stream in STREAMS.items()
    for variable in stream.variables
]


wildcard_constraints:
    # Those that there are: products of other streams, and of pairs, have names like these.
    stream="|".join(map(re.escape, STREAMS)),
    chunk=r"\d{4}|\d{4}-\d{2}|\d{4}-\d{2}-\d{2}|whole",
    variable="|".join(sorted({name for stream in STREAMS.values() for name in stream.variables})),
    interval=r"[0-9A-Za-z.]+",
    table=r"[A-Za-z][A-Za-z0-9_.]*",


def stream_of(wildcards):
    """Return the configured stream of a job."""
    return STREAMS[wildcards.stream]


def chunk_of(wildcards):
    """Return the chunk of a job."""
    return CHUNKS[wildcards.stream][wildcards.chunk]


def window_ms(wildcards):
    """Return a stream's window [begin, end) in milliseconds since 1970."""
    chunks = list(CHUNKS[wildcards.stream].values())
    return [chunks[0].begin_ms, chunks[-1].end_ms]


def bins_of(wildcards):
    """Return the bins of every chunk of a stream, in time order."""
    return [f"results/{wildcards.stream}/bins/{chunk}.nc" for chunk in CHUNKS[wildcards.stream]]


def rate_file(wildcards):
    """Return the file with a stream's estimated rate; none where the rate is known."""
    known = stream_of(wildcards).rate_hz is not None
    return [] if known else [f"results/{wildcards.stream}/rate.json"]


def records_of(wildcards):
    """Return the records of a stream that lie beside its bins, for a job that finds there only what it asks for."""
    if not STORED:
        return []  # thousands of chunks need no more edges
    kinds = ("requests", "complete", "netcdf")
    stream = wildcards.stream
    return [f"results/{stream}/{kind}/{chunk}.json" for kind in kinds for chunk in CHUNKS[stream]]


def requests_of(wildcards):
    """Return the request records alone, for a job that finds beside the bins only what it asks for."""
    stream = wildcards.stream
    return [f"results/{stream}/requests/{chunk}.json" for chunk in CHUNKS[stream] if STORED]


def described(stream):
    """Return what metadata say of a stream."""
    return stream.described()


def place_of(wildcards):
    """Return where a stream's files are looked for."""
    return CONFIGURATION.place_of(stream_of(wildcards))


def server_for(wildcards):
    """Return the server that a stream's samples come from, as records and metadata name it."""
    return place_of(wildcards).server


def connections_for(wildcards):
    """Return how many connections a download can use: one for so many bytes as OOI puts into one file."""
    chunk, stream = chunk_of(wildcards), stream_of(wildcards)
    expected = stream.expected_bytes(chunk.end - chunk.begin) * CONFIGURATION.share_of(stream)
    return max(1, min(MOST_CONNECTIONS, round(expected / OOI_FILE_BYTES + 0.5)))


def mode_of(wildcards):
    """Return what is fetched of a file: the whole, or a subset."""
    return CONFIGURATION.download_of(stream_of(wildcards))


def variables_of(wildcards):
    """Return a stream's variables as one word."""
    return ",".join(stream_of(wildcards).variables)


def table_to_plot(wildcards):
    """Return the finest table that is not finer than a page can show, or than there are samples, without its ending."""
    begin_ms, end_ms = window_ms(wildcards)
    finest_first = sorted(INTERVALS, key=INTERVALS.get)
    shown = [text for text in finest_first if (end_ms - begin_ms) / INTERVALS[text] <= MOST_POINTS]
    shown = shown or finest_first[-1:]
    period_ms = 1000 / (stream_of(wildcards).rate_hz or 1000)
    filled = [text for text in shown if INTERVALS[text] > 0.99 * period_ms] or shown[-1:]
    return f"results/{wildcards.stream}/{wildcards.variable}_{filled[0]}"


def modules_of(script):
    """Return a digest of a script and the modules that it uses: when one is edited, its rule runs again."""
    return provenance.digest_of(SCRIPTS / script)
