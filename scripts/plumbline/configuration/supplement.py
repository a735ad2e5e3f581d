"""What the supplement says of itself: title, people, licence."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from plumbline.configuration.values import Moment, Section, matching
from plumbline.mistakes import shown


def _licence(value: Any) -> str:
    """Read an SPDX identifier or a URL."""
    if not isinstance(value, str) or not re.fullmatch(r"https?://\S+|[A-Za-z0-9][A-Za-z0-9.+-]*", value):
        raise ValueError(f"{shown(value)} is no licence; allowed is an SPDX identifier such as CC-BY-4.0, or a URL")
    return value


class Creator(Section):
    """A person, or a group, who made the supplement."""

    name: str = Field(min_length=1, description="as it is cited: Family, Given; or a group's name")
    orcid: matching(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", "an ORCID iD such as 0000-0002-1825-0097") | None = Field(
        None, description="ORCID iD, without the address before it"
    )
    affiliation: str | None = Field(None, min_length=1, description="institution")


class Supplement(Section):
    """What `snakemake supplement` says of the whole."""

    title: str | None = Field(None, min_length=1, description="null: made of instruments and dates")
    description: str | None = Field(None, min_length=1, description="null: made of what is in it")
    creators: list[Creator] = Field([], description="who made it")
    licence: Annotated[str, BeforeValidator(_licence)] | None = Field(
        None, description="of the supplement, SPDX identifier or URL; null: OOI's usage policy"
    )
    doi: matching(r"10\.\d{4,9}/\S+", "a DOI such as 10.5281/zenodo.1234567") | None = Field(
        None, description="of the supplement, without the address before it"
    )
    date: Moment | None = Field(
        None, description="day of publication; null: when the data were last downloaded, from the records"
    )
    keywords: list[str] = Field([], description="beside those that Plumbline gives")
