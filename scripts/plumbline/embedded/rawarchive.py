"""The raw archive: what a bottom pressure and tilt instrument wrote, a text file for each UTC day.

``/files/<site>/<node>/`` is an Apache index. Names are those of OOI's archive.
"""

import time

from aiohttp import web

from plumbline.embedded import workshop
from plumbline.embedded.faults import Occasion
from plumbline.embedded.instruments import ALL, Instrument
from plumbline.embedded.orders import FileEntry, isoformat
from plumbline.embedded.pages import apache_page
from plumbline.embedded.production import Production
from plumbline.embedded.rawlines import DAY_MS, HEAT_BYTES, IRIS_BYTES, LILY_BYTES, NANO_BYTES
from plumbline.embedded.results import Delivery, described, guarded, html, not_found
from plumbline.embedded.sources import source_of
from plumbline.embedded.streams import HEAT_SAMPLE, IRIS_SAMPLE, LILY_SAMPLE, NANO_SAMPLE
from plumbline.embedded.transfers import send

# Addresses of the instruments on the cable's network, which stand in the names; that of 304 is made up.
PORTS = {
    "BOTPTA301": "10.31.6.5_9338",
    "BOTPTA302": "10.31.10.6_9338",
    "BOTPTA303": "10.31.9.6_9338",
    "BOTPTA304": "10.31.7.9_9338",
}
DAY_BYTES = 1_728_000 * NANO_BYTES + 86_400 * (LILY_BYTES + IRIS_BYTES) + 28_800 * HEAT_BYTES


class RawArchive:
    """Answers ``/files``."""

    def __init__(self, production: Production) -> None:
        self.production, self.faults, self.shelf = production, production.faults, production.shelf
        self.replays = production.settings.replay
        self.instruments = {one.path[:2]: one for one in ALL if one.path[2].partition("-")[2] in PORTS}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        folder = "/files/{site}/{node}"
        handlers = {folder: self.without_slash, folder + "/": self.index, folder + "/{name}": self.file}
        return [web.get(path, guarded(self.faults, self._occasion, handler)) for path, handler in handlers.items()]

    def _occasion(self, request: web.Request, what: str) -> Occasion:
        return Occasion(None, None, None, f"{request.path}/{what}", f"{request.path}/{what}")

    def _instrument(self, request: web.Request) -> Instrument:
        """Return the instrument that a request names.

        Raises
        ------
        HTTPNotFound
            If there is none.
        """
        found = self.instruments.get((request.match_info["site"], request.match_info["node"]))
        if found is None:
            raise not_found(request)
        return found

    def _days(self, instrument: Instrument) -> dict[str, int]:
        """Return the names of the files with their days (since 1970): those that are over, but for missing ones."""
        sources = [
            source_of(instrument, instrument.stream(name), self.replays)
            for name in (NANO_SAMPLE.name, LILY_SAMPLE, IRIS_SAMPLE, HEAT_SAMPLE)
        ]
        first = min(source.begin_ms for source in sources) // DAY_MS
        days = range(first, int(time.time() * 1000) // DAY_MS)
        return {
            name_of(instrument, day): day
            for day in days
            if not self.faults.struck(("raw_missing_day",), _about(instrument, day, "missing"))
        }

    async def without_slash(self, request: web.Request) -> web.StreamResponse:
        """Send the client to the address with a slash, as mod_dir does."""
        self._instrument(request)
        raise web.HTTPMovedPermanently(request.rel_url.path + "/")

    async def index(self, request: web.Request) -> web.Response:
        """Show the files of an instrument; a size is an estimate until it is known."""
        instrument = self._instrument(request)
        files = [
            FileEntry(name, self.shelf.size(self._key(instrument, name)) or DAY_BYTES, _changed_s(day))
            for name, day in self._days(instrument).items()
        ]
        path = request.rel_url.path.rstrip("/")
        return html(apache_page(path, path.rpartition("/")[0] + "/", files))

    def _key(self, instrument: Instrument, name: str) -> str:
        return f"raw/{instrument.designator}/{name}"

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Serve a day, with ranges and conditions; HEAD tells of what the next GET will give."""
        instrument, name = self._instrument(request), request.match_info["name"]
        day = self._days(instrument).get(name)
        if day is None:
            raise not_found(request)
        occasion, counted = _about(instrument, day, "lines"), request.method == "GET"
        damaged = bool(self.faults.struck(("raw_truncated_lines",), occasion, count=counted))
        key = self._key(instrument, name) + ("-damaged" if damaged else "")
        path, entry = await self.shelf.get(
            key, _changed_s(day), workshop.write_raw_day, instrument.designator, day, damaged, self.replays
        )
        headers = {"Content-Type": "text/plain"}
        if request.method == "HEAD":
            return web.Response(headers=headers | described(entry))
        if "If-Range" in request.headers:  # FileResponse knows a date there, and no tag
            return await send(request, path, entry, headers | described(entry), [])
        return Delivery(path, headers, lambda: None, lambda: self.shelf.delivered(key))


def name_of(instrument: Instrument, day: int) -> str:
    """Return the name of the file of a day (since 1970)."""
    kind = instrument.path[2].partition("-")[2]
    return f"{kind}_{PORTS[kind]}_{isoformat(day * DAY_MS)[:10].replace('-', '')}T0000_UTC.dat"


def _changed_s(day: int) -> int:
    return (day + 1) * DAY_MS // 1000


def _about(instrument: Instrument, day: int, what: str) -> Occasion:
    key = f"raw/{instrument.designator}/{day}/{what}"
    return Occasion(instrument.designator, NANO_SAMPLE.name, day * DAY_MS, key, key)
