"""Draw the uplift of one station against another, with the levels that forecasts look at.

Reads the hourly uplift of the pair and, where there are, the events at the centre and the forecasts; writes a figure as
PNG and as PDF.
"""

from pathlib import Path

from plumbline.figures.captions import labels_of, pair_words
from plumbline.figures.listed import levels_of, read_events, read_forecasts
from plumbline.figures.records import read_columns
from plumbline.figures.uplift import plot_differential
from plumbline.reporting import reported


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.pair} figure of differential uplift"):
        pair = Path(job.input.pair)
        made = read_forecasts(Path(job.input.forecast[0])) if job.input.forecast else []
        plot_differential(
            labels_of(pair, *pair_words(job.params.streams), "hourly means (UTC)"),
            *read_columns(pair, "differential_uplift_m"),
            levels_of(made, "differential", tuple(job.params.levels)),
            [Path(path) for path in job.output],
            read_events(Path(job.input.events[0]) if job.input.events else None),
        )


main(snakemake)
