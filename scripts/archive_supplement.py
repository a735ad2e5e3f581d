"""Pack the supplement into a zip, the same bytes for the same files.

Reads results/supplement/ and its checksums; writes results/supplement.zip.
"""

from pathlib import Path

from plumbline.reporting import reported
from plumbline.supplement.archive import write_archive


def main(job) -> None:
    """Map the job's files to one call."""
    with reported(job.log[0], "archive"):
        write_archive(Path(job.input[0]).parent, Path(job.output[0]))


main(snakemake)
