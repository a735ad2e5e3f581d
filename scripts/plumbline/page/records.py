"""Records: which lines the page has, what they are called, and what is said of them."""

from dataclasses import dataclass
from pathlib import Path

import netCDF4

from plumbline.figures.captions import labels_of
from plumbline.figures.style import mark_of
from plumbline.ooi.names import PRESSURES
from plumbline.page.pieces import write_levels
from plumbline.page.sources import BinsColumn, ProductColumn
from plumbline.samples.binned import is_direction
from plumbline.tables.csvw import citation_of, origins_of, subject_of

# Quantities that the page can switch to, in this order; other variables of streams come after them.
QUANTITIES = {
    "pressure": "Pressure",
    "depth": "Depth",
    "uplift": "Uplift",
    "differential": "Differential uplift",
}
AXES = {
    "pressure": "Pressure at the seafloor",
    "depth": "Depth, negative down",
    "uplift": "Uplift, inflation positive",
    "differential": "Differential uplift, inflation positive",
}


@dataclass(frozen=True)
class StreamRecord:
    """A stream, and what was made of it.

    Attributes
    ----------
    stream : dict
        ``name``, ``reference_designator``, ``method``, ``stream``.
    folder : Path
        Where its files are.
    variables : list of str
    pressure : str or None
        The variable from which products were made.
    botsflu, uplift : bool
        Whether there are 15 s products, and uplift.
    bins : list of Path
        Bins files of all chunks, in time order.
    """

    stream: dict[str, str]
    folder: Path
    variables: list[str]
    pressure: str | None
    botsflu: bool
    uplift: bool
    bins: list[Path]

    def lines(self, pieces: Path, server: str) -> list[dict]:
        """Write the pieces of every line of this stream, and return what the page has to know of them.

        Parameters
        ----------
        pieces : Path
            Folder for pieces.
        server : str
            ``embedded`` or the API's URL.
        """
        made: list[dict] = []
        if self.botsflu:
            path = self.folder / "botsflu_15s.nc"
            for quantity, column in (("pressure", "meanpres_psi"), ("depth", "meandepth_m")):
                source = ProductColumn(path, column, centred=True)
                made.append(self._line(quantity, source, pieces) | _told_by(path, quantity))
        if self.uplift:
            path = self.folder / "uplift_1h.nc"
            source = ProductColumn(path, "uplift_m")
            made.append(self._line("uplift", source, pieces) | _told_by(path, "uplift"))
        for variable in self.variables:
            # The mean of several rows of directions is no mean of numbers: the page has none of them.
            if (self.botsflu and variable == self.pressure) or is_direction(self.bins[0], variable):
                continue
            source = BinsColumn(self.bins, variable)
            is_pressure = variable in PRESSURES and not any(line["quantity"] == "pressure" for line in made)
            quantity = "pressure" if is_pressure else variable
            made.append(self._line(quantity, source, pieces) | self._told_by_bins(source, server))
        return made

    def _line(self, quantity: str, source: ProductColumn | BinsColumn, pieces: Path) -> dict:
        stream = self.stream
        return line_of(stream["name"], stream["reference_designator"], stream["stream"], quantity, source, pieces)

    def _told_by_bins(self, source: BinsColumn, server: str) -> dict:
        subject = subject_of(origins_of(self.bins), source.begin_ms, source.end_ms, self.stream, server)
        return {
            "synthetic": mark_of(subject.synthetic, server, "; ".join(subject.origins)),
            "method": "samples, with the least and the greatest of each interval",
            "drift": "",
            "citation": citation_of(subject),
        }


def pair_lines(name: str, path: Path, centre: dict[str, str], reference: dict[str, str], pieces: Path) -> list[dict]:
    """Write the pieces of a pair's differential uplift, and return what the page has to know of it.

    Parameters
    ----------
    name : str
        Of the pair.
    path : Path
        Its hours, CF-netCDF.
    centre, reference : dict
        What metadata say of the streams.
    pieces : Path
        Folder for pieces.
    """
    source = ProductColumn(path, "differential_uplift_m")
    station = f"{centre['reference_designator']} less {reference['reference_designator']}"
    line = line_of(name, station, f"{centre['name']} less {reference['name']}", "differential", source, pieces)
    return [line | _told_by(path, "differential") | {"of": [centre["name"], reference["name"]]}]


def line_of(
    name: str, station: str, stream: str, quantity: str, source: ProductColumn | BinsColumn, pieces: Path
) -> dict:
    """Write the pieces of a line, and return what the page has to know of it."""
    return {
        "name": name,
        # Streams whose coverage is that of the line.
        "of": [name],
        "station": station,
        "stream": stream,
        "quantity": quantity,
        "axis": AXES.get(quantity, quantity.replace("_", " ")),
        "unit": {"psia": "psi"}.get(source.unit, source.unit),
        "base": source.base_ms,
        "extremes": source.has_extremes,
        "centred": source.centred,
        "begin": source.begin_ms,
        "end": source.end_ms,
        "levels": write_levels(source, pieces, f"{name}/{quantity}"),
    }


def quantities_of(lines: list[dict]) -> list[dict]:
    """Return the quantities that lines have, in the order of the page."""
    found = dict.fromkeys(line["quantity"] for line in lines)
    others = [name for name in found if name not in QUANTITIES]
    return [
        {"key": name, "label": QUANTITIES.get(name, name.replace("_", " "))}
        for name in [*(name for name in QUANTITIES if name in found), *others]
    ]


def _told_by(path: Path, quantity: str) -> dict:
    """Return what a product's file says of itself, as far as it is about a quantity."""
    labels = labels_of(path, "", "", "")
    with netCDF4.Dataset(path) as file:
        citation = str(file.references)
    return {
        "synthetic": labels.synthetic,
        "method": "means of 15 s, as OOI's BOTSFLU" if quantity == "pressure" else labels.method,
        "drift": labels.drift if quantity in ("uplift", "differential") else "",
        "citation": citation,
    }
