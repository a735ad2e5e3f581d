"""Streams found by words, from the inventory and the vocabulary."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import requests

from plumbline.catalog.kept import Kept, Told
from plumbline.errors import PlumblineError
from plumbline.ooi.contents import table_of_contents, walk
from plumbline.ooi.moments import from_text
from plumbline.ooi.names import REFERENCE_DESIGNATOR, STREAMS, split_reference_designator
from plumbline.ooi.parameters import Parameter
from plumbline.ooi.session import api_session, api_url
from plumbline.ooi.vocabulary import vocabulary
from plumbline.reporting import log

CONTENTS, VOCABULARY = "toc", "vocab"
NEEDED, FIELDS = {"stream", "name"}, set(Parameter.__dataclass_fields__)


@dataclass(frozen=True)
class Found:
    """A stream of the inventory.

    Attributes
    ----------
    designator, method, stream : str
    begin, end : datetime or None
        From when to when there are data, both inclusive, UTC.
    count : int or None
        Samples, as the inventory counts them.
    names : dict of str to str
        ``array``, ``place``, ``node``, ``instrument``, as the vocabulary has them.
    parameters : tuple of Parameter
    """

    designator: str
    method: str
    stream: str
    begin: datetime | None = None
    end: datetime | None = None
    count: int | None = None
    names: dict[str, str] = field(default_factory=dict, hash=False)
    parameters: tuple[Parameter, ...] = ()

    @property
    def variables(self) -> list[str]:
        """The variables that are quantities, each once."""
        return list(dict.fromkeys(one.name for one in self.parameters if one.is_quantity))

    @property
    def known_rate_hz(self) -> float | None:
        """The sampling rate that OOI's documents tell, Hz."""
        return STREAMS[self.stream].rate_hz if self.stream in STREAMS else None

    @property
    def about_hz(self) -> float | None:
        """The rate by count and time range, Hz: lower where there are gaps, higher where samples are twice there."""
        if not (self.count and self.count > 1 and self.begin and self.end and self.end > self.begin):
            return None
        return (self.count - 1) / (self.end - self.begin).total_seconds()

    def text(self) -> str:
        """Return what words are looked for in."""
        return " ".join((self.designator, self.method, self.stream, *self.names.values())).casefold()


@dataclass(frozen=True)
class Catalog:
    """What was found.

    Attributes
    ----------
    words : list of str
    streams : list of Found
        By designator, method and stream.
    asked_at : datetime
        When the server told it.
    remarks : list of str
        What there is to say of how it was found.
    """

    words: list[str]
    streams: list[Found]
    asked_at: datetime
    remarks: list[str]


class Server:
    """The server that is asked, when it is: a kept answer needs no account."""

    def __init__(self, api: str) -> None:
        self.api = api
        self._session: requests.Session | None = None

    def asked(self, ask: Callable[..., object], *arguments: object) -> object:
        """Call a function with a session, the API's URL and arguments."""
        self._session = self._session or api_session(self.api)
        return ask(self._session, api_url(self.api), *arguments)


def find(server: Server, kept: Kept, text: str) -> Catalog:
    """Return the streams in whose names every word is found, in any case.

    Parameters
    ----------
    server : Server
    kept : Kept
        Answers of that server.
    text : str
        The words; none of them finds everything.

    Raises
    ------
    PlumblineError
        If the server tells nothing, and nothing was kept; or there is no account for it.
    """
    words = text.casefold().split()
    remarks: list[str] = []
    contents = kept.fresh(CONTENTS)
    if contents is None:
        content = server.asked(table_of_contents)
        contents = kept.keep(CONTENTS, content) if content else None
    named = kept.told(VOCABULARY, lambda: server.asked(vocabulary))
    names = _names(named)
    if not names:
        remarks.append("the vocabulary is not given: words are looked for in designators, methods and streams alone")
    if contents is None:
        contents = _branches(server, kept, words, names, remarks)
    streams = [one for one in _streams(contents, names) if all(word in one.text() for word in words)]
    return Catalog(words, streams, contents.asked_at, remarks)


def _names(told: Told | None) -> dict[str, dict[str, str]]:
    content = told.content if told else None
    rows = content.items() if isinstance(content, dict) else ()
    good = ((key, row) for key, row in rows if isinstance(row, dict) and all(isinstance(v, str) for v in row.values()))
    return dict(good)


