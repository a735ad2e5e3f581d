"""What lies where in a supplement, and how it gets there."""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from plumbline.atomic import replacing

CHECKSUMS = "SHA256SUMS"
README, CITATION, BIBTEX = "README.md", "CITATION.txt", "citation.bib"
DATAPACKAGE, CRATE = "datapackage.json", "ro-crate-metadata.json"
CONFIGURATION = "provenance/configuration.yaml"
WORKFLOW_RECORD = "provenance/workflow.json"
# The interactive page and its pieces, which a rule of their own writes in their place.
PAGE, PAGE_PIECES = "index.html", "page"
# Folders that metadata describe as a whole, and how.
WHOLE_FOLDERS = {
    "workflow": "The workflow itself: rules, scripts, environments",
    PAGE_PIECES: f"Finer levels of the interactive page {PAGE}",
}
# The workflow itself, what has to be there to run it again: files, and folders with all that is in them.
CODE_FILES = (
    "Snakefile",
    "pyproject.toml",
    "requirements.lock",
    "CITATION.cff",
    "LICENSE",
    "README.md",
    "config/config.yaml",
    "config/schema.json",
    "config/README.md",
)
CODE_FOLDERS = ("rules", "scripts", "envs", "profiles", "report")
# What Python and editors leave beside code.
LEFTOVERS = ("__pycache__", ".pyc", "~", ".swp", ".DS_Store")
METADATA_ENDING = "-metadata.json"
FIGURE_ENDINGS = (".png", ".pdf")


def place_of(result: str) -> str:
    """Return where a result lies in the supplement.

    Parameters
    ----------
    result : str
        Its path below ``results/``, such as ``central/uplift_1h.csv``.
    """
    return f"{'figures' if result.endswith(FIGURE_ENDINGS) else 'data'}/{result}"


def record_of(stream: str) -> str:
    """Return where the record of a stream's orders lies."""
    return f"provenance/{stream}.json"


def code_files(workflow: Path) -> list[str]:
    """Return the workflow's own files, relative to its folder, sorted."""
    found = [name for name in CODE_FILES if (workflow / name).is_file()]
    for folder in CODE_FOLDERS:
        paths = (path.relative_to(workflow) for path in (workflow / folder).rglob("*") if path.is_file())
        found += [path.as_posix() for path in paths if not any(part.endswith(LEFTOVERS) for part in path.parts)]
    return sorted(found)


def files_in(folder: Path) -> list[str]:
    """Return every file of a folder, relative to it, sorted."""
    paths = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def lay(source: Path, place: Path) -> None:
    """Give a result its place: as a second name of the same file where that is safe, else as a copy.

    A result is replaced and never written into, so that a second name keeps what it was. The tables that grow are
    the exception; they have a second name already (see tables/growing.py), and are copied.
    """
    if place.exists() and os.path.samefile(source, place):
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with replacing(place) as beside:
        if source.stat().st_nlink == 1:
            try:
                os.link(source, beside)
                return
            except OSError:
                # Another disk, or one that has no hard links.
                beside.unlink(missing_ok=True)
        shutil.copyfile(source, beside)


def copy(source: Path, place: Path) -> None:
    """Copy a file that people write into, such as code, to its place."""
    with replacing(place) as beside:
        shutil.copyfile(source, beside)


def sweep(folder: Path, belonging: Iterable[str], left_alone: Iterable[str]) -> None:
    """Remove what does not belong to a supplement: files of an earlier configuration.

    Parameters
    ----------
    folder : Path
    belonging : iterable of str
        Files, relative to the folder.
    left_alone : iterable of str
        Files and folders that others write.
    """
    keep, others = set(belonging), set(left_alone)
    for name in files_in(folder):
        if name not in keep and name not in others and name.split("/")[0] not in others:
            (folder / name).unlink()
    for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(path.iterdir()) and path.relative_to(folder).as_posix() not in others:
            path.rmdir()


def lay_all(folder: Path, results: Mapping[str, Path], copies: Mapping[str, Path]) -> None:
    """Lay results and copies at their places.

    Parameters
    ----------
    folder : Path
        The supplement.
    results, copies : mapping of str to Path
        Place, relative to the folder, and where the file is.
    """
    for name, source in results.items():
        lay(source, folder / name)
    for name, source in copies.items():
        copy(source, folder / name)
