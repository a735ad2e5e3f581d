"""The configuration: its keys, their defaults, and one sentence for every mistake.

The models below are the one place where keys and defaults stand; ``config/README.md`` explains
them, and ``config/schema.json`` is made from them.
"""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from plumbline.chunks import WORDS, Chunk, isoformat, split, split_open
from plumbline.embedded.faultmodes import fault_from
from plumbline.errors import PlumblineError
from plumbline.intervals import ALLOWED as ALLOWED_INTERVALS
from plumbline.intervals import base_interval_ms, interval_ms
from plumbline.mistakes import sentence, shown
from plumbline.ooi.names import REFERENCE_DESIGNATOR, STREAMS, subset_share

# Folders under results/ that are not streams, and names that file systems keep for themselves.
RESERVED_NAMES = {"supplement", "report", "con", "nul", "aux", "prn"}
DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)")
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def _matching(pattern: str, allowed: str) -> Any:
    """Return a text type that must match a pattern whole, with words for what is allowed."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(f"{shown(value)} is not allowed; allowed is {allowed}")
        return value

    return Annotated[str, BeforeValidator(check), WithJsonSchema({"type": "string", "pattern": f"^({pattern})$"})]


def _stream_name(value: Any) -> str:
    allowed = "letters, digits, '-', '_' and '.', beginning with a letter or digit, at most 64 characters"
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", value):
        raise ValueError(f"{shown(value)} cannot name a folder; allowed are {allowed}")
    if value.lower() in RESERVED_NAMES or value.endswith("."):
        raise ValueError(f"'{value}' cannot name a stream's folder; choose another name")
    return value


def _moment(value: Any) -> datetime:
    """Read a date or a time as UTC."""
    allowed = "a date such as 2015-04-23 or a UTC time such as 2015-04-23T12:00:00Z"
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{shown(value)} is not a time; allowed is {allowed}") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise ValueError(f"{shown(value)} is not a time; allowed is {allowed}")
    value = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if value.microsecond % 1000:
        raise ValueError(f"{shown(value)} is finer than a millisecond; allowed is {allowed}")
    if not 1970 < value.year < 2200:
        raise ValueError(f"{shown(value)} is out of reach; allowed are the years 1971 to 2199")
    return value


def _duration(value: Any) -> float:
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if not match or float(match[1]) <= 0:
        raise ValueError(f"{shown(value)} is not a duration; allowed is a number with s, min, h or d: 48h")
    return float(match[1]) * SECONDS[match[2]]


def _api(value: Any) -> str:
    if value == "embedded":
        return value
    allowed = "'embedded' or a URL such as https://ooinet.oceanobservatories.org/api/m2m"
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{shown(value)} is not an API; allowed is {allowed}")
    if parts.username or parts.password:
        raise ValueError("the URL holds a user name or password; credentials go into OOI_USERNAME and OOI_TOKEN")
    return value.rstrip("/")


def _interval(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not an interval; allowed are {ALLOWED_INTERVALS}")
    try:
        interval_ms(value)
    except PlumblineError as error:
        raise ValueError(str(error)) from None
    if not re.fullmatch(r"[0-9A-Za-z.]+", value):
        raise ValueError(f"{shown(value)} cannot be part of a file name; write it like 1min, without spaces")
    return value


def _without_repeats(values: list) -> list:
    repeated = [value for place, value in enumerate(values) if value in values[:place]]
    if repeated:
        raise ValueError(f"'{repeated[0]}' stands there twice; once is enough")
    return values


def _with_csv(formats: list) -> list:
    if "csv" not in formats:
        raise ValueError("csv is missing: the other formats are made from it; allowed are [csv] and [csv, parquet]")
    return formats


Interval = Annotated[str, BeforeValidator(_interval)]
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string"})]
Duration = Annotated[
    float, BeforeValidator(_duration), WithJsonSchema({"type": "string", "pattern": f"^{DURATION.pattern}$"})
]
Variable = _matching(r"[A-Za-z][A-Za-z0-9_]*", "a variable of the netCDF files, such as bottom_pressure")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


class Ooi(_Section):
    """Where orders go and how long they may take."""

    api: Annotated[str, BeforeValidator(_api)] = Field("embedded", description="'embedded', or the URL of an M2M API")
    deadline: Duration = Field("48h", validate_default=True, description="how long to wait for one order, in one run")
    unreadable: Literal["stop", "skip"] = Field(
        "stop", description="what to do about a file that the server has in a state that cannot be read"
    )
    email: Literal["account", "none"] = Field("account", description="whether OOI sends a mail when an order is ready")


class Stream(_Section):
    """One row of the configuration: an instrument's stream over a window, under a short name."""

    name: Annotated[str, BeforeValidator(_stream_name)] = Field(description="short name: the folder in results/")
    reference_designator: _matching(
        REFERENCE_DESIGNATOR.pattern, "OOI's 27 characters, such as RS03CCAL-MJ03F-05-BOTPTA301"
    ) = Field(description="the instrument")
    method: _matching(r"[a-z][a-z0-9_]*", "a delivery method, such as streamed or recovered_inst") = Field(
        description="delivery method"
    )
    stream: _matching(r"[a-z][a-z0-9_]*", "an OOI stream, such as botpt_nano_sample") = Field(
        description="OOI's name of the stream"
    )
    variables: Annotated[list[Variable], AfterValidator(_without_repeats)] = Field(
        min_length=1, description="variables to reduce"
    )
    begin: Moment = Field(description="begin of the window, UTC, inclusive")
    end: Moment | None = Field(None, description="end, exclusive; null: up to the last complete UTC day")
    chunk: Literal[WORDS] = Field("month", description="calendar piece of one order")
    sample_rate_hz: float | None = Field(
        None, gt=0, le=10_000, description="nominal rate, for streams that Plumbline does not know"
    )

    keep_netcdf: bool | None = Field(None, description="as the key of the same name outside the streams")
    download: Literal["whole", "subset"] | None = Field(
        None, description="as the key of the same name outside the streams"
    )

    @model_validator(mode="after")
    def _begin_before_end(self, info: ValidationInfo) -> "Stream":
        end = self.end or (info.context or {}).get("as_of") or last_midnight()
        if self.begin >= end:
            what = "the last complete UTC day ends at" if self.end is None else "end is"
            raise ValueError(
                f"key 'begin': {isoformat(self.begin)} is not before the end of the window: {what} {isoformat(end)}; "
                "allowed is a begin before the end, which is exclusive"
            )
        return self

    def chunks(self, as_of: datetime | None = None, there: Collection[str] = ()) -> dict[str, Chunk]:
        """Return the window's chunks by name, in time order.

        Parameters
        ----------
        as_of : datetime or None
            Where a window without an end ends: a midnight, UTC; None: the last one that has passed.
        there : collection of str
            Names of chunks that were ordered before; how a window without an end is cut follows them.
        """
        if self.end is None:
            pieces = split_open(self.begin, as_of or last_midnight(), self.chunk, there)
        else:
            pieces = split(self.begin, self.end, self.chunk)
        return {chunk.name: chunk for chunk in pieces}

    @property
    def rate_hz(self) -> float | None:
        """Nominal sampling rate in Hz, or None where it is not known."""
        known = STREAMS.get(self.stream)
        return self.sample_rate_hz or (known.rate_hz if known else None)

    def expected_bytes(self, duration: timedelta) -> float:
        """Return about how many bytes of netCDF OOI delivers for a duration."""
        known = STREAMS.get(self.stream)
        return duration.total_seconds() * (self.rate_hz or 1.0) * (known.bytes_per_sample if known else 100.0)


