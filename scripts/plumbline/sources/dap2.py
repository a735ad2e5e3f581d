"""DAP2, as far as arrays of numbers need it: what a dataset holds, and some rows of it.

netCDF4 speaks DAP2, too. It takes an answer that breaks off for whole (measured with netcdf-c 4.10: what did not come
is no number, and nothing is said), and waits as long as the server likes. Here every byte is counted.

Source: NASA ESE-RFC-004.1.1, The Data Access Protocol, DAP 2.0 (DDS, DAS, constraint expressions, XDR).
"""

import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import requests

from plumbline.errors import PlumblineError
from plumbline.ooi.patience import growing_delays
from plumbline.ooi.reading import read, read_bytes
from plumbline.ooi.session import result_session

# How a type is called in numpy, and how an element travels.
TYPES = {
    "Byte": ("u1", "u1"),
    "Int16": ("i2", ">i4"),
    "UInt16": ("u2", ">u4"),
    "Int32": ("i4", ">i4"),
    "UInt32": ("u4", ">u4"),
    "Float32": ("f4", ">f4"),
    "Float64": ("f8", ">f8"),
}
TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([{}\[\]=;,])|([^\s{}\[\]=;,"]+)')
# Before the numbers of an answer stands its structure.
DATA = b"\nData:\n"
LONGEST_STRUCTURE = 4_000_000
LONGEST_WORDS = 200
TRIES = 4


class DapError(Exception):
    """What a server said, or did not: why something could not be read."""


@dataclass(frozen=True)
class Array:
    """A variable: its name, its type in DAP2, and the length of each dimension (none: one value)."""

    name: str
    type: str
    shape: tuple[int, ...]

    @property
    def dtype(self) -> np.dtype:
        """Type in numpy."""
        return np.dtype(TYPES[self.type][0])


@dataclass(frozen=True)
class Dataset:
    """What a dataset holds.

    Attributes
    ----------
    arrays : dict
        By name; of a grid, the array that it is of.
    attributes : dict
        Of each variable; those of the whole are under ``NC_GLOBAL``.
    """

    arrays: dict[str, Array] = field(default_factory=dict)
    attributes: dict[str, dict[str, object]] = field(default_factory=dict)


def describe(session: requests.Session, url: str) -> Dataset:
    """Return what a dataset holds.

    Raises
    ------
    DapError
        If the server does not tell.
    requests.RequestException
        If there is no answer.
    """
    structure, attributes = (_text(session, f"{url}.{kind}") for kind in ("dds", "das"))
    try:
        arrays = {one.name: one for one in _declared(structure)}
        return Dataset(arrays, _attributes(attributes))
    except (ValueError, IndexError, KeyError):
        raise DapError("it does not describe itself as DAP2 has it") from None


def version_of(dataset: Dataset) -> str:
    """Return a digest of what tells a dataset from one that replaced it: its arrays, and when it was made."""
    told = dataset.attributes.get("NC_GLOBAL", {})
    when = [str(told.get(key, "")) for key in ("uuid", "date_modified", "time_coverage_end")]
    return hashlib.sha256(repr((sorted(dataset.arrays.items()), when)).encode()).hexdigest()[:16]


def version_at(url: str, name: str) -> str:
    """Return the version of a dataset; errors are told in a sentence."""
    session, reason, delays = result_session(patient=False), "", growing_delays(0.5, 2.0, 8.0)
    for left in range(TRIES - 1, -1, -1):
        try:
            return version_of(describe(session, url))
        except (DapError, requests.RequestException) as error:
            reason = str(error) if isinstance(error, DapError) else f"the connection broke: {type(error).__name__}"
        if left:
            time.sleep(next(delays))
    raise PlumblineError(
        f"{name} could not be read over OPeNDAP in {TRIES} tries ({reason}), at {url}. Run again later."
    )


def rows(
    session: requests.Session, url: str, arrays: list[Array], start: int, stop: int, stride: int = 1
) -> dict[str, np.ndarray]:
    """Return rows of some one-dimensional arrays, in the types that they are declared in.

    Parameters
    ----------
    session : requests.Session
    url : str
        Of the dataset.
    arrays : list of Array
    start, stop, stride : int
        As of a Python range.

    Raises
    ------
    DapError
        If the server refuses, or gives other than what was asked for.
    requests.RequestException
        If there is no answer, or it breaks off.
    """
    count = len(range(start, stop, stride))
    if not count:
        return {one.name: np.empty(0, one.dtype) for one in arrays}
    # Brackets as such are refused by newer servers.
    asked = ",".join(f"{one.name}%5B{start}:{stride}:{stop - 1}%5D" for one in arrays)
    longest = LONGEST_STRUCTURE + 16 * count * (len(arrays) + 1) * 2
    status, body = read_bytes(session, f"{url}.dods?{asked}", longest)
    head, mark, content = body.partition(DATA)
    if status != 200 or not mark:
        raise DapError(_refusal(status, body))
    try:
        found = dict(_decoded(list(_declared(head.decode("utf-8", "replace"), maps=True)), content))
    except (ValueError, IndexError, KeyError) as error:
        raise DapError(f"its answer is not whole, or none ({error})") from None
    for one in arrays:
        if found.get(one.name, np.empty(0)).shape != (count,):
            raise DapError(f"it gave other than {count} rows of '{one.name}'")
    return {one.name: found[one.name].astype(one.dtype, copy=False) for one in arrays}


def _text(session: requests.Session, url: str) -> str:
    reply = read(session, url, longest=LONGEST_STRUCTURE)
    if reply.status != 200 or reply.text.lstrip().startswith("Error"):
        raise DapError(_refusal(reply.status, reply.text.encode()))
    return reply.text


def _refusal(status: int, body: bytes) -> str:
    """Return a server's words; DAP2 has them in an object ``Error``."""
    text = body[:4000].decode("utf-8", "replace")
    match = re.search(r'message\s*=\s*"((?:[^"\\]|\\.)*)"', text)
    words = " ".join((match[1] if match else "").split())[:LONGEST_WORDS]
    return f"it answers {status}" + (f": {words}" if words else "")


def _tokens(text: str) -> list[str]:
    """Return words, signs, and texts; a text begins with a quotation mark."""
    return [f'"{match[1]}' if match[1] is not None else match[2] or match[3] for match in TOKEN.finditer(text)]


def _declared(text: str, maps: bool = False) -> Iterator[Array]:
    """Yield the arrays of a DDS in their order; those that are maps of a grid only where wanted."""
    tokens, place, inside = _tokens(text), 0, []
    is_map = False
    if tokens[:2] != ["Dataset", "{"]:
        raise ValueError("no structure")
    while place < len(tokens):
        word = tokens[place]
        if word in ("Dataset", "Structure", "Grid"):
            inside.append(word)
            place += 2
        elif word in ("ARRAY:", "Array:", "array:", "MAPS:", "Maps:", "maps:"):
            is_map = word.lower().startswith("maps")
            place += 1
        elif word == "}":
            # Its name follows, and a semicolon, and lengths where it is an array.
            if inside.pop() == "Grid":
                is_map = False
            place = tokens.index(";", place) + 1
        else:
            end = tokens.index(";", place)
            one = _array(tokens[place:end])
            place = end + 1
            if maps or not is_map:
                yield one
    if inside:
        raise ValueError("a structure without its end")


def _array(tokens: list[str]) -> Array:
    """Read a declaration such as ``Float32 bottom_pressure[obs = 10]``."""
    kind, name, *rest = tokens
    shape = [int(tokens[place - 1]) for place, word in enumerate(tokens) if word == "]"]
    if kind not in TYPES and kind not in ("String", "Url"):
        raise ValueError(kind)
    if len(shape) != rest.count("["):
        raise ValueError(name)
    return Array(name, kind, tuple(shape))


def _attributes(text: str) -> dict[str, dict[str, object]]:
    """Read a DAS: attributes of each variable, numbers as numpy has them, several values as an array."""
    tokens, place = _tokens(text), 2
    found: dict[str, dict[str, object]] = {}
    path: list[str] = []
    while place < len(tokens):
        if tokens[place] == "}":
            if not path:
                break
            path.pop()
            place += 1
        elif tokens[place + 1] == "{":
            path.append(tokens[place])
            place += 2
        else:
            end = tokens.index(";", place)
            kind, name, *values = tokens[place:end]
            if len(path) == 1:
                found.setdefault(path[0], {})[name] = _value(kind, [one for one in values if one != ","])
            place = end + 1
    return found


def _value(kind: str, words: list[str]) -> object:
    if kind in TYPES:
        numbers = np.array([float(word) for word in words]).astype(TYPES[kind][0])
        return numbers[0] if numbers.size == 1 else numbers
    return "\n".join(re.sub(r"\\(.)", r"\1", word.removeprefix('"')) for word in words)


def _decoded(arrays: list[Array], content: bytes) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names and values of an answer's arrays; the first of a name is that of a grid, then come its maps.

    Raises
    ------
    ValueError
        If there are fewer bytes than they need, or more.
    """
    place, seen = 0, set()
    for one in arrays:
        wire = np.dtype(TYPES[one.type][1])
        count = int(np.prod(one.shape, dtype=np.int64)) if one.shape else 1
        if one.shape:  # lengths of arrays come twice
            lengths = np.frombuffer(content, ">u4", 2, place)
            if (lengths != count).any():
                raise ValueError(f"{lengths[0]} values of '{one.name}' and not {count}")
            place += 8
        values = np.frombuffer(content, wire, count, place)
        # Bytes are packed, up to a multiple of four.
        place += -(-count * wire.itemsize // 4) * 4
        if one.name not in seen:
            seen.add(one.name)
            yield one.name, values
    if place != len(content):
        raise ValueError(f"{len(content) - place} bytes beyond")
