"""The files of a source as netCDF files of a chunk: raw text is rewritten, DAP is read, what is here is linked."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

from plumbline.ooi.places import FILES, OPENDAP, RAW
from plumbline.ooi.session import reachable
from plumbline.reporting import counted, log
from plumbline.retrieval.transfer import UnusableFileError
from plumbline.sources.dap import write_window
from plumbline.sources.edges import fetch_lines
from plumbline.sources.found import version_of
from plumbline.sources.raw_lines import LINES, write_netcdf

# netcdf-c is not made for several threads, and netCDF4 lets them in.
ONE_AT_A_TIME = threading.Lock()
# What raw text from the embedded server is, of which nothing in the text tells.
SYNTHETIC = "synthetic: raw archive of Plumbline's embedded OOI server"

# Fetches a whole file of the chunk as its server has it: what to fetch, and where to write it.
Fetch = Callable[[dict, Path], None]


def take_raw(marker: dict, file: dict, part: Path, variables: list[str], fetch: Fetch) -> dict:
    """Fetch a raw file, write the stream's lines as netCDF, and return what that is a part of."""
    text = part.with_name(part.name.removesuffix(".part") + ".text.part")
    if "range" in file:
        fetch_lines(reachable(marker["server"], file["url"]), *file["range"], text)
    else:
        fetch(file, text)
    word = file["lines"]
    attributes = {"title": f"{word} lines of {file['url'].rpartition('/')[2]}", "source_url": file["url"]}
    if marker["server"] == "embedded":
        attributes["data_origin"] = SYNTHETIC
    with ONE_AT_A_TIME:
        left_out = write_netcdf(text, word, part, attributes)
    text.unlink()
    if left_out:
        lines = counted(left_out, f"line of {word}", f"lines of {word}")
        log.warning("%s: left out, for unreadable, %s.", file["name"], lines)
    about = version_of(file) | {"variables": ["time", *LINES[word].variables]}
    return about | ({"lines_left_out": left_out} if left_out else {})


def take_dap(marker: dict, file: dict, part: Path, variables: list[str], fetch: Fetch) -> dict:
    """Read what a chunk needs of a remote file over DAP, and return what that is a part of."""
    part.unlink(missing_ok=True)
    url = reachable(marker["server"], file["url"])
    write_window(url, part, marker["window"], variables, file["name"], ONE_AT_A_TIME)
    return version_of(file) | {"variables": ["time", *variables]}


def take_local(marker: dict, file: dict, part: Path, variables: list[str], fetch: Fetch) -> None:
    """Link a file that is here already; nothing is copied, and it is a whole file."""
    path = Path(file["url"]).expanduser()
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UnusableFileError(f"{path} cannot be read ({os.strerror(error.errno or 0)})") from None
    if size != file["bytes"]:
        raise UnusableFileError(f"{path} has {size} bytes now and not {file['bytes']}")
    part.unlink(missing_ok=True)
    part.symlink_to(os.path.relpath(path.resolve(), part.parent.resolve()))


TAKERS: dict[str, Callable[[dict, dict, Path, list[str], Fetch], dict | None]] = {
    RAW: take_raw,
    OPENDAP: take_dap,
    FILES: take_local,
}
