"""Files that a THREDDS catalog lists: OOI's gold copy, or whatever was staged on such a server."""

import re
import time
from urllib.parse import urlsplit

import requests

from plumbline.errors import PlumblineError, RefusedError
from plumbline.ooi.catalog import Catalog, Dataset, read_catalog
from plumbline.ooi.orders import Query
from plumbline.ooi.patience import growing_delays
from plumbline.ooi.places import GOLDCOPY, OPENDAP, Place
from plumbline.ooi.reading import read_patiently
from plumbline.ooi.results import LONGEST_PAGE, describe, file_name_pattern, reaches_into, times_in_name
from plumbline.ooi.session import reachable, result_session

# A catalog that lists nothing may be one that is just made: it is looked at so often.
LOOKS = 4
FIRST_LOOK_S, LONGEST_LOOK_S = 0.5, 8.0
# Catalogs that refer to others, as folders do: so many are read, and so deep.
MOST_CATALOGS, DEEPEST = 400, 6


def find_in_catalog(place: Place, query: Query) -> tuple[list[dict], str]:
    """Return the files of a stream that reach into a window, and why there are none.

    Files are known by their names, as OOI gives them: deployment, reference designator, method, stream, first and
    last time.

    Raises
    ------
    PlumblineError
        If the catalog is not there, cannot be read, or lists nothing of the stream.
    """
    session, url = result_session(), reachable(place.server, place.address)
    # A dataset that is read over DAP may be named itself.
    itself = "/dodsC/" in url
    listed = [Dataset(url.rpartition("/")[2], url, url)] if itself else _listed(session, url, place)
    pattern = file_name_pattern(query.designator, query.method, query.stream)
    of_stream = {one.name: one for one in listed if pattern.fullmatch(one.name)}
    if not of_stream:
        names = ", ".join(sorted({one.name for one in listed})[:3])
        raise PlumblineError(
            f"The catalog {url} lists no file of {query.designator} {query.method} {query.stream}, but {names}: "
            "check the stream's names and its 'catalog'."
        )
    chosen = [one for name, one in sorted(of_stream.items()) if reaches_into(name, query.begin, query.end)]
    if not chosen:
        return [], f"the catalog has files {_range_of(of_stream)}"
    return [_told(session, one, place) for one in chosen], ""


def _range_of(files: dict[str, Dataset]) -> str:
    times = [span for name in files if (span := times_in_name(name))]
    if not times:
        return "without times in their names"
    return f"from {min(span[0] for span in times):%Y-%m-%d} to {max(span[1] for span in times):%Y-%m-%d}"


def _listed(session: requests.Session, url: str, place: Place) -> list[Dataset]:
    """Return the files of a catalog and of those that it refers to; look again at one that lists nothing."""
    delays = growing_delays(FIRST_LOOK_S, 2.0, LONGEST_LOOK_S)
    for left in range(LOOKS - 1, -1, -1):
        listed = [one for one in _walk(session, url, place) if ".." not in urlsplit(one.http).path.split("/")]
        if any(one.name.endswith(".nc") for one in listed):
            return listed
        if left:
            time.sleep(next(delays))
    raise PlumblineError(
        f"The catalog {url} lists no netCDF file ({LOOKS} looks): run again later, or check the stream's 'catalog'."
    )


def _walk(session: requests.Session, url: str, place: Place) -> list[Dataset]:
    datasets, seen, waiting = [], set(), [(url, 0)]
    while waiting:
        here, depth = waiting.pop(0)
        if here in seen:
            continue
        seen.add(here)
        if len(seen) > MOST_CATALOGS:
            raise RefusedError(
                f"The catalog {url} refers to more than {MOST_CATALOGS} others; name the one of the files."
            )
        catalog = _catalog(session, here, place)
        datasets += catalog.datasets
        if depth < DEEPEST:
            waiting += [(one, depth + 1) for one in catalog.references]
    return datasets


def _catalog(session: requests.Session, url: str, place: Place) -> Catalog:
    xml = re.sub(r"\.html(\?.*)?$", ".xml", url)
    reply = read_patiently(session, xml, longest=LONGEST_PAGE)
    if reply.status == 200:
        return read_catalog(reply.text, xml)
    if reply.status == 404:
        advice = (
            "the gold copy has no such stream; 'snakemake catalog' lists what there is"
            if place.source == GOLDCOPY
            else "check the stream's 'catalog'"
        )
        raise PlumblineError(f"There is no catalog at {xml} (404): {advice}.")
    if not reply.status:
        raise PlumblineError(
            f"{urlsplit(xml).netloc} cannot be reached ({reply.text}) for its catalog {xml}: check the address and "
            "the network, and run again later."
        )
    raise PlumblineError(f"The catalog {xml} cannot be read (the server answers {reply.status}); run again later.")


def _told(session: requests.Session, dataset: Dataset, place: Place) -> dict:
    """Return a file as records have it, with its exact length where it is to be downloaded."""
    if place.source == OPENDAP:
        return {"name": dataset.name, "url": as_kept(dataset.dap, place), "bytes": 0, "last_modified": "", "etag": ""}
    return describe_at(session, dataset.http, dataset.name, place)


def describe_at(session: requests.Session, url: str, name: str, place: Place) -> dict:
    """Return a file with length, date and tag as its server tells them.

    Raises
    ------
    PlumblineError
        If it is listed and not there, or its server does not tell its length.
    """
    delays = growing_delays(FIRST_LOOK_S, 2.0, LONGEST_LOOK_S)
    for left in range(LOOKS - 1, -1, -1):
        try:
            folder, _, remote_name = url.rpartition("/")
            told = describe(session, folder, remote_name)
            break
        except (FileNotFoundError, requests.RequestException) as error:
            reason = "it is not there" if isinstance(error, FileNotFoundError) else type(error).__name__
        if not left:
            raise PlumblineError(f"{url} is listed and cannot be had ({reason}); run again later.")
        time.sleep(next(delays))
    about = {"bytes": told.bytes, "last_modified": told.last_modified, "etag": told.etag}
    return {"name": name, "url": as_kept(url, place)} | about


def as_kept(url: str, place: Place) -> str:
    """Return an address as records keep it: of the embedded server, which has another port in every run, the path."""
    return urlsplit(url).path if place.server == "embedded" else url
