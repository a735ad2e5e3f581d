"""Lines of CSV made from whole columns at a time: times in ISO 8601, numbers with fixed decimals.

Numbers become columns of characters, as many as the longest needs, with a zero byte where a shorter one has none.
Side by side these are the lines, of one width; then the zero bytes are taken out. This takes a fifth of the time
that formatting number by number does, and gives the same text.
"""

from collections.abc import Iterator

import numpy as np

from plumbline.intervals import DAY_MS

NOTHING, MINUS, ZERO = b"\0-0"
# From here on, a float64 has no digits to spare for rounding.
LARGE = 2.0**52


def lines(time_ms: np.ndarray, columns: list[np.ndarray], decimals: list[int]) -> bytes:
    """Return the lines of a table.

    Parameters
    ----------
    time_ms : ndarray of int64, shape (n,)
        Whole seconds, milliseconds since 1970.
    columns : list of ndarray, shape (n,)
        float64, of which NaN is an empty field; or int64.
    decimals : list of int
        With how many decimals each column of float64 is written. What rounds to zero has no sign.
    """
    characters = [*_times(time_ms)]
    for numbers, places in zip(columns, decimals, strict=True):
        characters += [ord(","), *(_rounded(numbers, places) if numbers.dtype.kind == "f" else _digits(numbers, 0))]
    characters.append(ord("\n"))
    text = np.empty((time_ms.size, len(characters)), np.uint8)
    for place, character in enumerate(characters):
        text[:, place] = character
    return text.tobytes().translate(None, bytes([NOTHING]))


def _times(time_ms: np.ndarray) -> Iterator[np.ndarray | int]:
    """Yield the characters of times, such as 2011-04-06T00:00:15Z."""
    days, within_ms = np.divmod(time_ms, DAY_MS)
    # The text of a day is made once.
    begins = np.flatnonzero(np.diff(days, prepend=days[:1] - 1))
    dates = np.datetime_as_string(days[begins].astype("datetime64[D]")).astype("S10")
    yield from np.repeat(dates, np.diff(begins, append=days.size)).view(np.uint8).reshape(-1, 10).T
    seconds = within_ms // 1000
    for before, unit, wrap in (("T", 3600, 24), (":", 60, 60), (":", 1, 60)):
        tens, ones = np.divmod(seconds // unit % wrap, 10)
        yield from (ord(before), tens + ZERO, ones + ZERO)
    yield ord("Z")


def _rounded(numbers: np.ndarray, decimals: int) -> list[np.ndarray | int]:
    """Return the characters of float64, from the left."""
    with np.errstate(over="ignore"):
        scaled = np.rint(numbers * 10.0**decimals)
    large = np.abs(scaled) >= LARGE
    if large.any():
        values = np.where(large, numbers, scaled / 10.0**decimals + 0.0).tolist()
        texts = np.array(["" if value != value else f"{value:.{decimals}f}" for value in values], "S")
        return list(texts.view(np.uint8).reshape(numbers.size, -1).T)
    missing = np.isnan(scaled)
    characters = _digits(np.where(missing, 0.0, scaled).astype(np.int64), decimals)
    return [np.where(missing, NOTHING, character) for character in characters] if missing.any() else characters


def _digits(numbers: np.ndarray, decimals: int) -> list[np.ndarray | int]:
    """Return the characters of whole numbers, from the left, with a point before the last few."""
    left = np.abs(numbers)
    found: list[np.ndarray | int] = []
    for place in range(decimals + len(str(left.max(initial=0) // 10**decimals))):
        if place == decimals > 0:
            found.append(ord("."))
        rest = left // 10
        digit = left - 10 * rest + ZERO
        # Zeros before the first digit are left out, but for the one before the point.
        found.append(np.where(left > 0, digit, NOTHING) if place > decimals else digit)
        left = rest
    found.append(np.where(numbers < 0, MINUS, NOTHING))
    return found[::-1]
