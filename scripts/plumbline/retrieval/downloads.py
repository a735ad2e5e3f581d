"""The download step: the files of a complete order, each whole, opened and hashed."""

import contextlib
import hashlib
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import requests

from plumbline.atomic import replacing, write_json
from plumbline.errors import PlumblineError
from plumbline.ooi.patience import elapsed_since, growing_delays
from plumbline.ooi.results import describe
from plumbline.ooi.session import reachable, result_session
from plumbline.reporting import counted, human_bytes, human_seconds, log
from plumbline.retrieval import records
from plumbline.retrieval.completion import is_gone
from plumbline.retrieval.integrity import check_netcdf, sha256
from plumbline.retrieval.transfer import GoneError, UnusableFileError, fetch

SAY_EVERY_S = 10.0
# Slower than this, bytes a second, the time that is left is a guess that helps nobody.
SLOWEST_TOLD = 1000.0

# A file that arrives whole and cannot be read is fetched so often.
FETCHES = 4

# In the folder of a chunk's files: which order they are of, and the hash of each that is whole.
PROGRESS = ".progress.json"
CHECKSUMS = "SHA256SUMS"


def download(
    completion_path: Path, record_path: Path, folder: Path, manifest_path: Path, connections: int, skip: bool = False
) -> None:
    """Download the files of a chunk and write their manifest.

    Files of the same order that are there and unharmed are kept, partial ones are gone on with;
    files of another order are replaced one by one, and removed when the last has arrived.

    Parameters
    ----------
    completion_path : Path
        The completion marker.
    record_path : Path
        The request record; then it says so, and the next run orders anew.
    folder : Path
        Where the netCDF files go.
    manifest_path : Path
        JSON with the name, length and SHA-256 of each.
    connections : int
        How many files are fetched at once.
    skip : bool
        Whether to go on without a file that the server has in a state that cannot be read; the
        manifest names it.

    Raises
    ------
    PlumblineError
        If a file is gone from the server, cannot be fetched whole, or is not netCDF. Where only a
        new order can help, the request record says so, and the next run orders anew.
    """
    marker = _marker_of(completion_path, record_path)
    folder.mkdir(parents=True, exist_ok=True)
    collection = _Collection(marker, folder, skip)
    collection.adopt(records.read_if_there(manifest_path))
    missing = [file for file in marker["files"] if not collection.holds(file)]
    if missing:
        collection.make_sure_of_room(missing)
        try:
            _fetch_all(collection, missing, connections)
        except (GoneError, UnusableFileError) as failure:
            gone = isinstance(failure, GoneError)
            reason = f"the server does not have {failure} any more" if gone else str(failure).rstrip(".")
            # The completion marker stays: without it the retry of this job would end in a riddle.
            records.give_up(record_path, reason)
            raise PlumblineError(_given_up(reason)) from None
    collection.finish(manifest_path)


def _marker_of(completion_path: Path, record_path: Path) -> dict:
    """Return the completion marker; where an earlier try has given the order up, say that."""
    if reason := (records.read_if_there(record_path) or {}).get("given_up"):
        raise PlumblineError(_given_up(str(reason)))
    return records.read(completion_path, "completion marker")


def _given_up(reason: str) -> str:
    return f"This order is of no more use: {reason}. Run again to order anew; what did arrive is kept until then."


def verify(completion_path: Path, record_path: Path, folder: Path, manifest_path: Path, skip: bool = False) -> None:
    """Compare a chunk's files with their manifest, and fetch again what is missing or altered.

    Raises
    ------
    PlumblineError
        As `download` does.
    """
    manifest = records.read(manifest_path, "manifest")
    harmed = []
    for file in manifest["files"]:
        path = folder / file["name"]
        if not path.exists():
            harmed.append(f"{file['name']} is missing")
        elif path.stat().st_size != file["bytes"] or sha256(path) != file["sha256"]:
            harmed.append(f"{file['name']} was altered")
            path.unlink()
    if harmed:
        log.warning("%s; fetching again.", "; ".join(harmed))
        download(completion_path, record_path, folder, manifest_path, connections=1, skip=skip)


