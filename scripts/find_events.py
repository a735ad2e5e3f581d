"""Find eruptions and tsunamis in a station's record.

Reads OOI's 15 s products and the quality flags; writes one table with its CSVW metadata.
"""

from pathlib import Path

from plumbline.pressure.event_search import COLUMNS, events_of
from plumbline.products.events import Thresholds
from plumbline.reporting import log, reported
from plumbline.tables.about_products import About, said, subject_in
from plumbline.tables.lists import iso, write_list


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.stream} events"):
        options = job.params.options
        thresholds = Thresholds(tsunami=options["tsunami_cm_per_min"], eruption=options["eruption_cm_per_h"])
        events = events_of(Path(job.input.botsflu), Path(job.input.quality), thresholds)
        for event in events:
            log.info("%s from %s, %s %.3f", event.kind, iso(event.onset), event.unit, event.peak_value)
        stream = job.params.stream
        about = About(
            subject_in(Path(job.input.botsflu), stream),
            f"Events at {stream['reference_designator']}",
            "Eruptions, by the 10-minute rate of depth and a fall that lasts; tsunamis, by the 5-minute rate and waves "
            "that alternate. Thresholds are OOI's (DPS 1341-00080). The end of an eruption is that of its fast "
            "subsidence.",
            COLUMNS,
            {
                "eruption threshold in cm/h": thresholds.eruption,
                "tsunami threshold in cm/min": thresholds.tsunami,
                "predicted tide": said(Path(job.input.botsflu), "predicted_tide"),
            },
        )
        rows = [(one.kind, one.onset, one.peak_time, one.peak_value, one.unit, one.end) for one in events]
        write_list(Path(job.output.table), about, rows, ["kind", "onset"])


main(snakemake)
