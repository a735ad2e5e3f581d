"""Making the page: from files of results to one HTML file and the pieces beside it."""

from pathlib import Path

from plumbline.figures.listed import levels_of, read_forecasts
from plumbline.page.document import write_empty, write_page
from plumbline.page.pieces import keep_small
from plumbline.page.records import StreamRecord, pair_lines, quantities_of
from plumbline.page.strips import coverage_of, events_of

# Hours and days in the page, at the most: those of a decade of eight stations. Of more, the hours lie beside it.
MOST_BYTES = 8_000_000


def make_page(
    results: Path,
    page: Path,
    pieces: Path,
    streams: list[dict],
    pairs: list[dict],
    api: str,
    eruptions: list[str],
    levels: list[str],
) -> None:
    """Write the interactive page.

    Parameters
    ----------
    results : Path
        The folder in which every stream and pair has its own.
    page, pieces : Path
        The HTML file, and the folder of pieces, which must lie beside it under the name ``page``.
    streams : list of dict
        ``stream`` (what metadata say of it), ``variables``, ``pressure`` (the variable of which products are made, or
        None), ``botsflu``, ``uplift`` and ``events`` (whether there are), ``chunks`` (their names).
    pairs : list of dict
        ``name``, ``centre`` and ``reference`` (what metadata say of the streams), ``forecast`` (whether there is one).
    api : str
        ``embedded`` or the API's URL: the server of streams that name none themselves (``server``).
    eruptions : list of str
        Onsets in the configuration, ISO 8601.
    levels : list of str
        Names of the lower and the higher level that forecasts look at.
    """
    pieces.mkdir(parents=True, exist_ok=True)
    lines, strips, tables = [], [], {}
    for about in streams:
        stream = about["stream"]
        folder = results / stream["name"]
        bins = [folder / "bins" / f"{chunk}.nc" for chunk in about["chunks"]]
        made = (about[key] for key in ("variables", "pressure", "botsflu", "uplift"))
        lines += StreamRecord(stream, folder, *made, bins).lines(pieces, about.get("server", api))
        strips.append({"name": stream["name"]} | coverage_of(folder / "coverage.csv", folder / "gaps.csv"))
        if about["events"]:
            tables.setdefault(stream["reference_designator"], folder / "events.csv")
    for pair in pairs:
        path = results / pair["name"] / "differential_uplift_1h.nc"
        lines += pair_lines(pair["name"], path, pair["centre"], pair["reference"], pieces)
    keep_small(lines, pieces, MOST_BYTES)
    sites = dict.fromkeys(about["stream"]["reference_designator"].split("-")[0] for about in streams)
    title = f"Seafloor pressure at {', '.join(sites)}"
    if not lines:
        write_empty(page, title)
        return
    window = min(line["begin"] for line in lines), max(line["end"] for line in lines)
    content = {
        "quantities": quantities_of(lines),
        "lines": lines,
        "strips": strips,
        "events": events_of(tables, eruptions, *window),
        "forecast_levels": [level for pair in pairs for level in _forecast_levels(results, pair, levels)],
    }
    write_page(page, title, content)


def _forecast_levels(results: Path, pair: dict, names: list[str]) -> list[dict]:
    """Return the heights that forecasts look at, of the uplift of a pair and of its centre."""
    if not pair["forecast"]:
        return []
    made = read_forecasts(results / pair["name"] / "forecast.csv")
    records = (
        (pair["name"], "differential", "differential"),
        (pair["centre"]["name"], "uplift", "single"),
    )
    return [
        {"line": line, "quantity": quantity, "name": name, "m": height}
        for line, quantity, record in records
        for name, height in levels_of(made, record, tuple(names))
    ]
