"""What OOI's people noted about a stream, as a table: the annotations that its request records keep."""

import math
from pathlib import Path

from plumbline.coverage.annotated import annotations_in, record_beside
from plumbline.tables.about_products import About
from plumbline.tables.csvw import Column, origins_of, subject_of
from plumbline.tables.lists import write_list

COLUMNS = [
    Column("id", "OOI's number of the annotation", "string"),
    Column("begin", "begin of the stretch that it is on, UTC", "datetime", required=True),
    Column("end", "its end; empty while it lasts", "datetime"),
    Column("flag", "OOI's word on the data: pass, suspect, fail, ...; empty where there is none", "string"),
    Column("parameters", "OOI's numbers of the parameters that it is on, with spaces; empty: all", "string"),
    Column("text", "what was noted", "string"),
]


def write_notes(bins: list[Path], window_ms: tuple[int, int], stream: dict[str, str], server: str, path: Path) -> None:
    """Write the table of annotations, and its metadata beside it.

    Parameters
    ----------
    bins : list of Path
        Bins file of each chunk, whose request record lies beside it.
    window_ms : (int, int)
        The stream's window, milliseconds since 1970.
    stream, server
        As in `plumbline.tables.csvw.Subject`.
    path : Path
    """
    notes = {note for one in bins for note in annotations_in(record_beside(one, "requests"))}
    about = About(
        subject_of(origins_of(bins), *window_ms, stream, server),
        f"Annotations on {stream['stream']} of {stream['reference_designator']}",
        "What OOI's people noted about the stream, or about all of the instrument, in the window. Values that they "
        "call suspect are in the tables all the same; of pressure, quality.nc has them as flags. Empty, too, where the "
        "API was not asked: without an account, or for files that were there already.",
        COLUMNS,
    )
    rows = [
        (
            note.number,
            note.begin_ms,
            None if math.isinf(note.end_ms) else note.end_ms,
            note.flag,
            " ".join(map(str, note.parameters)),
            note.text,
        )
        for note in sorted(notes)
    ]
    write_list(path, about, rows, ["begin", "id"])
