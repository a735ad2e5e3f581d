"""The gold copy: every stream as files that are always there, behind THREDDS; nobody needs an account.

Its addresses are those of OOI's Data Explorer: ``ooigoldcopy/public/<reference designator>-<method>-<stream>/``.
Nothing is kept of it: a file is made when it is asked for, with the same bytes each time.
"""

import functools
import time
from dataclasses import dataclass, field

from aiohttp import web

from plumbline.embedded import workshop
from plumbline.embedded.faults import Occasion
from plumbline.embedded.holdings import Holding, holdings, overlapping, replaced, token_of
from plumbline.embedded.instruments import ALL, Instrument
from plumbline.embedded.orders import FileEntry
from plumbline.embedded.pages import catalog_html, catalog_html_5, catalog_xml, parent_catalog_xml
from plumbline.embedded.production import Production
from plumbline.embedded.results import (
    TYPES,
    Delivery,
    chosen_dataset,
    described,
    guarded,
    html,
    not_found,
    sent_catalog,
)
from plumbline.embedded.sources import Source, source_of
from plumbline.embedded.streams import Stream
from plumbline.embedded.textfiles import DONE
from plumbline.embedded.transfers import announced_bytes, send, struck_at

ROOT = "ooigoldcopy/public"
STATUS = "status.txt"
DAY_S = 86_400


@dataclass
class Folder:
    """The folder of a stream, and its list as long as that is true."""

    instrument: Instrument
    stream: Stream
    source: Source
    day: int = -1
    files: dict[str, Holding] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """Name of the folder."""
        return token_of(self.instrument, self.stream)


