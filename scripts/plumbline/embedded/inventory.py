"""Answers of the sensor inventory (port 12576) and of the stream definitions (port 12575)."""

from collections.abc import Callable

from plumbline.embedded.assets import names_below
from plumbline.embedded.instruments import ALL, BY_DESIGNATOR, Instrument
from plumbline.embedded.orders import isoformat
from plumbline.embedded.parameters import TIME, Parameter
from plumbline.embedded.sources import Source
from plumbline.embedded.streams import Stream

SourceOf = Callable[[Instrument, Stream], Source]


def _stamp(time_ms: int) -> str:
    """Return a time as the inventory writes it: milliseconds and Z, always."""
    return f"{isoformat(time_ms)[:19]}.{time_ms % 1000:03d}Z"


def _catalogued(stream: Stream) -> list[Parameter]:
    """Return the parameters of a stream that have a PD number."""
    return [parameter for parameter in (TIME, *stream.parameters) if parameter.pd is not None]


def inventory_answer(parts: tuple[str, ...], query: dict[str, str], source_of: SourceOf) -> object | None:
    """Return the answer for a path below ``sensor/inv``, or None where a name does not exist."""
    if parts == ("toc",):
        return _table_of_contents(source_of)
    if len(parts) < 3:
        return names_below(parts)
    instrument, rest = BY_DESIGNATOR.get("-".join(parts[:3])), parts[3:]
    if instrument is None:
        return None
    if not rest:
        return instrument.methods
    if len(rest) == 1 and rest[0] in instrument.methods:
        return sorted(stream.name for stream in instrument.streams if stream.method == rest[0])
    times = [
        entry
        for stream in instrument.streams
        for entry in _times(stream, source_of(instrument, stream), query.get("partition") == "true")
    ]
    parameters = [
        _inventory_parameter(parameter, stream) for stream in instrument.streams for parameter in _catalogued(stream)
    ]
    return {
        ("metadata",): {"times": times, "parameters": parameters},
        ("metadata", "times"): times,
        ("metadata", "parameters"): parameters,
    }.get(rest)


def _times(stream: Stream, source: Source, by_partition: bool) -> list[dict]:
    """Return the time range of a stream, or one entry for each bin of its store.

    Counts are nominal: OOI's own are no better than its ingestion.
    """
    begin_ms, end_ms = source.begin_ms, source.end_ms()
    if not by_partition:
        return [_range(stream, begin_ms, end_ms)]
    length = stream.partition_minutes * 60_000
    entries = []
    for number in range(begin_ms // length, end_ms // length + 1):
        first, last = max(begin_ms, number * length), min(end_ms, (number + 1) * length - stream.period_ms)
        entries.append({**_range(stream, first, last), "bin": number * length // 1000, "store": "cass"})
    return entries


def _range(stream: Stream, begin_ms: int, end_ms: int) -> dict:
    return {
        "count": (end_ms - begin_ms) // stream.period_ms + 1,
        "endTime": _stamp(end_ms),
        "method": stream.method,
        "stream": stream.name,
        "beginTime": _stamp(begin_ms),
    }


def _fill(parameter: Parameter) -> str:
    if parameter.uframe_type == "STRING":
        return "empty"
    return str(int(parameter.fill or 0))


def _inventory_parameter(parameter: Parameter, stream: Stream) -> dict:
    return {
        "particleKey": parameter.name,
        "fillValue": _fill(parameter),
        "stream": stream.name,
        "unsigned": False,
        "shape": "FUNCTION" if parameter.computed else "SCALAR",
        "units": parameter.units,
        "type": parameter.uframe_type,
        "pdId": f"PD{parameter.pd}",
    }


def _table_of_contents(source_of: SourceOf) -> dict:
    streams = {stream.name: stream for one in ALL for stream in one.streams}
    definitions = {
        parameter.pd: {
            "pdId": f"PD{parameter.pd}",
            "particle_key": parameter.name,
            "type": parameter.uframe_type,
            "unsigned": False,
            "shape": "FUNCTION" if parameter.computed else "SCALAR",
            "fill_value": _fill(parameter),
            "units": parameter.units,
        }
        for stream in streams.values()
        for parameter in _catalogued(stream)
    }
    return {
        "parameters_by_stream": {
            name: [f"PD{parameter.pd}" for parameter in _catalogued(stream)] for name, stream in streams.items()
        },
        "parameter_definitions": [definitions[number] for number in sorted(definitions)],
        "instruments": [
            {
                "reference_designator": one.designator,
                "platform_code": one.path[0],
                "mooring_code": one.path[1],
                "instrument_code": one.path[2],
                "streams": [
                    entry
                    for stream in one.streams
                    for entry in _times(stream, source_of(one, stream), by_partition=False)
                ],
            }
            for one in ALL
        ],
    }


def preload_answer(parts: tuple[str, ...]) -> object | None:
    """Return the answer of port 12575 for a path, or None where there is nothing."""
    streams = {stream.name: stream for one in ALL for stream in one.streams}
    if parts[:1] == ("parameter",) and len(parts) == 2:
        known = {parameter.pd: parameter for stream in streams.values() for parameter in _catalogued(stream)}
        number = int(parts[1]) if parts[1].isdigit() else -1
        return _preload_parameter(known[number]) if number in known else None
    if parts[:2] == ("stream", "byname") and len(parts) == 3:
        return _preload_stream(streams[parts[2]]) if parts[2] in streams else None
    if parts[:1] == ("stream",) and len(parts) == 2:
        return next((_preload_stream(one) for one in streams.values() if str(one.number) == parts[1]), None)
    return None


def _preload_stream(stream: Stream) -> dict:
    return {
        "name": stream.name,
        "id": stream.number,
        "time_parameter": TIME.pd,
        "binsize_minutes": stream.partition_minutes,
        "stream_type": {"value": "Science"},
        "stream_content": {"value": stream.name},
        "description": None,
        "parameters": [_preload_parameter(parameter) for parameter in _catalogued(stream)],
        "dependencies": [],
    }


def _preload_parameter(parameter: Parameter) -> dict:
    encodings = {"f8": "float64", "f4": "float32", "i4": "int32", "i2": "int16", "u1": "uint8"}
    kind = "function" if parameter.computed else "quantity"
    return {
        "name": parameter.name,
        "display_name": parameter.long_name,
        "netcdf_name": parameter.name,
        "standard_name": parameter.attributes.get("standard_name"),
        "description": None,
        "id": parameter.pd,
        "data_product_identifier": parameter.attributes.get("data_product_identifier"),
        "precision": parameter.attributes.get("precision"),
        "fill_value": {"value": _fill(parameter)},
        "unit": {"value": parameter.units},
        "data_level": None,
        "code_set": None,
        "value_encoding": {"value": encodings.get(parameter.dtype, "string")},
        "parameter_type": {"value": kind},
        "parameter_function": None,
        "data_product_type": None,
        "dimensions": [],
        "parameter_function_map": None,
        "visible": True,
    }
