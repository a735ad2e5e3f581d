"""The machine-to-machine gateway: ``/api/m2m/<port>/<path>`` with its account and its refusals."""

import asyncio
import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime

from aiohttp import web

from plumbline.embedded import EMAIL, TOKEN, USERNAME
from plumbline.embedded.apifaults import check_subject, cut_short, hang_up, refused, spoiled, struck_by
from plumbline.embedded.assets import assets_answer, vocabulary_answer
from plumbline.embedded.datarequests import (
    DataRequest,
    RefusalError,
    bins_touched,
    estimate,
    order_of,
    read_request,
    synchronous,
)
from plumbline.embedded.faults import asking
from plumbline.embedded.instruments import ALL, Instrument, find
from plumbline.embedded.inventory import inventory_answer, preload_answer
from plumbline.embedded.notes import annotation_answer, annotations
from plumbline.embedded.orders import Order
from plumbline.embedded.production import Production
from plumbline.embedded.replay import load
from plumbline.embedded.sources import Source, source_of
from plumbline.embedded.streams import Stream
from plumbline.embedded.textfiles import provenance

PORTS = (12575, 12576, 12580, 12586, 12587)
CONTACT = "Please contact the system admin for more information."
PIECE_BYTES = 1024  # the gateway passes answers on in such pieces


class Gateway:
    """Answers the API.

    Parameters
    ----------
    production : Production
        Takes the orders.
    """

    def __init__(self, production: Production) -> None:
        self.production = production
        self.settings = production.settings
        for record in self.settings.replay:
            load(record)  # one for a stream that does not exist must not be passed over
        self._sources = {
            (one.designator, stream.name): source_of(one, stream, self.settings.replay)
            for one in ALL
            for stream in one.streams
        }
        # A record that is replayed may be older than the instrument is at its place.
        self._begun_ms = {
            one.designator: min(self.source(one, stream).begin_ms for stream in one.streams) for one in ALL
        }
        for fault in self.settings.faults:
            check_subject(fault)

    def source(self, instrument: Instrument, stream: Stream) -> Source:
        """Return the source of a stream."""
        return self._sources[instrument.designator, stream.name]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request as the gateway does."""
        port, _, path = request.match_info["tail"].partition("/")
        if not port.isascii() or not port.isdigit() or not path:
            tail = request.match_info["tail"]
            return refused(
                403,
                f"Requested URL ({tail}) is not properly formatted for the machine to machine interface. {CONTACT}",
            )
        exposed = f"Requested end point ({port}) is not exposed through the machine to machine interface"
        if int(port) not in PORTS:
            return refused(403, f"{exposed}. {CONTACT}")
        if request.method not in ("GET", "HEAD"):
            return refused(403, f"{exposed} for request method '{request.method}'. {CONTACT}")
        if path.startswith("help/") or path == "help":
            return refused(200, f"Help for port {port} is in OOI's documentation of the interface.")
        refusal = _authenticate(request.headers.get("Authorization"))
        if refusal:
            return refusal
        parts = tuple(part for part in path.split("/") if part)
        struck = struck_by(self.production.faults, request, int(port), parts)
        answer = await spoiled(request, struck)
        if answer is not None:
            return answer
        modes = {fault.mode for fault in struck}
        try:
            answer = await self._answer(int(port), parts, request, keep="truncated_json" not in modes)
        except RefusalError as error:
            return refused(error.status, error.content)
        except ValueError as error:
            return refused(400, {"message": str(error), "statusCode": 400})
        if "lost_answer" in modes:
            hang_up(request)
        return cut_short(answer) if "truncated_json" in modes else await _passed_on(request, answer)

    async def _answer(self, port: int, parts: tuple[str, ...], request: web.Request, keep: bool) -> object:
        """Return the answer of what lies behind the gateway, or raise a refusal; an order is taken if it is kept."""
        query = dict(request.query)
        answers: dict[int, Callable[[], object | None]] = {
            12575: lambda: preload_answer(parts),
            12580: lambda: annotation_answer(parts, query),
            12586: lambda: vocabulary_answer(parts),
            12587: lambda: assets_answer(parts, query, self._begun_ms),
        }
        if port != 12576:
            answer = answers[port]()
            if answer is None:
                error = RefusalError(404, "")
                error.content = {"message": "Not Found", "statusCode": 404}
                raise error
            return answer
        if parts[:2] != ("sensor", "inv"):
            raise RefusalError(404, "Not Found")
        names = parts[2:]
        if len(names) == 5 and names[3] != "metadata":
            return await self._data(names, request, query, keep)
        answer = inventory_answer(names, query, self.source)
        if answer is None:
            raise RefusalError(404, f"Not Found: {'/'.join(names)}")
        return answer

    async def _data(self, names: tuple[str, ...], request: web.Request, query: dict[str, str], keep: bool) -> object:
        """Answer a data request: particles at once, or an order's answer."""
        found = find("-".join(names[:3]), names[3], names[4])
        if found is None:  # the real server's answer is the same as for a window without data
            raise RefusalError(404, "Query returned no results for primary stream")
        instrument, stream = found
        source = self.source(instrument, stream)
        wanted = read_request(query, stream)
        bins = await asyncio.to_thread(bins_touched, stream, source, wanted)
        if wanted.limit > 0:
            order = order_of(wanted, query, instrument, stream, source, self.settings, [])
            rows = await asyncio.to_thread(synchronous, order, wanted.limit, instrument, stream, source)
            return _with_extras(rows, order, instrument)
        keep = keep and not wanted.estimate_only
        order = await self._order(wanted, query, instrument, stream, source, keep)
        if keep:
            self.production.accept(order)
        return self._accepted(request, order, estimate(stream, bins))

    async def _order(
        self,
        wanted: DataRequest,
        query: dict[str, str],
        instrument: Instrument,
        stream: Stream,
        source: Source,
        keep: bool,
    ) -> Order:
        """Return a new order; two of the same moment get different directories."""
        faults = []
        if keep:
            faults = self.production.faults.at_order(asking(instrument.designator, stream.name, wanted.begin_ms))
        while True:
            order = order_of(wanted, query, instrument, stream, source, self.settings, faults)
            if order.directory not in self.production.ledger.orders:
                return order
            await asyncio.sleep(0.001)

    def _accepted(self, request: web.Request, order: Order, numbers: dict[str, int]) -> dict:
        host = request.host.replace("127.0.0.1", "localhost") if order.suffers("foreign_host") else request.host
        thredds = f"{request.scheme}://{host}/thredds/catalog/ooi/{EMAIL}/{order.directory}/catalog.html"
        apache = f"{request.scheme}://{host}/async_results/{EMAIL}/{order.directory}"
        urls = [apache, thredds] if self.settings.swap_urls or order.suffers("swap_urls") else [thredds, apache]
        if order.suffers("no_apache_url"):
            urls = [thredds]
        return {"requestUUID": order.request_uuid, "outputURL": thredds, "allURLs": urls, **numbers}


