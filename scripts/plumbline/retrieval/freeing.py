"""The free step: netCDF files go once their bins are written, and what proves them stays."""

from pathlib import Path

from plumbline.atomic import write_json
from plumbline.errors import PlumblineError
from plumbline.reporting import counted, human_bytes, log
from plumbline.retrieval import records
from plumbline.samples.binned import check_bins


def free(bins: Path, manifest_path: Path, folder: Path, modules: str, note_path: Path) -> None:
    """Remove a chunk's netCDF files.

    Parameters
    ----------
    bins : Path
        The chunk's bins; every number in them is read first.
    manifest_path : Path
        Names, lengths and SHA-256 of the files; it stays.
    folder : Path
        Where the files are; its SHA256SUMS stays.
    modules : str
        Digest of the code that made the bins: they are made anew only if something else asks for it.
    note_path : Path
        JSON: what was removed.

    Raises
    ------
    PlumblineError
        If the bins cannot be read, or are of other files; then nothing is removed.
    """
    manifest = records.read(manifest_path, "manifest")
    received = check_bins(bins)
    names = [file["name"] for file in manifest["files"]]
    if received and not names:
        raise PlumblineError(
            f"The bins {bins} hold samples, but the manifest names no file; remove them and run again."
        )
    # The note goes first: what it says has been removed may still be there, but never the other way round.
    size = sum(file["bytes"] for file in manifest["files"])
    write_json(note_path, {"order": manifest["order"], "modules": modules, "files": names, "bytes": size})
    for name in names:
        (folder / name).unlink(missing_ok=True)
    log.info("Freed %s: %s.", counted(len(names), "file"), human_bytes(size))