class _Collection:
    """The files of one chunk's order in their folder, and what is known of each."""

    def __init__(self, marker: dict, folder: Path, skip: bool) -> None:
        self.marker, self.folder, self.skip = marker, folder, skip
        self.unreadable: dict[str, str] = {}
        self.lock = threading.Lock()
        progress = records.read_if_there(folder / PROGRESS) or {}
        self.hashes: dict[str, str] = progress.get("files", {}) if progress.get("order") == marker["order"] else {}

    def adopt(self, manifest: dict | None) -> None:
        """Take over the hashes of an earlier manifest of the same order."""
        if manifest and manifest.get("order") == self.marker["order"]:
            known = {file["name"]: file["sha256"] for file in manifest.get("files", [])}
            self.hashes = known | self.hashes

    def holds(self, file: dict) -> bool:
        """Tell whether a file is there as it was when it was hashed."""
        path = self.folder / file["name"]
        known = self.hashes.get(file["name"])
        whole = known is not None and path.is_file() and path.stat().st_size == file["bytes"]
        return whole and sha256(path) == known

    def make_sure_of_room(self, files: list[dict]) -> None:
        """See to it that the disk has room for what is still to come."""
        there = sum(path.stat().st_size for path in self.folder.glob("*.part"))
        needed, free = sum(file["bytes"] for file in files) - there, shutil.disk_usage(self.folder).free
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
        # The order is part of the scratch name: what one order left behind never begins another's file.
        tag = hashlib.sha256(self.marker["order"].encode()).hexdigest()[:8]
        part = self.folder / f"{file['name']}.{tag}.part"
        delays = growing_delays(0.5, 2.0, 30.0)
        for left in range(FETCHES - 1, -1, -1):
            self._fetch_as_announced(file, part)
            complaint = check_netcdf(part)
            if not complaint:
                break
            part.unlink()
            if not left:
                raise UnusableFileError(f"{file['name']} arrived whole {FETCHES} times and cannot be used: {complaint}")
            log.warning("%s arrived whole but cannot be used (%s); fetching it again.", file["name"], complaint)
            time.sleep(next(delays))
        digest = sha256(part)
        part.replace(self.folder / file["name"])
        with self.lock:
            self.hashes[file["name"]] = digest
            write_json(self.folder / PROGRESS, {"order": self.marker["order"], "files": self.hashes})

    def _fetch_as_announced(self, file: dict, part: Path) -> None:
        """Fetch a file; if its length has changed since the marker was written, take it as it is now."""
        session, folder = result_session(), reachable(self.marker["server"], self.marker["folder"])
        url, gone = f"{folder}/{file['name']}", lambda: is_gone(session, folder)
        try:
            fetch(url, part, file["bytes"], file.get("etag", ""), gone)
        except UnusableFileError:
            try:
                now = describe(session, folder, file["name"])
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
        listed = [
            {"name": name, "bytes": (self.folder / name).stat().st_size, "sha256": self.hashes[name]} for name in names
        ]
        with replacing(self.folder / CHECKSUMS) as scratch:
            scratch.write_text("".join(f"{file['sha256']}  {file['name']}\n" for file in listed), encoding="utf-8")
        about = {key: self.marker[key] for key in ("stream", "chunk", "window", "server", "order")}
        unreadable = [{"name": name, "reason": reason} for name, reason in sorted(self.unreadable.items())]
        write_json(manifest_path, about | {"files": listed} | ({"unreadable": unreadable} if unreadable else {}))


def _fetch_all(collection: _Collection, files: list[dict], connections: int) -> None:
    """Fetch files over several connections, saying how far it is."""
    total = sum(file["bytes"] for file in files)
    log.info("Downloading %s, %s.", counted(len(files), "file"), human_bytes(total))
    start, finished = time.monotonic(), threading.Event()
    threading.Thread(target=_say_progress, args=(collection, files, total, finished), daemon=True).start()
    try:
        with ThreadPoolExecutor(max_workers=max(1, connections)) as pool:
            tasks = [pool.submit(collection.take, file) for file in files]
            try:
                for task in as_completed(tasks):
                    task.result()
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
    finally:
        finished.set()
    seconds = max(elapsed_since(start), 1e-3)
    log.info("Downloaded %s in %s, %s/s.", human_bytes(total), human_seconds(seconds), human_bytes(total / seconds))


def _say_progress(collection: _Collection, files: list[dict], total: int, finished: threading.Event) -> None:
    start, first = time.monotonic(), None
    while not finished.wait(SAY_EVERY_S):
        here = sum(_bytes_here(collection.folder, file["name"]) for file in files)
        first = here if first is None else first
        rate = max(0.0, (here - first) / max(elapsed_since(start) - SAY_EVERY_S, SAY_EVERY_S))
        left = f", about {human_seconds((total - here) / rate)} left" if rate > SLOWEST_TOLD else ""
        log.info("%s of %s, %s/s%s.", human_bytes(here), human_bytes(total), human_bytes(rate), left)


def _bytes_here(folder: Path, name: str) -> int:
    sizes = 0
    for path in folder.glob(f"{name}*"):
        # A part may get its final name between the listing and the look.
        with contextlib.suppress(FileNotFoundError):
            sizes += path.stat().st_size
    return sizes
