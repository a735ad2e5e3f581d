"""The find step: which files of a source a chunk needs, written down as the request record of an order would be."""

from collections.abc import Callable
from pathlib import Path

from plumbline.atomic import write_json
from plumbline.chunks import isoformat
from plumbline.errors import PlumblineError
from plumbline.ooi.orders import Query
from plumbline.ooi.places import FILES, GOLDCOPY, OPENDAP, RAW, THREDDS, Place
from plumbline.ooi.session import api_session, api_url
from plumbline.reporting import counted, human_bytes, log
from plumbline.retrieval import records
from plumbline.retrieval.ordering import notes_of, query_of
from plumbline.sources.catalogued import find_in_catalog
from plumbline.sources.found import Found
from plumbline.sources.local import find_here
from plumbline.sources.raw_archive import find_in_archive

FINDERS: dict[str, Callable[[Place, Query, str], Found]] = {
    GOLDCOPY: find_in_catalog,
    THREDDS: find_in_catalog,
    OPENDAP: find_in_catalog,
    RAW: find_in_archive,
    FILES: find_here,
}


def find(api: str, place: Place, stream_name: str, chunk: str, query: Query, record_path: str | Path) -> None:
    """Find the files of a chunk and write its request record.

    A record that says the same already is kept as it is.

    Parameters
    ----------
    api : str
        ``embedded`` or the API's URL: asked for annotations, if there is an account.
    place : Place
        Where to look.
    stream_name, chunk : str
        Names for the record.
    query : Query
        What is wanted.
    record_path : str or Path
        The request record; an earlier one is read first.

    Raises
    ------
    PlumblineError
        If it cannot be told what the source has.
    """
    asked = question(place, stream_name, chunk, query)
    earlier = records.read_if_there(record_path) or {}
    log.info("Looking for %s to %s at %s.", *asked["window"].values(), place.address)
    record = _answered(asked, place, query, earlier)
    same = all(earlier.get(key) == record.get(key) for key in (*asked, "outcome", "answer", "reason"))
    if same and "given_up" not in earlier:
        log.info("Nothing has changed since %s.", earlier.get("ordered_at"))
        record = earlier | ({"reaches": record["reaches"]} if "reaches" in record else {})
    else:
        record |= _notes(api, place, query)
    write_json(record_path, record)


def find_again(record: dict, reason: str) -> dict:
    """Look again for what a source did not deliver as it was found, and return the new request record."""
    log.info("Looking again: %s.", reason)
    asked = {key: record[key] for key in ("stream", "chunk", "window", "server", "query")}
    query = query_of(record)
    place = Place(record["query"]["source"], record["server"], record["query"]["place"])
    notes = {key: record[key] for key in ("annotations", "deployments") if key in record}
    return _answered(asked, place, query, record | {"given_up": reason}) | notes


def question(place: Place, stream_name: str, chunk: str, query: Query) -> dict:
    """Return what is asked, as a request record begins with it."""
    return {
        "stream": stream_name,
        "chunk": chunk,
        "window": {"begin": isoformat(query.begin), "end": isoformat(query.end)},
        "server": place.server,
        "query": {
            "source": place.source,
            "place": place.address,
            "reference_designator": query.designator,
            "method": query.method,
            "stream": query.stream,
        },
    }


def _answered(asked: dict, place: Place, query: Query, earlier: dict) -> dict:
    found = FINDERS[place.source](place, query, asked["stream"])
    about = {"reaches": found.reaches} if found.reaches else {}
    if not found.files:
        log.info("There is nothing in this window (%s); that is written down.", found.reason)
        return records.answered(asked, {"files": []}, records.NO_DATA, earlier) | about | {"reason": found.reason}
    size = sum(file["bytes"] for file in found.files)
    log.info("Found %s%s.", counted(len(found.files), "file"), f", {human_bytes(size)}" if size else "")
    return records.answered(asked, {"files": found.files}, records.ACCEPTED, earlier) | about


def _notes(api: str, place: Place, query: Query) -> dict:
    """Return what the API has noted of the instrument; nothing where it is not known, or speaks of other data."""
    if (api == "embedded") != (place.server == "embedded"):
        return {}
    try:
        session, url = api_session(api), api_url(api)
    except PlumblineError as reason:
        log.info("Going on without OOI's annotations: %s", reason)
        return {}
    return notes_of(session, url, query)
