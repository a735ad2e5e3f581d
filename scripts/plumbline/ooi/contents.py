"""The inventory's contents: every stream with its time range, at once or branch by branch."""

from collections.abc import Callable, Iterator
from dataclasses import asdict

import requests

from plumbline.chunks import isoformat
from plumbline.errors import PlumblineError, RefusedError
from plumbline.ooi.credentials import unknown_account
from plumbline.ooi.moments import from_text
from plumbline.ooi.names import REFERENCE_DESIGNATOR
from plumbline.ooi.parameters import parameter_of
from plumbline.ooi.reading import FEW_TRIES, Reply, read_patiently
from plumbline.reporting import log

# The table of contents of the whole observatory is tens of MB, and the gateway sends what its back end makes.
LONGEST_CONTENTS, LONGEST_CONTENTS_S = 200_000_000, 300.0
CONTENTS_TRIES = 2
# A thousand a second over a century are fewer.
MOST_SAMPLES = 10**13

# Branch by branch: more questions than these are no way to look something up, and so many without an answer, one
# after the other, are a server that has none.
MOST_QUESTIONS, MOST_FAILURES = 1000, 4


def table_of_contents(session: requests.Session, api_url: str) -> dict | None:
    """Return every stream of the inventory and its parameters, or None where the server does not give them.

    Returns
    -------
    dict
        ``streams``: a list of dict with ``reference_designator``, ``method``, ``stream``, ``begin``, ``end`` (ISO
        8601, UTC; None where not told) and ``count`` (samples; None). ``parameters``: by stream, lists of
        `plumbline.ooi.parameters.Parameter` as dicts.

    Raises
    ------
    PlumblineError
        If the server does not know the account.
    """
    reply = _asked(
        session,
        f"{api_url}/12576/sensor/inv/toc",
        api_url,
        longest=LONGEST_CONTENTS,
        longest_s=LONGEST_CONTENTS_S,
        tries=CONTENTS_TRIES,
    )
    content = reply.json() if reply and reply.status == 200 else None
    listed = content.get("instruments") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        return None
    streams = [
        row
        for one in listed
        if isinstance(one, dict)
        for row in _streams(one.get("reference_designator"), one.get("streams"))
    ]
    return {"streams": streams, "parameters": _parameters(content, {row["stream"] for row in streams})}


def _asked(session: requests.Session, url: str, api_url: str, tries: int = FEW_TRIES, **limits) -> Reply | None:
    """Return an answer, whatever it is; None for one that is longer or slower than allowed."""
    try:
        reply = read_patiently(session, url, tries=tries, **limits)
    except RefusedError as error:
        log.info("Going on without it: %s", error)
        return None
    if reply.status == 401:
        raise unknown_account(api_url)
    return reply


def _streams(designator: object, rows: object) -> Iterator[dict]:
    """Yield the streams of an instrument; what is none is passed over."""
    if not isinstance(designator, str) or not REFERENCE_DESIGNATOR.fullmatch(designator) or not isinstance(rows, list):
        return
    for row in rows:
        if not isinstance(row, dict):
            continue
        method, stream = row.get("method"), row.get("stream")
        # OOI keeps what it has found to be bad under methods of such names.
        if not (_is_name(method) and _is_name(stream)) or "bad" in method:
            continue
        begin, end = (from_text(row.get(key)) for key in ("beginTime", "endTime"))
        count = row.get("count")
        good = isinstance(count, int) and not isinstance(count, bool) and 0 < count < MOST_SAMPLES
        yield {
            "reference_designator": designator,
            "method": method,
            "stream": stream,
            "begin": isoformat(begin) if begin else None,
            "end": isoformat(end) if end else None,
            "count": count if good else None,
        }


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.replace("_", "").isalnum() and value == value.lower()


def _parameters(content: dict, wanted: set[str]) -> dict[str, list[dict]]:
    defined, by_stream = content.get("parameter_definitions"), content.get("parameters_by_stream")
    if not isinstance(defined, list) or not isinstance(by_stream, dict):
        return {}
    rows = {row["pdId"]: row for row in defined if isinstance(row, dict) and isinstance(row.get("pdId"), str)}
    found: dict[str, list[dict]] = {}
    for stream in sorted(wanted):
        numbers = listed if isinstance(listed := by_stream.get(stream), list) else []
        known = (rows.get(number) for number in numbers if isinstance(number, str))
        found[stream] = [asdict(one) for row in known if (one := parameter_of(row, stream))]
    return found


def walk(
    session: requests.Session, api_url: str, wanted_at: Callable[[str], bool], wanted: Callable[[str], bool]
) -> dict | None:
    """Return streams as `table_of_contents` does, from the branches of the inventory that are wanted.

    What it returns has a key more, ``failed``: how many questions found no answer. None where nothing did.

    Parameters
    ----------
    session : requests.Session
        With the account.
    api_url : str
    wanted_at : function of str
        Tells of a site or a node, ``RS03CCAL-MJ03F``, whether an instrument below it may be wanted.
    wanted : function of str
        Tells of an instrument's reference designator whether it is.

    Raises
    ------
    PlumblineError
        If more questions would have to be asked than a server should be, or it does not know the account.
    """
    log.info("The inventory is asked branch by branch; that may take minutes.")
    questions = _Questions(session, api_url)
    sites = questions.ask("")
    if not isinstance(sites, list):
        return None
    found: dict = {"streams": [], "parameters": {}}
    for site in filter(wanted_at, _names(sites)):
        for node in _names(questions.ask(f"/{site}")):
            if not wanted_at(f"{site}-{node}"):
                continue
            for sensor in _names(questions.ask(f"/{site}/{node}")):
                designator = f"{site}-{node}-{sensor}"
                if REFERENCE_DESIGNATOR.fullmatch(designator) and wanted(designator):
                    _add(found, designator, questions.ask(f"/{site}/{node}/{sensor}/metadata"))
    found["failed"] = questions.failed
    return found if found["streams"] or not questions.failed else None


def _names(listed: object) -> list[str]:
    good = (name for name in listed if isinstance(name, str)) if isinstance(listed, list) else ()
    return [name for name in good if name.replace("-", "").isalnum() and name.isascii()]


def _add(found: dict, designator: str, content: object) -> None:
    if not isinstance(content, dict):
        return
    found["streams"] += _streams(designator, content.get("times"))
    rows = content.get("parameters")
    for row in rows if isinstance(rows, list) else ():
        parameter = parameter_of(row)
        if parameter:
            known = found["parameters"].setdefault(parameter.stream, [])
            if asdict(parameter) not in known:
                known.append(asdict(parameter))


class _Questions:
    """Questions to the inventory: how many were asked, and how many found no answer."""

    def __init__(self, session: requests.Session, api_url: str) -> None:
        self.session, self.api_url = session, api_url
        self.asked = self.failed = self.in_a_row = 0

    def ask(self, path: str) -> object:
        """Return the JSON at a path below ``sensor/inv``, or None."""
        if self.asked == MOST_QUESTIONS:
            raise PlumblineError(
                f"The server gives no table of contents, and {MOST_QUESTIONS} questions to its inventory did not find "
                "everything that these words may mean; give more words, or a site such as RS03CCAL."
            )
        if self.in_a_row == MOST_FAILURES:
            return None
        self.asked += 1
        reply = _asked(self.session, f"{self.api_url}/12576/sensor/inv{path}", self.api_url)
        content = reply.json() if reply and reply.status == 200 else None
        if content is None:
            self.failed += 1
        self.in_a_row = 0 if content is not None else self.in_a_row + 1
        return content
