"""Metadata beside a table: CSV on the Web (W3C), with the words of schema.org and Dublin Core."""

from datetime import UTC, datetime
from pathlib import Path

from plumbline.atomic import write_json
from plumbline.chunks import isoformat
from plumbline.samples.bins import STANDARD_NAMES, read_attributes, read_units

OOI_PUBLISHER = "NSF Ocean Observatories Initiative"
LICENCE = "https://oceanobservatories.org/usage-policy/"


def describe_table(
    bins_paths: list[Path],
    variable: str,
    interval: str,
    interval_ms: int,
    begin_ms: int,
    end_ms: int,
    rate_hz: float | None,
    stream: dict[str, str],
    server: str,
    metadata_path: Path,
) -> None:
    """Write the CSVW metadata of a table.

    Nothing in it depends on the day, the machine or the folder: when and by whom the data were
    ordered stands in the request records.

    Parameters
    ----------
    bins_paths : list of Path
        The bins that the table was made of; they say units and origin.
    variable, interval : str
    interval_ms, begin_ms, end_ms : int
        Length of a bin and the window, milliseconds (since 1970).
    rate_hz : float or None
        Nominal sampling rate.
    stream : dict
        ``name``, ``reference_designator``, ``method``, ``stream``.
    server : str
        ``embedded`` or the API's URL.
    metadata_path : Path
        The CSV's name with ``-metadata.json`` behind it.
    """
    units = next((unit for unit in (read_units(path, variable) for path in bins_paths) if unit), "")
    origins = sorted({str(read_attributes(path).get("data_origin", "")) for path in bins_paths} - {""})
    synthetic = any(origin.startswith("synthetic") for origin in origins)
    if server == "embedded" and not origins:
        synthetic, origins = True, ["synthetic: Plumbline's embedded OOI server"]
    begin, end = (isoformat(datetime.fromtimestamp(ms / 1000, UTC)) for ms in (begin_ms, end_ms))
    designator = stream["reference_designator"]
    title = f"{variable} of {designator} ({stream['stream']}), {interval} bins"
    metadata = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": metadata_path.name.removesuffix("-metadata.json"),
        "dc:title": f"Synthetic data: {title}" if synthetic else title,
        "dc:description": _description(interval, begin, end, origins, synthetic),
        "dc:creator": "Plumbline",
        "dc:source": server,
        "dc:bibliographicCitation": _citation(designator, begin, end, synthetic, origins),
        "dc:license": {"@id": LICENCE},
        "schema:temporalCoverage": f"{begin}/{end}",
        "schema:measurementTechnique": "seafloor pressure recorder and co-located sensors",
        "schema:variableMeasured": {
            "schema:name": variable,
            "schema:alternateName": STANDARD_NAMES.get(variable, variable),
            "schema:unitText": units,
        },
        "schema:additionalProperty": _properties(stream, server, interval, interval_ms, rate_hz, synthetic, origins),
        "dialect": {"header": True, "encoding": "utf-8", "lineTerminators": ["\n"]},
        "tableSchema": {
            "columns": _columns(variable, units, interval, rate_hz),
            "primaryKey": "time",
        },
    }
    write_json(metadata_path, metadata)


def _description(interval: str, begin: str, end: str, origins: list[str], synthetic: bool) -> str:
    warning = "These data are synthetic and describe no real seafloor. " if synthetic else ""
    origin = f" Origin of the data: {'; '.join(origins)}." if origins else ""
    return (
        f"{warning}Every bin of {interval} that overlaps the window from {begin} to {end} (exclusive) has a row; "
        "`time` labels the start of the bin, which holds samples from its start up to, not including, the next. "
        "Used are finite samples inside the window that are not fill values, one for each time rounded to the "
        f"millisecond. Bins without samples have n = 0 and empty values.{origin}"
    )


def _citation(designator: str, begin: str, end: str, synthetic: bool, origins: list[str]) -> str:
    if synthetic or origins:
        return f"Plumbline's embedded server: {'; '.join(origins)}. Not data of the Ocean Observatories Initiative."
    return (
        f"{OOI_PUBLISHER}. Bottom Pressure and Tilt and co-located instruments ({designator}) data from {begin[:10]} "
        f"to {end[:10]}. OOI Data Portal, https://ooinet.oceanobservatories.org. Accessed on the dates that the "
        "request records (requests/) give. This material is based upon work supported by the Ocean Observatories "
        "Initiative, a major facility fully funded by the National Science Foundation under Cooperative Agreement "
        "No. 2244833."
    )


def _properties(
    stream: dict[str, str],
    server: str,
    interval: str,
    interval_ms: int,
    rate_hz: float | None,
    synthetic: bool,
    origins: list[str],
) -> list[dict]:
    values = {
        "instrument (reference designator)": stream["reference_designator"],
        "method": stream["method"],
        "stream": stream["stream"],
        "source server": server,
        "synthetic": synthetic,
        "data origin": "; ".join(origins) or OOI_PUBLISHER,
        "interval": interval,
        "interval in seconds": interval_ms / 1000,
        "label of time": "start of the bin",
        "nominal sampling rate in Hz": rate_hz if rate_hz else "not known",
    }
    return [
        {"@type": "schema:PropertyValue", "schema:name": name, "schema:value": value} for name, value in values.items()
    ]


def _columns(variable: str, units: str, interval: str, rate_hz: float | None) -> list[dict]:
    rate = f"{rate_hz:g} Hz" if rate_hz else "an unknown rate, hence empty"
    words = {
        "time": ("start of the bin, UTC", "datetime", ""),
        "mean": (f"arithmetic mean of {variable}", "double", units),
        "std": (f"sample standard deviation of {variable} (n - 1); empty for n < 2", "double", units),
        "min": (f"least {variable}", "double", units),
        "max": (f"greatest {variable}", "double", units),
        "n": ("number of samples used", "nonNegativeInteger", "1"),
        "coverage": (f"n over the number of samples in a whole bin of {interval} at {rate}", "double", "1"),
    }
    columns = []
    for name, (text, datatype, unit) in words.items():
        column = {"name": name, "titles": name, "dc:description": text, "datatype": datatype}
        if unit:
            column["schema:unitText"] = unit
        if name in ("time", "n"):
            column["required"] = True
        else:
            column["null"] = [""]
        columns.append(column)
    return columns
