"""The download step: the files of a complete order, each whole, opened and hashed."""

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from pathlib import Path

from plumbline.errors import PlumblineError
from plumbline.ooi.places import FILES
from plumbline.reporting import counted, log
from plumbline.retrieval import records
from plumbline.retrieval.chunk_files import MADE, ChunkFiles, lacks
from plumbline.retrieval.integrity import sha256
from plumbline.retrieval.progress import Progress
from plumbline.retrieval.transfer import GoneError, UnusableFileError

# Files are looked through while the connections already fetch the next ones.
CHECKERS = 2


def download(
    completion_path: Path,
    record_path: Path,
    folder: Path,
    manifest_path: Path,
    connections: int,
    skip: bool = False,
    variables: Collection[str] = (),
    in_parts: bool = False,
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
        How many files are fetched at once, at least one.
    skip : bool
        Whether to go on without a file that the server has in a state that cannot be read; the
        manifest names it.
    variables : collection of str
        What is needed of each file beside ``time``. A file that was fetched in parts and lacks one of
        them is fetched again.
    in_parts : bool
        Whether only that is fetched, where it can be; what is there already stays as it is.

    Raises
    ------
    PlumblineError
        If a file is gone from the server, cannot be fetched whole, or is not netCDF. Where only a
        new order can help, the request record says so, and the next run orders anew.
    """
    marker = _marker_of(completion_path, record_path)
    folder.mkdir(parents=True, exist_ok=True)
    collection = ChunkFiles(marker, folder, skip, variables, in_parts)
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


def verify(
    completion_path: Path,
    record_path: Path,
    folder: Path,
    manifest_path: Path,
    skip: bool = False,
    variables: Collection[str] = (),
    in_parts: bool = False,
) -> None:
    """Compare a chunk's files with their manifest; fetch again what is missing, altered, or lacks a variable.

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
        elif lacking := lacks(file.get("subset_of"), variables):
            harmed.append(f"{file['name']} was fetched without {', '.join(lacking)}")
    if harmed:
        log.warning("%s; fetching again.", "; ".join(harmed))
        download(completion_path, record_path, folder, manifest_path, 1, skip, variables, in_parts)


def _fetch_all(collection: ChunkFiles, files: list[dict], connections: int) -> None:
    """Fetch files over several connections, saying how far it is."""
    collection.progress = Progress(collection.folder, files, collection.in_parts or collection.source in MADE)
    # A job that was told to take none of the counted connections (`--set-resources`) still needs one.
    connections = max(connections, 1)
    collection.connections = threading.Semaphore(connections)
    linked = collection.source == FILES
    if linked:
        log.info("Linking %s.", counted(len(files), "file"))
    with (
        nullcontext() if linked else collection.progress.told(),
        ThreadPoolExecutor(max_workers=connections + CHECKERS) as pool,
    ):
        tasks = [pool.submit(collection.take, file) for file in files]
        try:
            for task in as_completed(tasks):
                task.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
