"""Draw the rates of OOI's products: of minutes, with the thresholds of events, and of weeks.

Reads the 15 s and the daily product and, where they are looked for, the events; writes two figures, each as PNG and
as PDF.
"""

from pathlib import Path

from plumbline.figures.captions import labels_of
from plumbline.figures.listed import read_events
from plumbline.figures.rates import plot_minute_rates, plot_week_rates
from plumbline.figures.records import read_columns, read_envelope
from plumbline.figures.style import share_of_points
from plumbline.reporting import reported


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.stream} figures of rates"):
        place = job.params.stream["reference_designator"], job.params.stream["stream"]
        fifteen, day = Path(job.input.fifteen), Path(job.input.day)
        events = read_events(Path(job.input.events[0]) if job.input.events else None)
        # As many points as are drawn as they are.
        most = share_of_points(2) // 2
        minutes = read_envelope(fifteen, "rate_5min_cm_per_min", "rate_10min_cm_per_h", most=most)
        plot_minute_rates(
            labels_of(fifteen, *place, "rates every 15 s (UTC), as OOI's BOTSFLU"),
            *minutes,
            [Path(job.output.minutes), Path(job.output.minutes_pdf)],
            events,
            tuple(job.params.thresholds),
        )
        plot_week_rates(
            labels_of(day, *place, "slopes of daily means, noon to noon (UTC), as OOI's BOTSFLU"),
            *read_columns(day, "rate_4wk_cm_per_yr", "rate_8wk_cm_per_yr"),
            [Path(job.output.weeks), Path(job.output.weeks_pdf)],
            events,
        )


main(snakemake)
