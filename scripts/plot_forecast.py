"""Draw when a level of uplift was expected to be reached, as of many days of the record.

Reads the forecasts, and the daily uplift of the centre and of the pair, which tell when levels were reached; writes a
figure as PNG and as PDF.
"""

from pathlib import Path

from plumbline.figures.captions import labels_of, pair_words
from plumbline.figures.forecast import plot_forecasts
from plumbline.figures.listed import by_level, reached, read_forecasts
from plumbline.figures.records import read_columns
from plumbline.reporting import reported


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.pair} figure of forecasts"):
        pair, centre = Path(job.input.pair), Path(job.input.centre)
        panels = by_level(read_forecasts(Path(job.input.forecast)), tuple(job.params.levels))
        records = {
            "single": tuple(read_columns(centre, "uplift_m")),
            "differential": tuple(read_columns(pair, "differential_uplift_m")),
        }
        words = "lines through the last 4 or 12 weeks of daily means (UTC)"
        labels = labels_of(pair, *pair_words(job.params.streams), words)
        plot_forecasts(labels, panels, [Path(path) for path in job.output], reached(panels, records))


main(snakemake)
