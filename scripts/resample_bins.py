"""Build one resampled table from a stream's bins.

Reads the bins of every chunk, and the deployments in the request records beside them where they are there; writes the
CSV and its CSVW metadata.
"""

from pathlib import Path

from plumbline.coverage.deployed import deployments_of
from plumbline.coverage.rates import rate_of
from plumbline.reporting import reported
from plumbline.retrieval.stored_records import demand
from plumbline.samples.binned import is_direction
from plumbline.tables.csv_table import write_table
from plumbline.tables.description import describe_table

# What is appended to is kept out of the results; see plumbline/tables/growing.py.
LINES = Path(".snakemake") / "plumbline" / "tables"


def main(job) -> None:
    """Map the job's files and parameters to two calls."""
    with reported(job.log[0], f"{job.wildcards.stream} {job.wildcards.variable} {job.wildcards.interval}"):
        demand(job.input.records)
        begin_ms, end_ms = job.params.window_ms
        bins = [Path(path) for path in job.input.bins]
        rate = rate_of(job.params.rate_hz, job.input.rate)
        wildcards = job.wildcards
        units, origins = write_table(
            bins,
            variable=job.wildcards.variable,
            interval_ms=job.params.interval_ms,
            begin_ms=begin_ms,
            end_ms=end_ms,
            rate_hz=rate.hz,
            csv_path=Path(job.output.table),
            lines_path=LINES / wildcards.stream / f"{wildcards.variable}_{wildcards.interval}.csv",
            made_by=job.params.modules,
        )
        describe_table(
            origins,
            units,
            variable=job.wildcards.variable,
            interval=job.wildcards.interval,
            interval_ms=job.params.interval_ms,
            begin_ms=begin_ms,
            end_ms=end_ms,
            rate_hz=rate.hz,
            stream=job.params.stream,
            server=job.params.api,
            metadata_path=Path(job.output.metadata),
            deployments=deployments_of(bins),
            estimated=rate.estimated,
            direction=is_direction(bins[0], job.wildcards.variable),
        )


main(snakemake)
