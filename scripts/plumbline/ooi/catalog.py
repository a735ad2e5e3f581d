"""THREDDS catalogs: the names of the datasets in a result directory."""

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from plumbline.errors import RefusedError

NAMESPACE = "{http://www.unidata.ucar.edu/namespaces/thredds/InvCatalog/v1.0}"


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
        root: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise RefusedError(f"THREDDS' catalog cannot be read ({type(error).__name__}).") from None
    return [
        dataset.get("urlPath", "").rpartition("/")[2]
        for dataset in root.iter(f"{NAMESPACE}dataset")
        if dataset.get("urlPath")
    ]
