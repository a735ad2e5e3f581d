"""Data requests: reading their parameters, and the answers that need no files."""

import math
import re
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from plumbline.chunks import unix_ms
from plumbline.embedded.instruments import Instrument
from plumbline.embedded.orders import HOUR_MS, Order
from plumbline.embedded.particles import variables_of
from plumbline.embedded.settings import Settings
from plumbline.embedded.sources import Source, batches
from plumbline.embedded.streams import Stream
from plumbline.embedded.textfiles import particles

HARD_LIMIT = 20_000  # stream_engine's UI_HARD_LIMIT
SOFT_LIMIT_RATIO = 2.0  # fewer times the limit than this: everything is given
LEAST_SECONDS = 60
SECONDS_PER_BYTE = 4.1e-6
OVERLAP_PADDING = 2  # samples outside the window, where files overlap
DEFAULT_BEGIN = "2010-01-01T00:00:00.000Z"
MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z")
FORMATS = ("application/netcdf", "application/csv", "application/json")


class RefusalError(Exception):
    """A request that is refused: its HTTP status, and the object that goes into ``message``."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.content = {"status": text, "requestUUID": str(uuid.uuid4()), "code": status}


@dataclass(frozen=True)
class DataRequest:
    """What a client asks for: an inclusive window as a half-open one, and the options."""

    begin_ms: int
    end_ms: int
    media_type: str
    limit: int
    parameters: list[int]
    include_provenance: bool
    include_annotations: bool
    estimate_only: bool


def read_request(query: dict[str, str], stream: Stream) -> DataRequest:
    """Read the parameters of a data request.

    Raises
    ------
    RefusalError
        400 for a date, a number or a format that cannot be understood.
    """
    # Both ends are inclusive: the begin is rounded up to the millisecond, the end is one beyond.
    begin_ms = _begin_ms(query)
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    end_ms = _microseconds("endDT", query.get("endDT") or now) // 1000 + 1
    if end_ms <= begin_ms:
        raise RefusalError(400, "beginDT must not be after endDT")
    media_type = query.get("format", FORMATS[0])
    if media_type not in FORMATS:
        raise RefusalError(400, f"Unsupported format: {media_type}")
    return DataRequest(
        begin_ms,
        end_ms,
        media_type,
        _number("limit", query.get("limit") or "-1"),
        _parameters(query.get("parameters", ""), stream),
        _flag(query, "include_provenance"),
        _flag(query, "include_annotations"),
        _flag(query, "estimate_only"),
    )


def _microseconds(name: str, text: str) -> int:
    match = MOMENT.fullmatch(text)
    try:
        moment = datetime(*(int(part) for part in match.groups()[:6]), tzinfo=UTC) if match else None
    except ValueError:
        moment = None
    if moment is None:
        raise RefusalError(400, f"{name} is not a date of the form yyyy-MM-dd'T'HH:mm:ss.SSS'Z': {text}")
    return unix_ms(moment) * 1000 + int((match[7] or "0").ljust(6, "0")[:6])


def asked_begin_ms(query: dict[str, str]) -> int | None:
    """Return the begin of the asked window, milliseconds since 1970; None where it cannot be understood."""
    try:
        return _begin_ms(query)
    except RefusalError:
        return None


def _begin_ms(query: dict[str, str]) -> int:
    return -(-_microseconds("beginDT", query.get("beginDT") or DEFAULT_BEGIN) // 1000)


def _number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise RefusalError(400, f"{name} is not a number: {text}") from None


def _flag(query: dict[str, str], name: str) -> bool:
    return query.get(name, "false").lower() == "true"


def _parameters(text: str, stream: Stream) -> list[int]:
    numbers = [_number("parameters", part) for part in text.split(",") if part]
    known = {parameter.pd for parameter in variables_of(stream)}
    if any(number not in known for number in numbers):
        raise RefusalError(400, "The requested parameter does not exist in this stream")
    return numbers


def bins_touched(stream: Stream, source: Source, request: DataRequest) -> list[tuple[int, int]]:
    """Return the parts of the store's bins that a request touches and that hold data, half-open ms.

    Raises
    ------
    RefusalError
        404 where no bin has data: the same answer as for a stream that does not exist.
    """
    length, last = stream.partition_minutes * 60_000, source.end_ms() + 1
    begin, end = max(request.begin_ms, source.begin_ms), min(request.end_ms, last)
    bins = [
        (max(number * length, source.begin_ms), min((number + 1) * length, last))
        for number in range(begin // length, -(-end // length))
        if end > begin
    ]
    if not any(_has_samples(source, *one) for one in bins):
        raise RefusalError(404, "Query returned no results for primary stream")
    return bins


def _has_samples(source: Source, begin_ms: int, end_ms: int) -> bool:
    return any(len(source.hour_of_times(hour)) for hour in range(begin_ms // HOUR_MS, -(-end_ms // HOUR_MS)))


def estimate(stream: Stream, bins: list[tuple[int, int]]) -> dict[str, int]:
    """Return the server's guess at size (bytes) and time (seconds): whole bins at the nominal rate."""
    count = sum(-(-(end - begin) // stream.period_ms) for begin, end in bins)
    size = math.ceil(count * stream.estimate_bytes)
    return {
        "sizeCalculation": size,
        "timeCalculation": max(LEAST_SECONDS, round(size * SECONDS_PER_BYTE)),
        "numberOfSubJobs": len(bins),
    }


def order_of(
    request: DataRequest,
    query: dict[str, str],
    instrument: Instrument,
    stream: Stream,
    source: Source,
    settings: Settings,
    faults: list[dict],
) -> Order:
    """Return the order that a request makes, dated now, with what it will suffer from."""
    now, suffered = datetime.now(UTC), {fault["mode"]: fault for fault in faults}
    stamp = f"{now:%Y%m%dT%H%M%S}"
    if "old_stamp" not in suffered:
        stamp += f"{now.microsecond // 1000:03d}Z"
    padding_samples = max(settings.padding_samples, OVERLAP_PADDING if "overlap" in suffered else 0)
    deployment = instrument.deployment
    if "deployment_changes" in suffered:
        deployment += suffered["deployment_changes"]["strike"] - 1
    return Order(
        directory=f"{stamp}-{instrument.designator}-{stream.method}-{stream.name}",
        request_uuid=str(uuid.uuid4()),
        accepted=f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
        designator=instrument.designator,
        method=stream.method,
        stream=stream.name,
        begin_ms=max(request.begin_ms, source.begin_ms),
        end_ms=min(request.end_ms, source.end_ms() + 1),
        query={name: value for name, value in query.items() if name not in ("user", "email")},
        media_type=request.media_type,
        parameters=request.parameters,
        include_provenance=request.include_provenance,
        include_annotations=request.include_annotations,
        deployment=deployment,
        max_file_bytes=settings.max_file_bytes,
        padding_samples=padding_samples,
        origin=source.origin,
        asked_begin_ms=request.begin_ms,
        faults=faults,
    )


def synchronous(order: Order, limit: int, instrument: Instrument, stream: Stream, source: Source) -> list[dict]:
    """Return particles at once, as a request with a positive limit gets them.

    The limit is soft: up to twice as many are given whole, more are thinned out evenly.

    Raises
    ------
    RefusalError
        413 above the hard limit, 404 where nothing is.
    """
    if limit > HARD_LIMIT:
        raise RefusalError(
            413,
            f"{order.request_uuid} Requested number of particles ({limit:,}) larger than maximum allowed "
            f"limit ({HARD_LIMIT:,})",
        )
    hours = range(order.begin_ms // HOUR_MS, -(-order.end_ms // HOUR_MS))
    if stream.period_ms > HOUR_MS:  # there is nothing in most hours
        hours = [hour for hour in hours if len(source.hour_of_times(hour))]
    if not hours:
        raise RefusalError(404, "Query returned no results for primary stream")
    nominal = (order.end_ms - order.begin_ms) / stream.period_ms
    thinned = nominal >= SOFT_LIMIT_RATIO * limit
    if thinned and len(hours) > limit:
        hours = [hours[place * len(hours) // limit] for place in range(limit)]
    per_hour = max(1, math.ceil(limit / len(hours)))
    rows, plain = [], replace(order, include_provenance=False)
    for hour in hours:
        begin_ms, end_ms = max(hour * HOUR_MS, order.begin_ms), min((hour + 1) * HOUR_MS, order.end_ms)
        for time_ms, known in batches(source, begin_ms, end_ms, 1):
            step = max(1, math.ceil(len(time_ms) / per_hour)) if thinned else 1
            known = {name: values[::step] for name, values in known.items()}
            number = plain.deployment_at(int(time_ms[0]), instrument)
            rows += particles(plain, instrument, stream, time_ms[::step], known, number)
    if not rows:
        raise RefusalError(404, "Query returned no results for primary stream")
    return rows
