"""How many of a file's bytes come over the wire with `download: subset`."""

from importlib.util import find_spec
from pathlib import Path

from connections import FOLDER
from files import CLEAN, VARIABLE
from loopback import sent, serving
from rows import Bench, Row

WHAT, GOAL = "download: subset, share of the bytes of whole files", "<= 6"
MODULE = "plumbline.retrieval.subset"


def measure(bench: Bench) -> list[Row]:
    """Fetch the two columns of some day files from a server that counts."""
    if find_spec(MODULE) is None:
        return [Row(WHAT, None, "%", GOAL, "not built yet")]
    paths = bench.files.days(CLEAN, 1 if bench.quick else 3, whole=True)
    whole = sum(path.stat().st_size for path in paths)
    with serving(bench.files.folder) as address:
        for path in paths:
            fetch_subset(f"{address}{FOLDER}/{path.name}", path.stat().st_size, bench.folder("subset") / path.name)
        counted = sent(address)
    note = f"{counted['bytes'] / 1e6:.2f} of {whole / 1e6:.1f} MB, {counted['answers']} answers"
    return [Row(WHAT, 100 * counted["bytes"] / whole, "%", GOAL, note, counted | {"whole": whole})]


def fetch_subset(url: str, size: int, path: Path) -> None:
    """Fetch time and pressure of one file.

    To be finished when the module is there: it is the one place that knows how it is called.
    """
    raise NotImplementedError(f"{MODULE} is there; say here how it fetches {VARIABLE} of {url}")
