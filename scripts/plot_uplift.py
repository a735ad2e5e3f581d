"""Draw a station's uplift and the spectrum of its depth.

Reads the hourly uplift and, where they are looked for, the events; writes two figures, each as PNG and as PDF.
"""

from pathlib import Path

from plumbline.chunks import milliseconds
from plumbline.figures.captions import labels_of
from plumbline.figures.listed import read_events
from plumbline.figures.records import read_columns
from plumbline.figures.spectrum import plot_spectrum
from plumbline.figures.uplift import plot_uplift
from plumbline.reporting import reported


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.stream} figures of uplift"):
        stream, hours = job.params.stream, Path(job.input.hours)
        labels = labels_of(hours, stream["reference_designator"], stream["stream"], "hourly means (UTC)")
        time_ms, *columns = read_columns(hours, "depth_m", "detided_depth_m", "uplift_m")
        events = read_events(Path(job.input.events[0]) if job.input.events else None)
        plot_uplift(labels, time_ms, *columns, [Path(job.output.uplift), Path(job.output.uplift_pdf)], events)
        onsets_ms = [event.time_ms for event in events if event.kind == "eruption"]
        onsets_ms += [milliseconds(onset) for onset in job.params.eruptions]
        paths = [Path(job.output.spectrum), Path(job.output.spectrum_pdf)]
        plot_spectrum(labels, time_ms, *columns[:2], paths, onsets_ms)


main(snakemake)
