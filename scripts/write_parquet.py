"""Write one table as Parquet.

Reads the CSV and its CSVW metadata; writes the same rows and values as Parquet.
"""

from pathlib import Path

from plumbline.reporting import reported
from plumbline.tables.parquet import write_parquet


def main(job) -> None:
    """Map the job's files to one call."""
    with reported(job.log[0], f"{job.wildcards.stream} {job.wildcards.table}"):
        write_parquet(Path(job.input.table), Path(job.input.metadata), Path(job.output[0]))


main(snakemake)
