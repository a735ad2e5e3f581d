"""One run at a time in a folder, with a lock that ends with its process, however that ends.

Snakemake's own lock is a file that stays behind when a run is killed; then a person has to lift it.
"""

import fcntl
from pathlib import Path
from typing import TextIO

from plumbline.errors import PlumblineError


def lock_folder(path: Path) -> TextIO:
    """Take the lock of a folder and return it; it holds as long as what is returned stays open.

    Parameters
    ----------
    path : Path
        The lock file; it is made if it is missing, and stays.

    Raises
    ------
    PlumblineError
        If another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise PlumblineError(
            f"Another run is working in {path.absolute().parent.parent}; wait for its end, or stop it."
        ) from None
    except OSError:
        pass  # a file system without locks: nothing can be known
    return lock


def is_locked(path: Path) -> bool:
    """Tell whether another process holds the lock of a folder."""
    try:
        with path.open("r", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no such file, or a file system without locks
        return False
    return False
