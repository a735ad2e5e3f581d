"""Draw a station's tilt: both axes, its magnitude and its direction.

Reads the hourly tilt; writes a figure as PNG and as PDF.
"""

from pathlib import Path

from plumbline.figures.records import read_columns
from plumbline.figures.style import Labels, mark_of
from plumbline.figures.tilt import plot_tilt
from plumbline.reporting import reported
from plumbline.tables.about_products import said, subject_in


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.stream} figure of tilt"):
        stream, hours = job.params.stream, Path(job.input.hours)
        subject = subject_in(hours, stream)
        labels = Labels(
            stream["reference_designator"],
            stream["stream"],
            "hourly means (UTC)",
            f"compass: {said(hours, 'compass')}",
            drift="",
            synthetic=mark_of(subject.synthetic, subject.server, "; ".join(subject.origins)),
        )
        columns = read_columns(hours, "x_tilt_urad", "y_tilt_urad", "tilt_magnitude_urad", "tilt_direction_deg")
        plot_tilt(labels, *columns, [Path(name) for name in job.output])


main(snakemake)
