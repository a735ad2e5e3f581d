"""datapackage.json (Frictionless Data Package): every CSV of the supplement with its schema.

The schema is the table's own CSVW metadata in Frictionless's words, so that the two cannot disagree by accident.
"""

import json
import re
from pathlib import Path

from plumbline.errors import PlumblineError
from plumbline.supplement.about import AboutSupplement
from plumbline.supplement.contents import DATAPACKAGE, METADATA_ENDING

# CSVW's datatypes in Frictionless's words, and what they forbid beyond these.
TYPES: dict[str, tuple[str, dict]] = {
    "datetime": ("datetime", {}),
    "date": ("date", {}),
    "double": ("number", {}),
    "integer": ("integer", {}),
    "nonNegativeInteger": ("integer", {"minimum": 0}),
    "string": ("string", {}),
}
HEADER_LINES = 1


def data_package(about: AboutSupplement, folder: Path, sums: dict[str, str]) -> dict:
    """Return the descriptor of a supplement.

    Parameters
    ----------
    about : AboutSupplement
    folder : Path
        The supplement, its tables and their metadata laid.
    sums : dict
        SHA-256 of its files by name.
    """
    tables = [name for name in sorted(sums) if name.endswith(".csv") and name.startswith("data/")]
    descriptor = {
        "profile": "tabular-data-package",
        "name": "plumbline-supplement",
        "title": about.title,
        "description": about.description,
        "synthetic": about.synthetic,
        "version": about.software.version,
        "keywords": about.keywords,
        "licenses": [{"path": about.licence_url, "title": about.licence_title}],
        "sources": [_source(record) for record in about.streams],
        "resources": [resource_of(folder, name, sums[name]) for name in tables],
    }
    if about.doi:
        descriptor["id"] = f"https://doi.org/{about.doi}"
    if about.creators:
        descriptor["contributors"] = [
            {"title": creator.name, "role": "author"}
            | ({"path": f"https://orcid.org/{creator.orcid}"} if creator.orcid else {})
            | ({"organization": creator.affiliation} if creator.affiliation else {})
            for creator in about.creators
        ]
    return descriptor


def resource_of(folder: Path, name: str, digest: str) -> dict:
    """Return what the descriptor says of a table.

    Parameters
    ----------
    folder : Path
    name : str
        Of the CSV, relative to the folder.
    digest : str
        SHA-256.
    """
    csvw = read_csvw(folder, name)
    schema = csvw["tableSchema"]
    key = schema["primaryKey"]
    return {
        "profile": "tabular-data-resource",
        "name": re.sub(r"[^a-z0-9._-]+", "-", name.removeprefix("data/").removesuffix(".csv").lower()),
        "path": name,
        "title": csvw["dc:title"],
        "description": csvw["dc:description"],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "header": True},
        "bytes": (folder / name).stat().st_size,
        "hash": f"sha256:{digest}",
        "rows": rows_of(folder / name),
        "schema": {
            "fields": [field_of(column) for column in schema["columns"]],
            "missingValues": [""],
            "primaryKey": [key] if isinstance(key, str) else key,
        },
    }


def read_csvw(folder: Path, name: str) -> dict:
    """Return the CSVW metadata beside a table.

    Raises
    ------
    PlumblineError
        If there are none, or they cannot be read.
    """
    try:
        return json.loads((folder / f"{name}{METADATA_ENDING}").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise PlumblineError(f"The table {name} has no metadata beside it that can be read.") from None


def field_of(column: dict) -> dict:
    """Return a column of CSVW metadata as a Frictionless field."""
    kind, constraints = TYPES[column["datatype"]]
    constraints = constraints | ({"required": True} if column.get("required") else {})
    described = {"name": column["name"], "type": kind, "description": column["dc:description"]}
    if "schema:unitText" in column:
        described["unit"] = column["schema:unitText"]
    return described | ({"constraints": constraints} if constraints else {})


def rows_of(path: Path) -> int:
    """Return the number of a table's rows: no field of ours has a line break in it."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - HEADER_LINES


def read_package(folder: Path) -> dict:
    """Return the descriptor of a folder.

    Raises
    ------
    PlumblineError
        If there is none, or it cannot be read.
    """
    try:
        package = json.loads((folder / DATAPACKAGE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        package = None
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise PlumblineError(f"{DATAPACKAGE} is missing or damaged.")
    return package


def _source(record: dict) -> dict:
    return {
        "title": f"{record['data_origin']}: {record['reference_designator']} {record['method']} {record['stream']}",
        **({} if record["server"] in ("embedded", "files") else {"path": record["server"]}),
        **({"deployments": deployed} if (deployed := record.get("deployments")) else {}),
    }
