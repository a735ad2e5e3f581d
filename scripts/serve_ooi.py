"""Run Plumbline's embedded OOI server: the machine-to-machine API and its results, on loopback."""

import argparse
import asyncio
import tempfile
from pathlib import Path


def main() -> None:
    """Read the command line and serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default 0: any free one)")
    parser.add_argument("--store", type=Path, help="folder for orders and results (default: a temporary one)")
    parser.add_argument("--settings", default="{}", help="settings as JSON, or a file that holds them")
    parser.add_argument("--fd", type=int, help="serve on this inherited listening socket")
    parser.add_argument("--lifeline", action="store_true", help="stop when standard input ends")
    parser.add_argument("--max-hours", type=float, default=24.0, help="stop by itself after so long (default 24)")
    arguments = parser.parse_args()

    from plumbline.reporting import reported

    with reported(None, "embedded server"):
        from plumbline.embedded import TOKEN, USERNAME
        from plumbline.embedded.server import listening_socket, serve
        from plumbline.embedded.settings import read_settings

        def ready(url: str) -> None:
            print(f"API        {url}\nuser name  {USERNAME}\ntoken      {TOKEN}", flush=True)
            print("Stop it with Ctrl-C.", flush=True)

        asyncio.run(
            serve(
                listening_socket(arguments.fd, arguments.port),
                arguments.store or Path(tempfile.mkdtemp(prefix="plumbline-ooi-")),
                read_settings(arguments.settings),
                lifeline=arguments.lifeline,
                max_hours=arguments.max_hours,
                keep_store=arguments.store is not None,
                ready=ready,
            )
        )


if __name__ == "__main__":
    main()
