"""Make OOI's own products of a stream: depth and its rates every 15 s and every day.

Reads the bins of every chunk, and the deployments in the request records beside them where they are there; writes two
tables, each as CSV with its CSVW metadata and as CF-netCDF.
"""

from pathlib import Path

from plumbline.coverage.deployed import deployments_of
from plumbline.pressure.ooi_products import DAY_COLUMNS, FIFTEEN_COLUMNS, write_ooi_products
from plumbline.pressure.record import BinsRecord
from plumbline.pressure.tide_model import tide_model
from plumbline.reporting import reported
from plumbline.retrieval.stored_records import demand
from plumbline.tables.about_products import DRIFT_UNKNOWN, About
from plumbline.tables.csvw import subject_of

SOURCE = "OOI data product specification 1341-00080 (BOTSFLU), as in ion-functions"


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.stream} botsflu"):
        begin_ms, end_ms = job.params.window_ms
        designator = job.params.stream["reference_designator"]
        options = job.params.options
        tide = tide_model(job.params.constituents, designator, job.params.latitude)
        demand(job.input.records)
        bins = [Path(path) for path in job.input.bins]
        with BinsRecord(bins, job.params.variable) as record:
            deployments = deployments_of(bins)
            subject = subject_of(record.origins, begin_ms, end_ms, job.params.stream, job.params.api, deployments)
            methods = {
                "method": SOURCE,
                "depth": "0.67 m/psi, the atmosphere not removed",
                "predicted tide": tide.text,
                "drift": DRIFT_UNKNOWN,
            }
            fifteen = About(
                subject,
                f"Seafloor depth of {designator} every 15 s",
                "Mean pressure, predicted tide, depth and its rates on OOI's own 15 s grid. Rates are those of OOI's "
                "code: the 10-minute rate looks 5 minutes ahead. Bins without samples are empty.",
                FIFTEEN_COLUMNS,
                methods,
            )
            day = About(
                subject,
                f"Seafloor depth of {designator}, daily",
                "Mean depth of days from noon to noon, labelled at midnight, and its slope over 4 and 8 weeks.",
                DAY_COLUMNS,
                methods | {name.replace("_", " "): value for name, value in options.items()},
            )
            write_ooi_products(
                record,
                begin_ms,
                end_ms,
                tide.constituents,
                fifteen=(Path(job.output.fifteen), Path(job.output.fifteen_netcdf)),
                day=(Path(job.output.day), Path(job.output.day_netcdf)),
                about=(fifteen, day),
                **options,
            )
        fifteen.write_beside(Path(job.output.fifteen))
        day.write_beside(Path(job.output.day))


main(snakemake)
