"""The tables of `snakemake status` and `snakemake plan`, for a terminal."""

import sys
from collections import Counter

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plumbline.overview.planning import StreamPlan
from plumbline.overview.states import (
    BINNED,
    DOWNLOADED,
    DOWNLOADING,
    GIVEN_UP,
    NO_DATA,
    NOT_ASKED,
    ORDERED,
    READY,
    ChunkState,
)
from plumbline.reporting import counted, human_bytes, human_seconds

# Where there is no terminal, and so no width: a page of a log.
PLAIN_WIDTH = 120
# More chunks than these are counted; those that need a look are listed all the same, up to the second number.
LISTED_ALL, LISTED_OPEN = 40, 100

STYLES = {BINNED: "green", NO_DATA: "dim", NOT_ASKED: "dim", ORDERED: "yellow", GIVEN_UP: "red"}


def console() -> Console:
    """Return a console on standard output, with the terminal's width where there is one."""
    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)


def show_status(
    out: Console, streams: dict[str, list[ChunkState]], running: bool, estimated: dict[str, float] | None = None
) -> None:
    """Print how far every stream is, and every chunk that needs a look.

    Parameters
    ----------
    out : Console
    streams : dict
        The chunks of each stream, in time order.
    running : bool
        Whether a run is at work in this folder.
    estimated : dict, optional
        Rates in Hz that were estimated, by the name of the stream.
    """
    counts = {name: _counts(chunks) for name, chunks in streams.items()}
    titles = [title for title in next(iter(counts.values())) if any(one[title] for one in counts.values())]
    table = _table("Streams")
    table.add_column("stream", no_wrap=True)
    for title in (*titles, "netCDF here", "coverage"):
        table.add_column(title, justify="right")
    for name, chunks in streams.items():
        here = sum(chunk.bytes_here for chunk in chunks)
        cells = [str(counts[name][title] or "-") for title in titles]
        table.add_row(name, *cells, human_bytes(here) if here else "-", percent(covered(chunks)))
    out.print(table)
    _list_chunks(out, streams)
    for name, rate_hz in (estimated or {}).items():
        often = f"{rate_hz:g} Hz" if rate_hz >= 1 else f"one sample every {1 / rate_hz:g} s"
        out.print(f"{name}: coverage is reckoned from a rate that was estimated from the data, {often}.")
    out.print("A run is at work in this folder." if running else "No run is at work in this folder.")


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)


def _counts(chunks: list[ChunkState]) -> dict[str, int]:
    """Return how many chunks there are, and how many stand where, in the order of the steps."""
    count = Counter(chunk.state for chunk in chunks)
    return {
        "chunks": len(chunks),
        "not asked": count[NOT_ASKED],
        "given up": count[GIVEN_UP],
        "ordered": count[ORDERED],
        "fetching": count[READY] + count[DOWNLOADING],
        "fetched": count[DOWNLOADED],
        "binned": count[BINNED],
        "no data": count[NO_DATA],
        "errors": sum(bool(chunk.error) for chunk in chunks),
    }


def _list_chunks(out: Console, streams: dict[str, list[ChunkState]]) -> None:
    rows = [(name, chunk) for name, chunks in streams.items() for chunk in chunks]
    if len(rows) > LISTED_ALL:
        done = (BINNED, NO_DATA, NOT_ASKED)
        rows = [(name, one) for name, one in rows if one.state not in done or one.error or one.failed_slices]
    if not rows:
        return
    table = _table("Chunks")
    for title in ("stream", "chunk", "state"):
        table.add_column(title, no_wrap=True)
    table.add_column("netCDF", justify="right")
    table.add_column("coverage", justify="right")
    table.add_column("what there is to say", overflow="fold")
    for name, chunk in rows[:LISTED_OPEN]:
        state = Text(chunk.state + (", freed" if chunk.freed else ""), style=STYLES.get(chunk.state, ""))
        table.add_row(name, chunk.chunk, state, _bytes(chunk), percent(chunk.coverage), _remark(chunk))
    out.print(table)
    if len(rows) > LISTED_OPEN:
        out.print(f"and {len(rows) - LISTED_OPEN} more chunks; all are in results/status.json")


