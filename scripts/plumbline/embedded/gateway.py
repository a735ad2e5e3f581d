"""The machine-to-machine gateway: ``/api/m2m/<port>/<path>`` with its account and its refusals."""

import asyncio
import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime

from aiohttp import web

from plumbline.embedded import EMAIL, TOKEN, USERNAME
from plumbline.embedded.assets import annotation_answer, annotations, assets_answer, vocabulary_answer
from plumbline.embedded.datarequests import (
    DataRequest,
    RefusalError,
    bins_touched,
    estimate,
    order_of,
    read_request,
    synchronous,
)
from plumbline.embedded.instruments import ALL, Instrument, Stream, find
from plumbline.embedded.inventory import inventory_answer, preload_answer
from plumbline.embedded.orders import Order
from plumbline.embedded.production import Production
from plumbline.embedded.replay import load
from plumbline.embedded.sources import Source, source_of
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

    def source(self, instrument: Instrument, stream: Stream) -> Source:
        """Return the source of a stream."""
        return self._sources[instrument.designator, stream.name]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request as the gateway does."""
        port, _, path = request.match_info["tail"].partition("/")
        if not port.isascii() or not port.isdigit() or not path:
            tail = request.match_info["tail"]
            return _refused(
                403,
                f"Requested URL ({tail}) is not properly formatted for the machine to machine interface. {CONTACT}",
            )
        exposed = f"Requested end point ({port}) is not exposed through the machine to machine interface"
        if int(port) not in PORTS:
            return _refused(403, f"{exposed}. {CONTACT}")
        if request.method not in ("GET", "HEAD"):
            return _refused(403, f"{exposed} for request method '{request.method}'. {CONTACT}")
        if path.startswith("help/") or path == "help":
            return _refused(200, f"Help for port {port} is in OOI's documentation of the interface.")
        refusal = _authenticate(request.headers.get("Authorization"))
        if refusal:
            return refusal
        try:
            answer = await self._answer(int(port), tuple(part for part in path.split("/") if part), request)
        except RefusalError as error:
            return _refused(error.status, error.content)
        except ValueError as error:
            return _refused(400, {"message": str(error), "statusCode": 400})
        return await _passed_on(request, answer)

    async def _answer(self, port: int, parts: tuple[str, ...], request: web.Request) -> object:
        """Return the answer of what lies behind the gateway, or raise a refusal."""
        query = dict(request.query)
        answers: dict[int, Callable[[], object | None]] = {
            12575: lambda: preload_answer(parts),
            12580: lambda: annotation_answer(parts, query),
            12586: lambda: vocabulary_answer(parts),
            12587: lambda: assets_answer(parts, query),
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
            return await self._data(names, request, query)
        answer = inventory_answer(names, query, self.source)
        if answer is None:
            raise RefusalError(404, f"Not Found: {'/'.join(names)}")
        return answer

    async def _data(self, names: tuple[str, ...], request: web.Request, query: dict[str, str]) -> object:
        """Answer a data request: particles at once, or an order's answer."""
        found = find("-".join(names[:3]), names[3], names[4])
        if found is None:  # the real server's answer is the same as for a window without data
            raise RefusalError(404, "Query returned no results for primary stream")
        instrument, stream = found
        source = self.source(instrument, stream)
        wanted = read_request(query, stream)
        bins = await asyncio.to_thread(bins_touched, stream, source, wanted)
        order = self._order(wanted, query, instrument, stream, source)
        if wanted.limit > 0:
            rows = await asyncio.to_thread(synchronous, order, wanted.limit, instrument, stream, source)
            return _with_extras(rows, order, instrument)
        if not wanted.estimate_only:
            self.production.accept(order)
        return self._accepted(request, order, estimate(stream, bins))

    def _order(
        self, wanted: DataRequest, query: dict[str, str], instrument: Instrument, stream: Stream, source: Source
    ) -> Order:
        """Return a new order; two of the same millisecond get different directories."""
        while True:
            order = order_of(wanted, query, instrument, stream, source, self.settings)
            if order.directory not in self.production.ledger.orders:
                return order

    def _accepted(self, request: web.Request, order: Order, numbers: dict[str, int]) -> dict:
        host = f"{request.scheme}://{request.host}"
        thredds = f"{host}/thredds/catalog/ooi/{EMAIL}/{order.directory}/catalog.html"
        apache = f"{host}/async_results/{EMAIL}/{order.directory}"
        urls = [apache, thredds] if self.settings.swap_urls else [thredds, apache]
        return {"requestUUID": order.request_uuid, "outputURL": thredds, "allURLs": urls, **numbers}


def _with_extras(rows: list[dict], order: Order, instrument: Instrument) -> object:
    """Return particles as a list, or in an object with provenance and annotations where asked."""
    if not (order.include_provenance or order.include_annotations):
        return rows
    answer: dict[str, object] = {"data": rows}
    if order.include_provenance:
        answer["provenance"] = json.loads(provenance(order, instrument)[1])
    if order.include_annotations:
        answer["annotations"] = annotations(instrument.designator, order.begin_ms, order.end_ms)
    return answer


def _authenticate(header: str | None) -> web.Response | None:
    """Return the refusal that credentials deserve, or None."""
    if header is None or not header.lower().startswith("basic "):
        return _refused(400, "'NoneType' object has no attribute '__getitem__'")  # as the real one says it
    try:
        given = base64.b64decode(header[6:], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return _refused(400, "'NoneType' object has no attribute '__getitem__'")
    if given != f"{USERNAME}:{TOKEN}":
        return _refused(401, "Authentication failed.")
    return None


def _refused(status: int, message: object) -> web.Response:
    return web.json_response({"message": message, "status_code": status}, status=status)


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
