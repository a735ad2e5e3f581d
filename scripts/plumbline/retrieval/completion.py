"""What a complete order holds: its files with their lengths, and the slices that the server failed on."""

import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

import requests

from plumbline.errors import PlumblineError, RefusedError
from plumbline.ooi.catalog import locations_in_ncml
from plumbline.ooi.patience import growing_delays
from plumbline.ooi.reading import FEW_TRIES, read, read_patiently
from plumbline.ooi.results import RemoteFile, Way, describe_all, file_name_pattern, times_in_name
from plumbline.ooi.session import result_session
from plumbline.reporting import counted, human_bytes, log
from plumbline.retrieval.ordering import query_of

# A listing may lag behind `status.txt`: an order that seems to hold nothing is looked at so often.
LOOKS = 6
FIRST_LOOK_S, LONGEST_LOOK_S = 0.5, 30.0
# ... and so often, if all that it lacks is a `status.json` that can be read.
LOOKS_FOR_SLICES = 4
# Of two lists that must agree, the second is read some seconds after the order was complete.
LOOKS_THAT_AGREE = 3
# One for each deployment and stream.
MOST_NCML = 20

# Files of one order: OOI's largest, left in pieces, has 9000.
MOST_FILES = 20_000
MOST_OTHERS = 1_000
LONGEST_STATUS = 4_000_000

# How stream_engine says that a slice failed because there is nothing in it (MissingDataException).
NOTHING_THERE = ("returned no results", "no data")

# Names tell whole seconds, and padding may reach over the edge; whatever lies farther out is junk.
MARGIN = timedelta(days=1)


class OrderFailedError(Exception):
    """The server says that it failed, or has nothing where the order's results were."""


@dataclass
class Contents:
    """What lies in a result directory.

    Attributes
    ----------
    files : list of RemoteFile
        The data files of the stream that reach into the window.
    others : list of str
        Everything else.
    failed : dict
        Slices that the server failed on, with its words.
    slices_known : bool
        False: ``status.json`` could not be read.
    some_slice_complete : bool
        Whether the server says of any slice that it is complete.
    """

    files: list[RemoteFile] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    slices_known: bool = True
    some_slice_complete: bool = False

    def empty_for_a_reason(self) -> bool:
        """Tell whether there is no file because there was nothing: every slice says so."""
        harmless = all(any(words in reason.lower() for words in NOTHING_THERE) for reason in self.failed.values())
        return not self.files and bool(self.failed) and harmless and not self.some_slice_complete

    def marker(self) -> dict:
        """Return the contents as the completion marker has them."""
        return {
            "failed_slices": self.failed,
            "slices_known": self.slices_known,
            "files": [asdict(file) for file in self.files],
            "other_files": self.others[:MOST_OTHERS],
        }


def contents_of(record: dict, ways: list[Way]) -> tuple[Contents, str]:
    """Look at a complete order until it can be told what it holds.

    Parameters
    ----------
    record : dict
        The request record.
    ways : list of Way
        To its results; the next one is taken where one shows nothing.

    Returns
    -------
    contents : Contents
    folder : str
        The URL below which its files lie.

    Raises
    ------
    OrderFailedError
        If the results are gone, or the order holds no file although it should.
    PlumblineError
        If the server does not tell what it holds.
    """
    session = result_session(patient=False)
    delays = growing_delays(FIRST_LOOK_S, 2.0, LONGEST_LOOK_S)
    earlier: dict[str, list[str]] = {}
    for look in range(1, LOOKS + 1):
        seen = [_look(session, way, record, look, earlier) for way in ways[:1]]
        if not seen[0][0].files:
            seen += [_look(session, way, record, look, earlier) for way in ways[1:]]
        for (contents, trouble), way in zip(seen, ways, strict=False):
            enough = contents.slices_known or look >= LOOKS_FOR_SLICES
            if trouble is None and enough and (contents.files or contents.empty_for_a_reason()):
                if way is not ways[0]:
                    log.info("The results are read from %s: the other server does not show them.", way.folder)
                _tell(contents)
                return contents, way.folder
        if look < LOOKS:
            time.sleep(next(delays))
    if all(is_gone(session, way.folder) for way in ways):
        raise OrderFailedError("the server does not have its results any more")
    contents, trouble = seen[0]
    if trouble is not None:
        raise trouble
    harm = next(iter(contents.failed.values()), "")
    raise OrderFailedError(f"the server wrote no file, and reports '{harm or 'complete'}'")