def _bytes(chunk: ChunkState) -> str:
    about, to_come = ("about ", chunk.share * chunk.bytes_total) if chunk.share < 1 else ("", chunk.bytes_total)
    if chunk.state == DOWNLOADING:
        return f"{human_bytes(chunk.bytes_here)} of {about}{human_bytes(to_come)}"
    if chunk.bytes_here:
        return human_bytes(chunk.bytes_here)
    return f"about {human_bytes(to_come)}" if chunk.state == ORDERED and chunk.bytes_total else "-"


def _remark(chunk: ChunkState) -> Text:
    parts = []
    if chunk.state == ORDERED:
        left = f", about {human_seconds(chunk.left_s)} left by the server's estimate" if chunk.left_s else ""
        parts.append(f"since {chunk.ordered_at}{left}")
    if chunk.failed_slices:
        parts.append(f"the server failed on {counted(chunk.failed_slices, 'slice')}")
    text = Text("; ".join(parts))
    if chunk.error:
        text.append(("; " if parts else "") + chunk.error, style="red")
    return text


def covered(chunks: list[ChunkState]) -> float | None:
    """Return the share of the expected samples in all chunks that have bins; None where it is not known."""
    known = [chunk for chunk in chunks if chunk.coverage is not None]
    return sum(chunk.used for chunk in known) / sum(chunk.expected for chunk in known) if known else None


def percent(share: float | None) -> str:
    """Return a share as a person reads it; a gap, however small, is not rounded away."""
    if share is None:
        return "-"
    return f"{min(share, 0.9999) * 100:.2f} %" if share < 1 else "100 %"


def _list_planned(out: Console, plans: list[StreamPlan]) -> None:
    table = _table("Chunks")
    for title in ("stream", "chunk", "what to do"):
        table.add_column(title, no_wrap=True)
    for title in ("to download", "OOI's estimate"):
        table.add_column(title, justify="right", no_wrap=True)
    for plan in plans:
        for chunk in plan.chunks:
            asked = chunk.server_bytes is not None
            server = f"{human_bytes(chunk.server_bytes)}, {human_seconds(chunk.server_s)}" if asked else "-"
            table.add_row(
                plan.name, chunk.chunk, chunk.action, human_bytes(chunk.bytes) if chunk.bytes else "-", server
            )
    out.print(table)


def show_plan(out: Console, plans: list[StreamPlan], free_bytes: int, needed_bytes: float) -> None:
    """Print what a run would order, stream by stream, and whether the disk has room for it."""
    table = _table("What a run would do")
    table.add_column("stream", no_wrap=True)
    for title in ("chunks", "there", "no data", "to order", "under way"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("to download", justify="right", no_wrap=True)
    table.add_column("OOI's estimate", justify="right", no_wrap=True)
    table.add_column("OOI has data")
    for plan in plans:
        cells = [str(number) if number else "-" for number in plan.numbers()]
        server = f"{human_bytes(plan.server_bytes)}, {human_seconds(plan.server_s)}" if plan.server_bytes else "-"
        table.add_row(plan.name, *cells, human_bytes(plan.bytes_to_come), server, plan.range_text())
    out.print(table)
    if sum(len(plan.chunks) for plan in plans) <= LISTED_ALL:
        _list_planned(out, plans)
    for plan in plans:
        for remark in plan.remarks:
            out.print(f"{plan.name}: {remark}")
    out.print(
        f"Disk: {human_bytes(needed_bytes)} needed, {human_bytes(free_bytes)} free"
        + ("." if needed_bytes < free_bytes else ": NOT ENOUGH. Make room, or set 'keep_netcdf: false'.")
    )
    out.print(
        "'to download' is reckoned from rates and measured sizes; OOI's own estimate counts whole partitions. "
        "Every chunk stands in results/plan.csv."
    )
