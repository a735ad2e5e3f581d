"""The record of a stream's orders: which chunks were asked for, what was answered, which files came.

Of OOI everything is told but whose account it was. Of the embedded server only what is the same in every run: its
port, the times of day, the ids of orders and the bytes of its files, which name them, are another each time.
"""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from plumbline.chunks import Chunk, isoformat
from plumbline.configuration.streams import Stream
from plumbline.coverage.deployed import deployments_of
from plumbline.retrieval import records
from plumbline.retrieval.integrity import sha256
from plumbline.supplement.scrubbing import scrubbed
from plumbline.tables.csvw import OOI_PUBLISHER, origins_of, subject_of

EMBEDDED = "embedded"
QUERY = ("source", "reference_designator", "method", "stream", "path", "parameters")


def record_of_stream(stream: Stream, chunks: Iterable[Chunk], server: str, folder: Path) -> dict:
    """Return the record of a stream's orders.

    Parameters
    ----------
    stream : Stream
    chunks : iterable of Chunk
        In time order.
    server : str
        ``embedded``, the URL of an API or a host, or ``files``.
    folder : Path
        ``results/{stream}``.

    Raises
    ------
    PlumblineError
        If a record is missing or damaged.
    """
    chunks = list(chunks)
    bins = [folder / "bins" / f"{chunk.name}.nc" for chunk in chunks]
    facts = stream.described()
    subject = subject_of(origins_of(bins), chunks[0].begin_ms, chunks[-1].end_ms, facts, server)
    told = [record_of_chunk(chunk, server, folder) for chunk in chunks]
    accessed = sorted(one["completed_at"][:10] for one in told if one.get("completed_at"))
    record = facts | {
        "variables": list(stream.variables),
        "window": {"begin": subject.begin, "end": subject.end},
        "server": server,
        "synthetic": subject.synthetic,
        "data_origin": "; ".join(subject.origins) or OOI_PUBLISHER,
        "deployments": [asdict(one) for one in deployments_of(bins)],
    }
    if accessed:
        record["accessed"] = {"first": accessed[0], "last": accessed[-1]}
    return record | {"chunks": told}


def record_of_chunk(chunk: Chunk, server: str, folder: Path) -> dict:
    """Return what was asked for a chunk and what came of it; parameters as in `record_of_stream`."""
    asked = records.read(folder / "requests" / f"{chunk.name}.json", "request record")
    complete = records.read(folder / "complete" / f"{chunk.name}.json", "completion marker")
    manifest = records.read(folder / "netcdf" / f"{chunk.name}.json", "manifest")
    bins = folder / "bins" / f"{chunk.name}.nc"
    told = {
        "name": chunk.name,
        "begin": isoformat(chunk.begin),
        "end": isoformat(chunk.end),
        "request": {key: asked["query"][key] for key in QUERY if key in asked["query"]},
        "outcome": asked["outcome"],
    }
    if server != EMBEDDED:
        told |= _of_this_order(asked, complete)
    told |= {
        "failed_slices": complete.get("failed_slices", {}),
        "annotations": asked.get("annotations", []),
        "files": _files(complete, manifest, server),
        "unreadable": manifest.get("unreadable", []),
        "bins": {"name": f"bins/{bins.name}", "bytes": bins.stat().st_size, "sha256": sha256(bins)},
    }
    return scrubbed(told)


def _of_this_order(asked: dict, complete: dict) -> dict:
    """Return what tells one order from another that asks for the same."""
    attempts = [_attempt(one) | {"given_up": one.get("given_up", "")} for one in asked.get("attempts", [])]
    return {
        **_attempt(asked),
        "completed_at": complete.get("completed_at", ""),
        "results": complete.get("folder", ""),
        "attempts": attempts,
    }


def _attempt(asked: dict) -> dict:
    return {"ordered_at": asked["ordered_at"], "request_id": asked.get("answer", {}).get("requestUUID", "")}


def _files(complete: dict, manifest: dict, server: str) -> list[dict]:
    """Return the raw files: names, and of OOI's the bytes, the hash, and what they are a subset of."""
    if server == EMBEDDED:
        return [{"name": file["name"]} for file in manifest["files"]]
    modified = {file["name"]: file.get("last_modified", "") for file in complete.get("files", [])}
    return [
        {key: file[key] for key in ("name", "bytes", "sha256", "subset_of") if key in file}
        | {"last_modified": modified.get(file["name"], "")}
        for file in manifest["files"]
    ]


def volatile_of_stream(stream: str, chunks: Iterable[Chunk], folder: Path) -> dict:
    """Return what is another in every run of the embedded server: it stays out of the supplement."""
    told = {}
    for chunk in chunks:
        asked = records.read(folder / "requests" / f"{chunk.name}.json", "request record")
        complete = records.read(folder / "complete" / f"{chunk.name}.json", "completion marker")
        manifest = records.read(folder / "netcdf" / f"{chunk.name}.json", "manifest")
        told[chunk.name] = scrubbed(_of_this_order(asked, complete) | {"files": manifest["files"]})
    return {"stream": stream, "chunks": told}
