"""The embedded server itself: its routes, its start and its end."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from plumbline.embedded.apifaults import HungUpError
from plumbline.embedded.dods import Dods
from plumbline.embedded.gateway import Gateway
from plumbline.embedded.goldcopy import GoldCopy
from plumbline.embedded.orders import Ledger
from plumbline.embedded.production import Production
from plumbline.embedded.rawarchive import RawArchive
from plumbline.embedded.results import Results
from plumbline.embedded.settings import Settings
from plumbline.reporting import log

# A stop may delete some gigabytes of files; after this long the process ends whatever it does.
STOP_PATIENCE_S = 5.0
READY_LINE = "Plumbline's embedded OOI server"


@web.middleware
async def _without_tracebacks(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer a defect of ours as the real server answers one of its own."""
    try:
        return await handler(request)
    except HungUpError:
        return web.Response()  # nobody is there to get it, and nobody has to be told of an error
    except (web.HTTPException, asyncio.CancelledError, ConnectionError):
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        message = {"message": {"message": "Unexpected internal error during request"}, "status_code": 500}
        return web.json_response(message, status=500)


def application(production: Production) -> web.Application:
    """Return the application with all its routes."""
    app = web.Application(middlewares=[_without_tracebacks])
    app.router.add_route("*", "/api/m2m/{tail:.*}", Gateway(production).handle)
    app.add_routes(Results(production).routes())
    gold_copy = GoldCopy(production)
    app.add_routes(gold_copy.routes())
    app.add_routes(Dods(production, gold_copy).routes())
    app.add_routes(RawArchive(production).routes())
    return app


def listening_socket(fd: int | None, port: int) -> socket.socket:
    """Return the inherited listening socket, or a new one on loopback (0: any free port)."""
    if fd is not None:
        return socket.socket(fileno=fd)
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own.bind(("127.0.0.1", port))
    own.listen(256)
    return own


async def serve(
    listener: socket.socket,
    store: Path,
    settings: Settings,
    *,
    lifeline: bool,
    max_hours: float,
    keep_store: bool,
    ready: Callable[[str], None],
) -> None:
    """Serve until a signal, the end of the lifeline or the last hour.

    Parameters
    ----------
    listener : socket
        Listening, on loopback.
    store : Path
        The server's own folder.
    settings : Settings
    lifeline : bool
        Stop when standard input ends, as it does when the parent is gone.
    max_hours : float
        Stop by itself after so long.
    keep_store : bool
        False: delete the whole folder at the end.
    ready : callable
        Called with the API's URL once everything answers.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if lifeline:
        threading.Thread(target=_watch_standard_input, args=(loop, stop), daemon=True).start()
    production = Production(Ledger(store), settings)
    try:
        runner = web.AppRunner(application(production), access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        production.resume()
        await web.SockSite(runner, listener).start()
        port = listener.getsockname()[1]
        ready(f"http://127.0.0.1:{port}/api/m2m")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), max_hours * 3600.0)
    finally:
        watchdog = threading.Timer(STOP_PATIENCE_S, os._exit, (1,))
        watchdog.daemon = True
        watchdog.start()
        await production.close()
        if not keep_store:
            shutil.rmtree(store, ignore_errors=True)


def _watch_standard_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Wait for the end of standard input, then stop the server, if need be by force."""
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    watchdog = threading.Timer(STOP_PATIENCE_S, os._exit, (1,))
    watchdog.daemon = True
    watchdog.start()
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(stop.set)
