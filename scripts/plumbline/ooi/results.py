"""The result directory of an order: what lies in it, and how large it is."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import requests

from plumbline.errors import PlumblineError, RefusedError
from plumbline.ooi.catalog import read_catalog
from plumbline.ooi.reading import Reply, read_patiently
from plumbline.ooi.session import TIMEOUT
from plumbline.reporting import log

# 50 000 entries of an Apache page are about 15 MB. OOI's largest orders, left in pieces, have 9000 files.
LONGEST_PAGE = 32_000_000
MOST_NAMES = 50_000
LONGEST_NAME = 255

# A sample's time is rounded to the millisecond.
ROUNDED = timedelta(milliseconds=0.5)

FILE_TIMES = re.compile(r"_(\d{8}T\d{6})(?:\.\d+)?-(\d{8}T\d{6})(?:\.(\d+))?\.nc$")


@dataclass(frozen=True)
class RemoteFile:
    """A file of an order, as the server tells of it.

    Attributes
    ----------
    name : str
    bytes : int
        Its exact length.
    last_modified, etag : str
        As in the HTTP headers; empty where the server gives none.
    """

    name: str
    bytes: int
    last_modified: str
    etag: str


def file_name_pattern(designator: str, method: str, stream: str) -> re.Pattern[str]:
    """Return the pattern of the data files of exactly one stream.

    ``botpt_nano_sample`` is the beginning of ``botpt_nano_sample_15sec``, and files of co-located
    instruments lie beside, so the whole name is matched; nothing that matches can leave a folder.
    """
    moment = r"\d{8}T\d{6}(?:\.\d{1,9})?"
    token = "-".join(re.escape(part) for part in (designator, method, stream))
    return re.compile(rf"deployment\d{{4}}_{token}_{moment}-{moment}\.nc")


def times_in_name(name: str) -> tuple[datetime, datetime] | None:
    """Return the first and the last time that a file's name tells, UTC, to the second; None if it tells none."""
    match = FILE_TIMES.search(name)
    try:
        first, last = (datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=UTC) for text in match.group(1, 2))
    except (AttributeError, ValueError):
        return None
    return first, last


def reaches_into(name: str, begin: datetime, end: datetime) -> bool:
    """Tell whether a file may hold samples of the window [begin, end), by the times in its name.

    Names tell microseconds where there are any; one that tells none may have been cut to the second.
    """
    times, match = times_in_name(name), FILE_TIMES.search(name)
    if times is None:
        return False
    fraction = match[3]
    last = times[1] + timedelta(seconds=float(f"0.{fraction}") if fraction else 0.999)
    return times[0] < end and last + ROUNDED >= begin


@dataclass(frozen=True)
class Way:
    """A server that shows the results of an order.

    Attributes
    ----------
    folder : str
        The URL below which the files lie.
    catalog : str or None
        Of THREDDS' catalog.
    by_catalog : bool
        Whether the catalog is the list, and not Apache's page.
    """

    folder: str
    catalog: str | None
    by_catalog: bool

    def names(self, session: requests.Session) -> list[str]:
        """Return the names of the files that it lists, sorted."""
        if self.by_catalog:
            return _names_in_catalog(session, self.catalog)
        return list_names(session, self.folder, self.catalog)


def ways_to(apache: str | None, thredds: str | None, thredds_first: bool) -> list[Way]:
    """Return the ways to the results of an order, the preferred one first.

    Parameters
    ----------
    apache, thredds : str or None
        The folder's URL at Apache, and that of its catalog; not both None.
    thredds_first : bool
    """
    ways = [Way(apache, thredds, by_catalog=False)] if apache else []
    if thredds and "/catalog/" in thredds:
        folder = thredds.rpartition("/")[0].replace("/catalog/", "/fileServer/", 1)
        ways.insert(0 if thredds_first else len(ways), Way(folder, thredds, by_catalog=True))
    return ways


def _names_in_catalog(session: requests.Session, catalog_url: str) -> list[str]:
    """Return the names of the files that a THREDDS catalog lists, sorted."""
    url = re.sub(r"\.html(\?.*)?$", ".xml", catalog_url)
    reply = read_patiently(session, url, longest=LONGEST_PAGE)
    if reply.status != 200:
        raise PlumblineError(f"The catalog {url} cannot be read ({reply.status or reply.text}); run again later.")
    return _fit_for_names([one.name for one in read_catalog(reply.text, url).datasets], url)


