"""What a source has for a chunk."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

# What tells one version of a file from another.
VERSION = ("url", "bytes", "last_modified", "etag")


@dataclass(frozen=True)
class Found:
    """The files of a chunk, or why there are none.

    Attributes
    ----------
    files : list of dict
        Of each its ``name`` in the chunk's folder, ``url``, ``bytes``, ``last_modified`` and ``etag``.
    reason : str
        Why there is none.
    reaches : str
        Up to when the source has files of the stream, ISO 8601; "" where it does not tell.
    """

    files: list[dict] = field(default_factory=list)
    reason: str = ""
    reaches: str = ""


def marked_by_folder(places: Iterable[object]) -> list[tuple[object, str]]:
    """Return paths or addresses, each with a name that no other one has.

    Two folders may hold files of one name; then its folder marks each.
    """
    paths = {place: PurePath(str(place)) for place in places}
    names = [path.name for path in paths.values()]
    return [
        (place, path.name if names.count(path.name) == 1 else f"{_mark(path)}_{path.name}")
        for place, path in paths.items()
    ]


def _mark(path: PurePath) -> str:
    return hashlib.sha256(str(path.parent).encode()).hexdigest()[:8]


def version_of(file: dict) -> dict:
    """Return what tells a file, as it was found, from another version of it."""
    return {key: file.get(key) for key in VERSION}


def found_as(file: dict, marker: dict) -> dict:
    """Return what a file was found as: the same again need not be fetched again, unless it was asked for by hand."""
    part = {"range": file["range"]} if "range" in file else {}
    return version_of(file) | part | ({"anew": marker["anew"]} if marker.get("anew") else {})
