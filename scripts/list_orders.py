"""List what was ordered of a stream and what came.

Reads the records of every chunk beside its bins; writes one table with its CSVW metadata.
"""

from pathlib import Path

from plumbline.coverage.notes import write_notes
from plumbline.coverage.orders import write_orders
from plumbline.reporting import reported
from plumbline.retrieval.stored_records import demand


def main(job) -> None:
    """Map the job's files and parameters to one call."""
    with reported(job.log[0], f"{job.wildcards.stream} orders"):
        demand(job.input.records)
        bins, params = [Path(path) for path in job.input.bins], job.params
        write_orders(bins, params.windows_ms, params.stream, params.api, Path(job.output.table))
        window_ms = params.windows_ms[0][0], params.windows_ms[-1][1]
        write_notes(bins, window_ms, params.stream, params.api, Path(job.output.notes))


main(snakemake)