def _with_extras(rows: list[dict], order: Order, instrument: Instrument) -> object:
    """Return particles as a list, or in an object with provenance and annotations where asked."""
    if not (order.include_provenance or order.include_annotations):
        return rows
    answer: dict[str, object] = {"data": rows}
    if order.include_provenance:
        answer["provenance"] = json.loads(provenance(order, instrument, order.deployment)[1])
    if order.include_annotations:
        answer["annotations"] = annotations(
            instrument.designator, order.begin_ms, order.end_ms, order.method, order.stream
        )
    return answer


def _authenticate(header: str | None) -> web.Response | None:
    """Return the refusal that credentials deserve, or None."""
    if header is None or not header.lower().startswith("basic "):
        return refused(400, "'NoneType' object has no attribute '__getitem__'")  # as the real one says it
    try:
        given = base64.b64decode(header[6:], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return refused(400, "'NoneType' object has no attribute '__getitem__'")
    if given != f"{USERNAME}:{TOKEN}":
        return refused(401, "Authentication failed.")
    return None


async def _passed_on(request: web.Request, answer: object) -> web.StreamResponse:
    """Stream an answer with the two headers that the gateway passes on, and so without a length."""
    date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Date": date})
    response.enable_chunked_encoding()
    await response.prepare(request)
    if request.method == "GET":
        text = await asyncio.to_thread(json.dumps, answer)
        content = text.encode()
        step = PIECE_BYTES if len(content) < 1_000_000 else 64 * PIECE_BYTES
        for begin in range(0, len(content), step):
            await response.write(content[begin : begin + step])
    await response.write_eof()
    return response
