"""Carry the quality flags of a stream's bins to the rows of one of its tables.

Reads the quality file; writes a CSV with the same rows as the table of pressure, and its CSVW metadata.
"""

from pathlib import Path

from plumbline.pressure.quality_tables import COLUMNS, write_quality_table
from plumbline.reporting import reported
from plumbline.tables.about_products import About, subject_in


def main(job) -> None:
    """Map the job's files and parameters to one call."""
    with reported(job.log[0], f"{job.wildcards.stream} quality {job.wildcards.interval}"):
        stream, source = job.params.stream, Path(job.input[0])
        about = About(
            subject_in(source, stream),
            f"Quality of the pressure of {stream['reference_designator']}, {job.wildcards.interval}",
            "Flag of every row of the table of pressure with this interval: it fails if a tenth of its filled base "
            "bins fail, and is suspect if a tenth fail or are suspect. Tests and annotations are those of quality.nc.",
            COLUMNS,
        )
        path = Path(job.output.table)
        write_quality_table(source, job.params.interval_ms, tuple(job.params.window_ms), path, about)


main(snakemake)
