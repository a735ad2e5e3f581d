"""XML that lists files: THREDDS catalogs, and the NcML beside an order's results."""

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from plumbline.errors import RefusedError

CATALOG = "{http://www.unidata.ucar.edu/namespaces/thredds/InvCatalog/v1.0}"
NCML = "{http://www.unidata.ucar.edu/namespaces/netcdf/ncml-2.2}"


def names_in_catalog(text: str) -> list[str]:
    """Return the names of the files that a ``catalog.xml`` lists.

    Parameters
    ----------
    text : str
        The catalog. Entities and document types are refused: a few lines of them can fill a memory.

    Raises
    ------
    RefusedError
        If it is no catalog, or holds what a catalog need not.
    """
    try:
        root = _parsed(text)
    except ValueError as error:
        raise RefusedError(f"THREDDS' catalog cannot be read ({error}).") from None
    return [
        dataset.get("urlPath", "").rpartition("/")[2]
        for dataset in root.iter(f"{CATALOG}dataset")
        if dataset.get("urlPath")
    ]


def locations_in_ncml(text: str) -> list[str]:
    """Return the names of the files that an NcML file joins; none where it cannot be read."""
    try:
        root = _parsed(text)
    except ValueError:
        return []
    return [location for one in root.iter(f"{NCML}netcdf") if (location := one.get("location"))]


def _parsed(text: str) -> Element:
    """Parse XML without entities and document types; raise ValueError on anything else."""
    try:
        return fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise ValueError(type(error).__name__) from None
