"""The configuration: its keys, their defaults, and one sentence for every mistake.

The models below are the one place where keys and defaults stand; ``config/README.md`` explains
them, and ``config/schema.json`` is made from them.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from plumbline.configuration.embedded import Embedded
from plumbline.configuration.looking import Catalog, Live
from plumbline.configuration.products import BUILT_IN_TIDES, Pair, Products, ProductsOrNames
from plumbline.configuration.streams import Ooi, Stream, last_midnight
from plumbline.configuration.supplement import Supplement
from plumbline.configuration.values import Interval, Moment, Section, moment, with_csv, without_repeats
from plumbline.errors import PlumblineError
from plumbline.intervals import HOUR_MS, SLOWEST_BASE_MS, base_interval_ms, interval_ms, with_fifteen_seconds
from plumbline.mistakes import sentence
from plumbline.ooi.names import PRESSURES, TILT_AXES, subset_share
from plumbline.ooi.places import (
    EMBEDDED_GOLD_COPY,
    EMBEDDED_RAW_ARCHIVE,
    FILES,
    GOLD_COPY,
    M2M,
    OPENDAP,
    RAW,
    RAW_ARCHIVE,
    Place,
    gold_copy_catalog,
    raw_folder,
    server_of,
)


class Configuration(Section):
    """The whole configuration."""

    ooi: Ooi = Field(default_factory=Ooi)
    streams: list[Stream] = Field(min_length=1)
    resample: Annotated[list[Interval], AfterValidator(without_repeats)] = Field(
        ["1min", "1h"], min_length=1, description="intervals of the tables"
    )
    formats: Annotated[list[Literal["csv", "parquet"]], AfterValidator(without_repeats), AfterValidator(with_csv)] = (
        Field(["csv"], description="of the tables; parquet is written beside csv")
    )
    keep_netcdf: bool = Field(True, description="false: netCDF files are removed once their bins are written")
    download: Literal["whole", "subset"] = Field(
        "whole", description="subset: only time and the stream's variables are fetched, by ranges"
    )
    pairs: list[Pair] = Field([], description="stations of which one is measured against the other")
    products: ProductsOrNames = Field(default_factory=Products, description="what is made of pressure, and how")
    calibrations: str | None = Field(None, description="a CSV file of calibrations, from which drift is estimated")
    as_of: Moment | None = Field(None, description="the day on which streams without an end are taken to be asked for")
    supplement: Supplement = Field(default_factory=Supplement, description="what the supplement says of itself")
    catalog: Catalog = Field(default_factory=Catalog, description="what `snakemake catalog` looks for")
    live: Live = Field(default_factory=Live, description="what `snakemake live` shows")
    embedded: Embedded = Field(default_factory=Embedded)

    @model_validator(mode="after")
    def _pairs_are_of_streams(self) -> "Configuration":
        names = [stream.name for stream in self.streams]
        folders = {name.casefold() for name in names}
        for place, pair in enumerate(self.pairs, start=1):
            if pair.name.casefold() in folders:
                raise ValueError(f"pair {place} is named '{pair.name}' as another pair or a stream is; choose another")
            folders.add(pair.name.casefold())
            for key, name in (("centre", pair.centre), ("reference", pair.reference)):
                if name not in names:
                    allowed = ", ".join(names)
                    raise ValueError(f"pair {place}, key '{key}': '{name}' is no stream; allowed are {allowed}")
                if not self.pressure_of(self.stream(name)):
                    raise ValueError(f"pair {place}, key '{key}': '{name}' has no pressure that products are made of")
            if pair.centre == pair.reference:
                raise ValueError(f"pair {place} has the same stream twice; centre and reference must differ")
        return self

    @model_validator(mode="after")
    def _addresses_are_reachable(self) -> "Configuration":
        """Refuse paths at the embedded server where it does not run."""
        if self.ooi.api == "embedded":
            return self
        named = [("ooi.goldcopy", self.ooi.goldcopy), ("ooi.raw_archive", self.ooi.raw_archive)]
        for place, stream in enumerate(self.streams, start=1):
            named += [(f"stream {place}, key '{key}'", getattr(stream, key)) for key in ("catalog", "archive")]
        for key, address in named:
            if address and address.startswith("/"):
                raise ValueError(
                    f"{key}: '{address}' is a path at the embedded server, and 'ooi.api' is another; give the whole URL"
                )
        return self

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

    def place_of(self, stream: Stream) -> Place:
        """Return where a stream's files are looked for, and by which source."""
        embedded = self.ooi.api == "embedded"
        if stream.source == M2M:
            return Place(M2M, self.ooi.api, self.ooi.api)
        if stream.source == FILES:
            return Place(FILES, FILES, stream.files)
        if stream.source == RAW:
            root = self.ooi.raw_archive or (EMBEDDED_RAW_ARCHIVE if embedded else RAW_ARCHIVE)
            address = stream.archive or raw_folder(root, stream.reference_designator)
        else:
            root = self.ooi.goldcopy or (EMBEDDED_GOLD_COPY if embedded else GOLD_COPY)
            names = (stream.reference_designator, stream.method, stream.stream)
            address = stream.catalog or gold_copy_catalog(root, *names)
        return Place(stream.source, server_of(address), address)

    def files(self) -> list[tuple[str, str]]:
        """Return the files of the user's that products are made with: key and path."""
        named = [("products.tide.constituents", self.products.tide.constituents), ("calibrations", self.calibrations)]
        return [(key, path) for key, path in named if path and path not in BUILT_IN_TIDES]

    def keeps_netcdf(self, stream: Stream) -> bool:
        """Tell whether a stream's netCDF files stay after they have been binned."""
        return self.keep_netcdf if stream.keep_netcdf is None else stream.keep_netcdf

    def download_of(self, stream: Stream) -> str:
        """Return what is fetched of a stream's files: ``whole`` or ``subset``."""
        if stream.source in (RAW, OPENDAP, FILES):
            return "whole"  # what is needed of raw text, of a DAP server, of files that are there
        return stream.download or self.download

    def share_of(self, stream: Stream) -> float:
        """Return about which share of a stream's files is fetched."""
        if stream.source == OPENDAP:
            return subset_share(len(stream.variables))
        return subset_share(len(stream.variables)) if self.download_of(stream) == "subset" else 1.0

    def intervals_ms(self) -> dict[str, int]:
        """Return the tables' intervals: text as configured, length in milliseconds."""
        return {text: interval_ms(text) for text in self.resample}

    def base_ms(self, stream: Stream) -> int:
        """Return the base interval of a stream's bins, in milliseconds."""
        intervals = list(self.intervals_ms().values())
        if self.has_botsflu(stream):
            intervals = with_fifteen_seconds(intervals, stream.rate_hz)
        if self.pressure_of(stream):
            # A sample of an hourly stream stands for its moment: in a bin of an hour nobody knew which.
            intervals = [*intervals, SLOWEST_BASE_MS]
        if self.tilt_of(stream):
            intervals = [*intervals, HOUR_MS]
        return base_interval_ms(intervals, stream.rate_hz)

    def pressure_of(self, stream: Stream) -> str | None:
        """Return the variable from which a stream's products are made; None where it has no pressure every hour."""
        found = [name for name in stream.variables if name in PRESSURES]
        return found[0] if found and _is_hourly(stream) and stream.products else None

    def tilt_of(self, stream: Stream) -> tuple[str, str] | None:
        """Return the two variables of which a stream's tilt is made; None where it has no tilt every hour."""
        found = [axes for axes in TILT_AXES if set(axes) <= set(stream.variables)]
        return found[0] if found and _is_hourly(stream) and self.products.tilt and stream.products else None

    def has_botsflu(self, stream: Stream) -> bool:
        """Tell whether OOI's 15 s products are made of a stream: of pressure at least every 15 s."""
        enough = stream.rate_hz is not None and stream.rate_hz >= 1 / 15
        return bool(self.products.botsflu and self.pressure_of(stream) and enough)


def _is_hourly(stream: Stream) -> bool:
    """Tell whether a stream has a sample every hour, as far as its rate is known."""
    # An hour's rate, written in decimals, may be a little less than 1/3600.
    return stream.rate_hz is None or stream.rate_hz >= 0.99 / 3600


def _as_of(config: dict) -> datetime | None:
    """Return the midnight that `as_of` names; a mistake in it is told where it stands."""
    try:
        return last_midnight(moment(config["as_of"])) if config.get("as_of") is not None else None
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


def without_foreign_pairs(config: dict, default: dict) -> dict:
    """Return a configuration without the default's pairs, where its streams are not the default's.

    A user's file that names streams of its own is laid over the default, whose pairs would stay and name streams
    that are gone.

    Parameters
    ----------
    config, default : dict
        As read from YAML.
    """
    left = config.get("pairs") and config["pairs"] == default.get("pairs") and config["streams"] != default["streams"]
    return {key: value for key, value in config.items() if key != "pairs"} if left else config


def json_schema() -> dict:
    """Return the configuration's JSON schema, for editors that complete and check YAML."""
    return Configuration.model_json_schema()
