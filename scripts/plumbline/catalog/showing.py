"""The catalog on a terminal."""

from datetime import datetime

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from plumbline.catalog.details import Details
from plumbline.catalog.finding import Catalog, Found, is_live
from plumbline.reporting import counted, human_seconds

# More rows than these are looked through with more words.
MOST_ROWS, MOST_NOTES = 200, 12


def show_catalog(out: Console, catalog: Catalog, api: str, now: datetime) -> None:
    """Print the found streams as a table, and how old what it shows is.

    Parameters
    ----------
    out : Console
    catalog : Catalog
    api : str
        ``embedded``, or the API's URL.
    now : datetime
        The present, UTC.
    """
    fitting = f" that fit '{' '.join(catalog.words)}'" if catalog.words else ""
    synthetic = " (its data are SYNTHETIC)" if api == "embedded" else ""
    server = "the embedded server" if api == "embedded" else api
    title = f"{counted(len(catalog.streams), 'stream')} of {server}{synthetic}{fitting}"
    if catalog.streams:
        out.print(_streams(catalog.streams, title, now))
    else:
        out.print(f"{title}. Every word must be found in a designator, a place, an instrument, a method or a stream.")
    if len(catalog.streams) > MOST_ROWS:
        out.print(f"and {len(catalog.streams) - MOST_ROWS} more; give more words, or look into the YAML")
    age_s = (now - catalog.asked_at).total_seconds()
    age = f"{human_seconds(age_s)} ago, {catalog.asked_at:%Y-%m-%d %H:%M} UTC" if age_s > 1 else "just now"
    out.print(f"As the server told it {age}.")
    for remark in catalog.remarks:
        out.print(f"{remark[0].upper()}{remark[1:]}.", markup=False)


def _table(title: str = "", header: bool = True) -> Table:
    style = {"title_justify": "left", "title_style": "bold", "box": box.SIMPLE_HEAD, "pad_edge": False}
    return Table(title=Text(title) if title else None, show_header=header, **style)


def _streams(streams: list[Found], title: str, now: datetime) -> Table:
    table = _table(title)
    table.add_column("instrument", no_wrap=True)
    table.add_column("what and where")
    table.add_column("method", no_wrap=True)
    table.add_column("stream", no_wrap=True)
    for heading in ("from", "to"):
        table.add_column(heading, no_wrap=True)
    for one in streams[:MOST_ROWS]:
        names = ", ".join(name for key in ("instrument", "place") if (name := one.names.get(key)))
        end = "today" if is_live(one, now) and one.end.date() >= now.date() else _day(one.end)
        cells = (one.designator, names, one.method, one.stream, _day(one.begin), end)
        table.add_row(*map(Text, cells))
    return table


def _day(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d}" if when else "-"


def show_details(out: Console, found: Found, details: Details) -> None:
    """Print what is known of one stream."""
    place = ", ".join(name for key in ("array", "place", "node") if (name := found.names.get(key)))
    out.print(Text(f"{found.designator} {found.method} {found.stream}", style="bold"))
    lines = [place, f"sampling rate: {rate_text(found)}"]
    if found.begin and found.end:
        lines.append(f"data from {found.begin:%Y-%m-%d %H:%M:%S} to {found.end:%Y-%m-%d %H:%M:%S} UTC")
    if details.overdue:
        lines.append("a part of this is what the server told before; it does not tell it now")
    for line in filter(None, lines):
        out.print(Text(f"  {line}"))
    _indented(out, _variables(found, details), "variables are not told by the inventory")
    _indented(out, _deployments(details), "deployments are not told by the server")
    _indented(out, _annotations(details), "annotations are not told by the server")
    out.print()


def rate_text(found: Found) -> str:
    """Return a stream's sampling rate in words."""
    known, about = found.known_rate_hz, found.about_hz
    if known:
        return _rate(known)
    return f"about {_rate(about)}, by the inventory's count and time range" if about else "not known"


def _rate(hz: float) -> str:
    if hz >= 0.5:
        return f"{hz:.3g} Hz"
    return f"a sample every {human_seconds(1 / hz)}"


def _indented(out: Console, content: Table | str | None, otherwise: str) -> None:
    out.print(Padding(Text(f"{otherwise}.") if content is None else content, (0, 0, 0, 2)))


def _variables(found: Found, details: Details) -> Table | None:
    if not details.parameters:
        return None
    table = _table()
    for heading in ("variable", "units", "type", ""):
        table.add_column(heading)
    for one in details.parameters:
        kind = f"{one.type.lower()}, computed" if one.shape == "FUNCTION" else one.type.lower()
        table.add_row(*map(Text, (one.name, one.units, kind, "in the YAML" if one.name in found.variables else "")))
    return table


def _deployments(details: Details) -> Table | Text | None:
    if not details.deployments:
        return None if details.deployments is None else Text("no deployments.")
    table = _table()
    for heading in ("deployment", "from", "to", "latitude", "longitude", "depth", "water depth", "sensor"):
        table.add_column(heading, no_wrap=True)
    for one in details.deployments:
        position = [_number(one.get(key), ".6f") for key in ("latitude", "longitude")]
        depths = [_number(one.get(key), "g", " m") for key in ("depth_m", "water_depth_m")]
        end = str(one.get("end") or "")[:10] or "goes on"
        sensor = " ".join(str(one[key]) for key in ("sensor_uid", "sensor_serial") if one.get(key))
        cells = (_number(one.get("number"), "d"), str(one.get("begin"))[:10], end, *position, *depths, sensor or "-")
        table.add_row(*map(Text, cells))
    return table


def _number(value: object, form: str, unit: str = "") -> str:
    return f"{value:{form}}{unit}" if isinstance(value, int | float) else "-"


def _annotations(details: Details) -> Table | Text | None:
    if not details.annotations:
        return None if details.annotations is None else Text("no annotations.")
    table = _table()
    for heading in ("annotated from", "to"):
        table.add_column(heading, no_wrap=True)
    table.add_column("flag")
    table.add_column("what OOI's people noted", overflow="fold")
    # The newest are what one looks for.
    for one in details.annotations[: -MOST_NOTES - 1 : -1]:
        end = str(one.get("end") or "")[:10] or "goes on"
        cells = (str(one.get("begin"))[:10], end, str(one.get("flag") or "-"), str(one.get("text") or ""))
        table.add_row(*map(Text, cells))
    if len(details.annotations) > MOST_NOTES:
        table.caption = f"and {len(details.annotations) - MOST_NOTES} older ones"
    return table
