"""Flag the bins of a stream, and reduce the good ones to hours.

Reads the bins of every chunk, and OOI's annotations in the request records beside them; writes CF-netCDF with the
QARTOD flag of every bin, and the pressure, the predicted tide and the flag of every hour.
"""

from pathlib import Path

from plumbline.coverage.deployed import deployments_of
from plumbline.pressure.annotations import flagging_annotations, in_words, spans_of
from plumbline.pressure.flagging import Limits
from plumbline.pressure.quality_file import write_quality
from plumbline.pressure.record import BinsRecord
from plumbline.pressure.tide_model import tide_model
from plumbline.reporting import reported
from plumbline.retrieval.stored_records import demand
from plumbline.tables.about_products import About
from plumbline.tables.csvw import subject_of


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.stream} quality"):
        demand(job.input.records)
        begin_ms, end_ms = job.params.window_ms
        designator = job.params.stream["reference_designator"]
        tide = tide_model(job.params.constituents, designator, job.params.latitude)
        options = {name: tuple(v) if isinstance(v, list) else v for name, v in job.params.options.items()}
        bins = [Path(path) for path in job.input.bins]
        annotations = flagging_annotations(bins) if options.pop("annotations") else []
        with BinsRecord(bins, job.params.variable) as record:
            deployments = deployments_of(bins)
            subject = subject_of(record.origins, begin_ms, end_ms, job.params.stream, job.params.api, deployments)
            about = About(
                subject,
                f"Quality of the pressure of {designator}",
                "QARTOD flags of every bin (gross range, coverage, flat line, spike, rate of change, bad data near "
                "a gap; OOI's annotations), and means of every hour over the bins that did not fail.",
                [],
                {name.replace("_", " "): value for name, value in options.items()}
                | {"annotations": in_words(annotations)},
            )
            write_quality(
                record,
                begin_ms,
                end_ms,
                job.params.rate_hz,
                tide.constituents,
                Limits(**options),
                spans_of(annotations),
                about.attributes(),
                Path(job.output.quality),
            )


main(snakemake)
