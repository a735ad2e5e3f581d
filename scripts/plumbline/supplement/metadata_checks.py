"""Whether a supplement's metadata agree with its files and with each other."""

import json
from collections.abc import Iterator
from pathlib import Path

from plumbline.errors import PlumblineError
from plumbline.supplement.contents import CHECKSUMS, CRATE, DATAPACKAGE, METADATA_ENDING, WHOLE_FOLDERS
from plumbline.supplement.crate import listed_files
from plumbline.supplement.datapackage import read_csvw, read_package, resource_of
from plumbline.supplement.table_checks import faults_of_table


def faults_of_tables(folder: Path, sums: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong between tables, the CSVW metadata beside them, and `datapackage.json`.

    Parameters
    ----------
    folder : Path
    sums : dict
        SHA-256 of its files by name, as `SHA256SUMS` has them.
    """
    there = {name for name in sums if name.startswith("data/") and name.endswith(".csv") and (folder / name).is_file()}
    resources = {one.get("path"): one for one in read_package(folder)["resources"] if isinstance(one, dict)}
    for name in sorted(there - set(resources)):
        yield f"{name} is not in {DATAPACKAGE}"
    for name in sorted(set(resources) - there):
        yield f"{DATAPACKAGE} lists {name}, which is not there"
    for name in sorted(there & set(resources)):
        try:
            yield from _faults_of_description(folder, name, resources[name], sums[name])
            yield from faults_of_table(folder / name, resources[name])
        except PlumblineError as error:
            yield str(error).rstrip(".")
        except (KeyError, TypeError, ValueError, AttributeError):
            yield f"the metadata of {name} are damaged"


def _faults_of_description(folder: Path, name: str, resource: dict, digest: str) -> Iterator[str]:
    """Yield where `datapackage.json` says something else of a table than the CSVW metadata beside it."""
    url = read_csvw(folder, name)["url"]
    if url != name.rpartition("/")[2]:
        yield f"{name}{METADATA_ENDING} is the metadata of {url}, by its own words"
    expected = resource_of(folder, name, digest)
    for key in sorted({*expected, *resource}):
        # The number of rows is told with the rows.
        if expected.get(key) != resource.get(key) and key != "rows":
            yield f"{DATAPACKAGE} says another '{key}' of {name} than the table and the metadata beside it"


def faults_of_crate(folder: Path, sums: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong between `ro-crate-metadata.json` and the files; parameters as in `faults_of_tables`."""
    try:
        metadata = json.loads((folder / CRATE).read_text(encoding="utf-8"))
        entities = {entity["@id"]: entity for entity in metadata["@graph"]}
        listed = listed_files(metadata)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        yield f"{CRATE} is missing or damaged"
        return
    alone = {name for name in sums if name.split("/")[0] not in WHOLE_FOLDERS and name != CRATE} | {CHECKSUMS}
    for name in sorted(alone - listed):
        yield f"{name} is not in {CRATE}"
    for name in sorted(listed):
        if not (folder / name).is_file():
            yield f"{CRATE} lists {name}, which is not there"
        elif name in sums and entities[name].get("sha256", sums[name]) != sums[name]:
            yield f"{CRATE} has another SHA-256 of {name} than {CHECKSUMS}"
    for name in WHOLE_FOLDERS:
        if (folder / name).is_dir() and f"{name}/" not in entities:
            yield f"{name}/ is not in {CRATE}"
