"""What the files of a product say of themselves: CSVW metadata beside the CSV, attributes in the netCDF."""

from dataclasses import dataclass, field
from pathlib import Path

import netCDF4

from plumbline.tables.csvw import (
    LICENCE,
    OOI_PUBLISHER,
    SYNTHETIC_WARNING,
    Column,
    Subject,
    citation_of,
    write_metadata,
)
from plumbline.tables.places import ATTRIBUTE, from_attribute, geospatial_attributes

KEYWORDS = "Axial Seamount, bottom pressure, seafloor deformation, uplift, tide"
DRIFT_UNKNOWN = "not corrected: a level over months holds the drift of the sensor"


@dataclass(frozen=True)
class About:
    """What a product is, whatever the format.

    Attributes
    ----------
    subject : Subject
    title, description : str
    columns : list of Column
    methods : dict
        How it was made: name and value, as every file of the product says it.
    keywords : str
        Of the netCDF file.
    """

    subject: Subject
    title: str
    description: str
    columns: list[Column]
    methods: dict[str, object] = field(default_factory=dict)
    keywords: str = KEYWORDS

    def write_beside(self, csv_path: Path, primary_key: str | list[str] = "time") -> None:
        """Write the CSVW metadata of a CSV file."""
        metadata_path = csv_path.with_name(csv_path.name + "-metadata.json")
        write_metadata(
            metadata_path, self.subject, self.title, self.description, self.columns, primary_key, dict(self.methods)
        )

    def attributes(self) -> dict[str, object]:
        """Return the global attributes of the netCDF file (CF-1.8, ACDD-1.3)."""
        subject = self.subject
        stream = subject.stream
        warning = SYNTHETIC_WARNING if subject.synthetic else ""
        methods = {_attribute(name): _plain(value) for name, value in self.methods.items()}
        return {
            "Conventions": "CF-1.8, ACDD-1.3",
            "title": f"Synthetic data: {self.title}" if subject.synthetic else self.title,
            "summary": f"{warning}{self.description}",
            "source": "; ".join(subject.origins) or f"{OOI_PUBLISHER}, {stream['stream']}",
            "institution": OOI_PUBLISHER if not subject.origins else "none: see source",
            "creator_name": "Plumbline",
            "project": "Plumbline",
            # Without a day: the same data are the same bytes.
            "history": f"made by Plumbline of bins of {stream['stream']}: {self.title}",
            "instrument": stream["reference_designator"],
            "references": citation_of(subject),
            "license": LICENCE,
            "keywords": self.keywords,
            "time_coverage_start": subject.begin,
            "time_coverage_end": subject.end,
            "source_server": subject.server,
            "data_origin": "; ".join(subject.origins),
            "synthetic": "yes" if subject.synthetic else "no",
            **geospatial_attributes(subject.deployments),
        } | methods


def subject_in(path: Path, stream: dict[str, str]) -> Subject:
    """Return what a product's netCDF file is about.

    Parameters
    ----------
    path : Path
    stream : dict
        As in `Subject`.
    """
    with netCDF4.Dataset(path) as file:
        return Subject(
            stream,
            file.source_server,
            file.time_coverage_start,
            file.time_coverage_end,
            [text for text in file.data_origin.split("; ") if text],
            file.synthetic == "yes",
            from_attribute(file.getncattr(ATTRIBUTE)) if ATTRIBUTE in file.ncattrs() else (),
        )


def said(path: Path, attribute: str) -> str:
    """Return what a product's netCDF file says of itself."""
    with netCDF4.Dataset(path) as file:
        return str(file.getncattr(attribute))


def _attribute(name: str) -> str:
    """Return a name as netCDF attributes are written."""
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def _plain(value: object) -> object:
    """Return a value as a netCDF attribute can hold it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, (int, float, str)) else "; ".join(map(str, value))
