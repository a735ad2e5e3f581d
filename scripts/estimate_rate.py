"""Estimate the sampling rate of one stream of which it is not known.

Reads the numbers of samples in the bins of every chunk; writes the rate, JSON.
"""

from pathlib import Path

from plumbline.coverage.rates import write_estimate
from plumbline.reporting import reported


def main(job) -> None:
    """Map the job's files and parameters to one call."""
    with reported(job.log[0], f"{job.wildcards.stream} rate"):
        write_estimate([Path(path) for path in job.input], job.params.variables, Path(job.output[0]))


main(snakemake)