def _branches(server: Server, kept: Kept, words: list[str], names: dict, remarks: list[str]) -> Told:
    """Return the branches of the inventory that words can mean; an old answer where there is none of them."""
    name = "branches of " + (" ".join(sorted(words)) or "everything")
    told = kept.fresh(name)
    if told is None:
        wanted = _Wanted(words, names)
        content = server.asked(walk, wanted.below, wanted.instrument)
        if content and content.pop("failed"):
            # Not kept: the rest may be told next time.
            remarks.append("a part of the inventory was not given; there may be more streams than these")
            told = Told(content, kept.now)
        elif content:
            told = kept.keep(name, content)
    if told:
        remarks.append("the table of contents is not given; the inventory was asked branch by branch")
        return told
    old = kept.any(CONTENTS) or kept.any(name)
    if old is None:
        raise PlumblineError(
            "The server does not tell what it has, and nothing that it told before is kept; run again later."
        )
    remarks.append("THE SERVER DOES NOT TELL WHAT IT HAS NOW: this is what it told before, and it may have changed")
    log.warning("The server does not tell what it has now; what it told before is shown.")
    return old


class _Wanted:
    """Which branches of the inventory words can mean.

    A word that names places or instruments somewhere decides among them; any other is looked for among methods and
    streams later.
    """

    def __init__(self, words: list[str], names: dict[str, dict[str, str]]) -> None:
        texts = [" ".join((designator, *row.values())).casefold() for designator, row in names.items()]
        self.texts = dict(zip(names, texts, strict=True))
        self.words = [word for word in words if any(word in text for text in texts)]
        self.designators = [key for key, text in self.texts.items() if all(word in text for word in self.words)]

    def below(self, branch: str) -> bool:
        """Tell whether an instrument below a site or node may be meant."""
        # What the vocabulary does not know may be anything.
        known = any(key.startswith(branch) for key in self.texts)
        return not known or any(key.startswith(branch) for key in self.designators)

    def instrument(self, designator: str) -> bool:
        """Tell whether an instrument may be meant."""
        return designator not in self.texts or designator in set(self.designators)


def _streams(told: Told, names: dict[str, dict[str, str]]) -> list[Found]:
    """Return the streams that were told, once each; what was kept may be anything, too."""
    content = told.content if isinstance(told.content, dict) else {}
    rows, listed = content.get("streams"), content.get("parameters")
    parameters = {
        stream: tuple(Parameter(**one) for one in ones if isinstance(one, dict) and NEEDED <= set(one) <= FIELDS)
        for stream, ones in (listed.items() if isinstance(listed, dict) else ())
        if isinstance(ones, list)
    }
    found = {}
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict):
            continue
        texts = [row.get(key) for key in ("reference_designator", "method", "stream")]
        if not all(isinstance(text, str) for text in texts) or not REFERENCE_DESIGNATOR.fullmatch(texts[0]):
            continue
        begin, end = (from_text(row.get(key)) for key in ("begin", "end"))
        there = names_of(texts[0], names)
        count = count if isinstance(count := row.get("count"), int) else None
        one = Found(*texts, begin, end, count, there, parameters.get(texts[2], ()))
        key = tuple(texts)
        found[key] = _joined(found[key], one) if key in found else one
    return [found[key] for key in sorted(found)]


def _joined(first: Found, second: Found) -> Found:
    """Return one stream of two entries, as the inventory has them for each partition of its store."""
    begins, ends = ([one for one in pair if one] for pair in ((first.begin, second.begin), (first.end, second.end)))
    count = (first.count or 0) + (second.count or 0)
    return Found(
        *(first.designator, first.method, first.stream),
        min(begins, default=None),
        max(ends, default=None),
        count or None,
        first.names,
        first.parameters,
    )


def names_of(designator: str, names: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the names of an instrument, or those of its node or site where the vocabulary has no more."""
    site, node, _ = split_reference_designator(designator)
    return next((names[key] for key in (designator, f"{site}-{node}", site) if key in names), {})


def is_live(found: Found, now: datetime) -> bool:
    """Tell whether data of a stream still come: some did in the last two days."""
    return found.end is not None and now - found.end < timedelta(days=2)
