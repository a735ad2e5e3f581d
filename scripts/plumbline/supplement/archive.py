"""The zip of a supplement: the same bytes for the same files, on any machine.

Files are stored and not packed: what deflate makes of them depends on the zlib that Python was built with, and tools
that take a part of a zip (Zenodo's preview among them) find it faster. Times, modes and the order are fixed.
"""

import hashlib
import zipfile
from pathlib import Path

from plumbline.atomic import replacing
from plumbline.errors import PlumblineError
from plumbline.reporting import counted, human_bytes, log
from plumbline.supplement.checksums import read_checksums
from plumbline.supplement.contents import CHECKSUMS, files_in

# The first moment that a zip can tell.
MOMENT = (1980, 1, 1, 0, 0, 0)
# A regular file that everybody reads, as a zip made on Unix says it.
MODE, UNIX = 0o100644 << 16, 3
BLOCK = 1 << 20


def write_archive(folder: Path, path: Path) -> None:
    """Write the zip of a supplement; in it everything lies in a folder of the supplement's name.

    Parameters
    ----------
    folder, path : Path

    Raises
    ------
    PlumblineError
        If a file is missing, is not what it was, or does not belong there.
    """
    sums = read_checksums(folder)
    strays = sorted(set(files_in(folder)) - set(sums) - {CHECKSUMS})
    if strays:
        raise PlumblineError(f"{strays[0]} does not belong to the supplement; remove it and run again.")
    with replacing(path) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted([*sums, CHECKSUMS]):
            digest = _add(archive, folder / name, f"{folder.name}/{name}")
            if name != CHECKSUMS and digest != sums[name]:
                raise PlumblineError(f"{name} is not what it was when the supplement was made; make it again.")
    log.info("%s: %s, %s.", path, counted(len(sums) + 1, "file"), human_bytes(path.stat().st_size))


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> str:
    """Add a file, and return its SHA-256."""
    about = zipfile.ZipInfo(name, MOMENT)
    about.create_system, about.external_attr = UNIX, MODE
    digest = hashlib.sha256()
    try:
        about.file_size = path.stat().st_size
        with path.open("rb") as source, archive.open(about, "w") as target:
            while block := source.read(BLOCK):
                digest.update(block)
                target.write(block)
    except FileNotFoundError:
        raise PlumblineError(f"{path} is missing; make the supplement again.") from None
    return digest.hexdigest()
