"""Packing: a column of numbers as text that a browser unpacks quickly, the same on every machine.

Numbers become whole multiples of a power of ten, these the differences to the one before, and these, 128 at a time,
are written with as many bits as the largest of the 128 needs. A compression library would save another tenth, but
its bytes depend on its version, and browsers unpack only while something else goes on.
"""

import base64
import math

import numpy as np

BLOCK = 128
# Whole numbers stay below this, so that a difference of two fits 32 bits.
LARGEST = 10**9
# Digits kept of a variable of which nothing is known, as many as float32 has.
DIGITS = 7


def decimals_for(values: np.ndarray, wanted: int | None) -> int:
    """Return with how many decimals values are kept.

    Parameters
    ----------
    values : ndarray of float64
        NaN where missing.
    wanted : int or None
        Decimals, if the unit tells; else seven digits of the largest value are kept.

    Returns
    -------
    int
        Less than `wanted` only where the whole numbers would not fit; below 0 it rounds to tens, hundreds...
    """
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if finite.size else 0.0
    if largest == 0.0:
        return wanted if wanted is not None else DIGITS
    places = math.floor(math.log10(largest)) + 1
    room = int(math.log10(LARGEST)) - places
    return min(wanted if wanted is not None else DIGITS - places, room)


def whole(values: np.ndarray, decimals: int) -> np.ndarray:
    """Return finite values as whole multiples of 10**-decimals (int64)."""
    scaled = values * 10.0**decimals if decimals >= 0 else values / 10.0**-decimals
    return np.rint(scaled).astype(np.int64)


def pack(numbers: np.ndarray) -> str:
    """Return non-negative whole numbers below 2**32 as text.

    Parameters
    ----------
    numbers : ndarray of int64, shape (n,)

    Returns
    -------
    str
        Base64 of: for every block of 128 its number of bits (one byte each), then the bits of all blocks, the lowest
        of each number first. The last block is filled up with zeros.
    """
    blocks = -(-numbers.size // BLOCK)
    table = np.zeros((blocks, BLOCK), np.uint64)
    table.ravel()[: numbers.size] = numbers
    widths = np.array([int(largest).bit_length() for largest in table.max(axis=1)], np.uint8)
    # Sixteen bytes for every bit of width: each block ends on a byte.
    starts = np.concatenate([[0], np.cumsum(widths.astype(np.int64))]) * (BLOCK // 8)
    body = np.zeros(starts[-1], np.uint8)
    for width in np.unique(widths[widths > 0]):
        rows = np.flatnonzero(widths == width)
        bits = (table[rows][:, :, None] >> np.arange(width, dtype=np.uint64)) & np.uint64(1)
        packed = np.packbits(bits.astype(np.uint8).reshape(rows.size, -1), axis=1, bitorder="little")
        body[starts[rows][:, None] + np.arange(packed.shape[1])] = packed
    return base64.b64encode(widths.tobytes() + body.tobytes()).decode("ascii")


def unpack(text: str, count: int) -> np.ndarray:
    """Return the numbers that `pack` made a text of, as the browser does (int64, shape (count,))."""
    data = np.frombuffer(base64.b64decode(text), np.uint8)
    blocks = -(-count // BLOCK)
    numbers = np.zeros((blocks, BLOCK), np.int64)
    place = blocks
    for block, width in enumerate(data[:blocks].tolist()):
        bits = np.unpackbits(data[place : place + width * (BLOCK // 8)], bitorder="little").reshape(BLOCK, width)
        numbers[block] = bits.astype(np.int64) @ (np.int64(1) << np.arange(width, dtype=np.int64))
        place += width * (BLOCK // 8)
    return numbers.ravel()[:count]


def differences(numbers: np.ndarray) -> np.ndarray:
    """Return differences as non-negative numbers: 0, -1, 1, -2, 2 ... become 0, 1, 2, 3, 4 (the first is left out)."""
    steps = np.diff(numbers)
    return np.where(steps < 0, -2 * steps - 1, 2 * steps)


def sums(start: int, packed: np.ndarray) -> np.ndarray:
    """Return the numbers of which `differences` made the packed ones, from the first of them on."""
    steps = np.where(packed % 2, -(packed + 1) // 2, packed // 2)
    return start + np.concatenate([[0], np.cumsum(steps)])


def runs_of(there: np.ndarray) -> list[int]:
    """Return the lengths of the stretches of a column, in turn without values (0 if it begins with one) and with."""
    edges = np.flatnonzero(np.diff(there.astype(np.int8))) + 1
    lengths = np.diff(np.concatenate([[0], edges, [there.size]])).tolist()
    return [0, *lengths] if there.size and there[0] else lengths


def pack_columns(
    mean: np.ndarray,
    low: np.ndarray | None,
    high: np.ndarray | None,
    wanted: int | None,
    thin: np.ndarray | None = None,
) -> dict | None:
    """Return columns of a record as JSON can hold them; None if there is no value.

    Parameters
    ----------
    mean : ndarray of float64, shape (n,)
        NaN where missing.
    low, high : ndarray of float64, shape (n,), or None
        Least and greatest value, where there are.
    wanted : int or None
        Decimals, as in `decimals_for`.
    thin : ndarray of bool, shape (n,), optional
        Rows whose mean is none of the whole interval, and is not shown.

    Returns
    -------
    dict
        ``decimals``; ``runs`` as of `runs_of`; ``first``, the first whole number; ``mean``, the packed differences of
        the following; ``low`` and ``high``, how far the extremes are from the mean, packed;
        ``thin``, as ``runs``, where there are such rows.
    """
    there = np.isfinite(mean)
    if not there.any():
        return None
    columns = [mean[there]] + [column[there] for column in (low, high) if column is not None]
    decimals = decimals_for(np.concatenate(columns), wanted)
    middle, *extremes = (whole(column, decimals) for column in columns)
    packed = {"decimals": decimals, "runs": runs_of(there), "first": int(middle[0]), "mean": pack(differences(middle))}
    if extremes:
        # Rounded alike, the mean stays between them, but for a last bit of its own.
        packed |= {"low": pack(np.maximum(middle - extremes[0], 0)), "high": pack(np.maximum(extremes[1] - middle, 0))}
    if thin is not None and thin.any():
        packed["thin"] = runs_of(thin)
    return packed


def unpack_columns(packed: dict, rows: int) -> list[np.ndarray]:
    """Return mean and, where they are there, least and greatest value, NaN where missing, as the browser has them."""
    places = np.repeat(np.arange(len(packed["runs"])) % 2 == 1, packed["runs"])
    count = int(places.sum())
    middle = sums(packed["first"], unpack(packed["mean"], count - 1))
    whole_columns = [middle]
    if "low" in packed:
        whole_columns += [middle - unpack(packed["low"], count), middle + unpack(packed["high"], count)]
    columns = []
    for numbers in whole_columns:
        column = np.full(rows, np.nan)
        column[places] = numbers / 10.0 ** packed["decimals"]
        columns.append(column)
    if "thin" in packed:
        thin = np.repeat(np.arange(len(packed["thin"])) % 2 == 1, packed["thin"])
        columns[0] = np.where(thin, np.nan, columns[0])
    return columns
