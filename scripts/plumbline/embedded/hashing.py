"""Pseudo-random numbers that are functions of a counter: no state, the same in every process."""

import hashlib

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)

# Two hexadecimal digits for every byte, as one 16-bit word, so that a byte costs one look-up.
_HEX = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), dtype="S2").view(np.uint16)

# Where the 32 digits of a UUID stand among its 36 characters (8-4-4-4-12).
_UUID_GROUPS = ((0, 8, 0), (8, 12, 9), (12, 16, 14), (16, 20, 19), (20, 32, 24))


def key_of(*words: object) -> int:
    """Return a 64-bit key that depends on some words alone, the same on every machine."""
    text = "\x1f".join(str(word) for word in words)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def mixed(key: int, counters: np.ndarray) -> np.ndarray:
    """Return 64 well mixed bits per counter (the finaliser of SplitMix64; Steele et al., 2014).

    Parameters
    ----------
    key : int
        64 bits that tell one sequence from another.
    counters : ndarray of int64, shape (n,)

    Returns
    -------
    ndarray of uint64, shape (n,)
    """
    bits = np.asarray(counters).astype(np.uint64)
    bits *= _GOLDEN
    bits += np.uint64(key)
    bits ^= bits >> np.uint64(30)
    bits *= _FIRST
    bits ^= bits >> np.uint64(27)
    bits *= _SECOND
    bits ^= bits >> np.uint64(31)
    return bits


def uniform(key: int, counters: np.ndarray) -> np.ndarray:
    """Return float64 numbers in [0, 1), one per counter, shape (n,)."""
    return (mixed(key, counters) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def uuid_characters(key: int, counters: np.ndarray) -> np.ndarray:
    """Return a UUID per counter as characters.

    Returns
    -------
    ndarray of S1, shape (n, 36)
        Lower-case hexadecimal with dashes, version 4 and variant bits set as RFC 9562 asks.
    """
    count = len(counters)
    words = np.empty((count, 2), dtype=">u8")
    words[:, 0] = mixed(key, counters)
    words[:, 1] = mixed(key ^ 0x5DEECE66D, counters)
    octets = words.view(np.uint8).reshape(count, 16)
    octets[:, 6] = (octets[:, 6] & 0x0F) | 0x40
    octets[:, 8] = (octets[:, 8] & 0x3F) | 0x80
    digits = _HEX[octets].view(np.uint8).reshape(count, 32)
    characters = np.empty((count, 36), dtype=np.uint8)
    characters[:, (8, 13, 18, 23)] = ord("-")
    for begin, end, place in _UUID_GROUPS:
        characters[:, place : place + end - begin] = digits[:, begin:end]
    return characters.view("S1")
