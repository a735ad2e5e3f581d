"""OPeNDAP: ``/thredds/dodsC/<dataset>`` with .dds, .das, .dods and a page, for the gold copy and for results."""

import asyncio
from html import escape
from pathlib import Path

import h5py
from aiohttp import web

from plumbline.embedded import EMAIL
from plumbline.embedded.apifaults import hang_up
from plumbline.embedded.dap import ConstraintError, Projection, das, data, dds, projections, variables_of
from plumbline.embedded.faultmodes import DAP_MODES
from plumbline.embedded.faults import Occasion, fetching
from plumbline.embedded.goldcopy import ROOT, GoldCopy
from plumbline.embedded.production import Production
from plumbline.embedded.results import html

SUFFIXES = (".dds", ".das", ".dods", ".html")
SERVER = {"XDODS-Server": "opendap/3.7"}
MEGABYTE = 1_000_000.0  # as THREDDS reckons its limit


class Dods:
    """Answers ``/thredds/dodsC``.

    Parameters
    ----------
    production : Production
    gold_copy : GoldCopy
    """

    def __init__(self, production: Production, gold_copy: GoldCopy) -> None:
        self.production, self.gold_copy, self.faults = production, gold_copy, production.faults

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.get("/thredds/dodsC/{path:.*}", self.answer)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one call: a description, data, or an error object."""
        path = request.match_info["path"]
        suffix = next((one for one in SUFFIXES if path.endswith(one)), "")
        dataset = path.removesuffix(suffix) if suffix else path
        found = await self._found(dataset, suffix)
        if found is None:
            return _error(404, f"{dataset} was not found")
        file, modes = found
        if "dap_down" in modes:
            return _error(500, "The service is not available")
        constraint = request.rel_url.raw_query_string
        try:
            if suffix == ".das":
                return _text(await asyncio.to_thread(_das, file, "dap_fill_mismatch" in modes), "dods-das")
            wanted = await asyncio.to_thread(_wanted, file, constraint)
        except ConstraintError as error:
            return _error(400, str(error))
        if suffix == ".dds":
            return _text(dds(dataset, wanted), "dods-dds")
        if suffix == ".dods":
            return await self._data(request, dataset, file, wanted, "dap_truncated" in modes)
        rows = "\n".join(f"<li>{one.variable.type} {one.variable.name}[{one.count}]</li>" for one in wanted)
        title = f"OPeNDAP Dataset Access Form: {escape(dataset)}"
        page = f"<html><head><title>{title}</title></head>\n<body><h1>{title}</h1><ul>\n{rows}\n</ul></body></html>\n"
        return html(page)

    async def _found(self, dataset: str, suffix: str) -> tuple[Path, set[str]] | None:
        """Return the file of a dataset, and which faults strike at it; None where there is no such dataset."""
        folder, _, name = dataset.rpartition("/")
        root, _, directory = folder.rpartition("/")
        if not name.endswith(".nc"):
            return None
        if root == ROOT:
            of_stream = self.gold_copy.found(directory, f"{dataset}{suffix}")
            holding = self.gold_copy.listed(of_stream).get(name) if of_stream else None
            if of_stream is None or holding is None:
                return None
            modes = self._struck(self.gold_copy.occasion(of_stream, holding, f"dods{suffix}"))
            return (await self.gold_copy.made(of_stream, holding))[0], modes
        entry = self.production.entry(directory, name) if root == f"ooi/{EMAIL}" else None
        if entry is None:
            return None
        modes = self._struck(fetching(self.production.ledger.orders[directory], f"dods{suffix}/{name}"))
        path = await self.production.file(directory, entry)
        return (path, modes) if path else None

    def _struck(self, occasion: Occasion) -> set[str]:
        return {fault.mode for fault in self.faults.struck(DAP_MODES, occasion)}

    async def _data(
        self, request: web.Request, dataset: str, file: Path, wanted: list[Projection], truncated: bool
    ) -> web.StreamResponse:
        """Send data: their structure as text, and then the values."""
        size, limit = sum(one.bytes for one in wanted) / MEGABYTE, float(self.production.settings.dap_limit_mbytes)
        if size > limit:
            return _error(403, f"Request too big={size} Mbytes, max={limit}")
        headers = SERVER | {"Content-Type": "application/octet-stream", "Content-Description": "dods-data"}
        response = web.StreamResponse(headers=headers)
        response.enable_chunked_encoding()
        await response.prepare(request)
        if request.method == "GET":
            await response.write(dds(dataset, wanted).encode() + b"\nData:\n")
            await self._pour(request, response, file, wanted, size * MEGABYTE / 2 if truncated else None)
        await response.write_eof()
        return response

    async def _pour(
        self,
        request: web.Request,
        response: web.StreamResponse,
        file: Path,
        wanted: list[Projection],
        end: float | None,
    ) -> None:
        """Send the values, or break off after about so many bytes."""
        blocks, sent = data(file, wanted), 0
        try:
            while (block := await asyncio.to_thread(next, blocks, None)) is not None:
                if end is not None and sent + len(block) > end:
                    await response.write(block[: max(int(end) - sent, 0)])
                    hang_up(request)
                await response.write(block)
                sent += len(block)
        finally:
            await asyncio.to_thread(blocks.close)


def _das(path: Path, fill_mismatch: bool) -> str:
    with h5py.File(path, "r") as file:
        return das(file, fill_mismatch)


def _wanted(path: Path, constraint: str) -> list[Projection]:
    with h5py.File(path, "r") as file:
        return projections(variables_of(file), constraint)


def _text(content: str, what: str) -> web.Response:
    return web.Response(text=content, content_type="text/plain", headers=SERVER | {"Content-Description": what})


def _error(status: int, message: str) -> web.Response:
    """Return an error object of DAP2; THREDDS gives the same number as HTTP status."""
    quoted = message.replace('"', '\\"')
    text = f'Error {{\n    code = {status};\n    message = "{quoted}";\n}};\n'
    headers = SERVER | {"Content-Description": "dods-error"}
    return web.Response(text=text, status=status, content_type="text/plain", headers=headers)
