"""The files of an order that are not netCDF: statuses, provenance, annotations, NcML, CSV and JSON."""

import json
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from plumbline.embedded.instruments import Instrument
from plumbline.embedded.notes import annotations
from plumbline.embedded.orders import Order, Piece, isoformat
from plumbline.embedded.particles import UNIX_OF_1900_S, Completer, variables_of
from plumbline.embedded.shapes import slices
from plumbline.embedded.sources import Source, batches
from plumbline.embedded.streams import Stream

BATCH_ROWS = 5_000  # particles are Python objects, which take a kilobyte each
DONE = "complete\n"


def dumps(content: object) -> str:
    """Return JSON as stream_engine writes it: indented by two, keys sorted."""
    return json.dumps(content, indent=2, sort_keys=True)


def status_json(order: Order, pieces: list[Piece]) -> str:
    """Return the state of the time slices; that it exists does not mean that the order is done."""
    nothing = None if pieces else (404, "Query returned no results for primary stream")
    states = {}
    for begin_ms, end_ms, failed in slices(order):
        ends = (isoformat(time_ms)[:19] for time_ms in (begin_ms, end_ms - 1))
        name = "-".join(end.replace("-", "").replace(":", "") for end in ends)
        states[name] = _failed_slice(order, *(failed or nothing)) if failed or nothing else "complete"
    return dumps(states)


def _failed_slice(order: Order, code: int, reason: str) -> dict:
    message = f"Request for particles failed for the following reason: {reason}"
    return {"code": code, "message": message, "requestUUID": order.request_uuid}


def failure(reason: str) -> str:
    """Return what stands in ``status.txt`` when the files could not be made."""
    return dumps({"code": 500, "message": f"Aggregation failed for the following reason: {reason}"})


def provenance(order: Order, instrument: Instrument, number: int) -> tuple[str, str]:
    """Return (name, content) of the provenance file of a deployment."""
    query = {
        "query_type": "m2m",
        "query_uuid": order.request_uuid,
        "begin": order.begin_ms / 1000.0 + UNIX_OF_1900_S,
        "beginDT": isoformat(order.begin_ms),
        "end": (order.end_ms - 1) / 1000.0 + UNIX_OF_1900_S,
        "endDT": isoformat(order.end_ms - 1),
        "limit": None,
        "requested_stream": order.token,
        "include_provenance": order.include_provenance,
        "include_annotations": order.include_annotations,
        "strict_range": False,
    }
    content = {
        "instrument_provenance": {order.token: [{"sensor": {"uid": instrument.asset}}]},
        "provenance": {"data_origin": order.origin},
        "computed_provenance": {},
        "query_parameter_provenance": query,
        "provenance_messages": [],
        "requestUUID": order.request_uuid,
    }
    return f"deployment{number:04d}_{order.token}_aggregate_provenance.json", dumps(content)


def annotation_file(order: Order, instrument: Instrument) -> tuple[str, str]:
    """Return (name, content) of the annotations file."""
    found = annotations(instrument.designator, order.begin_ms, order.end_ms, order.method, order.stream)
    return f"{order.token}_annotations.json", dumps({"annotations": found})


def ncml(order: Order, pieces: list[Piece], instrument: Instrument) -> tuple[str, str]:
    """Return (name, content) of the NcML file that joins the data files of a deployment."""
    files = "\n".join(
        f'        <netcdf location={quoteattr(order.file_name(piece))} ncoords="{piece.count}"/>' for piece in pieces
    )
    attributes = {
        "subsite": instrument.path[0],
        "node": instrument.path[1],
        "sensor": instrument.path[2],
        "data_origin": order.origin,
        "time_coverage_start": pieces[0].isoformat("first"),
        "time_coverage_end": pieces[-1].isoformat("last"),
    }
    lines = "\n".join(
        f'        <attribute name="{name}" type="string" value={quoteattr(value)} />'
        for name, value in attributes.items()
    )
    # The real server writes the last time of a file under this name.
    ends = " ".join(str(piece.last_ms / 1000.0 + UNIX_OF_1900_S) for piece in pieces)
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<netcdf xmlns="http://www.unidata.ucar.edu/namespaces/netcdf/ncml-2.2" title="Joined OOI file">
    <variable name="obs" shape="obs" type="int">
        <values start="0" increment="1"/>
    </variable>
    <aggregation type="joinExisting" dimName="obs" >
{files}
    </aggregation>
    <attribute name="NC_GLOBAL" type="Structure">
{lines}
    </attribute>
    <remove name="combined_file_start_time" type="variable" />
    <variable name="combined_file_start_time" type="float" shape="{len(pieces)}">
        <values> {ends} </values>
    </variable>
</netcdf>
"""
    return f"deployment{order.number_of(pieces[0]):04d}_{order.token}.ncml", text


def leftovers(order: Order, pieces: list[Piece]) -> list[tuple[str, str]]:
    """Return (name, content) of files that tell nothing and whose names look like those of data."""
    named = [order.file_name(piece) for piece in pieces[:1]]
    tables = [(name.removesuffix(".nc") + ".csv", "time,nothing\n") for name in named]
    sums = [(f"{name}.md5", f"d41d8cd98f00b204e9800998ecf8427e  {name}\n") for name in named]
    return [*tables, *sums, ("failure.json", dumps({}))]


def write_rows(path: Path, order: Order, piece: Piece, instrument: Instrument, stream: Stream, source: Source) -> None:
    """Write the samples of a piece as CSV or as a JSON list of particles, as the file's name says."""
    as_json = path.name.endswith(".json") or ".json." in path.name
    variables = [variable.name for variable in order.kept(variables_of(stream, order.include_provenance))]
    with path.open("w", encoding="utf-8") as file:
        file.write("[" if as_json else ",".join(variables) + "\n")
        separator = "\n"
        for time_ms, known in batches(source, piece.begin_ms, piece.end_ms, BATCH_ROWS):
            rows = particles(order, instrument, stream, time_ms, known, order.number_of(piece))
            for row in rows:
                if as_json:
                    file.write(separator + json.dumps(row))
                    separator = ",\n"
                else:
                    file.write(",".join(str(row[name]) for name in variables) + "\n")
        if as_json:
            file.write("\n]\n")


def particles(
    order: Order,
    instrument: Instrument,
    stream: Stream,
    time_ms: np.ndarray,
    known: dict[str, np.ndarray],
    deployment: int,
) -> list[dict]:
    """Return samples as particles: plain values by name, and the primary key `pk`.

    Parameters
    ----------
    order : Order
    instrument : Instrument
    stream : Stream
    time_ms : ndarray of int64, shape (n,)
        Milliseconds since 1970; n > 0.
    known : dict of str to ndarray, shape (n,)
        What the source gives.
    deployment : int
        Its number.
    """
    completer = Completer(instrument, stream, deployment)
    columns = {}
    for variable in order.kept(variables_of(stream, order.include_provenance)):
        values = completer.column(variable, time_ms, known)
        if values.ndim == 2:
            width = values.shape[1]
            values = np.ascontiguousarray(values).view(f"S{width}").ravel().astype(f"U{width}")
        elif values.dtype.kind == "f":
            values = np.where(np.isfinite(values), values, -9999999.0)
        columns[variable.name] = values.tolist()
    site, node, sensor = instrument.path
    where = {"node": node, "stream": stream.name, "subsite": site, "deployment": deployment}
    rows = []
    for place, time in enumerate(columns["time"]):
        key = {**where, "time": time, "sensor": sensor, "method": order.method}
        rows.append({**{name: values[place] for name, values in columns.items()}, "pk": key})
    return rows
