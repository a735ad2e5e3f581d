"""How the API fails: the answers that faults put in place of its own."""

import asyncio
import json
import uuid
from collections.abc import Callable

from aiohttp import web

from plumbline.embedded.datarequests import asked_begin_ms
from plumbline.embedded.faultmodes import Fault
from plumbline.embedded.faults import OTHER_NAME, Faults, Occasion, asking
from plumbline.embedded.instruments import BY_DESIGNATOR
from plumbline.errors import PlumblineError

BUSY = "Too many requests are being processed; try again later"
ANY_ERROR = ("busy", "timeout", "down", "bad_gateway", "cut_answer")
SLOW_S = 5.0


def check_subject(fault: Fault) -> None:
    """Make sure that a fault names what exists: with a misspelt name it would never strike.

    Raises
    ------
    PlumblineError
        If there is no such instrument or stream.
    """
    known = {
        "reference_designator": sorted(BY_DESIGNATOR),
        "stream": sorted({stream.name for one in BY_DESIGNATOR.values() for stream in one.streams}),
    }
    for key, names in known.items():
        if getattr(fault, key) not in (None, *names):
            raise PlumblineError(
                f"The embedded server's settings, key 'faults': there is no {key} '{getattr(fault, key)}'; "
                f"the server has {', '.join(names)}."
            )


def refused(status: int, message: object) -> web.Response:
    """Return a refusal in the gateway's own form."""
    return web.json_response({"message": message, "status_code": status}, status=status)


def occasion_of(port: int, parts: tuple[str, ...], query: dict[str, str]) -> tuple[Occasion, bool]:
    """Return the occasion that a call is, and whether it asks for data."""
    names = parts[2:]
    if port == 12576 and parts[:2] == ("sensor", "inv") and len(names) == 5 and names[3] != "metadata":
        return asking("-".join(names[:3]), names[4], asked_begin_ms(query)), True
    designator = query.get("refdes")
    for start in (2, 3):  # sensor/inv/..., vocab/inv/..., events/deployment/inv/...
        if parts[start - 1 : start] == ("inv",) and len(parts) >= start + 3:
            designator = "-".join(parts[start : start + 3])
    key = f"{port}/{'/'.join(parts)}?{sorted(query.items())}"
    return Occasion(designator, None, None, key, key), False


def struck_by(faults: Faults, request: web.Request, port: int, parts: tuple[str, ...]) -> list[Fault]:
    """Return the faults that strike at a call of the API: delays, and at most one that spoils the answer."""
    found, query = [], dict(request.query)
    occasion, asks_for_data = occasion_of(port, parts, query)
    if asks_for_data and query.get("estimate_only", "false").lower() != "true":
        found = faults.at_request(occasion, request.url.host)
    if all(fault.mode == "slow_answer" for fault in found):
        mode = faults.one_of("api_errors", ANY_ERROR, occasion)
        found += [Fault(mode)] if mode else []
    return found


async def spoiled(request: web.Request, struck: list[Fault]) -> web.Response | None:
    """Wait where a fault makes it wait, and return the answer that a fault gives in place of the real one.

    Raises
    ------
    ConnectionResetError
        When the connection was closed without an answer.
    HTTPFound
        When the client is sent to the other host name.
    """
    for fault in struck:
        if fault.mode == "slow_answer":
            await asyncio.sleep(SLOW_S if fault.seconds is None else fault.seconds)
        elif fault.mode == "cut_answer":
            hang_up(request)
        elif fault.mode == "redirect_api":
            raise web.HTTPFound(other_host(request))
        elif fault.mode in _ANSWERS:
            return _ANSWERS[fault.mode](fault)
    return None


class HungUpError(ConnectionResetError):
    """A fault has closed the connection."""


def hang_up(request: web.Request) -> None:
    """Close the connection without a further word.

    Raises
    ------
    HungUpError
        Always, so that nothing more is made of the answer.
    """
    if request.transport is not None:
        request.transport.close()
    raise HungUpError("a fault closed the connection")


def other_host(request: web.Request) -> str:
    """Return a call's own URL at this machine's other name."""
    return str(request.url.with_host(OTHER_NAME[request.url.host]))


def cut_short(answer: object) -> web.Response:
    """Return the first half of an answer's JSON, as if all were well."""
    text = json.dumps(answer)
    return web.Response(text=text[: len(text) // 2], content_type="application/json")


def html_error(status: int, title: str, seconds: float | None = None) -> web.Response:
    """Return the error page of a proxy, with the time to wait if there is one."""
    text = (
        f"<html>\n<head><title>{status} {title}</title></head>\n<body>\n"
        f"<center><h1>{status} {title}</h1></center>\n</body>\n</html>\n"
    )
    return web.Response(text=text, status=status, content_type="text/html", headers=_retry_after(seconds))


def _retry_after(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": f"{seconds:.0f}"}


def _busy(fault: Fault) -> web.Response:
    message = {"status": BUSY, "requestUUID": str(uuid.uuid4()), "code": 400}
    response = refused(400, message)
    response.headers.update(_retry_after(fault.seconds))
    return response


def _maintenance(_: Fault) -> web.Response:
    text = (
        "<!DOCTYPE html>\n<html>\n<head><title>OOINet: Scheduled Maintenance</title></head>\n"
        "<body><h1>We will be back soon</h1></body>\n</html>\n"
    )
    return web.Response(text=text, content_type="text/html")


def _error_inside(_: Fault) -> web.Response:
    content = {"requestUUID": str(uuid.uuid4()), "message": "Unexpected internal error during request"}
    return web.json_response(content)


def _no_data(_: Fault) -> web.Response:
    text = "Query returned no results for primary stream"
    return refused(404, {"status": text, "requestUUID": str(uuid.uuid4()), "code": 404})


_ANSWERS: dict[str, Callable[[Fault], web.Response]] = {
    "busy": _busy,
    "timeout": lambda _: refused(408, "Timeout when getting data from uframe."),
    "down": lambda _: refused(500, "ConnectionError when getting data from uframe."),
    "bad_gateway": lambda _: html_error(502, "Bad Gateway"),
    "unavailable": lambda fault: html_error(503, "Service Unavailable", fault.seconds),
    "maintenance": _maintenance,
    "error_inside": _error_inside,
    "no_data": _no_data,
}
