"""Sum up a record of daily uplift, of a station or of a pair: its eruptions, and its rate in each year.

Reads the daily uplift; writes two tables, each with its CSVW metadata.
"""

from pathlib import Path

from plumbline.chunks import milliseconds
from plumbline.pressure.levels import ERUPTION_COLUMNS, RATE_COLUMNS, eruption_rows, rate_rows
from plumbline.pressure.pairs import read_uplift, subject_of_pair
from plumbline.reporting import reported
from plumbline.tables.about_products import About
from plumbline.tables.lists import write_list


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    name = job.wildcards.record
    with reported(job.log[0], f"{name} summary of uplift"):
        column = "uplift_m" if len(job.params.streams) == 1 else "differential_uplift_m"
        records = [read_uplift(Path(job.input[0]), stream, column) for stream in job.params.streams]
        record = records[0]
        subject = subject_of_pair(name, *(one.subject for one in records)) if len(records) > 1 else record.subject
        tables = (
            (
                job.output.eruptions,
                "Eruptions in the uplift of",
                "How far the seafloor fell in each eruption, and how much of that it has regained.",
                ERUPTION_COLUMNS,
                eruption_rows(record, [milliseconds(onset) for onset in job.params.eruptions]),
                "onset",
            ),
            (
                job.output.rates,
                "Yearly rates of the uplift of",
                "Slope of daily uplift in each calendar year, by ordinary least squares; years of 365.25 days.",
                RATE_COLUMNS,
                rate_rows(record),
                "year",
            ),
        )
        for path, title, description, columns, rows, key in tables:
            about = About(
                subject, f"{title} {subject.stream['reference_designator']}", description, columns, record.methods
            )
            write_list(Path(path), about, rows, key)


main(snakemake)
