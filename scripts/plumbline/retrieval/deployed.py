"""Which deployment the samples of a stream come from, by the names of OOI's files."""

import re
from pathlib import Path

import numpy as np

from plumbline.retrieval import records

# deployment0001_RS03CCAL-..._20150424T000000-20150424T235959.950000.nc
FILE_NAME = re.compile(r"deployment(\d{4})_.*_(\d{8}T\d{6})(?:\.\d+)?-\d{8}T\d{6}(?:\.\d+)?\.nc$")


def deployment_starts(manifests: list[Path]) -> tuple[list[tuple[int, int]], int]:
    """Return the deployments of a stream, and when the first file of each begins.

    Parameters
    ----------
    manifests : list of Path
        Of the chunks; those that are not there are passed over.

    Returns
    -------
    starts : list of (int, int)
        Number of the deployment; milliseconds since 1970. In time order. Deployment 0000, which is the
        server's own test data, is left out.
    unread : int
        How many manifests are not there.
    """
    starts: dict[int, int] = {}
    there = [path for path in manifests if path.exists()]
    for path in there:
        for file in records.read(path, "manifest")["files"]:
            match = FILE_NAME.search(file["name"])
            if match and int(match[1]):
                begin_ms = _milliseconds(match[2])
                starts[int(match[1])] = min(begin_ms, starts.get(int(match[1]), begin_ms))
    return sorted(starts.items(), key=lambda start: start[1]), len(manifests) - len(there)


def _milliseconds(text: str) -> int:
    """Return a time such as 20150424T000000 in milliseconds since 1970."""
    iso = f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[9:11]}:{text[11:13]}:{text[13:15]}"
    return int(np.datetime64(iso, "ms").astype(np.int64))
