"""The files of one chunk in their folder: what is there, what is to come, and how each is fetched and checked."""

import functools
import hashlib
import shutil
import threading
import time
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

import requests

from plumbline.atomic import replacing, write_json
from plumbline.errors import PlumblineError
from plumbline.ooi.names import subset_share
from plumbline.ooi.patience import growing_delays
from plumbline.ooi.places import FILES, GOLDCOPY, M2M, OPENDAP, RAW, THREDDS
from plumbline.ooi.results import describe
from plumbline.ooi.session import reachable, result_session
from plumbline.reporting import human_bytes, log
from plumbline.retrieval import records
from plumbline.retrieval.completion import is_gone
from plumbline.retrieval.integrity import check_netcdf, sha256
from plumbline.retrieval.progress import Progress
from plumbline.retrieval.subset.fetching import UnreadableError, fetch_subset
from plumbline.retrieval.subset.ranges import WholeOnlyError
from plumbline.retrieval.transfer import UnusableFileError, fetch
from plumbline.sources.found import found_as
from plumbline.sources.sharing import alone_with, taken_before

# A file that arrives and cannot be read is fetched so often; where parts are enough, in parts the first times.
FETCHES, FETCHES_IN_PARTS = 4, 2

# Sources whose files may be needed by several chunks.
SHARED = (GOLDCOPY, THREDDS, RAW)
# Sources whose files are no netCDF files to be downloaded: those are made, or linked.
MADE = (RAW, OPENDAP, FILES)

# In the folder of a chunk's files: which order they are of, and the hash of each that is whole.
PROGRESS = ".progress.json"
CHECKSUMS = "SHA256SUMS"


def lacks(subset: dict | None, variables: Collection[str]) -> list[str]:
    """Return the variables that are needed and not in a file; a whole one (None) has what there is."""
    return [name for name in variables if name not in subset["variables"]] if subset else []


