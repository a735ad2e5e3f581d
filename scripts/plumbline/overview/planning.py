"""What a run would order: chunks, sizes and times, before anything is paid for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import requests

from plumbline.chunks import Chunk, isoformat
from plumbline.configuration import Stream
from plumbline.errors import PlumblineError
from plumbline.ooi.deployments import deployments, overlapping
from plumbline.ooi.inventory import DataRange, check_stream, data_range
from plumbline.ooi.orders import Query, estimate_of, place
from plumbline.ooi.places import FILES, Place
from plumbline.overview.states import BINNED, DOWNLOADED, GIVEN_UP, NO_DATA, NOT_ASKED, ORDERED, ChunkState

# The server is asked for its estimate of so many chunks of a stream; the others are reckoned by their length.
MOST_ESTIMATES = 6

# Bins beside netCDF: n, mean, M2, min, max of 7.5 s, compressed, against 150 samples of 40 bytes.
BINS_SHARE = 0.01


@dataclass
class ChunkPlan:
    """What a run would do about one chunk.

    Attributes
    ----------
    chunk : str
    action : str
        ``nothing`` (its bins are there), ``go on`` (ordered or fetched already), ``order``, or
        ``no data`` (the inventory has none, so that nothing will be ordered; or OOI has said so).
    bytes : float
        Of netCDF files that would be fetched, as reckoned from the nominal rate.
    server_bytes, server_s : float or None
        OOI's own estimate, where it was asked.
    """

    chunk: str
    begin: str
    end: str
    action: str
    bytes: float = 0.0
    server_bytes: float | None = None
    server_s: float | None = None


@dataclass
class StreamPlan:
    """What a run would do about one stream.

    Attributes
    ----------
    share : float
        Which share of a file's bytes is fetched.
    """

    name: str
    share: float = 1.0
    range: DataRange | None = None
    deployments: list[dict] = field(default_factory=list)
    chunks: list[ChunkPlan] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def of(self, action: str) -> list[ChunkPlan]:
        """Return the chunks with one action; files that are to be found are counted with those to be ordered."""
        alike = (action, "find") if action == "order" else (action,)
        return [chunk for chunk in self.chunks if chunk.action in alike]

    def numbers(self) -> list[int]:
        """Return how many chunks there are, are there, have no data, are to be ordered, are under way."""
        return [len(self.chunks), *(len(self.of(action)) for action in ("nothing", "no data", "order", "go on"))]

    @property
    def bytes_to_come(self) -> float:
        """Bytes of netCDF still to be downloaded, as reckoned from the nominal rate."""
        return sum(chunk.bytes for action in ("order", "go on") for chunk in self.of(action))

    @property
    def bins_to_come(self) -> float:
        """Bytes of the bins that are made of them."""
        return BINS_SHARE * self.bytes_to_come / self.share

    @property
    def server_bytes(self) -> float:
        """OOI's estimate for the chunks to be ordered; those it was not asked for go by their length."""
        return self._scaled("server_bytes")

    @property
    def server_s(self) -> float:
        """OOI's estimate of the time, order after order, seconds."""
        return self._scaled("server_s")

    def _scaled(self, name: str) -> float:
        to_order = self.of("order")
        known = [chunk for chunk in to_order if getattr(chunk, name) is not None]
        base = sum(chunk.bytes for chunk in known)
        return (
            sum(getattr(chunk, name) for chunk in known) * sum(chunk.bytes for chunk in to_order) / base
            if base
            else 0.0
        )

    def range_text(self) -> str:
        """Return from when to when OOI has data."""
        return f"{self.range.begin:%Y-%m-%d} to {self.range.end:%Y-%m-%d}" if self.range else "not known"


