"""Records that come to a job from object storage."""

from collections.abc import Iterable
from pathlib import Path

from plumbline.errors import PlumblineError


def demand(paths: Iterable[str]) -> None:
    """Make sure that the records which a job was to be given are there: without one it would tell less.

    Parameters
    ----------
    paths : iterable of str
        None where records lie beside the bins, on a file system that the job shares.

    Raises
    ------
    PlumblineError
        If one is not there.
    """
    missing = [str(path) for path in paths if not Path(path).exists()]
    if missing:
        raise PlumblineError(f"{len(missing)} records did not come from object storage, first {missing[0]}; run again")
