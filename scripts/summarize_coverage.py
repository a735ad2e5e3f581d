"""Account for the samples of one stream: its coverage day by day, and its gaps.

Reads the bins of every chunk, and the request records and completion markers beside them where they
are there; writes two CSV files and their CSVW metadata.
"""

from pathlib import Path

from plumbline.coverage.deployed import deployments_of
from plumbline.coverage.rates import rate_of
from plumbline.coverage.summary import describe_coverage, write_coverage
from plumbline.reporting import reported
from plumbline.retrieval.stored_records import demand


def main(job) -> None:
    """Map the job's files and parameters to two calls."""
    with reported(job.log[0], f"{job.wildcards.stream} coverage"):
        demand(job.input.records)
        begin_ms, end_ms = job.params.window_ms
        bins = [Path(path) for path in job.input.bins]
        rate = rate_of(job.params.rate_hz, job.input.rate)
        write_coverage(
            bins,
            variables=job.params.variables,
            begin_ms=begin_ms,
            end_ms=end_ms,
            rate_hz=rate.hz,
            coverage_path=Path(job.output.coverage),
            gaps_path=Path(job.output.gaps),
            within_ms=rate.within_ms,
        )
        describe_coverage(
            bins,
            variables=job.params.variables,
            begin_ms=begin_ms,
            end_ms=end_ms,
            rate_hz=rate.hz,
            stream=job.params.stream,
            server=job.params.api,
            coverage_metadata_path=Path(job.output.coverage_metadata),
            gaps_metadata_path=Path(job.output.gaps_metadata),
            deployments=deployments_of(bins),
            estimated=rate.estimated,
            within_ms=rate.within_ms,
        )


main(snakemake)
