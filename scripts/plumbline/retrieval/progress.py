"""How far a download is, said every some seconds."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from plumbline.ooi.patience import elapsed_since
from plumbline.reporting import counted, human_bytes, human_seconds, log

SAY_EVERY_S = 10.0
# Slower than this, bytes a second, the time that is left is a guess that helps nobody.
SLOWEST_TOLD = 1000.0


class Progress:
    """Counts the bytes of the files that a step fetches.

    Parameters
    ----------
    folder : Path
        Where they are collected.
    files : list of dict
        Names and announced lengths.
    in_parts : bool
        Whether only parts of them are fetched: how much that will be is not known beforehand.
    """

    def __init__(self, folder: Path, files: list[dict], in_parts: bool) -> None:
        self.folder, self.files, self.in_parts = folder, files, in_parts
        self.total = sum(file["bytes"] for file in files)
        self._counted, self._lock = 0, threading.Lock()

    def add(self, count: int) -> None:
        """Count bytes that came and are not on the disk as they came."""
        with self._lock:
            self._counted += count

    def here(self) -> int:
        """Return how many bytes have come: those on the disk, and those that were counted."""
        sizes = 0
        for path in (path for file in self.files for path in self.folder.glob(f"{file['name']}*")):
            # What is made of parts was counted when they came.
            if path.name.endswith(".subset.part") or (self.in_parts and path.suffix == ".nc"):
                continue
            # A part may get its final name between the listing and the look.
            with contextlib.suppress(FileNotFoundError):
                sizes += path.stat().st_size
        return sizes + self._counted

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Say how far it is while the block runs, and what it took when it ends well."""
        of_what = "what is needed of " if self.in_parts else ""
        of_all = f", {human_bytes(self.total)}" if self.total else ""
        log.info("Downloading %s%s%s.", of_what, counted(len(self.files), "file"), of_all)
        start, finished = time.monotonic(), threading.Event()
        threading.Thread(target=self._say, args=(finished,), daemon=True).start()
        try:
            yield
        finally:
            finished.set()
        seconds = max(elapsed_since(start), 1e-3)
        if self.in_parts:
            of_all = f" of {human_bytes(self.total)}" if self.total else ""
            log.info("Downloaded %s%s in parts in %s.", human_bytes(self._counted), of_all, human_seconds(seconds))
        else:
            rate = human_bytes(self.total / seconds)
            log.info("Downloaded %s in %s, %s/s.", human_bytes(self.total), human_seconds(seconds), rate)

    def _say(self, finished: threading.Event) -> None:
        start, first = time.monotonic(), None
        while not finished.wait(SAY_EVERY_S):
            here = self.here()
            first = here if first is None else first
            rate = max(0.0, (here - first) / max(elapsed_since(start) - SAY_EVERY_S, SAY_EVERY_S))
            if self.in_parts:
                of_all = f", of files of {human_bytes(self.total)}" if self.total else ""
                log.info("%s in parts%s.", human_bytes(here), of_all)
                continue
            left = f", about {human_seconds((self.total - here) / rate)} left" if rate > SLOWEST_TOLD else ""
            log.info("%s of %s, %s/s%s.", human_bytes(here), human_bytes(self.total), human_bytes(rate), left)
