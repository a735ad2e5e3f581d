"""Parameters: the variables of OOI's streams, with their types, units and numbers."""

import re
from dataclasses import dataclass

import requests

from plumbline.ooi.names import split_reference_designator
from plumbline.ooi.numbers import finite
from plumbline.ooi.reading import read_list

NUMBERS = ("DOUBLE", "FLOAT", "INT", "LONG", "SHORT", "BYTE")
INTEGERS = ("INT", "LONG", "SHORT", "BYTE")
# A value for each sample: what is measured, and what OOI computes of it.
SHAPES = ("SCALAR", "FUNCTION")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Times of machines, flags of quality, and what tells samples or instruments apart.
NO_QUANTITY = re.compile(
    r"time\d*s?$|^time|_time|_qc_|_qartod_|flag|status|serial|checksum|^deployment$|^id$|_id$|^lat$|^lon$|"
    r"provenance|counter|mode$|version",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Parameter:
    """A variable of a stream.

    Attributes
    ----------
    stream, name : str
    units : str
        As OOI writes them, "" where it gives none.
    type, shape : str
        As OOI names them: ``FLOAT``, ``SCALAR``.
    number : int or None
        OOI's parameter number, without "PD".
    fill : float or None
        The value that stands for none.
    """

    stream: str
    name: str
    units: str = ""
    type: str = ""
    shape: str = ""
    number: int | None = None
    fill: float | None = None

    @property
    def is_quantity(self) -> bool:
        """Whether it is a quantity that can be averaged: a number that is no time, flag or raw count."""
        if self.type not in NUMBERS or self.shape not in SHAPES or not NAME.fullmatch(self.name):
            return False
        units = self.units.lower()
        if NO_QUANTITY.search(self.name) or "since" in units or units in ("counts", "count"):
            return False
        # A whole number without a unit is what a converter counted, or a code.
        return bool(self.type not in INTEGERS or self.shape == "FUNCTION" or units not in ("", "1"))


def parameter_of(row: object, stream: object = None) -> Parameter | None:
    """Read a parameter as the inventory or its table of contents writes it; None where it is none.

    Parameters
    ----------
    row : object
        What came.
    stream : object
        Its stream, where the row does not tell it.
    """
    if not isinstance(row, dict):
        return None
    name, stream = row.get("particleKey", row.get("particle_key")), row.get("stream", stream)
    if not (isinstance(name, str) and name and isinstance(stream, str)):
        return None
    texts = [value if isinstance(value := row.get(key), str) else "" for key in ("units", "type", "shape")]
    fill = row.get("fillValue", row.get("fill_value"))
    return Parameter(stream, name, *texts, number_of(row.get("pdId")), _number(fill))


def number_of(text: object) -> int | None:
    """Read a parameter's number, ``PD848``; None where it is none."""
    match = re.fullmatch(r"PD([0-9]{1,9})", text) if isinstance(text, str) else None
    return int(match[1]) if match else None


def _number(value: object) -> float | None:
    """Read a number that may be written as a text, as fill values are."""
    try:
        return finite(float(value) if isinstance(value, str) else value)
    except ValueError:
        return None


def parameters_of(session: requests.Session, api_url: str, designator: str) -> list[Parameter] | None:
    """Return the parameters of all streams of an instrument, or None where the inventory does not tell them."""
    path = "/".join(split_reference_designator(designator))
    rows = read_list(session, f"{api_url}/12576/sensor/inv/{path}/metadata/parameters")
    if rows is None:
        return None
    return [parameter for row in rows if (parameter := parameter_of(row))]