def list_names(session: requests.Session, folder_url: str, catalog_url: str | None = None) -> list[str]:
    """Return the names of the files in a result directory, sorted.

    Apache's page is read: the links' targets and not their texts, which Apache cuts short. Where
    there is no such page, THREDDS' catalog is read.

    Raises
    ------
    PlumblineError
        If neither can be read, or one of them holds more than a result directory can.
    """
    reply = read_patiently(session, folder_url + "/", longest=LONGEST_PAGE)
    if reply.status == 200:
        return _fit_for_names(_names_on_page(reply, folder_url), folder_url)
    if catalog_url:
        catalog = read_patiently(session, re.sub(r"\.html$", ".xml", catalog_url), longest=LONGEST_PAGE)
        if catalog.status == 200:
            log.info("Apache's list of results cannot be read (%s); THREDDS' catalog is.", reply.status or reply.text)
            return _fit_for_names([one.name for one in read_catalog(catalog.text, catalog_url).datasets], catalog_url)
    raise PlumblineError(
        f"The list of results at {folder_url}/ cannot be read ({reply.status or reply.text}); run again later."
    )


def _names_on_page(page: Reply, folder_url: str) -> list[str]:
    folder = unquote(urlsplit(folder_url).path.rstrip("/") + "/")
    names = []
    for target in links_on_page(page.text):
        try:
            path = unquote(urlsplit(target).path)
        except ValueError:  # no address at all
            continue
        names.append(path.removeprefix(folder))
    # What leads up or elsewhere is part of every Apache page, and no file.
    return [name for name in names if name and "/" not in name and name not in (".", "..")]


def _fit_for_names(names: list[str], url: str) -> list[str]:
    """Return the names that a file can have, each once, sorted; say how many cannot be one."""
    distinct = sorted(set(names))
    if len(distinct) > MOST_NAMES:
        raise RefusedError(
            f"The list of results at {url} has {len(distinct)} entries, more than an order can hold; it was refused."
        )
    fit = [
        name for name in distinct if len(name) <= LONGEST_NAME and name.isprintable() and not set(name) & {"/", "\\"}
    ]
    if len(fit) < len(distinct):
        log.warning("%d entries at %s cannot be names of files; they are passed over.", len(distinct) - len(fit), url)
    return fit


def links_on_page(text: str) -> list[str]:
    """Return the targets of a page's links, as they stand there."""
    links = _Links()
    links.feed(text)
    return links.targets


class _Links(HTMLParser):
    """Collects the targets of a page's links."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.targets += [value for name, value in attrs if name == "href" and value]


def describe_all(session: requests.Session, folder_url: str, names: list[str]) -> list[RemoteFile]:
    """Return length and date of every file, in the order of the names; see `describe`."""
    # One after the other, over one connection: several chunks may be waited for at one time.
    return [describe(session, folder_url, name) for name in names]


def describe(session: requests.Session, folder_url: str, name: str) -> RemoteFile:
    """Return the length and date of a file in a result folder.

    Raises
    ------
    FileNotFoundError
        If the server lists it and does not have it.
    PlumblineError
        If the server does not tell its length.
    requests.RequestException
        If there is no answer.
    """
    url = f"{folder_url}/{name}"
    response = session.head(url, timeout=TIMEOUT, allow_redirects=True)
    if response.status_code in (403, 405, 501):
        # Some hosts refuse HEAD; the headers of a GET whose body is not read say the same.
        with session.get(url, timeout=TIMEOUT, stream=True) as response:
            pass
    status, headers = response.status_code, response.headers
    length = headers.get("Content-Length", "")
    if status == 404:
        raise FileNotFoundError(name)
    if status != 200:
        raise PlumblineError(f"The server lists {name}, but answers {status} when asked for it; run again later.")
    if not (length.isascii() and length.isdigit()) or len(length) > 15:
        raise PlumblineError(
            f"The server does not tell the length of {name}, so that it could not be known whether a download is "
            f"whole: look at {url}."
        )
    return RemoteFile(name, int(length), headers.get("Last-Modified", ""), headers.get("ETag", ""))
