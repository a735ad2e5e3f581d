"""Downloading whole files over four connections beside one, from a server that limits each connection."""

import json
import os
import shutil
import time
from pathlib import Path

from files import CLEAN, DESIGNATOR, METHOD, STREAM
from loopback import serving
from plumbline.retrieval.downloads import download
from rows import Bench, Row, median_ratio, said

# A few files, of which the last four are looked through when the wire is done already, and a month of them.
FILES = (8, 32)
# What a connection gets, bytes a second.
RATE = 20e6
FOLDER = "/async_results/benchmark@example.org/20260101T000000000Z-benchmark"


def measure(bench: Bench) -> list[Row]:
    """Fetch the same files over one connection and over four, in turn."""
    return [_measured(bench, files) for files in (FILES[:1] if bench.quick else FILES)]


def _measured(bench: Bench, files: int) -> Row:
    source = bench.files.file(CLEAN, 0, whole=True)
    host = bench.folder(f"host-{files}")
    for number in range(files):
        os.link(source, host / f"{number}.nc")
    times = {1: [], 4: []}
    with serving(host, RATE) as address:
        for _ in range(1 if bench.quick else 3):
            for connections in times:
                times[connections].append(_seconds(bench.folder("download"), host, address, connections))
    size = files * source.stat().st_size / 1e6
    note = (
        f"{files} files, {size:.0f} MB, {RATE / 1e6:.0f} MB/s a connection: {said(times[1])} s and {said(times[4])} s"
    )
    ratio = median_ratio(times[1], times[4])
    what = f"download: 1 connection / 4 connections, {files} files, wall"
    return Row(what, ratio, "x", ">= 3.5", note, {"s": times})


def _seconds(folder: Path, host: Path, address: str, connections: int) -> float:
    """Return how long the download step takes for the files of an order."""
    completion, record = write_order(folder, host, address)
    start = time.perf_counter()
    download(completion, record, folder / "netcdf", folder / "netcdf.json", connections)
    seconds = time.perf_counter() - start
    shutil.rmtree(folder / "netcdf")
    (folder / "netcdf.json").unlink()
    return seconds


def write_order(folder: Path, host: Path, address: str) -> tuple[Path, Path]:
    """Write the completion marker and the request record of an order whose files a host has.

    Parameters
    ----------
    folder : Path
        Where to write.
    host : Path
        The folder that is served.
    address : str
        Of the server.

    Returns
    -------
    completion, record : Path
    """
    stream = {"name": "benchmark", "reference_designator": DESIGNATOR, "method": METHOD, "stream": STREAM}
    about = {
        "stream": stream,
        "chunk": "2019-03",
        "window": {"begin": "2019-03-01T00:00:00Z", "end": "2019-04-01T00:00:00Z"},
        "server": f"{address}/api/m2m",
        "order": "benchmark/1",
    }
    files = [
        {"name": path.name, "bytes": path.stat().st_size, "etag": f'"{path.stat().st_size:x}"'}
        for path in sorted(host.glob("*.nc"))
    ]
    completion, record = folder / "complete.json", folder / "request.json"
    completion.write_text(json.dumps(about | {"folder": address + FOLDER, "files": files}), encoding="utf-8")
    record.write_text(json.dumps(about | {"outcome": "accepted"}), encoding="utf-8")
    return completion, record
