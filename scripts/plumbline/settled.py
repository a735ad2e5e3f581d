"""Settled chunks: those of which every step is done, told at a glance.

Snakemake looks at each job of each chunk before it knows that nothing is to be done, a millisecond or two
for every one: a minute for ten thousand chunks. A chunk is settled if all its files are there, none is
older than what it is made of, and they were made as they would be made now. The rules leave
settled chunks out, and their bins are to Snakemake what any file is that it need not make.

When a run ends, the chunks that it found or made up to date are noted with a fingerprint of
everything that went into them (`note`); those that it is about to change are taken out before
(`forget`). A chunk that was never noted is judged by its files alone, as Snakemake does without its
own records; where Snakemake has records, the judgement is left to it.
"""

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path

from plumbline.atomic import write_json
from plumbline.retrieval import records

# A record with a longer name is kept by Snakemake in several folders, where it is not looked for here.
LONGEST_RECORD = 254


def fingerprint(*parts: object) -> str:
    """Return a short digest of everything that went into a chunk (plain values)."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


class Ledger:
    """What is known of chunks from earlier runs.

    Parameters
    ----------
    folder : Path
        Snakemake's own folder, ``.snakemake``.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "plumbline" / "settled.json"
        self.noted: dict[str, str] = records.read_if_there(self.path) or {}
        self._recorded = _names_in(folder / "metadata")
        self._incomplete = _names_in(folder / "incomplete")

    def trusts(self, key: str, mark: str, bins: str) -> bool:
        """Tell whether a chunk whose files are in order was made as it would be made now.

        Parameters
        ----------
        key : str
            Stream and chunk.
        mark : str
            Its fingerprint as it would be now.
        bins : str
            The path of its bins, as Snakemake names it.
        """
        record = urlsafe_b64encode(bins.encode()).decode()  # how Snakemake names its own records
        if record in self._incomplete:
            return False
        if key in self.noted:
            return self.noted[key] == mark
        return record not in self._recorded and len(record) <= LONGEST_RECORD

    def forget(self, keys: Iterable[str]) -> None:
        """Take chunks out, so that Snakemake judges them."""
        gone = set(keys)
        left = {key: mark for key, mark in self.noted.items() if key not in gone}
        if left != self.noted:
            self.noted = left
            write_json(self.path, left)

    def note(self, marks: Mapping[str, str], known: Iterable[str]) -> None:
        """Add chunks to those noted; of the others, keep the ones that are known still."""
        there = set(known)
        noted = {key: mark for key, mark in self.noted.items() if key in there} | dict(marks)
        if noted != self.noted:
            write_json(self.path, dict(sorted(noted.items())))


def files_in_order(stream: Path, chunks: Iterable[str], freed: bool) -> set[str]:
    """Return the chunks whose files are all there, none older than what it is made of.

    Parameters
    ----------
    stream : Path
        The stream's folder of results.
    chunks : iterable of str
        Names of chunks.
    freed : bool
        Whether netCDF files are removed once they are binned.
    """
    requests, complete, bins = (_times_in(stream / name) for name in ("requests", "complete", "bins"))
    netcdf = _times_in(stream / "netcdf")
    settled = set()
    for chunk in chunks:
        times = [requests.get(f"{chunk}.json"), complete.get(f"{chunk}.json")]
        last = [netcdf.get(f"{chunk}.json"), bins.get(f"{chunk}.nc"), _checksums(stream, chunk, netcdf)]
        if None in times or None in last or not times[0] <= times[1] <= min(last):
            continue
        if not freed or (netcdf.get(f"{chunk}.freed") or 0) >= last[1]:
            settled.add(chunk)
    return settled


def is_newer(path: Path, other: Path) -> bool:
    """Tell whether both files are there, and the first one was written later."""
    try:
        return path.stat().st_mtime_ns > other.stat().st_mtime_ns
    except OSError:
        return False


def _checksums(stream: Path, chunk: str, netcdf: Mapping[str, int]) -> int | None:
    if chunk not in netcdf:
        return None
    try:
        return os.stat(stream / "netcdf" / chunk / "SHA256SUMS").st_mtime_ns
    except OSError:
        return None


def _times_in(folder: Path) -> dict[str, int]:
    """Return the names in a folder with their times of change, ns."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry.stat().st_mtime_ns for entry in entries}
    except OSError:
        return {}


def _names_in(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()
