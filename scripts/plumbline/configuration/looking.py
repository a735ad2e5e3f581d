"""What `snakemake catalog` and `snakemake live` look at; no result depends on it."""

from pydantic import Field

from plumbline.configuration.values import Duration, Section


class Catalog(Section):
    """What is looked for in OOI's inventory."""

    find: str = Field("", description="words, all of which must be found: axial BOTPT")
    max_age: Duration = Field("1d", validate_default=True, description="what the server told is used so long")
    details: bool | None = Field(
        None, description="everything that is known of each stream; null: where a few are found"
    )


# At 20 samples a second the API gives twice 20 000 at once.
LEAST_MINUTES, MOST_MINUTES = 1, 30


class Live(Section):
    """The newest minutes of the configured streams."""

    minutes: int = Field(5, ge=LEAST_MINUTES, le=MOST_MINUTES, description="how many of them")
