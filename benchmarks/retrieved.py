"""A folder in which everything was retrieved and nothing binned: as the steps of retrieval leave it, with tiny files.

Each chunk has its request record, completion marker, manifest, checksums and one netCDF file of a second of samples.
"""

import sys
from pathlib import Path

import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

from files import METHOD, RATE_HZ, STREAM, VARIABLE, append, lean_file
from plumbline import configuration
from plumbline.atomic import write_json
from plumbline.chunks import Chunk, isoformat
from plumbline.ooi.orders import Query, urls_of
from plumbline.ooi.results import RemoteFile
from plumbline.retrieval import records
from plumbline.retrieval.chunk_files import ChunkFiles
from plumbline.retrieval.completion import Contents
from plumbline.retrieval.integrity import sha256
from plumbline.retrieval.ordering import question

API = "embedded"
SERVER = "http://127.0.0.1:8080"
INSTRUMENTS = {
    "central-caldera": "RS03CCAL-MJ03F-05-BOTPTA301",
    "eastern-caldera": "RS03ECAL-MJ03E-06-BOTPTA302",
    "international-district": "RS03INT2-MJ03D-06-BOTPTA303",
    "ashes": "RS03ASHS-MJ03B-09-BOTPTA304",
}
FIRST_YEAR = 2015
SAMPLES = round(RATE_HZ)


def configured(years: int, chunk: str) -> dict:
    """Return a configuration of four instruments over so many years, in pieces of a day, month or year."""
    common = {"method": METHOD, "stream": STREAM, "variables": [VARIABLE], "chunk": chunk}
    common |= {"begin": f"{FIRST_YEAR}-01-01", "end": f"{FIRST_YEAR + years}-01-01"}
    streams = [{"name": name, "reference_designator": designator} | common for name, designator in INSTRUMENTS.items()]
    return {"ooi": {"api": API}, "streams": streams, "resample": ["1D"], "products": []}


def lay_out(folder: Path, years: int, chunk: str) -> Path:
    """Write the configuration and all that retrieval leaves into a new folder, and return the folder."""
    folder.mkdir(parents=True)
    config = configured(years, chunk)
    (folder / "configuration.yaml").write_text(yaml.safe_dump(config))
    for stream in configuration.read(config).streams:
        for one in stream.chunks().values():
            _retrieve(folder / "results" / stream.name, stream.name, stream.reference_designator, one)
    return folder


def _retrieve(results: Path, name: str, designator: str, chunk: Chunk) -> None:
    """Write what retrieval leaves of one chunk; record, marker and manifest in this order."""
    files = results / "netcdf" / chunk.name
    files.mkdir(parents=True)
    span = f"{chunk.begin:%Y%m%dT%H%M%S}-{chunk.begin:%Y%m%dT%H%M%S}.950000"
    path = files / f"deployment0001_{designator}-{METHOD}-{STREAM}_{span}.nc"
    times = chunk.begin_ms + np.arange(SAMPLES) * round(1000 / RATE_HZ)
    with lean_file(path) as file:
        append(file, times, np.float32(2254) + np.arange(SAMPLES, dtype=np.float32) / 1024)

    query = Query(designator, METHOD, STREAM, chunk.begin, chunk.end)
    place = f"user@example.org/20260101T000000000Z-{designator}-{METHOD}-{STREAM}"
    urls = [f"{SERVER}/thredds/catalog/ooi/{place}/catalog.html", f"{SERVER}/async_results/{place}"]
    answer = {"requestUUID": f"{name}-{chunk.name}", "outputURL": urls[0], "allURLs": urls}
    answer |= {"sizeCalculation": 1_000_000, "timeCalculation": 60, "numberOfSubJobs": 1}
    record = records.answered(question(API, name, chunk.name, query), answer, records.ACCEPTED, {})
    write_json(results / "requests" / f"{chunk.name}.json", record | {"annotations": []})

    marker = {key: record[key] for key in ("stream", "chunk", "window", "server")}
    marker |= {"order": records.order_id(record), "outcome": records.COMPLETE}
    marker |= {"completed_at": isoformat(chunk.end), "folder": urls_of(answer)[0]}
    remote = RemoteFile(path.name, path.stat().st_size, "Thu, 01 Jan 2026 00:00:00 GMT", "")
    marker |= Contents(files=[remote], others=["status.json", "status.txt"]).marker()
    write_json(results / "complete" / f"{chunk.name}.json", marker)

    chunk_files = ChunkFiles(marker, files, skip=False)
    chunk_files.hashes = {path.name: sha256(path)}
    chunk_files.finish(results / "netcdf" / f"{chunk.name}.json")
