"""The result directories as Apache and THREDDS show them; nobody needs an account for them."""

import functools
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from html import escape
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from plumbline.embedded import EMAIL
from plumbline.embedded.apifaults import hang_up, html_error
from plumbline.embedded.faults import Faults, Occasion, fetching
from plumbline.embedded.orders import FileEntry, Order
from plumbline.embedded.pages import apache_page, catalog_html, catalog_html_5, catalog_xml, parent_catalog_xml
from plumbline.embedded.production import Production
from plumbline.embedded.transfers import announced_bytes, send, struck_at

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ANY_ERROR = (500, 502, 503, 404, "cut")

TYPES = {
    "nc": "application/x-netcdf",
    "txt": "text/plain",
    "json": "application/json",
    "ncml": "application/xml",
    "csv": "text/csv",
}


class Delivery(web.FileResponse):
    """A file, and what is to be done once its last byte was sent."""

    def __init__(
        self, path: Path, headers: dict[str, str], done: Callable[[], None], in_one_go: Callable[[], None]
    ) -> None:
        super().__init__(path, headers=headers)
        self.done, self.in_one_go = done, in_one_go

    async def prepare(self, request: web.Request) -> object:
        """Send the file."""
        sent = await super().prepare(request)
        begin, _, total = self.headers.get("Content-Range", "").partition("/")
        to_the_end = self.status == 200 or (self.status == 206 and begin.endswith(f"-{int(total) - 1}"))
        if request.method == "GET" and to_the_end:
            self.done()
            if self.status == 200:
                self.in_one_go()
        return sent


def guarded(faults: Faults, occasion_of: Callable[[web.Request, str], Occasion], handler: Handler) -> Handler:
    """Return a handler that fails where the faults want any call for results to fail."""

    async def answer(request: web.Request) -> web.StreamResponse:
        what = f"{request.method} {request.rel_url.path.rpartition('/')[2]}"
        chosen = faults.one_of("result_errors", ANY_ERROR, occasion_of(request, what))
        if chosen == "cut":
            hang_up(request)
        if chosen == 404:
            raise not_found(request)
        if chosen is not None:
            return html_error(chosen, HTTPStatus(chosen).phrase, 0 if chosen == 503 else None)
        return await handler(request)

    return answer


