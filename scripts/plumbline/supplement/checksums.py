"""SHA256SUMS: written and checked; `sha256sum -c` reads it, too."""

from dataclasses import dataclass, field
from pathlib import Path

from plumbline.atomic import replacing
from plumbline.errors import PlumblineError
from plumbline.retrieval.integrity import sha256
from plumbline.supplement.contents import CHECKSUMS, files_in


@dataclass
class Difference:
    """How a folder differs from its checksums: names of files."""

    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)

    def sentences(self) -> list[str]:
        """Return a sentence for each file."""
        return (
            [f"{name} is missing: {CHECKSUMS} lists it" for name in self.missing]
            + [f"{name} is not what it was: its SHA-256 is not the one in {CHECKSUMS}" for name in self.changed]
            + [f"{name} does not belong here: {CHECKSUMS} does not list it" for name in self.unlisted]
        )


def write_checksums(folder: Path) -> dict[str, str]:
    """Write the checksums of every file of a folder, and return them by name."""
    sums = {name: sha256(folder / name) for name in files_in(folder) if name != CHECKSUMS}
    with replacing(folder / CHECKSUMS) as beside:
        beside.write_text(_text(sums), encoding="utf-8")
    return sums


def read_checksums(folder: Path) -> dict[str, str]:
    """Return the checksums of a folder by name.

    Raises
    ------
    PlumblineError
        If there are none, or a line is none.
    """
    try:
        text = (folder / CHECKSUMS).read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise PlumblineError(
            f"{folder} is no supplement: it has no {CHECKSUMS}. Make one with 'snakemake supplement'."
        ) from None
    except UnicodeDecodeError:
        raise PlumblineError(f"{folder / CHECKSUMS} is damaged: it is no text.") from None
    sums = {}
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        digest, gap, name = line[:64], line[64:66], line[66:]
        if gap != "  " or len(name) == 0 or set(digest) - set("0123456789abcdef") or name in sums:
            raise PlumblineError(f"{folder / CHECKSUMS} is damaged: line {number} is no checksum.")
        sums[name] = digest
    if text != _text(sums):
        raise PlumblineError(f"{folder / CHECKSUMS} is damaged: its last line has no end.")
    return sums


def _text(sums: dict[str, str]) -> str:
    return "".join(f"{digest}  {name}\n" for name, digest in sums.items())


def differences(folder: Path, sums: dict[str, str]) -> Difference:
    """Compare a folder with its checksums, every file."""
    there = [name for name in files_in(folder) if name != CHECKSUMS]
    return Difference(
        missing=sorted(set(sums) - set(there)),
        changed=[name for name in there if name in sums and sha256(folder / name) != sums[name]],
        unlisted=[name for name in there if name not in sums],
    )
