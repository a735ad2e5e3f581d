"""Make the tilt of a tiltmeter's stream, OOI's BOTTILT of its means: magnitude and direction every hour and every day.

Reads the bins of every chunk, and the deployments in the request records beside them where they are there; writes two
tables, each as CSV with its CSVW metadata and as CF-netCDF.
"""

from pathlib import Path

from plumbline.coverage.deployed import deployments_of
from plumbline.coverage.rates import rate_of
from plumbline.intervals import interval_ms
from plumbline.reporting import log, reported
from plumbline.retrieval.stored_records import demand
from plumbline.tables.about_products import About
from plumbline.tables.csvw import origins_of, rate_told, subject_of
from plumbline.tilt.tables import columns, compass_method, write_tilt

SOURCE = "OOI data product specification 1341-00060 (BOTTILT), as in ion-functions, of the means of x and y"


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.stream} tilt"):
        begin_ms, end_ms = job.params.window_ms
        demand(job.input.records)
        bins = [Path(path) for path in job.input.bins]
        rate = rate_of(job.params.rate_hz, job.input.rate)
        designator, compass_deg = job.params.stream["reference_designator"], job.params.options["compass_deg"]
        compass = compass_method(job.params.compass, compass_deg)
        log.info("compass: %s", compass)
        deployments = deployments_of(bins)
        subject = subject_of(origins_of(bins), begin_ms, end_ms, job.params.stream, job.params.api, deployments)
        for path in (Path(name) for name in job.output if name.endswith(".csv")):
            interval = path.stem.removeprefix("tilt_")
            about = About(
                subject,
                f"Tilt of the seafloor at {designator}, {interval}",
                "Mean tilt about the two axes of the tiltmeter, its magnitude, and where it points. Levels are "
                "those of the instrument as it stands; where it levels itself anew there is a step.",
                columns(interval),
                {"method": SOURCE, "compass": compass, **rate_told(rate.hz, rate.estimated)},
                keywords="Axial Seamount, seafloor tilt, seafloor deformation",
            )
            write_tilt(
                bins,
                job.params.axes,
                job.params.compass,
                compass_deg,
                interval,
                interval_ms(interval),
                (begin_ms, end_ms),
                rate.hz,
                about,
                path,
                path.with_suffix(".nc"),
            )
            about.write_beside(path)


main(snakemake)
