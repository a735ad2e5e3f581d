"""XML that lists files: THREDDS catalogs, and the NcML beside an order's results."""

from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

import requests
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from requests.adapters import BaseAdapter

from plumbline.errors import RefusedError

CATALOG = "{http://www.unidata.ucar.edu/namespaces/thredds/InvCatalog/v1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
NCML = "{http://www.unidata.ucar.edu/namespaces/netcdf/ncml-2.2}"

# Services of a THREDDS server, as catalogs name them, and where they are where a catalog does not say.
HTTP, DAP = "HTTPServer", "OPENDAP"
USUAL = {HTTP: "fileServer", DAP: "dodsC"}


@dataclass(frozen=True)
class Dataset:
    """A file that a catalog lists.

    Attributes
    ----------
    name : str
        Its own name.
    http, dap : str
        Where it is to be downloaded, and where it is read over DAP.
    """

    name: str
    http: str
    dap: str


@dataclass(frozen=True)
class Catalog:
    """What a catalog holds: its files, other catalogs (their URLs), and those on other hosts, which are not read."""

    url: str
    datasets: list[Dataset] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def read_catalog(text: str, url: str) -> Catalog:
    """Return what a ``catalog.xml`` holds, of TDS 4.6 or 5.

    siphon finds out by which addresses files are served. The list itself is read here: siphon keeps one of
    several datasets of the same name.

    Parameters
    ----------
    text : str
        The catalog. Entities and document types are refused: a few lines of them can fill a memory.
    url : str
        Where it was read.

    Raises
    ------
    RefusedError
        If it is no catalog, holds what a catalog need not, or leads to another host.
    """
    try:
        root = _parsed(text)
    except ValueError as error:
        raise RefusedError(f"THREDDS' catalog cannot be read ({error}), at {url}.") from None
    if not root.tag.startswith(CATALOG):
        raise RefusedError(f"What lies at {url} is no THREDDS catalog.")
    paths = [path for one in root.iter(f"{CATALOG}dataset") if (path := one.get("urlPath"))]
    bases = _service_bases(text, url) if paths else {}
    datasets = [
        Dataset(path.rpartition("/")[2], *(_joined(bases[kind], path) for kind in (HTTP, DAP))) for path in paths
    ]
    references = [urljoin(url, href) for one in root.iter(f"{CATALOG}catalogRef") if (href := one.get(f"{XLINK}href"))]
    here = [one for one in references if _host(one) == _host(url)]
    return Catalog(url, datasets, here, [one for one in references if one not in here])


def _joined(base: str, path: str) -> str:
    # Slashes and '@' stay: OOI's paths hold a mail address.
    return base + quote(unquote(path), safe="/@:+,;=~")


def _service_bases(text: str, url: str) -> dict[str, str]:
    """Return the address below which each service has the files of a catalog."""
    root = url.partition("/catalog/")[0]
    bases = {kind: f"{root}/{path}/" for kind, path in USUAL.items()} | _told_bases(text, url)
    foreign = next((base for base in bases.values() if _host(base) != _host(url)), None)
    if foreign:
        raise RefusedError(f"The catalog at {url} leads to another host, {urlsplit(foreign).netloc}; it was refused.")
    return bases


def _told_bases(text: str, url: str) -> dict[str, str]:
    """Return the services that siphon finds in a catalog; none where it cannot make sense of it."""
    # Only who reads a catalog waits for siphon, which brings pandas.
    from siphon.catalog import TDSCatalog
    from siphon.http_util import session_manager

    answer = _Answer(text)
    session_manager.set_session_options(adapters={"http://": answer, "https://": answer})
    try:
        known = TDSCatalog(url)
        return {
            kind: str(one.access_urls[kind]).removesuffix(one.url_path)
            for one in known.datasets.values()
            for kind in USUAL
            if one.url_path and kind in one.access_urls
        }
    except (KeyError, AttributeError, TypeError, ValueError, IndexError, requests.RequestException):
        return {}
    finally:
        session_manager.set_session_options()


class _Answer(BaseAdapter):
    """Gives siphon the catalog that was read already: within bounds, from the host that it was asked of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
        response = requests.Response()
        response.status_code, response.url, response.request = 200, request.url, request
        response.headers["Content-Type"] = "application/xml"
        response._content = self.text.encode()  # the way that requests itself fills a response
        return response

    def close(self) -> None:
        """There is nothing to close."""


def _host(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


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
