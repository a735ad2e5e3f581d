"""What scientists noted on the data: the answers of port 12580."""

from dataclasses import dataclass

from plumbline.embedded.instruments import ALL, BY_DESIGNATOR, Instrument

# Every instrument has this one.
NOTE = "Data of this server come from a signal model or from a replayed record; they are not OOI's."


@dataclass(frozen=True)
class Note:
    """An annotation on a stretch of one stream, or of all of an instrument's (None)."""

    number: int
    designator: str
    method: str | None
    stream: str | None
    begin_ms: int
    end_ms: int
    text: str
    flag: str | None
    parameters: tuple[int, ...] = ()


# Made up; none is on a stream of pressure.
NOTES = (
    Note(
        101,
        "RS03CCAL-MJ03F-05-BOTPTA301",
        "streamed",
        "botpt_lily_sample",
        1_429_916_400_000,  # 2015-04-24T23:00
        1_430_028_000_000,  # 2015-04-26T06:00
        "The LILY stood at the end of its range at times after the eruption; use its tilt with care.",
        None,
    ),
    Note(
        102,
        "CE02SHSM-RID27-03-CTDBPC000",
        "telemetered",
        "ctdbp_cdef_dcl_instrument",
        1_435_708_800_000,  # 2015-07-01
        1_436_140_800_000,  # 2015-07-06
        "Fouling of the conductivity cell; conductivity, salinity and density are suspect.",
        "suspect",
        (1, 13, 5),
    ),
)


def annotations(
    designator: str, begin_ms: int, end_ms: int, method: str | None = None, stream: str | None = None
) -> list[dict]:
    """Return the annotations of an instrument that touch a window, milliseconds since 1970.

    Those on one stream are left out where another method or stream is named.
    """
    instrument = BY_DESIGNATOR.get(designator)
    if instrument is None or end_ms < begin_ms:
        return []
    general = Note(
        1 + ALL.index(instrument), designator, None, None, instrument.deployed_ms, 4_102_444_800_000, NOTE, None
    )
    return [
        _annotation(note, instrument, ongoing=note is general)
        for note in (general, *NOTES)
        if note.designator == designator
        and note.begin_ms < end_ms
        and note.end_ms > begin_ms
        and (method is None or note.method in (None, method))
        and (stream is None or note.stream in (None, stream))
    ]


def _annotation(note: Note, instrument: Instrument, ongoing: bool) -> dict:
    site, node, sensor = instrument.path
    return {
        "@class": ".AnnotationRecord",
        "id": note.number,
        "subsite": site,
        "node": node,
        "sensor": sensor,
        "stream": note.stream,
        "method": note.method,
        "parameters": list(note.parameters),
        "beginDT": note.begin_ms,
        "endDT": None if ongoing else note.end_ms,
        "annotation": note.text,
        "exclusionFlag": False,
        "source": "user@example.org",
        "qcFlag": note.flag,
    }


def annotation_answer(parts: tuple[str, ...], query: dict[str, str]) -> object | None:
    """Return the answer of port 12580 for a path and its query, or None where there is nothing.

    Raises
    ------
    ValueError
        If a date is not a number of milliseconds.
    """
    if parts == ("anno", "find"):
        begin_ms = int(query.get("beginDT") or 0)
        end_ms = int(query.get("endDT") or 4_102_444_800_000)
        chosen = (query.get("method") or None, query.get("stream") or None)
        return annotations(query.get("refdes", ""), begin_ms, end_ms, *chosen)
    if parts[:1] == ("anno",) and len(parts) == 2:
        every = (note for one in ALL for note in annotations(one.designator, 0, 4_102_444_800_000))
        return next((note for note in every if str(note["id"]) == parts[1]), None)
    return None