class GoldCopy:
    """Answers ``/thredds/catalog/ooigoldcopy`` and ``/thredds/fileServer/ooigoldcopy``."""

    def __init__(self, production: Production) -> None:
        self.production, self.faults, self.shelf = production, production.faults, production.shelf
        self.replays = production.settings.replay
        found = (Folder(one, stream, source_of(one, stream, self.replays)) for one in ALL for stream in one.streams)
        self.folders = {folder.token: folder for folder in found}
        self._given: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        catalog = f"/thredds/catalog/{ROOT}"
        handlers = {
            catalog + "/catalog.xml": self.parent,
            catalog + "/catalog.html": self.parent,
            catalog + "/{token}/catalog.xml": self.catalog,
            catalog + "/{token}/catalog.html": self.catalog,
            f"/thredds/fileServer/{ROOT}/{{token}}/{{name}}": self.file,
        }
        return [web.get(path, guarded(self.faults, self._occasion_of, handler)) for path, handler in handlers.items()]

    def _occasion_of(self, request: web.Request, what: str) -> Occasion:
        folder = self.folders.get(request.match_info.get("token", ""))
        return self.occasion(folder, None, what) if folder else Occasion(None, None, None, what, what)

    def occasion(self, folder: Folder, holding: Holding | None, what: str) -> Occasion:
        """Return the occasion of a call for a file, or for a folder."""
        key = f"{ROOT}/{folder.token}/{holding.name if holding else ''}/{what}"
        begin_ms = holding.piece.begin_ms if holding else None
        return Occasion(folder.instrument.designator, folder.stream.name, begin_ms, key, key)

    def _folder(self, request: web.Request) -> Folder:
        """Return the folder that a request names.

        Raises
        ------
        HTTPNotFound
            If there is none, or a fault hides it.
        """
        folder = self.found(request.match_info["token"], request.path)
        if folder is None:
            raise not_found(request)
        return folder

    def found(self, token: str, path: str) -> Folder | None:
        """Return the folder of a name, or None where there is none, or a fault hides it from a call for a path."""
        folder = self.folders.get(token)
        hidden = folder and self.faults.struck(("goldcopy_missing",), self.occasion(folder, None, path))
        return None if hidden else folder

    def listed(self, folder: Folder) -> dict[str, Holding]:
        """Return the files of a folder by name, oldest first; their list is made once a day."""
        day = int(time.time()) // DAY_S
        if folder.day != day:
            about = (folder.instrument, folder.stream, folder.source)
            found = holdings(*about, int(time.time() * 1000))
            found = [
                overlapping(one, *about)
                if self.faults.struck(("goldcopy_overlap",), self.occasion(folder, one, "list"))
                else one
                for one in found
            ]
            folder.day, folder.files = day, {one.name: one for one in found}
        return folder.files

    def _entries(self, folder: Folder) -> list[FileEntry]:
        """Return the files of a folder as its catalog shows them: their sizes are estimates until they are known."""
        if self.faults.struck(("goldcopy_empty",), self.occasion(folder, None, "empty")):
            return []
        entries = [
            FileEntry(name, self.shelf.size(f"{folder.token}/{name}") or one.estimated_bytes, one.modified_s)
            for name, one in self.listed(folder).items()
        ]
        return [*entries, self._status(folder)]

    def _status(self, folder: Folder) -> FileEntry:
        last = next(reversed(self.listed(folder).values()), None)
        return FileEntry(STATUS, len(DONE), last.modified_s if last else 0)

    async def parent(self, request: web.Request) -> web.StreamResponse:
        """Show the catalog that refers to those of the streams."""
        names = sorted(self.folders)
        if request.path.endswith(".xml"):
            return await sent_catalog(request, parent_catalog_xml(ROOT, names))
        return self._page(request, ROOT, [FileEntry(name, -1, 0) for name in names], None)

    async def catalog(self, request: web.Request) -> web.StreamResponse:
        """Show the catalog of a stream, or one dataset of it."""
        folder = self._folder(request)
        root = f"{ROOT}/{folder.token}"
        files = chosen_dataset(request, root, self._entries(folder))
        if request.path.endswith(".xml"):
            return await sent_catalog(request, catalog_xml(root, files))
        return self._page(request, root, files, folder)

    def _page(self, request: web.Request, root: str, files: list[FileEntry], folder: Folder | None) -> web.Response:
        occasion = self.occasion(folder, None, "page") if folder else Occasion(None, None, None, ROOT, ROOT)
        page = catalog_html_5 if self.faults.struck(("thredds5",), occasion, count=False) else catalog_html
        return html(page(f"{request.scheme}://{request.host}{request.rel_url.path}", root, files))

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Serve a file, with ranges and conditions."""
        folder, name = self._folder(request), request.match_info["name"]
        headers = {"Content-Type": TYPES.get(name.rpartition(".")[2], "application/octet-stream")}
        if name == STATUS:
            return web.Response(body=DONE.encode(), headers=headers | _dated(self._status(folder)))
        holding = self.listed(folder).get(name)
        if holding is None:
            raise not_found(request)
        struck = struck_at(self.faults, request, functools.partial(self.occasion, folder, holding))
        path, entry, key = await self.made(folder, holding, counted=request.method == "GET")
        if request.method == "HEAD":
            told = announced_bytes(entry.bytes, {fault.mode for fault in struck})
            return web.Response(headers=headers | described(entry) | {"Content-Length": str(told)})
        if struck or "If-Range" in request.headers:  # FileResponse knows a date there, and no tag
            return await send(request, path, entry, headers | described(entry), struck)
        return Delivery(path, headers, lambda: None, functools.partial(self.shelf.delivered, key))

    async def made(self, folder: Folder, holding: Holding, counted: bool = False) -> tuple:
        """Return the path of a file, what is known of it, and its key on the shelf.

        Under a fault there is another one in its place once it was fetched.
        """
        key = f"{folder.token}/{holding.name}"
        if key in self._given:
            key, holding = f"{folder.token}/again/{holding.name}", replaced(holding)
        elif counted and self.faults.struck(("goldcopy_replaced",), self.occasion(folder, holding, "replaced")):
            self._given.add(key)
        about = (workshop.write_holding, holding.order, holding.piece, self.replays)
        return *(await self.shelf.get(key, holding.modified_s, *about)), key


def _dated(entry: FileEntry) -> dict[str, str]:
    """Return the headers of a file whose length the server tells by itself."""
    return {name: value for name, value in described(entry).items() if name != "Content-Length"}
