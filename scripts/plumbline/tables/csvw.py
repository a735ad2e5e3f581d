"""Metadata beside a CSV file: CSV on the Web (W3C), with the words of schema.org and Dublin Core."""

from dataclasses import dataclass, field
from pathlib import Path

from plumbline.atomic import write_json
from plumbline.chunks import from_unix_ms, isoformat
from plumbline.ooi.names import OOI_PUBLISHER, instrument_of
from plumbline.samples.binned import read_attributes
from plumbline.tables.places import Deployment, in_words, spatial_coverage

LICENCE = "https://oceanobservatories.org/usage-policy/"
SYNTHETIC_WARNING = "These data are synthetic and describe no real seafloor. "


@dataclass(frozen=True)
class Subject:
    """What a file is about, as every metadata file says it.

    Attributes
    ----------
    stream : dict
        ``name``, ``reference_designator``, ``method``, ``stream``.
    server : str
        ``embedded`` or the API's URL.
    begin, end : str
        The window, ISO 8601 with ``Z``.
    origins : list of str
        Where the data say that they come from; empty for OOI's own.
    synthetic : bool
    deployments : tuple of Deployment
        Of the instrument in the window, as far as they are known.
    """

    stream: dict[str, str]
    server: str
    begin: str
    end: str
    origins: list[str]
    synthetic: bool
    deployments: tuple[Deployment, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column of a CSV file; an optional one may be empty.

    Attributes
    ----------
    name, text, datatype, unit : str
        The datatype is one of CSVW's; the text says what the column holds.
    required : bool
        Whether every row has a value.
    decimals : int
        With how many numbers of a product are written.
    dtype : str
        Of a number in netCDF: ``f8``, or ``f4`` where seven digits are as many as are written.
    attributes : dict
        What a netCDF variable of this name says beyond that.
    """

    name: str
    text: str
    datatype: str
    unit: str = ""
    required: bool = False
    decimals: int = 6
    dtype: str = "f8"
    attributes: dict[str, object] = field(default_factory=dict)

    def described(self) -> dict:
        """Return the column as CSVW has it."""
        column = {"name": self.name, "titles": self.name, "dc:description": self.text, "datatype": self.datatype}
        if self.unit:
            column["schema:unitText"] = self.unit
        return column | ({"required": True} if self.required else {"null": [""]})


def origins_of(bins_paths: list[Path]) -> list[str]:
    """Return where the samples of bins say that they come from; nothing for OOI's own."""
    return sorted({str(read_attributes(path).get("data_origin", "")) for path in bins_paths} - {""})


def subject_of(
    origins: list[str],
    begin_ms: int,
    end_ms: int,
    stream: dict[str, str],
    server: str,
    deployments: tuple[Deployment, ...] = (),
) -> Subject:
    """Return what a file made of bins is about.

    Parameters
    ----------
    origins : list of str
        Where the samples say that they come from (`origins_of`).
    begin_ms, end_ms : int
        The window, milliseconds since 1970.
    stream, server, deployments
        As in `Subject`.
    """
    synthetic = any(origin.startswith("synthetic") for origin in origins)
    if server == "embedded" and not origins:
        synthetic, origins = True, ["synthetic: Plumbline's embedded OOI server"]
    begin, end = (isoformat(from_unix_ms(ms)) for ms in (begin_ms, end_ms))
    return Subject(stream, server, begin, end, origins, synthetic, deployments)


def write_metadata(
    metadata_path: Path,
    subject: Subject,
    title: str,
    description: str,
    columns: list[Column],
    primary_key: str | list[str],
    properties: dict[str, object],
    more: dict[str, object] | None = None,
) -> None:
    """Write the CSVW metadata of a file.

    Nothing in it depends on the day, the machine or the folder: when and by whom the data were
    ordered stands in the request records.

    Parameters
    ----------
    metadata_path : Path
        The CSV's name with ``-metadata.json`` behind it.
    subject : Subject
    title, description : str
        A warning stands before them where the data are synthetic.
    columns : list of Column
    primary_key : str or list of str
        Names of the columns that tell one row from another.
    properties : dict
        What else there is to say, beyond the subject: name and value.
    more : dict, optional
        Entries of the metadata that this kind of file has of its own.
    """
    origin = f" Origin of the data: {'; '.join(subject.origins)}." if subject.origins else ""
    places = spatial_coverage(subject.deployments)
    metadata = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": metadata_path.name.removesuffix("-metadata.json"),
        "dc:title": f"Synthetic data: {title}" if subject.synthetic else title,
        "dc:description": f"{SYNTHETIC_WARNING if subject.synthetic else ''}{description}{origin}",
        "dc:creator": "Plumbline",
        "dc:source": subject.server,
        "dc:bibliographicCitation": citation_of(subject),
        "dc:license": {"@id": LICENCE},
        "schema:temporalCoverage": f"{subject.begin}/{subject.end}",
        **({"schema:spatialCoverage": places} if places else {}),
        "schema:measurementTechnique": instrument_of(subject.stream["reference_designator"]),
        **(more or {}),
        "schema:additionalProperty": _properties(subject, properties),
        "dialect": {"header": True, "encoding": "utf-8", "lineTerminators": ["\n"]},
        "tableSchema": {"columns": [column.described() for column in columns], "primaryKey": primary_key},
    }
    write_json(metadata_path, metadata)


def rate_told(rate_hz: float | None, estimated: bool = False) -> dict[str, float | str]:
    """Return what metadata say of a sampling rate in Hz: that it is nominal, or estimated, or not known."""
    if estimated:
        return {"sampling rate in Hz, estimated from the data": rate_hz}
    return {"nominal sampling rate in Hz": rate_hz if rate_hz else "not known"}


def citation_of(subject: Subject) -> str:
    """Return how a file's data are to be cited."""
    designator = subject.stream["reference_designator"]
    if subject.synthetic or subject.origins:
        origins = "; ".join(subject.origins)
        return f"Plumbline's embedded server: {origins}. Not data of the Ocean Observatories Initiative."
    where = "OOI Data Portal, https://ooinet.oceanobservatories.org"
    if not subject.server.startswith("https://ooinet."):
        where = "netCDF files that were there already" if subject.server == "files" else subject.server
    return (
        f"{OOI_PUBLISHER}. {instrument_of(designator)} data from {subject.begin[:10]} to {subject.end[:10]}. {where}. "
        "Accessed on the dates that the request records (requests/) give. This material is based upon work supported "
        "by the Ocean Observatories Initiative, a major facility fully funded by the National Science Foundation "
        "under Cooperative Agreement No. 2244833."
    )


def _properties(subject: Subject, properties: dict[str, object]) -> list[dict]:
    values = {
        "instrument (reference designator)": subject.stream["reference_designator"],
        "method": subject.stream["method"],
        "stream": subject.stream["stream"],
        "source server": subject.server,
        "synthetic": subject.synthetic,
        "data origin": "; ".join(subject.origins) or OOI_PUBLISHER,
        **({"instrument deployments": in_words(subject.deployments)} if subject.deployments else {}),
    } | properties
    return [
        {"@type": "schema:PropertyValue", "schema:name": name, "schema:value": value} for name, value in values.items()
    ]
