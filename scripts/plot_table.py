"""Draw one table: a variable against time, with its gaps.

Reads a resampled table and its metadata; writes a PNG.
"""

from pathlib import Path

from plumbline.figures.tables import plot_table
from plumbline.reporting import reported


def main(job) -> None:
    """Map the job's files to one call."""
    with reported(job.log[0], f"{job.wildcards.stream} {job.wildcards.variable}"):
        plot_table(Path(job.input.table), Path(job.input.metadata), Path(job.output[0]))


main(snakemake)
