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
from plumbline.reporting import counted, log
from plumbline.sources.dap2 import version_at
from plumbline.sources.found import Found, marked_by_folder

# A catalog that lists nothing may be one that is just made: it is looked at so often.
LOOKS = 4
FIRST_LOOK_S, LONGEST_LOOK_S = 0.5, 8.0
# Catalogs that refer to others, as folders do: so many are read, and so deep.
MOST_CATALOGS, DEEPEST = 400, 6
# What lies in the folder of an order before it is complete, and what says that it is.
UNFINISHED, STATUS, COMPLETE = ("status.json", "aggregation_temp.nc"), "status.txt", "complete"


def find_in_catalog(place: Place, query: Query, stream_name: str) -> Found:
    """Return the files of a stream that reach into a window.

    Files are known by their names, as OOI gives them: deployment, reference designator, method, stream, first and
    last time.

    Raises
    ------
    PlumblineError
        If the catalog is not there, cannot be read, is of an order that is not complete, or lists nothing of the
        stream.
    """
    session, url = result_session(patient=False), reachable(place.server, place.address)
    listed = [_itself(url, place)] if "/dodsC/" in url else _listed(session, url, place)
    pattern = file_name_pattern(query.designator, query.method, query.stream)
    of_stream = [one for one in listed if pattern.fullmatch(one.name)]
    if not of_stream:
        names = ", ".join(sorted({one.name for one in listed})[:3])
        raise PlumblineError(
            f"The catalog {url} lists no file of {query.designator} {query.method} {query.stream}, but {names}: "
            "check the stream's names and its 'catalog'."
        )
    times = [span for one in of_stream if (span := times_in_name(one.name))]
    reaches = f"{max(span[1] for span in times):%Y-%m-%dT%H:%M:%SZ}" if times else ""
    chosen = {as_kept(one.http, place): one for one in of_stream if reaches_into(one.name, query.begin, query.end)}
    if not chosen:
        first = f"{min(span[0] for span in times):%Y-%m-%d}" if times else "?"
        return Found([], f"the catalog has files from {first} to {reaches[:10]}", reaches)
    files = [_told(session, chosen[kept], name, place) for kept, name in sorted(marked_by_folder(chosen))]
    return Found(files, "", reaches)


def _itself(url: str, place: Place) -> Dataset:
    """Return a dataset that is named itself, and in no catalog."""
    if place.source != OPENDAP:
        raise PlumblineError(
            f"'{place.address}' is the address of a dataset, which is read over OPeNDAP: take source opendap for it, "
            f"or give the URL of a catalog for source {place.source}."
        )
    url = re.sub(r"(\.html)?(#.*)?$", "", url)
    return Dataset(url.rpartition("/")[2], url, url)


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
        _demand_complete(session, catalog)
        datasets += catalog.datasets
        if catalog.elsewhere:
            where = ", ".join(catalog.elsewhere[:3])
            log.warning("Not read: %s on other hosts (%s).", counted(len(catalog.elsewhere), "catalog"), where)
        if depth < DEEPEST:
            waiting += [(one, depth + 1) for one in catalog.references]
    return datasets


def _demand_complete(session: requests.Session, catalog: Catalog) -> None:
    """Make sure that a catalog is not that of an order which is still being written."""
    by_name = {one.name: one for one in catalog.datasets}
    said = ""
    if STATUS in by_name:
        reply = read_patiently(session, by_name[STATUS].http)
        if reply.status == 200 and reply.text.strip() == COMPLETE:
            return
        said = f"its {STATUS} says '{' '.join(reply.text.split())[:100]}'" if reply.status == 200 else ""
    elif not any(name in by_name for name in UNFINISHED):
        return
    raise PlumblineError(
        f"The files at {catalog.url} are those of an order that is not complete ({said or 'it has no ' + STATUS}): "
        "run again later."
    )


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


def _told(session: requests.Session, dataset: Dataset, name: str, place: Place) -> dict:
    """Return a file as records have it: with its exact length where it is to be downloaded, and its version."""
    if place.source == OPENDAP:
        about = {"bytes": 0, "last_modified": "", "etag": version_at(dataset.dap, name)}
        return {"name": name, "url": as_kept(dataset.dap, place)} | about
    return describe_at(session, dataset.http, name, place)


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