def _look(
    session: requests.Session, way: Way, record: dict, look: int, earlier: dict[str, list[str]]
) -> tuple[Contents, PlumblineError | None]:
    """Return what an order holds as one server shows it, and what is wrong with that.

    Parameters
    ----------
    look : int
        How often it was looked at, this time counted.
    earlier : dict
        The list of names of the look before, by the server's folder; it is written anew.
    """
    folder = way.folder
    try:
        names = way.names(session)
        lacking = _lacking(session, folder, names, earlier.get(folder) if look >= LOOKS_THAT_AGREE else None)
        if "status.txt" not in names and look < LOOKS:
            lacking = "it does not have status.txt, which is there"
        earlier[folder] = names
        if lacking:
            raise PlumblineError(f"The list of results at {folder}/ is not whole: {lacking}. Run again later.")
        return _contents(session, folder, names, record), None
    except RefusedError as error:
        if not way.by_catalog:
            raise
        return Contents(), error
    except (requests.RequestException, FileNotFoundError) as error:
        what = "a file that is listed is not there" if isinstance(error, FileNotFoundError) else str(error)[:200]
        return Contents(), PlumblineError(f"The results at {folder}/ cannot be looked at ({what}). Run again later.")
    except PlumblineError as error:
        return Contents(), error


def _lacking(session: requests.Session, folder: str, names: list[str], earlier: list[str] | None) -> str:
    """Return why a list cannot be all that the directory holds, or "".

    A list may lag behind the directory, or break off. The NcML file names every data file that was
    joined; where there is none, two lists must agree.
    """
    joined = [name for name in names if name.endswith(".ncml")][:MOST_NCML]
    if not joined and names != earlier:
        return "another one has to agree with it"
    for name in joined:
        reply = read_patiently(session, f"{folder}/{name}", longest=LONGEST_STATUS, tries=FEW_TRIES)
        located = locations_in_ncml(reply.text) if reply.status == 200 else []
        missing = [place for place in located if place not in names]
        if missing:
            return f"{counted(len(missing), 'file')} that {name} names are not in it"
    return ""


def is_gone(session: requests.Session, folder: str) -> bool:
    """Tell whether a result directory that was complete is there no more: ``status.txt`` is gone, twice."""
    for delay in (1.0, 0.0):
        try:
            if read(session, f"{folder}/status.txt", longest=LONGEST_STATUS).status not in (404, 410):
                return False
        except requests.RequestException:
            return False
        time.sleep(delay)
    return True


def _contents(session: requests.Session, folder: str, names: list[str], record: dict) -> Contents:
    query = query_of(record)
    contents = Contents()
    _read_slices(session, folder, contents)
    pattern = file_name_pattern(query.designator, query.method, query.stream)
    wanted = [name for name in names if pattern.fullmatch(name) and _reaches_into(name, query.begin, query.end)]
    if len(wanted) > MOST_FILES:
        raise RefusedError(f"The order holds {len(wanted)} files, more than {MOST_FILES}; it was refused.")
    contents.files = describe_all(session, folder, wanted)
    chosen = set(wanted)
    contents.others = [name for name in names if name not in chosen]
    return contents


def _reaches_into(name: str, begin: datetime, end: datetime) -> bool:
    """Tell whether a file may hold samples of a window; junk of 1970 does not."""
    times = times_in_name(name)
    return times is None or (times[0] < end + MARGIN and times[1] >= begin - MARGIN)


def _read_slices(session: requests.Session, folder: str, contents: Contents) -> None:
    """Note the slices that the server failed on, with its reasons."""
    reply = read_patiently(session, f"{folder}/status.json", longest=LONGEST_STATUS, tries=FEW_TRIES)
    slices = reply.json() if reply.status == 200 else None
    if not isinstance(slices, dict):
        contents.slices_known = False
        return
    if "message" in slices:  # of the aggregation, which came to nothing, and not of slices
        slices = {"the whole order": slices}
    contents.some_slice_complete = "complete" in slices.values()
    contents.failed = {str(span)[:100]: reason_of(state) for span, state in slices.items() if state != "complete"}


def _tell(contents: Contents) -> None:
    for span, reason in contents.failed.items():
        log.warning("The server failed on the slice %s: %s.", span, reason)
    if contents.failed and contents.files:
        log.warning(
            "What these slices would have held is missing, and stands in coverage.csv. To ask for it again: "
            "scripts/order_anew.py with this chunk's request record, then run again."
        )
    if not contents.slices_known:
        log.warning("The server's status.json cannot be read: it is not known whether it failed on a part.")
    if not contents.files:
        log.warning("The order is complete, but it holds no file of this stream: the chunk will have no samples.")
    size = sum(file.bytes for file in contents.files)
    log.info("Complete: %s, %s.", counted(len(contents.files), "file"), human_bytes(size))


def reason_of(state: object) -> str:
    """Return the server's words for a failure on one line, shortened."""
    text = state.get("message", state) if isinstance(state, dict) else state
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())[:200]
