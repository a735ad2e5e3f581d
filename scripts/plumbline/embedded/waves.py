"""Infragravity waves and microseism: sums of sinusoids whose boxcar means are known exactly.

Frequencies are whole multiples of 10 nHz and times whole multiples of 25 ms, so that phases are
reduced in integers and are the same for any window, however far from 1970.
"""

from functools import lru_cache

import numpy as np

from plumbline.embedded.hashing import key_of, uniform
from plumbline.embedded.seafloor import METRES_PER_PSI

TICK_MS = 25
TICKS_PER_CYCLE = 4_000_000_000  # of a line of 10 nHz

SAMPLE_MS = 50
ROW_MS = 15_000  # an hour is laid out as rows of 15 s, which is also OOI's bin
ROW_SAMPLES = ROW_MS // SAMPLE_MS

# Infragravity: 1.8 cm2/Hz between 30 and 600 s (Axial Seamount, 2011); lines spread evenly.
INFRAGRAVITY_HZ = (1 / 600, 1 / 30)
INFRAGRAVITY_M2_PER_HZ = 1.8e-4
INFRAGRAVITY_LINES = 24

# Microseism: 3 mm rms, highest at 0.2 Hz (assumed; no published number for these sensors).
MICROSEISM_HZ = (0.1, 0.4)
MICROSEISM_PEAK_HZ = 0.2
MICROSEISM_RMS_M = 0.003
MICROSEISM_LINES = 16


@lru_cache(maxsize=8)
def lines(designator: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the sinusoids at a station.

    Returns
    -------
    numbers : ndarray of int64, shape (k,)
        Frequencies in units of 10 nHz.
    amplitudes : ndarray of float64, shape (k,)
        psi.
    phases : ndarray of float64, shape (k,)
        Cycles.
    """
    chance = uniform(key_of("waves", designator), np.arange(2 * (INFRAGRAVITY_LINES + MICROSEISM_LINES)))
    jitter, phases = chance[::2], chance[1::2]
    low, high = INFRAGRAVITY_HZ
    step = (high - low) / INFRAGRAVITY_LINES
    long_hz = low + step * (np.arange(INFRAGRAVITY_LINES) + jitter[:INFRAGRAVITY_LINES])
    long_m = np.full(INFRAGRAVITY_LINES, np.sqrt(2.0 * INFRAGRAVITY_M2_PER_HZ * step))
    low, high = MICROSEISM_HZ
    step = (high - low) / MICROSEISM_LINES
    short_hz = low + step * (np.arange(MICROSEISM_LINES) + jitter[INFRAGRAVITY_LINES:])
    short_m = np.exp(-((np.log2(short_hz / MICROSEISM_PEAK_HZ) / 0.5) ** 2))
    short_m *= MICROSEISM_RMS_M / np.sqrt((short_m**2).sum() / 2.0)
    numbers = np.rint(np.concatenate([long_hz, short_hz]) * 1e8).astype(np.int64)
    return numbers, np.concatenate([long_m, short_m]) / METRES_PER_PSI, phases


def _angles(numbers: np.ndarray, time_ms: np.ndarray) -> np.ndarray:
    """Return the angle of each line at each time, radians, shape (k, n); times divide by 25 ms."""
    ticks = np.asarray(time_ms, dtype=np.int64) // TICK_MS
    reduced = numbers[:, None] * ticks[None, :] % TICKS_PER_CYCLE
    return reduced * (2.0 * np.pi / TICKS_PER_CYCLE)


def waves_psi(designator: str, time_ms: np.ndarray) -> np.ndarray:
    """Return the waves at any times, psi, float64, shape (n,)."""
    numbers, amplitudes, phases = lines(designator)
    angles = _angles(numbers, time_ms) + 2.0 * np.pi * phases[:, None]
    return (amplitudes[:, None] * np.cos(angles)).sum(axis=0)


def hour_of_waves_psi(designator: str, begin_ms: int) -> np.ndarray:
    """Return the waves at the 72 000 sampling times of an hour, psi, float64.

    cos(a + b) is written out, so that cosines are needed for 240 rows and 300 columns only; the
    sum runs line by line because the order of its additions must not depend on the machine.
    """
    numbers, amplitudes, phases = lines(designator)
    rows = _angles(numbers, begin_ms + ROW_MS * np.arange(3_600_000 // ROW_MS)) + 2 * np.pi * phases[:, None]
    row_cosines, row_sines = amplitudes[:, None] * np.cos(rows), amplitudes[:, None] * np.sin(rows)
    column_cosines, column_sines = _columns(designator)
    total = np.zeros((rows.shape[1], ROW_SAMPLES))
    product = np.empty_like(total)
    for line in range(len(numbers)):
        np.multiply(row_cosines[line][:, None], column_cosines[line], out=product)
        total += product
        np.multiply(row_sines[line][:, None], column_sines[line], out=product)
        total -= product
    return total.ravel()


@lru_cache(maxsize=8)
def _columns(designator: str) -> tuple[np.ndarray, np.ndarray]:
    angles = _angles(lines(designator)[0], SAMPLE_MS * np.arange(ROW_SAMPLES))
    return np.cos(angles), np.sin(angles)


def mean_of_waves_psi(designator: str, centre_ms: np.ndarray) -> np.ndarray:
    """Return the means of the waves over the 300 samples in [c - 7.5 s, c + 7.5 s), psi.

    The mean of N equidistant samples of a sinusoid is its value at their mean time multiplied by
    Dirichlet's kernel, sin(N x) / (N sin x) with x = pi f dt.
    """
    numbers, amplitudes, phases = lines(designator)
    half_step = np.pi * numbers * 1e-8 * SAMPLE_MS / 1000.0
    damped = amplitudes * np.sin(ROW_SAMPLES * half_step) / (ROW_SAMPLES * np.sin(half_step))
    mean_time = np.asarray(centre_ms) - TICK_MS  # the window is open at its end
    angles = _angles(numbers, mean_time) + 2.0 * np.pi * phases[:, None]
    return (damped[:, None] * np.cos(angles)).sum(axis=0)