class Results:
    """Answers ``/async_results`` and ``/thredds``; names are looked up in the ledger, never in the disk."""

    def __init__(self, production: Production) -> None:
        self.production = production
        self.faults = production.faults

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        apache, catalog = "/async_results/{email}", "/thredds/catalog/ooi/{email}"
        handlers = {
            apache + "/": self.apache_user,
            apache + "/{directory}": self.apache_without_slash,
            apache + "/{directory}/": self.apache_directory,
            apache + "/{directory}/{name}": self.file,
            "/thredds/fileServer/ooi/{email}/{directory}/{name}": self.file,
            catalog + "/catalog.xml": self.user_catalog,
            catalog + "/{directory}/catalog.xml": self.catalog,
            catalog + "/{directory}/catalog.html": self.catalog_page,
        }
        return [web.get(path, guarded(self.faults, self._occasion, handler)) for path, handler in handlers.items()]

    def _occasion(self, request: web.Request, what: str) -> Occasion:
        """Return the occasion that a call is; about an order's data if it names one."""
        order = self.production.ledger.orders.get(request.match_info.get("directory", ""))
        key = f"{request.rel_url.path}/{what}"
        return fetching(order, what) if order else Occasion(None, None, None, key, key)

    def _order(self, request: web.Request) -> Order:
        """Return the order whose directory, which can be seen, a request names."""
        return self.production.ledger.orders[request.match_info["directory"]]

    def _listing(self, request: web.Request) -> list[FileEntry]:
        """Return the files of the directory that a request names.

        Raises
        ------
        HTTPNotFound
            If it cannot be seen.
        """
        files = None
        if request.match_info["email"] == EMAIL:
            files = self.production.listing(request.match_info["directory"])
        if files is None:
            raise not_found(request)
        return files

    def _visible(self, request: web.Request) -> list[str]:
        """Return the names of the directories that can be seen."""
        if request.match_info["email"] != EMAIL:
            raise not_found(request)
        orders = list(self.production.ledger.orders)  # a look at one may make it vanish
        return sorted(name for name in orders if self.production.listing(name) is not None)

    async def apache_user(self, request: web.Request) -> web.Response:
        """List an account's result directories."""
        rows = [FileEntry(f"{name}/", -1, 0) for name in self._visible(request)]
        return html(apache_page(f"/async_results/{EMAIL}", "/async_results/", rows))

    async def apache_without_slash(self, request: web.Request) -> web.Response:
        """Send the client to the address with a slash, as mod_dir does."""
        self._listing(request)
        raise web.HTTPMovedPermanently(request.rel_url.path + "/")

    async def apache_directory(self, request: web.Request) -> web.Response:
        """Show a directory as mod_autoindex does, sorted as the links in its head ask."""
        files = self._listing(request)
        if self.production.hushed(self._order(request), "empty_index"):
            files = []
        asked = dict(part.split("=", 1) for part in request.query_string.split(";") if "=" in part)
        keys = {"M": lambda entry: entry.modified_s, "S": lambda entry: entry.bytes}
        files = sorted(files, key=keys.get(asked.get("C", "N"), lambda entry: entry.name))
        if asked.get("O") == "D":
            files.reverse()
        path = f"/async_results/{EMAIL}/{request.match_info['directory']}"
        return html(apache_page(path, f"/async_results/{EMAIL}/", files))

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Serve a file, with ranges and conditions; one that is not there any more is made again."""
        directory, name = request.match_info["directory"], request.match_info["name"]
        entry = self.production.entry(directory, name) if request.match_info["email"] == EMAIL else None
        if entry is None:
            raise not_found(request)
        headers = {"Content-Type": TYPES.get(name.rpartition(".")[2], "application/octet-stream")}
        occasion_of = functools.partial(self._occasion, request)
        struck = struck_at(self.faults, request, occasion_of) if name.endswith(".nc") else []
        if request.method == "HEAD" and entry.piece:
            # What the ledger knows is what FileResponse would say: no file need be made for it.
            told = announced_bytes(entry.bytes, {fault.mode for fault in struck})
            return web.Response(headers=headers | described(entry) | {"Content-Length": str(told)})
        order = self._order(request)
        path = await self.production.file(directory, entry)
        if path is None:
            raise not_found(request)
        if struck and request.method == "GET":
            response = await send(request, path, entry, headers | described(entry), struck)
            self.production.fetched(order, name)
            return response
        done = functools.partial(self.production.fetched, order, name)
        return Delivery(path, headers, done, functools.partial(self.production.delivered, order, entry))

    async def user_catalog(self, request: web.Request) -> web.StreamResponse:
        """Show an account's catalog, which refers to those of the directories."""
        return await sent_catalog(request, parent_catalog_xml(f"ooi/{EMAIL}", self._visible(request)))

    async def catalog(self, request: web.Request) -> web.StreamResponse:
        """Show a directory's catalog, or one dataset of it."""
        files = chosen_dataset(request, _root(request), self._catalogued(request))
        return await sent_catalog(request, catalog_xml(_root(request), files))

    async def catalog_page(self, request: web.Request) -> web.Response:
        """Show a directory's catalog as a page."""
        files = chosen_dataset(request, _root(request), self._catalogued(request))
        url = f"{request.scheme}://{request.host}{request.rel_url.path}"
        page = catalog_html_5 if self._order(request).suffers("thredds5") else catalog_html
        return html(page(url, _root(request), files))

    def _catalogued(self, request: web.Request) -> list[FileEntry]:
        """Return the files that THREDDS knows of: none for a while, where a fault wants it."""
        files = self._listing(request)
        return [] if self.production.hushed(self._order(request), "empty_catalog") else files


def _root(request: web.Request) -> str:
    """Return the path of the directory that a request names, as THREDDS has it."""
    return f"ooi/{EMAIL}/{request.match_info['directory']}"


def chosen_dataset(request: web.Request, root: str, files: list[FileEntry]) -> list[FileEntry]:
    """Return the one file that ``?dataset=`` names, or all.

    Raises
    ------
    HTTPNotFound
        If there is none of that name.
    """
    dataset = request.query.get("dataset")
    if dataset is None or dataset == root:
        return files
    chosen = [entry for entry in files if f"{root}/{entry.name}" == dataset]
    if not chosen:
        raise not_found(request)
    return chosen


def described(entry: FileEntry) -> dict[str, str]:
    """Return the headers of a file that is described and not sent; the tag is FileResponse's."""
    return {
        "Content-Length": str(entry.bytes),
        "Last-Modified": formatdate(entry.modified_s, usegmt=True),
        "ETag": f'"{entry.modified_s * 1_000_000_000:x}-{entry.bytes:x}"',
        "Accept-Ranges": "bytes",
    }


def html(text: str) -> web.Response:
    """Return a page."""
    return web.Response(text=text, content_type="text/html", charset="utf-8")


async def sent_catalog(request: web.Request, text: str) -> web.StreamResponse:
    """Send a catalog with the headers of a THREDDS server: no length and no date."""
    headers = {"Content-Type": "application/xml;charset=UTF-8", "Access-Control-Allow-Origin": "*"}
    response = web.StreamResponse(headers=headers)
    response.enable_chunked_encoding()
    await response.prepare(request)
    if request.method == "GET":
        await response.write(text.encode())
    await response.write_eof()
    return response


def not_found(request: web.Request) -> web.HTTPNotFound:
    """Return Apache's page for what is not there."""
    path = escape(quote(request.rel_url.path, safe="/@"))
    text = (
        '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>404 Not Found</title>\n'
        f"</head><body>\n<h1>Not Found</h1>\n<p>The requested URL {path} was not found on this server.</p>\n"
        "</body></html>\n"
    )
    return web.HTTPNotFound(text=text, content_type="text/html")
