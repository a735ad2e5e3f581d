"""What a job tells: progress lines on the terminal and in its log, errors in one sentence."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from plumbline.errors import PlumblineError, RefusedError
from plumbline.lifeline import end_with_workflow

log = logging.getLogger("plumbline")


def configure(log_path: str | Path | None, prefix: str) -> None:
    """Send progress to the terminal and, with the time, to the job's log file.

    Parameters
    ----------
    log_path : str, Path or None
        The log file; it is written anew.
    prefix : str
        Stands before every line on the terminal, such as ``central-caldera 2015-04``.
    """
    log.setLevel(logging.INFO)
    log.propagate = False
    log.handlers.clear()
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setFormatter(logging.Formatter(f"{prefix}: %(message)s"))
    log.addHandler(terminal)
    if log_path:
        Path(log_path).parent.mkdir(parents=True, exist_ok=True)
        file = logging.FileHandler(log_path, mode="w", encoding="utf-8")
        file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(file)


@contextlib.contextmanager
def reported(log_path: str | Path | None, prefix: str) -> Iterator[None]:
    """Run a job's work: its progress is reported, and its failure is one sentence and exit code 1.

    An error of the machine (disk full, no permission) gets a sentence too; anything else is a
    defect of Plumbline and keeps its traceback.
    """
    end_with_workflow()
    configure(log_path, prefix)
    try:
        yield
    except RefusedError as error:
        log.error("%s Run again later; if it stays so, it is for the people of the server to mend.", error)
        raise SystemExit(1) from None
    except PlumblineError as error:
        log.error("%s", error)
        raise SystemExit(1) from None
    except OSError as error:
        log.error("%s (%s)", os.strerror(error.errno) if error.errno else "I/O error", error)
        raise SystemExit(1) from None


def counted(number: int, thing: str, things: str | None = None) -> str:
    """Return a number of things in words: ``1 file``, ``3 files``."""
    return f"{number} {thing}" if number == 1 else f"{number} {things or thing + 's'}"


def human_bytes(count: float) -> str:
    """Return a byte count as a person reads it: ``60.3 MB`` (decimal units)."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.2f} TB"


def human_seconds(seconds: float) -> str:
    """Return a duration as a person reads it: ``45 s``, ``3 min``, ``2 h 05 min``, ``3 d 04 h``."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    hours = round(minutes / 60)
    return f"{hours // 24} d {hours % 24:02d} h"
