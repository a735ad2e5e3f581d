"""Make the uplift of one station against another, every hour and every day.

Reads the hourly uplift of both; writes two tables, each as CSV with its CSVW metadata and as CF-netCDF.
"""

from pathlib import Path

import numpy as np

from plumbline.pressure.pairs import COLUMNS, differential_tables, methods_of_pair, read_uplift, subject_of_pair
from plumbline.reporting import reported
from plumbline.tables.about_products import About
from plumbline.tables.lists import iso
from plumbline.tables.product import product_table


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.pair} differential uplift"):
        centre, reference = (
            read_uplift(Path(path), stream) for path, stream in zip(job.input, job.params.streams, strict=True)
        )
        one, other = (stream["name"] for stream in job.params.streams)
        tables = differential_tables(centre, reference, job.params.day_coverage)
        day_ms, daily, _ = tables["1D"]
        there = day_ms[np.isfinite(daily)]
        methods = methods_of_pair(centre, reference, iso(there[0])[:10] if there.size else None)
        for interval, columns in tables.items():
            about = About(
                subject_of_pair(job.wildcards.pair, centre.subject, reference.subject),
                f"Uplift of {one} against {other}, {interval}",
                f"Uplift at {centre.subject.stream['reference_designator']} less that at "
                f"{reference.subject.stream['reference_designator']}; inflation of the centre is positive. What the "
                "ocean does to both alike falls out. Only hours that both stations have are used.",
                COLUMNS[interval],
                methods,
            )
            path = next(Path(name) for name in job.output.tables if name.endswith(f"_{interval}.csv"))
            rows = columns[0].size
            with product_table(path, path.with_suffix(".nc"), about.columns, rows, about.attributes()) as table:
                table.append(*columns)
            about.write_beside(path)


main(snakemake)
