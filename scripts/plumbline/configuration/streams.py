"""Where orders go, and the streams that are ordered."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    model_validator,
)

from plumbline.chunks import WORDS, Chunk, isoformat, split, split_open
from plumbline.configuration.values import (
    Address,
    Duration,
    Moment,
    Section,
    Variable,
    api_url,
    matching,
    stream_name,
    with_mean,
    without_repeats,
)
from plumbline.ooi.names import CORRECTED_COMPASS, REFERENCE_DESIGNATOR, STREAMS, is_direction
from plumbline.ooi.places import CATALOGUED, FILES, M2M, RAW, RAW_STREAMS, RAW_VARIABLES, SOURCES, THREDDS
from plumbline.samples.marks import MARK, marked


def last_midnight(now: datetime | None = None) -> datetime:
    """Return the end of the last complete UTC day before a time (None: the present)."""
    return datetime.combine((now or datetime.now(UTC)).date(), time(), UTC)


class Ooi(Section):
    """Where orders go and how long they may take."""

    api: Annotated[str, BeforeValidator(api_url)] = Field(
        "embedded", description="'embedded', or the URL of an M2M API"
    )
    deadline: Duration = Field("48h", validate_default=True, description="how long to wait for one order, in one run")
    unreadable: Literal["stop", "skip"] = Field(
        "stop", description="what to do about a file that the server has in a state that cannot be read"
    )
    email: Literal["account", "none"] = Field("account", description="whether OOI sends a mail when an order is ready")
    goldcopy: Address | None = Field(
        None, description="root of the THREDDS server with the gold copy; null: OOI's own, or the embedded server's"
    )
    raw_archive: Address | None = Field(
        None, description="root of the raw archive; null: OOI's own, or the embedded server's"
    )


class Stream(Section):
    """One row of the configuration: an instrument's stream over a window, under a short name."""

    name: Annotated[str, BeforeValidator(stream_name)] = Field(description="short name: the folder in results/")
    reference_designator: matching(
        REFERENCE_DESIGNATOR.pattern, "OOI's 27 characters, such as RS03CCAL-MJ03F-05-BOTPTA301"
    ) = Field(description="the instrument")
    method: matching(r"[a-z][a-z0-9_]*", "a delivery method, such as streamed or recovered_inst") = Field(
        description="delivery method"
    )
    stream: matching(r"[a-z][a-z0-9_]*", "an OOI stream, such as botpt_nano_sample") = Field(
        description="OOI's name of the stream"
    )
    variables: Annotated[list[Variable], AfterValidator(without_repeats), AfterValidator(with_mean)] = Field(
        min_length=1, description="variables to reduce"
    )
    directions: Annotated[list[Variable], AfterValidator(without_repeats)] | None = Field(
        None, description="those of the variables that are directions in degrees; null: by their names"
    )
    begin: Moment = Field(description="begin of the window, UTC, inclusive")
    end: Moment | None = Field(None, description="end, exclusive; null: up to the last complete UTC day")
    chunk: Literal[WORDS] = Field("month", description="calendar piece of one order")
    sample_rate_hz: float | None = Field(
        None, gt=0, le=10_000, description="nominal rate, for streams that Plumbline does not know"
    )

    source: Literal[SOURCES] = Field(M2M, description="where the files come from")
    results: Literal["apache", "thredds"] = Field(
        "apache", description="from which server the results of orders are read; the other one steps in for it"
    )
    catalog: Address | None = Field(None, description="of a THREDDS catalog, for thredds, opendap and goldcopy")
    archive: Address | None = Field(None, description="of the folder of raw files, for raw")
    files: str | None = Field(None, min_length=1, description="folder or pattern of netCDF files, for files")

    keep_netcdf: bool | None = Field(None, description="as the key of the same name outside the streams")
    download: Literal["whole", "subset"] | None = Field(
        None, description="as the key of the same name outside the streams"
    )

    products: bool = Field(True, description="whether products are made of its pressure or tilt")

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

    @model_validator(mode="after")
    def _keys_of_its_source(self) -> "Stream":
        """Refuse keys that belong to another source, and a source without the one that it needs."""
        belongs = {"catalog": CATALOGUED, "archive": (RAW,), "files": (FILES,), "results": (M2M,)}
        for key, sources in belongs.items():
            # A default that stands there, as in a supplement, asks for nothing.
            asked = getattr(self, key) != type(self).model_fields[key].default
            if asked and self.source not in sources:
                raise ValueError(
                    f"key '{key}': the source is '{self.source}', which has none; it is for {' and '.join(sources)}"
                )
        needed = {THREDDS: ("catalog", "the URL of a catalog"), FILES: ("files", "a folder or a pattern: data/*.nc")}
        key, what = needed.get(self.source, ("", ""))
        if key and getattr(self, key) is None:
            raise ValueError(f"key '{key}' is missing: source '{self.source}' needs it; allowed is {what}")
        if self.source == RAW and self.stream not in RAW_STREAMS:
            raise ValueError(
                f"key 'stream': the raw archive has no '{self.stream}'; allowed are {', '.join(RAW_STREAMS)}"
            )
        held = RAW_VARIABLES[RAW_STREAMS[self.stream]] if self.source == RAW else self.variables
        for name in self.variables:
            if name not in held:
                raise ValueError(f"key 'variables': raw lines hold no '{name}'; allowed are {', '.join(held)}")
        return self

    @model_validator(mode="after")
    def _directions_are_variables(self) -> "Stream":
        for name in self.directions or []:
            if name not in self.variables:
                allowed = ", ".join(self.variables)
                raise ValueError(f"key 'directions': '{name}' is none of the stream's variables; allowed are {allowed}")
        return self

    @property
    def corrected_compass(self) -> str | None:
        """The variable that tells where the compass points, corrected; None where the stream has none."""
        return CORRECTED_COMPASS if CORRECTED_COMPASS + MARK in self.binned else None

    @property
    def binned(self) -> list[str]:
        """The variables as the bin step takes them: those that are directions are marked."""
        directions = self.directions if self.directions is not None else filter(is_direction, self.variables)
        return marked(self.variables, set(directions))

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

    def described(self) -> dict[str, str]:
        """Return what metadata say of the stream."""
        return {key: getattr(self, key) for key in ("name", "reference_designator", "method", "stream")}

    @property
    def rate_hz(self) -> float | None:
        """Nominal sampling rate in Hz, or None where it is not known."""
        known = STREAMS.get(self.stream)
        return self.sample_rate_hz or (known.rate_hz if known else None)

    def expected_bytes(self, duration: timedelta) -> float:
        """Return about how many bytes of netCDF OOI delivers for a duration."""
        known = STREAMS.get(self.stream)
        return duration.total_seconds() * (self.rate_hz or 1.0) * (known.bytes_per_sample if known else 100.0)
