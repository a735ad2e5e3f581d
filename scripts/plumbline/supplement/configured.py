"""The effective configuration: every key with the value that was used, so that it can be used again."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from plumbline import configuration as configurations
from plumbline.configuration import BUILT_IN_TIDES, Configuration
from plumbline.supplement.scrubbing import scrubbed

INPUTS = "provenance/inputs"
HEADER = """# The effective configuration of this supplement: every key, also those that were left at their defaults.
# Paths of files are relative to the folder of the workflow in it.
"""
EMBEDDED_HEADER = "# The server is Plumbline's own: the data are synthetic, or a record that it replayed.\n"
# From the workflow's folder in a supplement to the files that the configuration names.
TO_INPUTS = f"../{INPUTS}"


def inputs_of(configuration: Configuration) -> list[Path]:
    """Return the files that a configuration names and that a supplement takes along.

    A replayed record is not among them: it may be of any size, and its name and hash stand in the data's origin.
    """
    return [Path(path) for _, path in configuration.files()]


def effective(configuration: Configuration, as_of: datetime) -> str:
    """Return a configuration as canonical YAML: the same text for the same meaning.

    Parameters
    ----------
    configuration : Configuration
    as_of : datetime
        Where streams without an end end.
    """
    # What somebody looked at makes no results.
    plain = scrubbed(configuration.model_dump(mode="json", exclude={"catalog", "live"}))
    plain["ooi"]["deadline"] = f"{configuration.ooi.deadline:g}s"
    plain["products"] = {key: False if value is None else value for key, value in plain["products"].items()}
    if any(stream.end is None for stream in configuration.streams):
        plain["as_of"] = as_of.date().isoformat()
    _rename(plain)
    header = HEADER + (EMBEDDED_HEADER if configuration.ooi.api == "embedded" else "")
    return header + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120)


def _rename(plain: dict[str, Any]) -> None:
    """Name files as they lie in the supplement: where they lay tells of somebody's folders."""
    tide = plain["products"]["tide"]
    if tide["constituents"] not in BUILT_IN_TIDES:
        tide["constituents"] = f"{TO_INPUTS}/{Path(tide['constituents']).name}"
    if plain["calibrations"]:
        plain["calibrations"] = f"{TO_INPUTS}/{Path(plain['calibrations']).name}"
    for record in plain["embedded"]["replay"]:
        record["file"] = Path(record["file"]).name


def read(text: str) -> Configuration:
    """Read a configuration of `effective`."""
    return configurations.read(yaml.safe_load(text))


def names(paths: Iterable[Path]) -> dict[str, Path]:
    """Return the places of files that a supplement takes along."""
    return {f"{INPUTS}/{path.name}": path for path in paths}
