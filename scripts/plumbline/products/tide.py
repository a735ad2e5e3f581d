"""Predicted tide: harmonic constituents to heights, at any time of any year.

The heights are those of UTide (Codiga 2011), nodal corrections and all, which takes some 50 ms for
a thousand of them: too long for the two million of a year at 15 s. A tide is smooth, so heights are reckoned every
half hour, and between these a polynomial of ninth degree runs, off by less than 1e-8 m. UTide itself is asked every
five days: what makes its constituents other than waves of one frequency changes over years.
"""

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plumbline.errors import PlumblineError

# Where OOI took the tide of TPXO7.2 for all of its stations at Axial Seamount (prs_functions.py of ion-functions).
AXIAL_LATITUDE = 45.95547
AXIAL_TABLE = Path(__file__).with_name("tpxo72_axial.csv")

STEP_MS = 1_800_000
# Nodes are asked for in pieces that lie fixed in the calendar, counted from 1970: whoever asks for a time
# gets it out of the same piece, hence the same bits. 32 days: some MB while UTide works.
PIECE_STEPS = 32 * 48
PIECE_MS = PIECE_STEPS * STEP_MS
# Moments of a piece for which UTide is asked for what is slow in a constituent; between them a polynomial.
SLOW_TIMES = 7
# Times that are worked on at once, so that what is between stays in the processor's cache.
SLICE_TIMES = 1 << 15

COLUMNS = ("constituent", "amplitude_m", "greenwich_phase_deg")

# The polynomial that runs through the values at these nodes (Lagrange), between 0 and 1 where it errs least. Six nodes
# ten minutes apart are as good, but ask UTide three times as often. Rows: coefficients, from the constant up.
AROUND = np.arange(-4, 6)
THROUGH = np.linalg.inv(np.vander(AROUND.astype(np.float64), increasing=True))


@dataclass(frozen=True)
class Constituents:
    """Harmonic constants of a place.

    Attributes
    ----------
    names : tuple of str
        Constituents by the names that UTide knows: M2, K1, MSF.
    amplitude_m : tuple of float
        Amplitudes, metres.
    greenwich_phase_deg : tuple of float
        Phase lags behind the equilibrium tide at Greenwich, degrees.
    latitude : float
        Degrees north; some nodal corrections depend on it.
    """

    names: tuple[str, ...]
    amplitude_m: tuple[float, ...]
    greenwich_phase_deg: tuple[float, ...]
    latitude: float


def axial() -> Constituents:
    """Return the constituents of TPXO7.2 at Axial Seamount, 45.95547 N, 130.00957 W.

    They are a harmonic fit to OOI's table of predicted tides for 2011 (Egbert and Erofeeva 2002, TPXO7.2
    evaluated with TMD; the table stands in ion-functions), which they give back to 0.30 mm rms.
    """
    return read_constituents(AXIAL_TABLE, AXIAL_LATITUDE)


