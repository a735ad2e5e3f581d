"""Make the uplift of a station: depth without tide, drift and breaks, every hour and every day.

Reads the hours of the quality file, and the calibrations if there are any; writes two tables, each as CSV with its
CSVW metadata and as CF-netCDF.
"""

from pathlib import Path

from plumbline.chunks import milliseconds
from plumbline.pressure.quality_file import read_hours
from plumbline.pressure.sensor_drift import drift_of, write_drift
from plumbline.pressure.telling import methods_of
from plumbline.pressure.tide_model import demand_latitude, latitude_of, tide_model
from plumbline.pressure.uplift_tables import columns, station_of, uplift_tables
from plumbline.reporting import log, reported
from plumbline.retrieval.deployed import deployment_starts
from plumbline.retrieval.stored_records import demand
from plumbline.tables.about_products import About, subject_in


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.stream} uplift"):
        demand(job.input.records)
        options, tide_options = job.params.options, job.params.tide
        designator = job.params.stream["reference_designator"]
        method, latitude = job.params.depth["method"], job.params.depth["latitude"]
        if method == "teos10":
            demand_latitude(designator, latitude)
        starts, unread = deployment_starts([Path(name) for name in job.params.manifests])
        if unread:
            log.warning("%d manifests are missing: a change of deployment in their chunks would not be seen", unread)
        calibrations = Path(job.input.calibrations[0]) if job.input.calibrations else None
        drift = drift_of(calibrations, job.wildcards.stream, designator, job.params.known)
        station = station_of(
            read_hours(Path(job.input.quality)),
            method,
            latitude_of(designator, latitude),
            tide_options["refine"],
            tide_options["lowpass"],
            [milliseconds(onset) for onset in options["eruptions"]],
            drift.model,
            [begin_ms for _, begin_ms in starts],
        )
        reference = options["reference"] and milliseconds(options["reference"])
        hours, days, reference_ms = uplift_tables(station, reference, options["day_coverage"])
        tide = tide_model(tide_options["constituents"], designator, latitude)
        methods = methods_of(method, tide.text, tide_options["lowpass"], station, drift, starts, reference_ms)
        log.info("drift: %s; uplift is counted from %s", methods["drift"], methods["reference day"])
        subject = subject_in(Path(job.input.quality), job.params.stream)
        for interval, table in (("1h", hours), ("1D", days)):
            about = About(
                subject,
                f"Uplift of the seafloor at {designator}, {interval}",
                "Depth from bottom pressure, the tide that was taken off, depth without it, and uplift since the "
                "reference day; inflation is positive.",
                columns(interval),
                methods,
            )
            csv_path = next(Path(name) for name in job.output.tables if name.endswith(f"_{interval}.csv"))
            table.write(csv_path, csv_path.with_suffix(".nc"), about)
        if calibrations:
            write_drift(drift, days.time_ms, reference_ms, subject, Path(job.output.drift[0]))


main(snakemake)
