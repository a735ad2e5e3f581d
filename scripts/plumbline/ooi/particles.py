"""Particles: a few samples of a stream at once, as the API gives them to a request with a limit."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import requests

from plumbline.chunks import isoformat
from plumbline.errors import RefusedError
from plumbline.ooi.credentials import unknown_account
from plumbline.ooi.names import OOI_FILL, split_reference_designator
from plumbline.ooi.numbers import finite
from plumbline.ooi.parameters import Parameter
from plumbline.ooi.reading import FEW_TRIES, Reply, message_of, read_patiently

# stream_engine refuses a higher limit (413). It is soft: up to twice as many samples are given whole.
HARD_LIMIT = 20_000
# So many of all of a stream's variables; with `parameters` they are a third of it.
LONGEST_PARTICLES = 100_000_000
NTP_OF_1970_S = 2_208_988_800.0
# In 2017 the server gave a sample or two beyond either end.
PADDING_S = 1.0


@dataclass(frozen=True)
class Particles:
    """Samples in time order, each time once.

    Attributes
    ----------
    time_s : ndarray of float64, shape (n,)
        Seconds since 1970.
    columns : dict of str to ndarray of float64, shape (n,)
        Values by variable; NaN where there is none.
    remark : str
        What there is to say of the answer; "" where it is as it should be.
    """

    time_s: np.ndarray = field(default_factory=lambda: np.empty(0))
    columns: dict[str, np.ndarray] = field(default_factory=dict)
    remark: str = ""


def particles(
    session: requests.Session,
    api_url: str,
    names: tuple[str, str, str],
    window: tuple[datetime, datetime],
    variables: list[str],
    known: list[Parameter],
) -> Particles:
    """Return the samples of a stream in a window, by one synchronous request.

    Whatever the server answers but a refused account, it is an answer: none of it is an error.

    Parameters
    ----------
    session : requests.Session
        With the account.
    api_url : str
    names : (str, str, str)
        Reference designator, method and stream.
    window : (datetime, datetime)
        Begin and end, UTC, both inclusive.
    variables : list of str
        Which are wanted.
    known : list of Parameter
        What the inventory tells of the stream's parameters; where it does not tell the wanted ones' numbers,
        all are asked for.

    Raises
    ------
    PlumblineError
        If the server does not know the account.
    """
    designator, method, stream = names
    path = "/".join((*split_reference_designator(designator), method, stream))
    asked = {"beginDT": _stamp(window[0]), "endDT": _stamp(window[1]), "limit": str(HARD_LIMIT)}
    numbers = {one.name: one.number for one in known if one.stream == stream and one.number is not None}
    if all(name in numbers for name in variables):
        asked["parameters"] = ",".join(str(numbers[name]) for name in variables)
    url = f"{api_url}/12576/sensor/inv/{path}"
    try:
        reply = read_patiently(session, url, asked, longest=LONGEST_PARTICLES, tries=FEW_TRIES)
    except RefusedError as error:
        return Particles(remark=str(error))
    if reply.status == 401:
        raise unknown_account(api_url)
    rows, remark = rows_of(reply)
    fills = {one.name: one.fill for one in known if one.stream == stream}
    span = [when.timestamp() + shift for when, shift in zip(window, (-PADDING_S, PADDING_S), strict=True)]
    return _read(rows, variables, fills, span, remark)


def _stamp(when: datetime) -> str:
    text = isoformat(when - timedelta(microseconds=when.microsecond % 1000))
    return text if "." in text else text.replace("Z", ".000Z")


def rows_of(reply: Reply) -> tuple[list[dict], str]:
    """Return the particles of an answer, and what there is to say of it.

    A 200 may hold an error, or a list that breaks off.
    """
    if reply.status == 404:
        return [], "the server has nothing in this window"
    content, text = reply.json(), reply.text.lstrip()
    if isinstance(content, dict) and isinstance(content.get("data"), list):
        content = content["data"]  # as it comes with annotations or provenance
    if reply.status == 200 and isinstance(content, list):
        return [row for row in content if isinstance(row, dict)], ""
    if reply.status == 200 and content is None and text.startswith("["):
        return _before_the_break(text), "the answer broke off, and what had come is shown"
    if reply.status == 200 and "maintenance" in text[:4000].lower():
        return [], "the server says that it is under maintenance"
    told = message_of(content) or ("without a reason" if reply.status else reply.text)
    return [], f"the server answered {reply.status} ({told})" if reply.status else f"there was no answer ({told})"


def _before_the_break(text: str) -> list[dict]:
    """Return the particles that are whole in a list that is not."""
    decoder, rows, place = json.JSONDecoder(), [], 1
    while True:
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        try:
            row, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return rows
        if isinstance(row, dict):
            rows.append(row)


def _read(rows: list[dict], variables: list[str], fills: dict, span: list[float], remark: str) -> Particles:
    """Read times and values; what lies outside the window, or is no number, is left out."""
    times, kept = [], []
    for row in rows:
        key = row.get("pk")
        time = finite(row.get("time", key.get("time") if isinstance(key, dict) else None))
        if time is not None and span[0] <= time - NTP_OF_1970_S <= span[1]:
            times.append(time - NTP_OF_1970_S)
            kept.append(row)
    if rows and not kept:
        remark = remark or "no sample of the answer has a time in the window"
    distinct, first = np.unique(np.array(times), return_index=True)
    columns = {name: np.array([_value(row.get(name), fills.get(name)) for row in kept]) for name in variables}
    return Particles(distinct, {name: values[first] for name, values in columns.items()}, remark)


def _value(value: object, fill: float | None) -> float:
    number = finite(value)
    return np.nan if number is None or number in (fill, OOI_FILL) else number
