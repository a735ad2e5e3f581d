"""The chunks of every stream, and which of them are settled.

READS   names and times of the files in results/{stream}/; .snakemake/plumbline/settled.json
WRITES  nothing; gives the rules CHUNKS, OPEN (stream and chunk of all that is not settled) and the patterns
        OPEN_STREAMS and OPEN_CHUNKS, which keep the rules of retrieval and binning to those, with ORDERED_STREAMS
        and FOUND_STREAMS by their source; on a cluster, the groups of chunks that are binned in one job
"""

import re
from argparse import Namespace
from types import SimpleNamespace

from snakemake.settings.types import ExecMode, PersistenceBackend, RerunTrigger

from plumbline import settled
from plumbline.ooi.places import FILES, M2M
from plumbline.retrieval import records
from plumbline.retrieval.ordering import asked_again, looked_again
from plumbline.sources.names_here import candidates, paths_of, state_of

# More names than these make a pattern slower than the jobs that it saves.
MOST_NAMES_IN_PATTERN = 1000

# Options that are about every job, also about those that have nothing to do, as Snakemake names them.
EVERYTHING = (
    "force",
    "forceall",
    "forcerun",
    "touch",
    "delete_all_output",
    "report",
    "report_after_run",
    "summary",
    "detailed_summary",
    "archive",
    "list_untracked",
    "list_changes",
    "list_input_changes",
    "list_params_changes",
    "generate_unit_tests",
)

RESULTS = Path("results")
LEDGER = settled.Ledger(Path(".snakemake"))
BIN_MODULES = provenance.digest_of(SCRIPTS / "bin_samples.py")
# Whether an edit of the rule changed its command is for Snakemake to judge.
BIN_RULES = settled.fingerprint((Path(workflow.basedir) / "rules" / "samples.smk").read_text())

CHUNKS = {
    name: stream.chunks(
        AS_OF, records.names_of_requests(RESULTS / name) if stream.end is None else ()
    )
    for name, stream in STREAMS.items()
}


def freed_modules(wildcards):
    """Return the digest of the code that binned a chunk whose netCDF files were freed; None where they are there."""
    netcdf = RESULTS / wildcards.stream / "netcdf"
    freed, checksums = netcdf / f"{wildcards.chunk}.freed", netcdf / wildcards.chunk / "SHA256SUMS"
    # Files that are to be kept, and were fetched again since, are there.
    if CONFIGURATION.keeps_netcdf(STREAMS[wildcards.stream]) and settled.is_newer(checksums, freed):
        return None
    marker = records.read_if_there(freed) if freed.exists() else None
    return marker and marker.get("modules")


def bin_modules(wildcards):
    """Return the digest of the code that bins, as it was when a chunk's netCDF files were freed."""
    return freed_modules(wildcards) or BIN_MODULES


def asking(wildcards):
    """Return on which day a chunk is to be asked for again: one that came out empty, or may grow yet; "" for most."""
    stream = STREAMS[wildcards.stream]
    # Of files that are here, `files_state` tells.
    if stream.end is not None or stream.source == FILES:
        return ""
    chunk = CHUNKS[stream.name][wildcards.chunk]
    record = RESULTS / stream.name / "requests" / f"{chunk.name}.json"
    if stream.source == M2M:
        return asked_again(record, chunk.end, AS_OF)
    return looked_again(record, chunk.end, AS_OF)


def states_here(stream):
    """Return a digest of the files that are here for each chunk of a stream."""
    if stream.source != FILES:
        return {}
    here = paths_of(stream.files, stream.name)
    names = (stream.reference_designator, stream.method, stream.stream)
    return {
        chunk.name: state_of(candidates(here, *names, chunk.begin, chunk.end))
        for chunk in CHUNKS[stream.name].values()
    }


# As they are when a run begins: what changes while it goes on is seen by the next one.
FILES_STATES = {name: states_here(stream) for name, stream in STREAMS.items()}


def files_state(wildcards):
    """Return a digest of the files that are here and may be a chunk's, "" for other sources."""
    return FILES_STATES[wildcards.stream].get(wildcards.chunk, "")


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
    code = freed_modules(wildcards) or (BIN_MODULES, BIN_RULES)
    binned = (CONFIGURATION.base_ms(stream), stream.binned, code)
    found = () if stream.source == M2M else (CONFIGURATION.place_of(stream), files_state(wildcards))
    return settled.fingerprint(asked, asking(wildcards), binned, *found)


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


def options():
    """Return the options of this run, from its command line and its profiles; None where they are not found.

    Snakemake tells them to a workflow only when its rules are read; before, whoever reads them has them.
    """
    frame = sys._getframe()
    while frame:
        found = frame.f_locals.get("args")
        if isinstance(found, Namespace) and hasattr(found, "forcerun"):
            return found
        frame = frame.f_back
    return None


def looks_at_everything():
    """Tell whether this run was asked to leave nothing out; a job of a run never leaves anything out."""
    asked = options()
    if workflow.exec_mode != ExecMode.DEFAULT or asked is None:
        return True
    # What Snakemake keeps in a database, the ledger does not see.
    elsewhere = getattr(asked, "persistence_backend", None) != PersistenceBackend.FILE
    return elsewhere or any(getattr(asked, name, True) for name in EVERYTHING)


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


# Whether a stream's files are ordered or found decides which rule writes its request records.
_open_names = {name for name, _ in OPEN}
ORDERED_STREAMS = pattern_of(name for name in _open_names if STREAMS[name].source == M2M)
FOUND_STREAMS = pattern_of(name for name in _open_names if STREAMS[name].source != M2M)


# The position of every chunk in its stream.
POSITIONS = {
    (name, chunk): position
    for name, chunks in CHUNKS.items()
    for position, chunk in enumerate(chunks)
}


def in_order(priority):
    """Return the priority of a chunk's step: among steps of one rule, earlier chunks go first.

    Snakemake takes any of equals. Neighbours that are to be binned in one job would be there when all is.
    """

    def of_chunk(wildcards):
        position = POSITIONS[wildcards.stream, wildcards.chunk]
        return priority + 1 - position / len(CHUNKS[wildcards.stream])

    return of_chunk


def neighbours(wildcards):
    """Return the group of a chunk, with those beside it, which come from the server at about the same time.

    How many chunks a job of a cluster bins stands in its profile: `group-components: bins: 12`.
    """
    count = workflow.group_settings.group_components.get("bins", 1)
    if count == 1:
        return None
    name = f"bins_{wildcards.stream}_{POSITIONS[wildcards.stream, wildcards.chunk] // count}"
    # As Snakemake notes it of groups that are named by wildcards: what is said of `bins` is said of this one.
    workflow.parent_groupids[name] = "bins"
    return name


def forget_settled(dag):
    """Forget what was noted of the chunks that a run is about to change: it may be killed before its end."""
    changed = (job.wildcards_dict for job in dag.needrun_jobs())
    LEDGER.forget(f"{one['stream']}/{one['chunk']}" for one in changed if "chunk" in one)


def note_settled(dag):
    """Note the chunks of a run that are up to date at its end, if the run has looked at all that may be new."""
    if not set(RerunTrigger) <= set(workflow.dag_settings.rerun_triggers):
        return
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
