"""Checking a supplement: its bytes, its metadata, and what can be made again."""

from collections.abc import Callable, Iterable
from pathlib import Path

from plumbline.errors import PlumblineError
from plumbline.reporting import counted, log
from plumbline.supplement.checksums import differences, read_checksums
from plumbline.supplement.metadata_checks import faults_of_crate, faults_of_tables
from plumbline.supplement.recomputing import Recomputed, recompute


def verify(folder: Path, results: Path | None) -> list[str]:
    """Check a supplement, and return what is wrong, a sentence each.

    Parameters
    ----------
    folder : Path
    results : Path or None
        The results of a run, of which bins and tables are made again where they are there; None: the folder alone.

    Raises
    ------
    PlumblineError
        If the folder is no supplement, or its checksums are damaged.
    """
    sums = read_checksums(folder)
    faults = differences(folder, sums).sentences()
    log.info("Checked the bytes of %s.", counted(len(sums), "file"))
    faults += _told(lambda: faults_of_tables(folder, sums))
    log.info("Checked tables and their metadata.")
    faults += _told(lambda: faults_of_crate(folder, sums))
    if results is None:
        log.info("Nothing was made again: neither raw files nor bins are at hand (--results).")
        return faults
    done = Recomputed()
    faults += _told(lambda: recompute(folder, results, done))
    _tell(done)
    return faults


def _told(check: Callable[[], Iterable[str]]) -> list[str]:
    """Return what a check finds; that it cannot be made is a finding, too."""
    try:
        return list(check())
    except PlumblineError as error:
        return [str(error).rstrip(".")]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"a file is damaged so that it cannot be checked further ({type(error).__name__}: {error})"]


def _tell(done: Recomputed) -> None:
    log.info(
        "Made again and compared: %s of raw files, %s of bins.",
        counted(done.bins, "file of bins", "files of bins"),
        counted(done.tables, "table"),
    )
    if done.bins_without_raw:
        log.info(
            "Not made again, since the raw files are not at hand: %s.",
            counted(done.bins_without_raw, "file of bins", "files of bins"),
        )
    if done.streams_without_bins:
        log.info("Neither raw files nor bins are at hand of %s.", ", ".join(done.streams_without_bins))
