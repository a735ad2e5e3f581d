"""The predicted tide that a configuration asks for."""

from dataclasses import dataclass
from pathlib import Path

from plumbline.errors import PlumblineError
from plumbline.products.depth import POSITIONS
from plumbline.products.tide import AXIAL_LATITUDE, Constituents, axial, read_constituents

AXIAL_TEXT = "29 constituents of TPXO7.2 at Axial Seamount (45.955 N, 130.010 W), UTide's nodal corrections"


@dataclass(frozen=True)
class TideModel:
    """Constituents (None: no tide is taken off), and what metadata say of them."""

    constituents: Constituents | None
    text: str


def tide_model(word: str, designator: str, latitude: float | None) -> TideModel:
    """Return the tide of a station.

    Parameters
    ----------
    word : str
        ``axial``, ``none``, or the path of a CSV file.
    designator : str
        The station's reference designator.
    latitude : float or None
        Degrees north, of stations that Plumbline does not know.
    """
    if word == "none":
        return TideModel(None, "none")
    if word == "axial":
        elsewhere = "" if designator in POSITIONS else f"; {designator} is not known to stand there"
        return TideModel(axial(), AXIAL_TEXT + elsewhere)
    found = read_constituents(Path(word), latitude_of(designator, latitude))
    return TideModel(found, f"constituents of {Path(word).name}")


def latitude_of(designator: str, given: float | None) -> float:
    """Return a station's latitude, degrees north: the known one, or the one given; else Axial Seamount's."""
    if designator in POSITIONS:
        return POSITIONS[designator].latitude
    return AXIAL_LATITUDE if given is None else given


def demand_latitude(designator: str, given: float | None) -> None:
    """Raise a PlumblineError where a depth needs a latitude that is not known."""
    if given is None and designator not in POSITIONS:
        raise PlumblineError(
            f"The latitude of {designator} is not known, which the depth method teos10 needs; "
            "give it as products.depth.latitude."
        )
