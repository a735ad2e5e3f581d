"""The result directories as Apache and THREDDS show them; nobody needs an account for them."""

from email.utils import formatdate
from html import escape
from urllib.parse import quote

from aiohttp import web

from plumbline.embedded import EMAIL
from plumbline.embedded.orders import FileEntry
from plumbline.embedded.pages import apache_page, catalog_html, catalog_xml, user_catalog_xml
from plumbline.embedded.production import Production

TYPES = {
    "nc": "application/x-netcdf",
    "txt": "text/plain",
    "json": "application/json",
    "ncml": "application/xml",
    "csv": "text/csv",
}


class Results:
    """Answers ``/async_results`` and ``/thredds``; names are looked up in the ledger, never in the disk."""

    def __init__(self, production: Production) -> None:
        self.production = production

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        apache, catalog = "/async_results/{email}", "/thredds/catalog/ooi/{email}"
        return [
            web.get(apache + "/", self.apache_user),
            web.get(apache + "/{directory}", self.apache_without_slash),
            web.get(apache + "/{directory}/", self.apache_directory),
            web.get(apache + "/{directory}/{name}", self.file),
            web.get("/thredds/fileServer/ooi/{email}/{directory}/{name}", self.file),
            web.get(catalog + "/catalog.xml", self.user_catalog),
            web.get(catalog + "/{directory}/catalog.xml", self.catalog),
            web.get(catalog + "/{directory}/catalog.html", self.catalog_page),
        ]

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
            raise _not_found(request)
        return files

    def _visible(self, request: web.Request) -> list[str]:
        """Return the names of the directories that can be seen."""
        if request.match_info["email"] != EMAIL:
            raise _not_found(request)
        orders = self.production.ledger.orders
        return sorted(name for name in orders if self.production.listing(name) is not None)

    async def apache_user(self, request: web.Request) -> web.Response:
        """List an account's result directories."""
        rows = [FileEntry(f"{name}/", -1, 0) for name in self._visible(request)]
        return _html(apache_page(f"/async_results/{EMAIL}", "/async_results/", rows))

    async def apache_without_slash(self, request: web.Request) -> web.Response:
        """Send the client to the address with a slash, as mod_dir does."""
        self._listing(request)
        raise web.HTTPMovedPermanently(request.rel_url.path + "/")

    async def apache_directory(self, request: web.Request) -> web.Response:
        """Show a directory as mod_autoindex does, sorted as the links in its head ask."""
        files = self._listing(request)
        asked = dict(part.split("=", 1) for part in request.query_string.split(";") if "=" in part)
        keys = {"M": lambda entry: entry.modified_s, "S": lambda entry: entry.bytes}
        files = sorted(files, key=keys.get(asked.get("C", "N"), lambda entry: entry.name))
        if asked.get("O") == "D":
            files.reverse()
        path = f"/async_results/{EMAIL}/{request.match_info['directory']}"
        return _html(apache_page(path, f"/async_results/{EMAIL}/", files))

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Serve a file, with ranges and conditions; one that is not there any more is made again."""
        directory, name = request.match_info["directory"], request.match_info["name"]
        entry = self.production.entry(directory, name) if request.match_info["email"] == EMAIL else None
        if entry is None:
            raise _not_found(request)
        headers = {"Content-Type": TYPES.get(name.rpartition(".")[2], "application/octet-stream")}
        if request.method == "HEAD" and entry.piece:
            # What the ledger knows is what FileResponse would say: no file need be made for it.
            return web.Response(headers=headers | _headers(entry))
        path = await self.production.file(directory, entry)
        if path is None:
            raise _not_found(request)
        return web.FileResponse(path, headers=headers)

    async def user_catalog(self, request: web.Request) -> web.StreamResponse:
        """Show an account's catalog, which refers to those of the directories."""
        return await _catalog(request, user_catalog_xml(self._visible(request)))

    async def catalog(self, request: web.Request) -> web.StreamResponse:
        """Show a directory's catalog, or one dataset of it."""
        files = self._chosen(request, self._listing(request))
        return await _catalog(request, catalog_xml(request.match_info["directory"], files))

    async def catalog_page(self, request: web.Request) -> web.Response:
        """Show a directory's catalog as a page."""
        files = self._chosen(request, self._listing(request))
        url = f"{request.scheme}://{request.host}{request.rel_url.path}"
        return _html(catalog_html(url, request.match_info["directory"], files))

    def _chosen(self, request: web.Request, files: list[FileEntry]) -> list[FileEntry]:
        """Return the one file that ``?dataset=`` names, or all."""
        dataset = request.query.get("dataset")
        root = f"ooi/{EMAIL}/{request.match_info['directory']}"
        if dataset is None or dataset == root:
            return files
        chosen = [entry for entry in files if f"{root}/{entry.name}" == dataset]
        if not chosen:
            raise _not_found(request)
        return chosen


def _headers(entry: FileEntry) -> dict[str, str]:
    """Return the headers of a file that is described and not sent; the tag is FileResponse's."""
    return {
        "Content-Length": str(entry.bytes),
        "Last-Modified": formatdate(entry.modified_s, usegmt=True),
        "ETag": f'"{entry.modified_s * 1_000_000_000:x}-{entry.bytes:x}"',
        "Accept-Ranges": "bytes",
    }


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", charset="utf-8")


async def _catalog(request: web.Request, text: str) -> web.StreamResponse:
    """Send a catalog with the headers of a THREDDS server: no length and no date."""
    headers = {"Content-Type": "application/xml;charset=UTF-8", "Access-Control-Allow-Origin": "*"}
    response = web.StreamResponse(headers=headers)
    response.enable_chunked_encoding()
    await response.prepare(request)
    if request.method == "GET":
        await response.write(text.encode())
    await response.write_eof()
    return response


def _not_found(request: web.Request) -> web.HTTPNotFound:
    path = escape(quote(request.rel_url.path, safe="/@"))
    text = (
        '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>404 Not Found</title>\n'
        f"</head><body>\n<h1>Not Found</h1>\n<p>The requested URL {path} was not found on this server.</p>\n"
        "</body></html>\n"
    )
    return web.HTTPNotFound(text=text, content_type="text/html")
