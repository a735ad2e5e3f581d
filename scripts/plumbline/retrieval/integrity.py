"""Is a file that arrived whole a netCDF file whose numbers can be read, every one of them?"""

import hashlib
from pathlib import Path

import h5py

from plumbline.samples.plausibility import complaint, too_long_for_its_bytes

BLOCK_ROWS = 1_000_000


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal, read in blocks."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_netcdf(path: Path) -> str:
    """Return what is wrong with a netCDF-4 file, or "".

    Every column of numbers is unpacked once: its checksum shows what changed on the way. Texts,
    which are most of the bytes and which nothing is made of, are not.
    """
    try:
        with h5py.File(path, "r") as file:
            if not isinstance(file.get("time", getlink=True), h5py.HardLink) or not isinstance(
                file["time"], h5py.Dataset
            ):
                return "it has no variable 'time'"
            return _unreadable_column(file)
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        with open(path, "rb") as file:
            head = file.read(64).lstrip().lower()
        return "it is an HTML page" if head.startswith((b"<!doctype", b"<html")) else f"it cannot be read: {error}"


def _unreadable_column(file: h5py.File) -> str:
    for name in file:
        link = file.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink) or not isinstance(column := file[name], h5py.Dataset):
            continue
        if column.dtype.kind not in "fiu" or column.ndim != 1:
            continue
        trouble = complaint(column)
        if not trouble and name == "time" and too_long_for_its_bytes(column):
            trouble = f"declares {column.size} values, more than its bytes can hold"
        if trouble:
            return f"'{name}' {trouble}"
        if column.id.get_storage_size():
            for start in range(0, column.shape[0], BLOCK_ROWS):
                column[start : start + BLOCK_ROWS]
    return ""