class ChunkFiles:
    """The files of one chunk's order in their folder, and what is known of each."""

    def __init__(
        self, marker: dict, folder: Path, skip: bool, variables: Collection[str] = (), in_parts: bool = False
    ) -> None:
        self.marker, self.folder, self.skip = marker, folder, skip
        self.variables, self.in_parts = list(variables), in_parts
        self.unreadable: dict[str, str] = {}
        self.progress: Progress | None = None
        self.lock = threading.Lock()
        # Held while a file is on the wire, and not while it is looked through.
        self.connections = threading.Semaphore(1)
        progress = records.read_if_there(folder / PROGRESS) or {}
        of_this = progress if progress.get("order") == marker["order"] else {}
        self.source = marker.get("source", M2M)
        self.hashes: dict[str, str] = of_this.get("files", {})
        self.subsets: dict[str, dict] = of_this.get("subsets", {})

    def adopt(self, manifest: dict | None) -> None:
        """Take over what an earlier manifest of the same order knows of files that are not known yet."""
        for file in manifest.get("files", []) if manifest else []:
            if file["name"] not in self.hashes and (
                manifest.get("order") == self.marker["order"] or self._is_the_same(file)
            ):
                self.hashes[file["name"]] = file["sha256"]
                self.subsets |= {file["name"]: file["subset_of"]} if "subset_of" in file else {}

    def _is_the_same(self, file: dict) -> bool:
        """Tell whether a file of an earlier manifest is, in the same version, one of those that were found now."""
        wanted = next((one for one in self.marker["files"] if one["name"] == file["name"]), None)
        return self.source in SHARED and wanted is not None and file.get("found") == found_as(wanted, self.marker)

    def holds(self, file: dict) -> bool:
        """Tell whether a file is there as it was when it was hashed, with what is needed of it."""
        path, subset = self.folder / file["name"], self.subsets.get(file["name"])
        known = self.hashes.get(file["name"])
        # The length of one that was made of parts is not the announced one; the hash tells it, too.
        there = known is not None and path.is_file() and (subset or path.stat().st_size == file["bytes"])
        return bool(there) and not lacks(subset, self.variables) and sha256(path) == known

    def make_sure_of_room(self, files: list[dict]) -> None:
        """See to it that the disk has room for what is still to come."""
        if self.source == FILES:
            return  # they are linked
        there = sum(path.stat().st_size for path in self.folder.glob("*.part"))
        share = subset_share(len(self.variables)) if self.in_parts else 1.0
        needed = round(share * sum(file["bytes"] for file in files)) - there
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            raise PlumblineError(
                f"The files need {human_bytes(needed)}, and {human_bytes(free)} are free on the disk: make room and "
                "run again (with 'keep_netcdf: false' files are removed once they are binned)."
            )

    def take(self, file: dict) -> None:
        """Fetch one file; one that cannot be read stops the chunk, or is left out and named."""
        try:
            self._take(file)
        except UnusableFileError as failure:
            if not self.skip:
                raise
            log.warning("Going on without a file (ooi.unreadable is 'skip'): %s.", str(failure).rstrip("."))
            with self.lock:
                self.unreadable[file["name"]] = str(failure)

    def _take(self, file: dict) -> None:
        """Fetch one file to its ``.part`` name, check it, and give it its own name."""
        if self.source not in SHARED:
            self._keep(file, *self._fetched(file))
            return
        with alone_with(self.folder, file["name"]):
            # Of a name of its own: what is fetched is written into its scratch file, and this one is another chunk's.
            part = self._part(file, ".linked")
            # What was asked for anew by hand is fetched anew.
            known = None if self.marker.get("anew") else taken_before(self.folder, file, part, PROGRESS, self._serves)
            if known:
                log.info("%s is that of another chunk.", file["name"])
                self._keep(file, part, known[1], known[0])
            else:
                self._keep(file, *self._fetched(file))

    def _serves(self, subset: dict | None) -> bool:
        """Tell whether another chunk's file, whole (None) or a subset, has what is needed of it here."""
        in_parts = self.in_parts or self.source == RAW
        return subset is None or (in_parts and not lacks(subset, self.variables))

    def _fetched(self, file: dict) -> tuple[Path, dict | None]:
        """Fetch one file until it can be read; return where it is, and what it is a subset of."""
        delays = growing_delays(0.5, 2.0, 30.0)
        fetches = 1 if self.source == FILES else FETCHES
        for fetched in range(1, fetches + 1):
            complaint, part, subset = "", None, None
            try:
                with self.connections:
                    part, subset = self._fetch(file, self.in_parts and fetched <= FETCHES_IN_PARTS)
            except UnreadableError as error:
                complaint = str(error)
            complaint = complaint or check_netcdf(part)
            if not complaint:
                break
            if part:
                part.unlink()
            if fetched == fetches:
                times = f" arrived whole {FETCHES} times and" if fetches > 1 else ""
                raise UnusableFileError(f"{file['name']}{times} cannot be used: {complaint}")
            log.warning("%s arrived but cannot be used (%s); fetching it again.", file["name"], complaint)
            time.sleep(next(delays))
        return part, subset

    def _keep(self, file: dict, part: Path, subset: dict | None, digest: str = "") -> None:
        """Give a file that was checked its own name, and write down what it is."""
        digest = digest or sha256(part)
        part.replace(self.folder / file["name"])
        with self.lock:
            self.hashes[file["name"]] = digest
            self.subsets.pop(file["name"], None)
            if subset:
                self.subsets[file["name"]] = subset
            known = {"order": self.marker["order"], "files": self.hashes}
            write_json(self.folder / PROGRESS, known | ({"subsets": self.subsets} if self.subsets else {}))

    def _fetch(self, file: dict, in_parts: bool) -> tuple[Path, dict | None]:
        """Fetch what is needed of a file, or the whole; return where it is, and what it is a subset of."""
        if self.source in MADE:
            return self._taken(file)
        if in_parts:
            part = self._part(file, ".subset")
            try:
                return part, self._fetch_subset(file, part)
            except WholeOnlyError as reason:
                part.unlink(missing_ok=True)
                log.warning("%s is fetched whole, not in parts: %s.", file["name"], reason)
        part = self._part(file)
        self._fetch_as_announced(file, part)
        if self.in_parts:
            self.progress.add(part.stat().st_size)
        return part, None

    def _taken(self, file: dict) -> tuple[Path, dict | None]:
        """Make a file of what its source has, which is no netCDF file to be downloaded."""
        # Only then: it brings what reads DAP and writes netCDF.
        from plumbline.sources.taking import TAKERS

        part = self._part(file)
        subset = TAKERS[self.source](self.marker, file, part, self.variables, self._fetch_as_announced)
        self.progress.add(file["bytes"] or part.stat().st_size)
        return part, subset

    def _part(self, file: dict, kind: str = "") -> Path:
        """Return the scratch name of a file."""
        # The order is part of it: what one order left behind never begins another's file.
        tag = hashlib.sha256(self.marker["order"].encode()).hexdigest()[:8]
        return self.folder / f"{file['name']}.{tag}{kind}.part"

    def _place(self, file: dict) -> str:
        """Return where a file lies, as records have it: beside the others of its order, or where its source says."""
        return file.get("url") or f"{self.marker['folder']}/{file['name']}"

    def _url(self, file: dict) -> str:
        """Return where a file can be reached now."""
        return reachable(self.marker["server"], self._place(file))

    def _fetch_subset(self, file: dict, part: Path) -> dict:
        """Fetch what is needed of a file; return what it is a subset of, as the manifest has it."""
        session, url, place = result_session(), self._url(file), self._place(file)
        if self.marker["server"] == "embedded":  # at another port in every run
            place = urlsplit(place).path
        source = fetch_subset(
            url,
            part,
            file["name"],
            place,
            self.variables,
            is_gone=lambda: is_gone(session, url.rpartition("/")[0]),
            arrived=self.progress.add,
        )
        if source.version.bytes != file["bytes"]:
            log.warning("%s has %d bytes now and not %d.", file["name"], source.version.bytes, file["bytes"])
        return {"url": place} | asdict(source.version) | {"variables": source.variables}

    def _fetch_as_announced(self, file: dict, part: Path) -> None:
        """Fetch a file; if its length has changed since the marker was written, take it as it is now."""
        session, url = result_session(), self._url(file)
        folder, _, remote_name = url.rpartition("/")
        gone = functools.partial(is_gone, session, folder)
        try:
            fetch(url, part, file["bytes"], file.get("etag", ""), gone)
        except PlumblineError:
            try:
                now = describe(session, folder, remote_name)
            except (requests.RequestException, FileNotFoundError, PlumblineError):
                now = None
            if now is None or now.bytes == file["bytes"]:
                raise
            log.warning("%s has %d bytes now and not %d; fetching it anew.", file["name"], now.bytes, file["bytes"])
            part.unlink(missing_ok=True)
            fetch(url, part, now.bytes, now.etag, gone)
            file["bytes"] = now.bytes

    def finish(self, manifest_path: Path) -> None:
        """Write manifest and checksums, and remove what no longer belongs to the chunk."""
        names = sorted(file["name"] for file in self.marker["files"] if file["name"] not in self.unreadable)
        for path in self.folder.iterdir():
            if path.name not in names and (path.suffix in (".nc", ".part") or path.name == PROGRESS):
                path.unlink()
        found = {file["name"]: file for file in self.marker["files"]}
        listed = [
            {"name": name, "bytes": (self.folder / name).stat().st_size, "sha256": self.hashes[name]}
            | ({"subset_of": self.subsets[name]} if name in self.subsets else {})
            | ({"found": found_as(found[name], self.marker)} if self.source in SHARED else {})
            for name in names
        ]
        with replacing(self.folder / CHECKSUMS) as scratch:
            scratch.write_text("".join(f"{file['sha256']}  {file['name']}\n" for file in listed), encoding="utf-8")
        about = {key: self.marker[key] for key in ("stream", "chunk", "window", "server", "order")}
        unreadable = [{"name": name, "reason": reason} for name, reason in sorted(self.unreadable.items())]
        write_json(manifest_path, about | {"files": listed} | ({"unreadable": unreadable} if unreadable else {}))
