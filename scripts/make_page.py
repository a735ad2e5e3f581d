"""Make the interactive page: the record of every station from years down to 15 s, for a browser without a server.

Reads products, bins, coverage, gaps and events; writes one HTML file, and beside it the finer levels in pieces.
"""

from pathlib import Path

from plumbline.figures.listed import levels_of, read_forecasts
from plumbline.page.document import write_page
from plumbline.page.records import StreamRecord, pair_lines, quantities_of
from plumbline.page.strips import coverage_of, events_of
from plumbline.reporting import human_bytes, log, reported

RESULTS = Path("results")


def main(job) -> None:
    """Map the job's files and parameters to calls."""
    with reported(job.log[0], "interactive page"):
        params, pieces = job.params, Path(job.output.pieces)
        pieces.mkdir(parents=True, exist_ok=True)
        lines, tables, strips = [], {}, []
        for about in params.streams:
            stream, folder = about["stream"], RESULTS / about["stream"]["name"]
            bins = [folder / "bins" / f"{chunk}.nc" for chunk in about["chunks"]]
            flags = (about[name] for name in ("variables", "pressure", "botsflu", "uplift"))
            lines += StreamRecord(stream, folder, *flags, bins).lines(pieces, params.api)
            station = {"name": stream["name"], "station": stream["reference_designator"]}
            strips.append(station | coverage_of(folder / "coverage.csv", folder / "gaps.csv"))
            if about["events"]:
                tables.setdefault(stream["reference_designator"], folder / "events.csv")
        for pair in params.pairs:
            path = RESULTS / pair["name"] / "differential_uplift_1h.nc"
            lines += pair_lines(pair["name"], path, pair["centre"], pair["reference"], pieces)
        window = min(line["begin"] for line in lines), max(line["end"] for line in lines)
        content = {
            "quantities": quantities_of(lines),
            "lines": lines,
            "strips": strips,
            "events": events_of(tables, params.eruptions, *window),
            "forecast_levels": forecast_levels(params.pairs, params.levels),
        }
        sites = dict.fromkeys(about["stream"]["reference_designator"][:8] for about in params.streams)
        size = write_page(Path(job.output.page), f"Seafloor pressure at {', '.join(sites)}", content)
        beside = [path.stat().st_size for path in pieces.rglob("*.js")]
        log.info("page of %s; beside it %s in %d pieces", human_bytes(size), human_bytes(sum(beside)), len(beside))


def forecast_levels(pairs: list[dict], names: list[str]) -> list[dict]:
    """Return the heights that forecasts look at, of the uplift of pairs and of their centres."""
    found = []
    for pair in pairs:
        if pair["forecast"]:
            made = read_forecasts(RESULTS / pair["name"] / "forecast.csv")
            for line, quantity, record in (
                (pair["name"], "differential", "differential"),
                (pair["centre"]["name"], "uplift", "single"),
            ):
                levels = levels_of(made, record, tuple(names))
                found += [{"line": line, "quantity": quantity, "name": name, "m": m} for name, m in levels]
    return found


main(snakemake)
