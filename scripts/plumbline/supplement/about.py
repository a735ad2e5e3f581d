"""What a supplement is, in the words that all of its metadata share."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from plumbline.configuration import Configuration
from plumbline.configuration.supplement import Creator
from plumbline.coverage.deployed import deployments_in
from plumbline.tables.csvw import LICENCE, SYNTHETIC_WARNING
from plumbline.tables.places import Deployment

KEYWORDS = ("Axial Seamount", "bottom pressure", "Ocean Observatories Initiative", "seafloor deformation", "uplift")
SYNTHETIC_KEYWORD = "synthetic data"
OOI_LICENCE_TITLE = "OOI usage policy"


@dataclass(frozen=True)
class Software:
    """Plumbline, as it is cited: of `CITATION.cff` and the record of the workflow."""

    title: str
    authors: list[str]
    version: str
    released: str
    licence: str
    commit: str
    clean: bool | str


@dataclass(frozen=True)
class AboutSupplement:
    """What a supplement is.

    Attributes
    ----------
    title, description : str
        They say that data are synthetic where they are.
    creators : list of Creator
    licence_url, licence_title : str
    doi : str or None
    published : str
        A day.
    keywords : list of str
    synthetic : bool
    streams : list of dict
        The records of the streams' orders.
    software : Software
    """

    title: str
    description: str
    creators: list[Creator]
    licence_url: str
    licence_title: str
    doi: str | None
    published: str
    keywords: list[str]
    synthetic: bool
    streams: list[dict]
    software: Software

    @property
    def deployments(self) -> dict[str, tuple[Deployment, ...]]:
        """The deployments of each instrument in the streams' windows, as far as they are known."""
        found: dict[str, set[Deployment]] = {}
        for record in self.streams:
            found.setdefault(record["reference_designator"], set()).update(deployments_in(record) or ())
        return {
            name: tuple(sorted(ones, key=lambda one: (one.begin, str(one)))) for name, ones in found.items() if ones
        }

    @property
    def has_embedded(self) -> bool:
        """Tell whether any data came from the embedded server: signal model or replayed record."""
        return any(record["server"] == "embedded" for record in self.streams)


def about_supplement(
    configuration: Configuration, streams: list[dict], workflow: Path, record: dict
) -> AboutSupplement:
    """Return what a supplement is.

    Parameters
    ----------
    configuration : Configuration
    streams : list of dict
        The records of the streams' orders.
    workflow : Path
        The folder of the Snakefile.
    record : dict
        Of the workflow.
    """
    said = configuration.supplement
    synthetic = any(stream["synthetic"] for stream in streams)
    software = _software(workflow, record)
    url, title = _licence(said.licence)
    warning, mark = (SYNTHETIC_WARNING, "Synthetic data: ") if synthetic else ("", "")
    return AboutSupplement(
        title=mark + (said.title or _title(streams)),
        description=warning + (said.description or _description(streams)),
        creators=list(said.creators),
        licence_url=url,
        licence_title=title,
        doi=said.doi,
        published=_published(said.date and said.date.date(), streams, software),
        keywords=sorted({*KEYWORDS, *said.keywords, *([SYNTHETIC_KEYWORD] if synthetic else [])}),
        synthetic=synthetic,
        streams=streams,
        software=software,
    )


def _software(workflow: Path, record: dict) -> Software:
    cited = yaml.safe_load((workflow / "CITATION.cff").read_text(encoding="utf-8"))
    authors = [
        one.get("name") or ", ".join(filter(None, (one.get("family-names"), one.get("given-names"))))
        for one in cited["authors"]
    ]
    return Software(
        title=cited["title"],
        authors=authors,
        version=str(cited["version"]),
        released=str(cited["date-released"]),
        licence=cited["license"],
        commit=record["commit"],
        clean=record["clean"],
    )


def _licence(licence: str | None) -> tuple[str, str]:
    """Return (URL, title) of a licence."""
    if licence is None:
        return LICENCE, OOI_LICENCE_TITLE
    return (licence, licence) if "://" in licence else (f"https://spdx.org/licenses/{licence}", licence)


def _window(streams: list[dict]) -> tuple[str, str]:
    begin = min(record["window"]["begin"] for record in streams)
    return begin[:10], max(record["window"]["end"] for record in streams)[:10]


def _title(streams: list[dict]) -> str:
    designators = sorted({record["reference_designator"] for record in streams})
    begin, end = _window(streams)
    return f"Seafloor pressure at {' and '.join(designators)}, {begin} to {end}: tables, products and figures"


def _description(streams: list[dict]) -> str:
    names = ", ".join(f"{record['name']} ({record['stream']})" for record in streams)
    return (
        f"What Plumbline made of the streams {names}: resampled tables, products, figures, the coverage of the record, "
        "and everything that is needed to check it and to make it again."
    )


def _published(day: date | None, streams: list[dict], software: Software) -> str:
    """Return the day of publication: the configured one, or that of the last download.

    Data of the embedded server follow from the code, and were never anywhere before that was released.
    """
    if day:
        return day.isoformat()
    accessed = [record["accessed"]["last"] for record in streams if "accessed" in record]
    return max(accessed) if accessed else software.released
