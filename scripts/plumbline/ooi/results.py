"""The result directory of an order: is it complete, what lies in it, how large it is."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import requests

from plumbline.errors import PlumblineError
from plumbline.ooi.session import TIMEOUT

# Answers of the result host that hold no data stay small; a body beyond this is not one of them.
LONGEST_TEXT = 64_000_000


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


def fetch_text(session: requests.Session, url: str) -> tuple[int, str]:
    """Return (HTTP status, body) of a small text; a body that never ends is cut off."""
    with session.get(url, timeout=TIMEOUT, stream=True) as response:
        body = bytearray()
        for piece in response.iter_content(65536):
            body += piece
            if len(body) > LONGEST_TEXT:
                raise PlumblineError(f"The answer at {url} is longer than {LONGEST_TEXT} bytes; it was refused.")
        return response.status_code, body.decode("utf-8", "replace")


def list_names(session: requests.Session, folder_url: str) -> list[str]:
    """Return the names of the files in an Apache folder, sorted.

    The links' targets are read and not their texts, which Apache cuts short.
    """
    status, page = fetch_text(session, folder_url + "/")
    if status != 200:
        raise PlumblineError(f"The list of results at {folder_url}/ cannot be read ({status}); run again later.")
    links = _Links()
    links.feed(page)
    folder = urlsplit(folder_url).path.rstrip("/") + "/"
    names = set()
    for target in links.targets:
        path = unquote(urlsplit(target).path).removeprefix(unquote(folder))
        if path and "/" not in path and path not in (".", ".."):
            names.add(path)
    return sorted(names)


class _Links(HTMLParser):
    """Collects the targets of a page's links."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.targets += [value for name, value in attrs if name == "href" and value]


def describe(session: requests.Session, folder_url: str, name: str) -> RemoteFile:
    """Return the length and date of a file in a result folder.

    Raises
    ------
    PlumblineError
        If the server does not tell its length.
    """
    url = f"{folder_url}/{name}"
    response = session.head(url, timeout=TIMEOUT, allow_redirects=True)
    if response.status_code in (403, 405, 501):
        # Some hosts refuse HEAD; the headers of a GET whose body is not read say the same.
        with session.get(url, timeout=TIMEOUT, stream=True) as response:
            pass
    status, headers = response.status_code, response.headers
    length = headers.get("Content-Length", "")
    if status != 200:
        raise PlumblineError(f"The server lists {name}, but answers {status} when asked for it; run again later.")
    if not length.isdigit():
        raise PlumblineError(
            f"The server does not tell the length of {name}, so that it could not be known whether a download is "
            f"whole: look at {url}, or order anew by removing the request record."
        )
    return RemoteFile(name, int(length), headers.get("Last-Modified", ""), headers.get("ETag", ""))
