"""Files of OOI's raw archive: the lines of an instrument as they arrived on shore."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urljoin, urlsplit

import requests

from plumbline.errors import PlumblineError
from plumbline.ooi.orders import Query
from plumbline.ooi.places import RAW_STREAMS, Place
from plumbline.ooi.reading import read_patiently
from plumbline.ooi.results import LONGEST_NAME, LONGEST_PAGE, links_on_page
from plumbline.ooi.session import reachable, result_session
from plumbline.sources.catalogued import as_kept, describe_at
from plumbline.sources.found import Found, marked_by_folder

# A file is named by the clock of the machine that wrote it down, and a line by the instrument's: what an instrument
# measures before midnight may arrive after it (0.8 s in OOI's records), and stands in the next day's file.
MARGIN = timedelta(minutes=1)
# Of a file of which no more is needed, so much is read: a minute of a BOTPT's lines is 80 kB.
EDGE_BYTES = 1 << 20
# Of the last file it is not known where it ends.
LONGEST = timedelta(days=1)
# The instrument's folder, its years, months and days.
DEEPEST = 4


@dataclass(frozen=True)
class RawFile:
    """A file of the archive: where it lies, its name, and when it begins (UTC)."""

    url: str
    name: str
    begin: datetime


def find_in_archive(place: Place, query: Query, stream_name: str) -> Found:
    """Return the raw files that hold an instrument's lines of a window.

    Of a file that only borders on the window, ``range`` says which of its bytes are needed.

    Raises
    ------
    PlumblineError
        If the archive's folder is not there, or holds nothing of the instrument.
    """
    session, url = result_session(patient=False), reachable(place.server, place.address)
    instrument = query.designator.rpartition("-")[2]
    files = sorted(set(_files(session, url, instrument, query)), key=lambda one: (one.begin, one.name))
    chosen = {
        as_kept(one.url, place): (one, until)
        for one, until in _with_ends(files)
        if one.begin < query.end + MARGIN and until > query.begin - MARGIN
    }
    if not chosen:
        if not files:
            return Found([], f"the archive has no file of {instrument} about this window")
        dates = f"from {files[0].begin:%Y-%m-%d} to {files[-1].begin:%Y-%m-%d}"
        return Found([], f"the archive has files that begin {dates}")
    word, found = RAW_STREAMS[query.stream], []
    for kept, name in marked_by_folder(chosen):
        one, until = chosen[kept]
        told = describe_at(session, one.url, f"{name.removesuffix('.dat')}.nc", place) | {"lines": word}
        found.append(told | _edge(told["bytes"], one.begin, until, query))
    return Found(found)


def _edge(size: int, begin: datetime, until: datetime, query: Query) -> dict:
    """Return which bytes are needed of a file that lies before or behind the window; nothing if all of it is."""
    if begin < query.end and until > query.begin:
        return {}
    length = min(size, EDGE_BYTES)
    needed = [0, length] if begin >= query.end else [size - length, size]
    # It may go on growing: what is needed of it stays as it is.
    return {"range": needed, "bytes": length, "etag": "", "last_modified": ""}


def _with_ends(files: list[RawFile]) -> list[tuple[RawFile, datetime]]:
    """Return files with the times at which they end: where the next one begins."""
    begins = sorted({one.begin for one in files})
    ends = dict(zip(begins, [*begins[1:], begins[-1] + LONGEST], strict=True)) if begins else {}
    return [(one, ends[one.begin]) for one in files]


def _files(session: requests.Session, url: str, instrument: str, query: Query) -> list[RawFile]:
    """Return the raw files below a folder that may reach into a window: beside each other, or by year, month, day."""
    pattern = re.compile(rf"{instrument}_[\w.-]*?(\d{{8}}T\d{{4}}(?:\d\d)?)_UTC\.dat")
    names = re.compile(rf"(?:[0-9A-Z]{{2}}-)?{instrument}/")
    found, waiting, known = [], [(url.rstrip("/") + "/", "", 0)], False
    while waiting:
        folder, date, depth = waiting.pop()
        for target in _links(session, folder):
            match = pattern.fullmatch(target)
            if match and len(target) <= LONGEST_NAME and (begin := _moment(match[1])):
                known = True
                found.append(RawFile(urljoin(folder, target), target, begin))
            elif depth < DEEPEST and names.fullmatch(target):
                waiting.append((folder + target, "", depth + 1))
            elif depth < DEEPEST and re.fullmatch(r"\d{4}/|\d\d/", target):
                known = True
                if _may_hold(date + target, query):
                    waiting.append((folder + target, date + target, depth + 1))
    if not known:
        raise PlumblineError(
            f"The raw archive's folder {url} has no file of {instrument}: check the stream's 'archive'."
        )
    return found


def _may_hold(date: str, query: Query) -> bool:
    """Tell whether a folder such as ``2017/08/`` may hold files of a window."""
    match = re.fullmatch(r"(\d{4})/(?:(\d\d)/)?(?:(\d\d)/)?", date)
    try:
        year, month, day = (int(part) if part else None for part in match.groups())
        begin = datetime(year, month or 1, day or 1, tzinfo=UTC)
        end = begin + timedelta(days=1 if day else 31 if month else 366)
        return begin < query.end + LONGEST and end > query.begin - LONGEST - MARGIN
    except (AttributeError, ValueError, OverflowError):  # no date: not the archive's
        return False


def _links(session: requests.Session, folder: str) -> list[str]:
    """Return the names of what lies in a folder; folders end with a slash."""
    reply = read_patiently(session, folder, longest=LONGEST_PAGE)
    if reply.status == 404:
        raise PlumblineError(f"The raw archive has no folder {folder} (404): check the stream's 'archive'.")
    if not reply.status:
        raise PlumblineError(
            f"{urlsplit(folder).netloc} cannot be reached ({reply.text}) for its folder {folder}: check the address "
            "and the network, and run again later."
        )
    if reply.status != 200:
        raise PlumblineError(
            f"The folder {folder} cannot be read (the server answers {reply.status}); run again later."
        )
    here = unquote(urlsplit(folder).path)
    inside = set()
    for target in links_on_page(reply.text):
        try:
            inside.add(unquote(urlsplit(target).path).removeprefix(here))
        except ValueError:  # no address at all
            continue
    return sorted(name for name in inside if re.fullmatch(r"[^/]+/?", name) and name not in ("../", "./", ".", ".."))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%S" if len(text) > 13 else "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