def read_constituents(path: Path, latitude: float) -> Constituents:
    """Read constituents from a table in CSV.

    Parameters
    ----------
    path : Path
        Columns ``constituent``, ``amplitude_m`` and ``greenwich_phase_deg``; others are left alone.
    latitude : float
        Of the place, degrees north.

    Raises
    ------
    PlumblineError
        If the file cannot be read, lacks a column, has no rows, names a constituent that UTide does not
        know or one twice, or if a number is none or an amplitude is negative.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows, header = list(reader), reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PlumblineError(f"The tidal constituents {path} cannot be read: {error}.") from error
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise PlumblineError(f"The tidal constituents {path} have no column {missing[0]!r}.")
    if not rows:
        raise PlumblineError(f"The tidal constituents {path} have no rows.")
    places = _utide_places()
    names = []
    for row in rows:
        name = (row["constituent"] or "").strip()
        if name not in places:
            raise PlumblineError(f"The tidal constituents {path} name {name!r}, which UTide does not know.")
        if name in names:
            raise PlumblineError(f"The tidal constituents {path} name {name!r} twice.")
        names.append(name)
    amplitudes = tuple(_number(path, row, "amplitude_m", 0.0) for row in rows)
    phases = tuple(_number(path, row, "greenwich_phase_deg", -np.inf) for row in rows)
    return Constituents(tuple(names), amplitudes, phases, latitude)


def predicted_tide(time_ms: np.ndarray, constituents: Constituents) -> np.ndarray:
    """Predict the tide at moments.

    The height at a time depends on the time alone, to the last bit, whatever array it stands in: gaps of a record play
    no part. Nodal corrections, and what this agrees with, are UTide's (Codiga 2011).

    Parameters
    ----------
    time_ms : ndarray of int64
        Milliseconds since 1970, in any order; fastest where they increase.
    constituents : Constituents

    Returns
    -------
    ndarray of float64
        Metres, up positive, of the shape of `time_ms`; within 1e-7 m of `utide.reconstruct`.
    """
    return _evaluate(np.asarray(time_ms, dtype=np.int64), constituents, _heights)


def mean_tide(begin_ms: np.ndarray, length_ms: int, constituents: Constituents) -> np.ndarray:
    """Average the predicted tide over bins: what is to be taken from the mean of a bin of samples.

    The average is the exact integral of the polynomials of `predicted_tide`, so that a day costs no more than
    15 s does and no sampling error comes in. A mean is smaller than the tide at the bin's centre, by
    sinc(f T) = sin(pi f T) / (pi f T): for M2 by 1.1 % in a bin of an hour, 9.4 % in one of three hours. The phase is
    that of the bin's centre. Where only a part of a bin holds samples, their mean is not this one: take
    the tide from the finest bins there are, and average after.

    Parameters
    ----------
    begin_ms : ndarray of int64
        Beginnings of the bins, milliseconds since 1970, in any order.
    length_ms : int
        Length of a bin, milliseconds.
    constituents : Constituents

    Returns
    -------
    ndarray of float64
        Metres, up positive, of the shape of `begin_ms`.

    Raises
    ------
    PlumblineError
        If a bin has no length.
    """
    if length_ms <= 0:
        raise PlumblineError(f"A bin of {length_ms} ms has no length: no tide can be averaged over it.")
    begin_ms = np.asarray(begin_ms, dtype=np.int64)
    end_ms = begin_ms + length_ms
    # Integrals count from the beginning of their piece.
    integral = _evaluate(end_ms, constituents, _integrals) - _evaluate(begin_ms, constituents, _integrals)
    first, last = begin_ms // PIECE_MS, end_ms // PIECE_MS
    crossing = first < last
    for piece in np.unique(first[crossing]):
        for crossed in range(piece, int(last[first == piece].max())):
            whole = _integrals(crossed, constituents)[:, -1].sum()
            integral[(first == piece) & (last > crossed)] += whole
    return integral * STEP_MS / length_ms


def _evaluate(time_ms: np.ndarray, constituents: Constituents, polynomials) -> np.ndarray:
    """Evaluate the polynomials of the pieces, each in its steps, at times of any order and shape."""
    if not constituents.names:
        return np.zeros(time_ms.shape)
    times = time_ms.ravel()
    result = np.empty(times.size)
    if np.any(times[1:] < times[:-1]):
        order = np.argsort(times, kind="stable")
        result[order] = _evaluate(times[order], constituents, polynomials)
        return result.reshape(time_ms.shape)
    done = 0
    while done < times.size:
        piece = int(times[done] // PIECE_MS)
        end = int(np.searchsorted(times, (piece + 1) * PIECE_MS))
        coefficients = polynomials(piece, constituents)
        for begin in range(done, end, SLICE_TIMES):
            part = slice(begin, min(begin + SLICE_TIMES, end))
            step, within = np.divmod(times[part] - piece * PIECE_MS, STEP_MS)
            result[part] = _horner(coefficients, step, within / STEP_MS)
        done = end
    return result.reshape(time_ms.shape)


def _horner(coefficients: np.ndarray, step: np.ndarray, fraction: np.ndarray) -> np.ndarray:
    value = coefficients[-1].take(step)
    for row in coefficients[-2::-1]:
        value *= fraction
        value += row.take(step)
    return value


@functools.lru_cache(maxsize=16)
def _heights(piece: int, constituents: Constituents) -> np.ndarray:
    """Return the polynomials of a piece, shape (10, PIECE_STEPS): metres over the fraction of a step."""
    nodes = piece * PIECE_STEPS + np.arange(AROUND[0], PIECE_STEPS + AROUND[-1])
    height = _at_nodes(nodes * STEP_MS, constituents)
    around = np.lib.stride_tricks.sliding_window_view(height, AROUND.size)
    return np.einsum("ij,kj->ik", THROUGH, around)


@functools.lru_cache(maxsize=16)
def _integrals(piece: int, constituents: Constituents) -> np.ndarray:
    """Return the integrals of the polynomials from the piece's beginning, shape (11, PIECE_STEPS), metres times steps.

    At the fraction 1 of a step they are the sum of its column.
    """
    heights = _heights(piece, constituents)
    integrals = np.zeros((AROUND.size + 1, PIECE_STEPS))
    integrals[1:] = heights / np.arange(1.0, AROUND.size + 1)[:, np.newaxis]
    integrals[0, 1:] = np.cumsum(integrals[1:, :-1].sum(axis=0))
    return integrals


def _at_nodes(time_ms: np.ndarray, constituents: Constituents) -> np.ndarray:
    """Return the heights at evenly spaced times of some weeks, as `utide.reconstruct` has them within 1e-10 m.

    Each constituent is a wave of one frequency, times what is slow: its nodal correction, and how far its
    astronomical argument is from running evenly. UTide counts days from 0000-12-31 as floats, which resolve 10
    microseconds.
    """
    from utide._ut_constants import ut_constants
    from utide.harmonics import FUV

    places = np.array([_utide_places()[name] for name in constituents.names])
    turns_per_day = 24 * ut_constants.const.freq[places]
    lag = np.radians(constituents.greenwich_phase_deg) / (2 * np.pi)
    days = time_ms / 86_400_000 + 719_163
    middle, half = (days[-1] + days[0]) / 2, (days[-1] - days[0]) / 2
    few = np.linspace(-1.0, 1.0, SLOW_TIMES)
    # The flags of UTide: nothing linear in time, nothing left out.
    size, turn, argument = FUV(middle + half * few, 0.0, places, constituents.latitude, [0, 0, 0, 0])
    slow = size * np.exp(2j * np.pi * (turn + argument - lag - np.outer(half * few, turns_per_day)))
    between = np.einsum("ij,jk->ik", np.vander((days - middle) / half, SLOW_TIMES), np.linalg.inv(np.vander(few)))
    waves = np.exp(2j * np.pi * np.outer(days - middle, turns_per_day))
    waves *= np.einsum("ij,jk->ik", between, slow)
    return np.einsum("ij,j->i", waves.real, np.array(constituents.amplitude_m))


@functools.cache
def _utide_places() -> dict[str, int]:
    """Return where UTide's own table of constituents holds each of them, but not Z0, which has no phase."""
    # Third of a second to import: only who asks for a tide waits for it.
    from utide._ut_constants import ut_constants

    return {str(name): place for place, name in enumerate(ut_constants.const.name) if name != "Z0"}


def _number(path: Path, row: dict, column: str, least: float) -> float:
    try:
        number = float(row[column])
    except (TypeError, ValueError):
        number = np.nan
    if not (np.isfinite(number) and number >= least):
        name, text = row["constituent"], row[column]
        raise PlumblineError(f"The tidal constituents {path} give {name} a {column} of {text!r}, which cannot be.")
    return number
