"""List what was ordered of a stream and what came.

Reads the records of every chunk beside its bins; writes one table with its CSVW metadata.
"""

from pathlib import Path

from plumbline.coverage.orders import COLUMNS, order_rows
from plumbline.reporting import reported
from plumbline.tables.about_products import About
from plumbline.tables.csvw import origins_of, subject_of
from plumbline.tables.lists import write_list


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.stream} orders"):
        bins, windows = [Path(path) for path in job.input], job.params.windows_ms
        stream = job.params.stream
        about = About(
            subject_of(origins_of(bins), windows[0][0], windows[-1][1], stream, job.params.api),
            f"Orders of {stream['stream']} of {stream['reference_designator']}",
            "What was asked for, from which server, and what came. Times and numbers of the orders stand in the "
            "request records, sizes and checksums of files in the manifests.",
            COLUMNS,
        )
        write_list(Path(job.output.table), about, order_rows(bins, windows), "chunk")


main(snakemake)
