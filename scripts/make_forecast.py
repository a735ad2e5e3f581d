"""Forecast when uplift reaches the level of the last eruption, as of many days of the record.

Reads the daily uplift of the centre and of the pair; writes one table with its CSVW metadata.
"""

from pathlib import Path

from plumbline.chunks import milliseconds
from plumbline.pressure.forecasting import COLUMNS, forecast_rows
from plumbline.pressure.pairs import read_uplift, subject_of_pair
from plumbline.reporting import log, reported
from plumbline.tables.about_products import About
from plumbline.tables.lists import write_list


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], f"{job.wildcards.pair} forecast"):
        options = job.params.options
        centre, reference = job.params.streams
        single = read_uplift(Path(job.input.centre), centre)
        pair = read_uplift(Path(job.input.pair), reference, "differential_uplift_m")
        rows, levels = forecast_rows(
            {"single": single, "differential": pair},
            onsets_ms=[milliseconds(onset) for onset in job.params.eruptions],
            level_m=options["level_m"],
            above_m=options["above_m"],
            every_days=options["every_days"],
            as_of_ms=[milliseconds(moment) for moment in options["as_of"]],
        )
        log.info("levels: %s", levels)
        about = About(
            subject_of_pair(job.wildcards.pair, single.subject, pair.subject),
            f"Forecasts of {job.wildcards.pair}: when uplift reaches the level of the last eruption",
            "A straight line through the last 4 or 12 weeks of daily uplift, drawn on to a level, as of each day with "
            "what was known then (PMEL/OSU, Axial Seamount forecasts, methods 1 to 3). The interval tells how well "
            "the line is known, not whether the seafloor keeps to it.",
            COLUMNS,
            {"levels": levels} | pair.methods,
        )
        write_list(Path(job.output.table), about, rows, ["as_of", "method", "level_m"])


main(snakemake)
