"""The newest minutes of a stream: when its last sample was taken, and statistics every some seconds."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import requests

from plumbline.configuration import Stream
from plumbline.ooi.inventory import data_range
from plumbline.ooi.parameters import parameters_of
from plumbline.ooi.particles import particles

# More rows than these are no look.
MOST_ROWS = 24
STEPS_S = (15, 30, 60, 120)


@dataclass(frozen=True)
class Row:
    """Statistics of one variable's samples that begin at a time: n, mean, min and max in the variable's unit."""

    begin: datetime
    n: int
    mean: float
    min: float
    max: float


@dataclass(frozen=True)
class Newest:
    """The newest minutes of a stream.

    Attributes
    ----------
    stream : Stream
    newest : datetime or None
        Time of the last sample, UTC.
    step_s : int
        Seconds from row to row.
    units : dict of str to str
        By variable.
    rows : dict of str to list of Row
        By variable, in time order; a step without samples has no row.
    remarks : list of str
    """

    stream: Stream
    newest: datetime | None = None
    step_s: int = STEPS_S[0]
    units: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def age_s(self, now: datetime) -> float | None:
        """Return how old the last sample is, seconds."""
        return (now - self.newest).total_seconds() if self.newest else None


def newest_of(session: requests.Session, api_url: str, stream: Stream, minutes: int, now: datetime) -> Newest:
    """Return the newest minutes of a stream.

    The inventory tells where they are; where it does not, they are looked for in the last minutes.

    Raises
    ------
    PlumblineError
        If the server does not know the account.
    """
    names, length = (stream.reference_designator, stream.method, stream.stream), timedelta(minutes=minutes)
    known, listed = data_range(session, api_url, *names), parameters_of(session, api_url, names[0])
    own = [one for one in listed or () if one.stream == stream.stream]
    end, remarks = now, []
    if known is None:
        remarks.append("the inventory does not tell of this stream; the last minutes were asked for")
    elif now - known.end > length:
        end = known.end
    begin = (min(end, known.end) if known else end) - length
    told = particles(session, api_url, names, (begin, end), stream.variables, own)
    remarks += [told.remark] if told.remark else []
    units = {one.name: one.units for one in own}
    found = Newest(stream, units={name: units.get(name, "") for name in stream.variables}, remarks=remarks)
    if not told.time_s.size:
        if end < now:
            remarks.append(f"the newest data are of {end:%Y-%m-%d %H:%M:%S} UTC by the inventory")
        return found
    missing = [name for name in stream.variables if not np.isfinite(told.columns[name]).any()]
    if missing:
        remarks.append(f"without a value of {', '.join(missing)}")
    last_s = float(told.time_s[-1])
    step_s = next((step for step in STEPS_S if minutes * 60 / step <= MOST_ROWS), STEPS_S[-1])
    within = told.time_s > last_s - length.total_seconds()
    rows = {
        name: _rows(told.time_s[within], values[within], step_s)
        for name, values in told.columns.items()
        if name not in missing
    }
    return Newest(stream, datetime.fromtimestamp(last_s, UTC), step_s, found.units, rows, remarks)


def _rows(time_s: np.ndarray, values: np.ndarray, step_s: int) -> list[Row]:
    """Return statistics of values for each step that has any.

    Parameters
    ----------
    time_s : ndarray of float64, shape (n,)
        Seconds since 1970, ascending.
    values : ndarray of float64, shape (n,)
        NaN where there is none.
    step_s : int
    """
    good = np.isfinite(values)
    # Times are decimal fractions, and a sample of .999999 belongs to the next second.
    step, values = np.floor(np.round(time_s[good], 3) / step_s).astype(np.int64), values[good]
    numbers, first = np.unique(step, return_index=True)
    return [
        Row(datetime.fromtimestamp(int(number) * step_s, UTC), piece.size, piece.mean(), piece.min(), piece.max())
        for number, piece in zip(numbers, np.split(values, first[1:]), strict=True)
    ]