def last_midnight(now: datetime | None = None) -> datetime:
    """Return the end of the last complete UTC day before a time (None: the present)."""
    return datetime.combine((now or datetime.now(UTC)).date(), time(), UTC)


class Replay(_Section):
    """A record that the embedded server serves in place of its signal model."""

    file: str = Field(min_length=1, description="an npz or netCDF file")
    reference_designator: str
    method: str = "streamed"
    stream: str


def _fault(value: Any) -> dict:
    """Check a fault by the embedded server's own code, and return it as JSON can hold it."""
    return fault_from(value).plain()


class Embedded(_Section):
    """Settings of the embedded server; without effect on any other."""

    replay: list[Replay] = Field([], description="records to serve in place of the signal model")
    faults: list[Annotated[dict, BeforeValidator(_fault)]] = Field(
        [], description="faults to switch on, to see what becomes of them; docs/embedded-server.md lists them"
    )


class Configuration(_Section):
    """The whole configuration."""

    ooi: Ooi = Field(default_factory=Ooi)
    streams: list[Stream] = Field(min_length=1)
    resample: Annotated[list[Interval], AfterValidator(_without_repeats)] = Field(
        ["1min", "1h"], min_length=1, description="intervals of the tables"
    )
    formats: Annotated[list[Literal["csv", "parquet"]], AfterValidator(_without_repeats), AfterValidator(_with_csv)] = (
        Field(["csv"], description="of the tables; parquet is written beside csv")
    )
    keep_netcdf: bool = Field(True, description="false: netCDF files are removed once their bins are written")
    download: Literal["whole", "subset"] = Field(
        "whole", description="subset: only time and the stream's variables are fetched, by ranges"
    )
    as_of: Moment | None = Field(None, description="the day on which streams without an end are taken to be asked for")
    embedded: Embedded = Field(default_factory=Embedded)

    @model_validator(mode="after")
    def _names_differ(self) -> "Configuration":
        seen: dict[str, int] = {}
        for place, stream in enumerate(self.streams, start=1):
            # Compared without case: two folders on Linux are one on macOS.
            folded = stream.name.casefold()
            if folded in seen:
                raise ValueError(
                    f"streams {seen[folded]} and {place} are both named '{stream.name}'; every name must differ"
                )
            seen[folded] = place
        return self

    def stream(self, name: str) -> Stream:
        """Return the stream of a name."""
        return next(stream for stream in self.streams if stream.name == name)

    def open_end(self) -> datetime:
        """Return the end of streams that have none: the last midnight before `as_of`, or before the present."""
        return min(last_midnight(), last_midnight(self.as_of)) if self.as_of else last_midnight()

    def keeps_netcdf(self, stream: Stream) -> bool:
        """Tell whether a stream's netCDF files stay after they have been binned."""
        return self.keep_netcdf if stream.keep_netcdf is None else stream.keep_netcdf

    def download_of(self, stream: Stream) -> str:
        """Return what is fetched of a stream's files: ``whole`` or ``subset``."""
        return stream.download or self.download

    def share_of(self, stream: Stream) -> float:
        """Return about which share of a stream's files is fetched."""
        return subset_share(len(stream.variables)) if self.download_of(stream) == "subset" else 1.0

    def intervals_ms(self) -> dict[str, int]:
        """Return the tables' intervals: text as configured, length in milliseconds."""
        return {text: interval_ms(text) for text in self.resample}

    def base_ms(self, stream: Stream) -> int:
        """Return the base interval of a stream's bins, in milliseconds."""
        return base_interval_ms(list(self.intervals_ms().values()), stream.rate_hz)


def _as_of(config: dict) -> datetime | None:
    """Return the midnight that `as_of` names; a mistake in it is told where it stands."""
    try:
        return last_midnight(_moment(config["as_of"])) if config.get("as_of") is not None else None
    except ValueError:
        return None


def read(config: dict) -> Configuration:
    """Check a configuration.

    Parameters
    ----------
    config : dict
        As read from YAML.

    Raises
    ------
    PlumblineError
        One sentence for each mistake, a line each.
    """
    try:
        return Configuration.model_validate(config, context={"as_of": _as_of(config)})
    except ValidationError as error:
        # One mistake can be reported by several branches of a type; one sentence is enough.
        sentences = dict.fromkeys(sentence(Configuration, config, detail) for detail in error.errors())
        raise PlumblineError("\n".join(sentences)) from None


def json_schema() -> dict:
    """Return the configuration's JSON schema, for editors that complete and check YAML."""
    return Configuration.model_json_schema()
