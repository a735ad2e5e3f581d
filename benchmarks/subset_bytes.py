"""How many of a file's bytes come over the wire with `download: subset`."""

import inspect
import os
from pathlib import Path

import h5py
import numpy as np

from connections import write_order
from files import CLEAN, VARIABLE
from loopback import sent, serving
from plumbline.retrieval.downloads import download
from rows import Bench, Row

WHAT, GOAL = "download: subset, share of the bytes of whole files", "<= 6"


def measure(bench: Bench) -> list[Row]:
    """Fetch what is needed of some day files from a server that counts, and look whether it is all there."""
    if "in_parts" not in inspect.signature(download).parameters:
        return [Row(WHAT, None, "%", GOAL, "not built yet")]
    host, folder = bench.folder("host"), bench.folder("subset")
    paths = bench.files.days(CLEAN, 1 if bench.quick else 3, whole=True)
    for path in paths:
        os.link(path, host / path.name)
    whole = sum(path.stat().st_size for path in paths)
    with serving(host) as address:
        completion, record = write_order(folder, host, address)
        download(completion, record, folder / "netcdf", folder / "netcdf.json", 4, variables=[VARIABLE], in_parts=True)
        counted = sent(address)
    same = all(_same_columns(path, folder / "netcdf" / path.name) for path in paths)
    note = f"{counted['bytes'] / 1e6:.2f} of {whole / 1e6:.1f} MB, {counted['answers']} answers"
    note += ", every value as in the whole file" if same else "; BUT THE VALUES DIFFER"
    share = 100 * counted["bytes"] / whole if same else float("inf")
    return [Row(WHAT, share, "%", GOAL, note, counted | {"whole": whole})]


def _same_columns(one: Path, other: Path) -> bool:
    """Tell whether two files hold the same times and values."""
    with h5py.File(one, "r") as first, h5py.File(other, "r") as second:
        return all(np.array_equal(first[name][:], second[name][:], equal_nan=True) for name in ("time", VARIABLE))
