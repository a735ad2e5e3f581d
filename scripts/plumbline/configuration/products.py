"""Products: which are made, and their options."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from plumbline.configuration.values import Moment, Section, stream_name
from plumbline.mistakes import shown

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]

# What `tide.constituents` may be that is no file.
BUILT_IN_TIDES = ("axial", "none")
NAMES = ("botsflu", "uplift", "events", "forecast", "tilt")


def _off_or_options(value: Any) -> Any:
    """Read `true` or nothing as all defaults, and `false` as "not this one"."""
    return {} if value is True or value is None else None if value is False else value


def _rising(limits: tuple[float, float]) -> tuple[float, float]:
    """Refuse limits of which the first is not below the second."""
    if not limits[0] < limits[1]:
        raise ValueError(f"the first of two limits has to be below the second: {list(limits)}")
    return limits


def _named(value: Any) -> Any:
    """Read a list of names as those alone, with their defaults."""
    if not isinstance(value, list):
        return value
    for name in value:
        if name not in NAMES:
            raise ValueError(f"{shown(name)} is no product; allowed are {', '.join(NAMES)}")
    return {name: name in value for name in NAMES}


class Pair(Section):
    """Two stations of which one is measured against the other."""

    name: Annotated[str, BeforeValidator(stream_name)] = Field(description="short name: the folder in results/")
    centre: str = Field(description="the stream of the station that moves more")
    reference: str = Field(description="the stream that it is measured against")


class Botsflu(Section):
    """OOI's own products, as its documents define them."""

    day_coverage: Share = Field(0.9, description="share of a day's 15 s means that its depth needs")
    rate_coverage: Share = Field(0.75, description="share of the days that a 4- or 8-week rate needs")
    days_per_year: Literal[365, 365.25] = Field(365, description="OOI counts 365 days; a year has 365.25")


class Quality(Section):
    """QARTOD tests of every base bin."""

    gross_range: Annotated[tuple[Finite, Finite], AfterValidator(_rising)] = Field(
        (1500.0, 3200.0), description="pressure outside fails, psi"
    )
    spike_psi: Positive = Field(0.075, description="least height of a spike above its surroundings, psi")
    flat_line: Annotated[tuple[Positive, Positive], AfterValidator(_rising)] = Field(
        (5, 10), description="suspect and fail, seconds of the same value"
    )
    bin_coverage: Share = Field(0.5, description="bins with a smaller share of their samples are suspect")
    annotations: bool = Field(True, description="whether OOI's annotations flag the data, too")


class Depth(Section):
    """From pressure to depth."""

    method: Literal["ooi", "teos10"] = Field("ooi", description="ooi: 0.67 m/psi; teos10: sea water, without the air")
    latitude: float | None = Field(None, ge=-90, le=90, description="of stations that Plumbline does not know")


class Tide(Section):
    """The tide that is taken off."""

    constituents: str = Field("axial", description="axial (TPXO7.2), none, or a CSV file of constituents")
    refine: bool = Field(True, description="whether what the prediction leaves is fitted and taken off, too")
    lowpass: Literal["none", "godin", "butterworth"] = Field(
        "none", description="a filter over what is left: nothing faster than a day, and nothing near gaps"
    )


class Uplift(Section):
    """Uplift of a station, and of pairs, every hour and every day."""

    day_coverage: Share = Field(0.5, description="share of a day's samples that a daily value needs")
    reference: Moment | None = Field(None, description="the day that uplift is counted from; null: the first with data")
    eruptions: list[Moment] = Field(
        ["2011-04-06T02:15:00Z", "2015-04-24T04:00:00Z"],
        validate_default=True,
        description="onsets, which no fit runs across",
    )


class Events(Section):
    """Detectors on the 5 and 10 min rates, with OOI's thresholds."""

    tsunami_cm_per_min: Positive = Field(1.0, description="of the 5 min rate, up or down")
    eruption_cm_per_h: Positive = Field(5.0, description="of the 10 min rate")


class Forecast(Section):
    """When uplift will reach the level of the last eruption."""

    level_m: Finite | None = Field(None, description="the level; null: what it was before the last eruption on record")
    above_m: Positive = Field(0.2, description="the second level: so much above the first")
    every_days: int = Field(7, ge=1, le=366, description="a forecast for every so many days, and for the last one")
    as_of: list[Moment] = Field([], description="days of which forecasts are made besides")


class Tilt(Section):
    """Magnitude and direction of tilt, of streams of tiltmeters."""

    compass_deg: float | None = Field(
        None, ge=0, lt=360, description="where the compass points, of streams without a corrected compass"
    )


class Products(Section):
    """Which products are made, and how."""

    botsflu: Annotated[Botsflu | None, BeforeValidator(_off_or_options)] = Field(default_factory=Botsflu)
    uplift: Annotated[Uplift | None, BeforeValidator(_off_or_options)] = Field(default_factory=Uplift)
    events: Annotated[Events | None, BeforeValidator(_off_or_options)] = Field(default_factory=Events)
    forecast: Annotated[Forecast | None, BeforeValidator(_off_or_options)] = Field(default_factory=Forecast)
    tilt: Annotated[Tilt | None, BeforeValidator(_off_or_options)] = Field(default_factory=Tilt)
    quality: Quality = Field(default_factory=Quality)
    depth: Depth = Field(default_factory=Depth)
    tide: Tide = Field(default_factory=Tide)

    @model_validator(mode="after")
    def _made_of_others(self) -> "Products":
        """Refuse a product that was asked for by name without the one that it is made of."""
        for product, of in (("events", "botsflu"), ("forecast", "uplift")):
            if product in self.model_fields_set and getattr(self, product) and not getattr(self, of):
                raise ValueError(f"'{product}' is made of '{of}', which is switched off; ask for both")
        return self


ProductsOrNames = Annotated[Products, BeforeValidator(_named)]
