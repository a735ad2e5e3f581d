"""The chunks of every stream, and which of them are settled.

READS   names and times of the files in results/{stream}/; .snakemake/plumbline/settled.json
WRITES  nothing; gives the rules CHUNKS, OPEN (stream and chunk of all that is not settled) and the patterns
        OPEN_STREAMS and OPEN_CHUNKS, which keep the rules of retrieval and binning to those
"""

import re
from types import SimpleNamespace

from snakemake.settings.types import ExecMode

from plumbline import settled
from plumbline.retrieval import records
from plumbline.retrieval.ordering import asked_again

# More names than these make a pattern slower than the jobs that it saves.
MOST_NAMES_IN_PATTERN = 1000

# Options that are about every job, also about those that have nothing to do.
EVERYTHING = (
    "--force",
    "-F",
    "-f",
    "-R",
    "--touch",
    "-t",
    "--delete-all-output",
    "--report",
    "--summary",
    "--archive",
)

RESULTS = Path("results")
LEDGER = settled.Ledger(Path(".snakemake"))
BIN_MODULES = provenance.digest_of(SCRIPTS / "bin_samples.py")


CHUNKS = {
    name: stream.chunks(
        AS_OF, records.names_of_requests(RESULTS / name) if stream.end is None else ()
    )
    for name, stream in STREAMS.items()
}


def bin_modules(wildcards):
    """Return the digest of the code that bins, as it was when a chunk's netCDF files were freed."""
    freed = RESULTS / wildcards.stream / "netcdf" / f"{wildcards.chunk}.freed"
    marker = records.read_if_there(freed) if freed.exists() else None
    return (marker or {}).get("modules", BIN_MODULES)


def asking(wildcards):
    """Return on which day a chunk that came out empty is to be asked for again, "" for most."""
    stream = STREAMS[wildcards.stream]
    if stream.end is not None:
        return ""
    chunk = CHUNKS[stream.name][wildcards.chunk]
    return asked_again(RESULTS / stream.name / "requests" / f"{chunk.name}.json", chunk.end, AS_OF)


def mark_of(name, chunk):
    """Return the fingerprint of everything that goes into a chunk's files."""
    stream, wildcards = STREAMS[name], SimpleNamespace(stream=name, chunk=chunk.name)
    asked = (
        OOI.api,
        stream.reference_designator,
        stream.method,
        stream.stream,
        chunk.begin_ms,
        chunk.end_ms,
    )
    binned = (CONFIGURATION.base_ms(stream), stream.variables, bin_modules(wildcards))
    return settled.fingerprint(asked, asking(wildcards), binned)


def settled_chunks(name):
    """Return the names of a stream's settled chunks."""
    freed = not CONFIGURATION.keeps_netcdf(STREAMS[name])
    return {
        chunk
        for chunk in settled.files_in_order(RESULTS / name, CHUNKS[name], freed)
        if LEDGER.trusts(
            f"{name}/{chunk}", mark_of(name, CHUNKS[name][chunk]), f"results/{name}/bins/{chunk}.nc"
        )
    }


def looks_at_everything():
    """Tell whether this run was asked to leave nothing out; a job of a run never leaves anything out."""
    # Snakemake has not yet said what it was asked for when rules are read.
    return workflow.exec_mode != ExecMode.DEFAULT or any(
        word.startswith(EVERYTHING) for word in sys.argv[1:]
    )


SETTLED = {name: set() if looks_at_everything() else settled_chunks(name) for name in STREAMS}
OPEN = [(name, chunk) for name in STREAMS for chunk in CHUNKS[name] if chunk not in SETTLED[name]]


def pattern_of(names):
    """Return a pattern that fits the names and no other; one that fits nothing if there is none."""
    return "|".join(map(re.escape, sorted(names))) or "(?!)"


if not any(SETTLED.values()) or len(OPEN) > MOST_NAMES_IN_PATTERN:
    OPEN_STREAMS, OPEN_CHUNKS = r"[A-Za-z0-9][A-Za-z0-9._-]*", r"\d{4}(-\d{2}){0,2}|whole"
else:
    OPEN_STREAMS, OPEN_CHUNKS = pattern_of({name for name, _ in OPEN}), pattern_of(
        {chunk for _, chunk in OPEN}
    )


def note_settled(dag):
    """Note the chunks of a run that are up to date at its end."""
    done = {
        (job.wildcards.stream, job.wildcards.chunk)
        for job in dag.jobs
        if job.rule.name == "bin_samples" and (dag.finished(job) or not dag.needrun(job))
    }
    names = {name: {chunk for one, chunk in done if one == name} for name in STREAMS}
    marks = {
        f"{name}/{chunk}": mark_of(name, CHUNKS[name][chunk])
        for name, chunks in names.items()
        for chunk in settled.files_in_order(
            RESULTS / name, chunks, freed=not CONFIGURATION.keeps_netcdf(STREAMS[name])
        )
    }
    LEDGER.note(marks, known={f"{name}/{chunk}" for name in STREAMS for chunk in CHUNKS[name]})
