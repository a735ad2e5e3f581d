"""Make the uplift of one station against another, every hour and every day.

Reads the hourly uplift of both; writes two tables, each as CSV with its CSVW metadata and as CF-netCDF.
"""

from pathlib import Path

from plumbline.pressure.pairs import COLUMNS, differential_tables, read_uplift, subject_of_pair
from plumbline.reporting import reported
from plumbline.tables.about_products import About
from plumbline.tables.product import product_table


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.pair} differential uplift"):
        centre, reference = (read_uplift(Path(path)) for path in job.input)
        subject = subject_of_pair(job.wildcards.pair, job.params.streams, centre, reference, job.params.api)
        tables = differential_tables(centre, reference, job.params.day_coverage)
        centre_name, reference_name = (stream["name"] for stream in job.params.streams)
        for interval, (time_ms, metres, n) in tables.items():
            about = About(
                subject,
                f"Uplift of {centre_name} against {reference_name}, {interval}",
                f"Uplift at {job.params.streams[0]['reference_designator']} less that at "
                f"{job.params.streams[1]['reference_designator']}; inflation of the centre is positive. What the "
                "ocean does to both alike falls out. Only hours that both stations have are used.",
                COLUMNS[interval],
                {f"{key} of {name}": value for name, record in ((centre_name, centre), (reference_name, reference))
                 for key, value in record.methods.items()},
            )  # fmt: skip
            csv_path = Path("results") / job.wildcards.pair / f"differential_uplift_{interval}.csv"
            columns = about.columns
            with product_table(
                csv_path, csv_path.with_suffix(".nc"), columns, time_ms.size, about.attributes()
            ) as table:
                table.append(time_ms, metres, n)
            about.write_beside(csv_path)


main(snakemake)