def plan_stream(
    session: requests.Session, api_url: str, stream: Stream, states: list[ChunkState], share: float = 1.0
) -> StreamPlan:
    """Plan one stream: what is there, what OOI has data for, and what that will be.

    Nothing is ordered. The server is asked for the stream's time range, its deployments, and its own
    estimate of some of the chunks.

    Parameters
    ----------
    session : requests.Session
        With the account.
    api_url : str
    stream : Stream
    states : list of ChunkState
        How far each of the stream's chunks is.
    share : float
        Which share of a file's bytes is fetched, 1 for whole files.
    """
    names = (stream.reference_designator, stream.method, stream.stream)
    plan = StreamPlan(stream.name, share, data_range(session, api_url, *names))
    if share < 1:
        fetched = ", ".join(["time", *stream.variables])
        plan.remarks.append(f"a subset: {fetched} alone are fetched, about {share:.0%} of what OOI writes")
    plan.deployments = deployments(session, api_url, stream.reference_designator) or []
    if plan.range is None:
        try:
            check_stream(session, api_url, *names)
            plan.remarks.append("the inventory does not tell from when to when there are data")
        except PlumblineError as error:
            plan.remarks.append(str(error))
    chunks = [Chunk(state.chunk, *map(datetime.fromisoformat, (state.begin, state.end))) for state in states]
    for chunk, state in zip(chunks, states, strict=True):
        plan.chunks.append(_plan_chunk(stream, plan, chunk, state))
    _ask_for_estimates(session, api_url, stream, plan, chunks)
    outside = [chunk for chunk in chunks if not overlapping(plan.deployments, chunk.begin, chunk.end)]
    if plan.deployments and outside:
        plan.remarks.append(f"{len(outside)} chunks lie outside every deployment, the first is {outside[0].name}")
    return plan


def plan_found(place: Place, stream: Stream, states: list[ChunkState], share: float = 1.0) -> StreamPlan:
    """Plan a stream of which nothing is ordered; no server is asked. Parameters as in `plan_stream`."""
    plan = StreamPlan(stream.name, share)
    plan.remarks.append(f"source {place.source}: nothing is ordered; files are looked for at {place.address}")
    chunks = [Chunk(state.chunk, *map(datetime.fromisoformat, (state.begin, state.end))) for state in states]
    for chunk, state in zip(chunks, states, strict=True):
        row = _plan_chunk(stream, plan, chunk, state)
        row.action = "find" if row.action == "order" else row.action
        if place.source == FILES:  # they are linked
            row.bytes = 0.0
        plan.chunks.append(row)
    return plan


def _plan_chunk(stream: Stream, plan: StreamPlan, chunk: Chunk, state: ChunkState) -> ChunkPlan:
    row = ChunkPlan(chunk.name, isoformat(chunk.begin), isoformat(chunk.end), "order")
    row.bytes = plan.share * stream.expected_bytes(_overlap(plan.range, chunk))
    if state.state == BINNED:
        row.action, row.bytes = "nothing", 0.0
    elif state.state == NO_DATA:
        row.action, row.bytes = "no data" if state.used is None else "nothing", 0.0
    elif state.state in (NOT_ASKED, GIVEN_UP):
        if plan.range and not plan.range.overlaps(chunk.begin, chunk.end):
            row.action, row.bytes = "no data", 0.0
    else:
        row.action = "go on"
        if state.state != ORDERED:
            row.bytes = (
                0.0 if state.state == DOWNLOADED else max(0.0, plan.share * state.bytes_total - state.bytes_here)
            )
    return row


def _overlap(known: DataRange | None, chunk: Chunk) -> timedelta:
    if known is None:
        return chunk.end - chunk.begin
    return max(min(known.end, chunk.end) - max(known.begin, chunk.begin), timedelta(0))


def _ask_for_estimates(
    session: requests.Session, api_url: str, stream: Stream, plan: StreamPlan, chunks: list[Chunk]
) -> None:
    to_order = [(row, chunk) for row, chunk in zip(plan.chunks, chunks, strict=True) if row.action == "order"]
    step = max(1, -(-len(to_order) // MOST_ESTIMATES))
    for row, chunk in to_order[::step]:
        query = Query(stream.reference_designator, stream.method, stream.stream, chunk.begin, chunk.end)
        try:
            answer = place(session, api_url, query, estimate_only=True)
        except PlumblineError as error:
            plan.remarks.append(str(error))
            return
        if answer.accepted:
            row.server_bytes, row.server_s = estimate_of(answer.content)
        else:
            row.action, row.bytes = "no data", 0.0
