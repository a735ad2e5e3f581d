"""The sampling rate of a stream, estimated from the numbers of samples in its bins, where nobody has told it.

Only the numbers are read, on grids that are fixed since 1970, so that the estimate does not depend on how the record
was cut into files and chunks.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from plumbline.atomic import write_json
from plumbline.intervals import DAY_MS, HOUR_MS
from plumbline.reporting import log
from plumbline.retrieval import records
from plumbline.samples.binned import read_attributes, read_numbers

# A stream counts as going on where nine of ten filled lengths of time are followed by another.
SHARE = 0.9
# The lengths that are tried beside that of a bin, the shortest first.
MINUTE_MS = 60_000
LENGTHS_MS = (15_000, 30_000, *(minutes * MINUTE_MS for minutes in (1, 2, 5, 10, 15, 30)))
LENGTHS_MS += (*(hours * HOUR_MS for hours in (1, 2, 3, 6, 12)), DAY_MS)
# A length is at most three times the one before: of samples that come in step, the shortest that has any has no more.
MOST_IN_STEP = 2.9
# So many samples in a stretch, that one more or less at its edge is a per cent, if the record is long enough.
SAMPLES = 100
# Of stretches with this share of the variance that chance has, samples come as they like.
IRREGULAR = 0.3
# Rates and periods that people set have no more digits.
DIGITS = 3

# Index of the first of consecutive lengths of time, samples in each, and how many filled bins are in each.
Piece = tuple[int, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Rate:
    """How often a stream has samples.

    Attributes
    ----------
    hz : float or None
        Rate in Hz, or None where it is not known.
    estimated : bool
        Whether it is estimated from the data.
    within_ms : int or None
        Time within which there usually is a sample, where samples come in bursts or as they like, so that the rate does
        not tell how long a pause may be.
    """

    hz: float | None
    estimated: bool = False
    within_ms: int | None = None


def rate_of(rate_hz: float | None, estimates: list[str]) -> Rate:
    """Return a stream's rate.

    Parameters
    ----------
    rate_hz : float or None
        Nominal rate, if it is known; then there is no estimate.
    estimates : list of str
        The file that `write_estimate` has written, if there is one.
    """
    if rate_hz or not estimates:
        return Rate(rate_hz)
    estimate = records.read(Path(estimates[0]), "estimated rate")
    return Rate(estimate["rate_hz"], estimate["rate_hz"] is not None, estimate["within_ms"])


def write_estimate(bins_paths: list[Path], variables: list[str], output: Path) -> None:
    """Estimate a stream's rate and write it down, JSON; parameters as in `estimate_rate`."""
    rate = estimate_rate(bins_paths, variables)
    write_json(output, {"rate_hz": rate.hz, "within_ms": rate.within_ms, "method": "estimated from the data"})
    if rate.hz:
        often = f"{rate.hz:g} Hz" if rate.hz >= 1 else f"one sample every {1 / rate.hz:g} s"
        log.info("The rate, estimated from the data: %s. If it is another, give the stream 'sample_rate_hz'.", often)
    else:
        log.warning("The data do not tell their rate; coverage stays empty unless the stream has 'sample_rate_hz'.")


def estimate_rate(bins_paths: list[Path], variables: list[str]) -> Rate:
    """Return the rate at which a stream has samples while it is going on; not known where too few tell of it.

    The shortest of a few lengths of time (a bin, 15 s, ... a day) is looked for of which nine in ten with samples
    are followed by another. The record is cut to stretches of so many of these as hold a hundred samples; counted are
    those with samples in nine of ten parts. Where these hardly differ, those about the median tell the rate by their
    mean: stretches with a gap in them fall out. Where they differ because samples are missing here and there, shorter
    ones are counted, of which one in twenty is whole if not more than some per cent are missing.
    Where they differ as chance does, there is no rate, and the mean stands for it.

    Of a rate below 1 Hz the period has three digits, else the rate.

    Parameters
    ----------
    bins_paths : list of Path
        Bins files of consecutive chunks, in time order.
    variables : list of str
        Of several, in each bin the one with the most samples counts.
    """
    base_ms = int(read_attributes(bins_paths[0])["base_interval_ms"])
    lengths_ms = [base_ms, *(length for length in LENGTHS_MS if length > base_ms and length % base_ms == 0)]
    looks = [_Look(length // base_ms) for length in lengths_ms]
    for piece in _numbers(bins_paths, variables):
        for look in looks:
            look.take(piece)
    steady = next((look for look in looks if look.is_steady()), None)
    if steady is None:
        return Rate(None)
    samples, together = _stretches_of(bins_paths, variables, steady, SAMPLES)
    middle, most = (_quantile(samples, share) for share in (0.5, 0.95))
    irregular = most - middle > 1 and _is_irregular(samples)
    if most - middle <= 1:
        # As far below the median as above it: at the edges one sample is now in, now out.
        rate = _mean(samples, 2 * middle - most)
    elif irregular:
        rate = _mean(samples, 0)
    else:
        samples, together = _stretches_of(bins_paths, variables, steady, SAMPLES // 2)
        rate = _quantile(samples, 0.95)
    length_ms = steady.bins * base_ms
    hz = _rounded(rate * 1000 / (together * length_ms))
    # More samples in a length that is as short as can be than one or two: they come in bursts.
    bursts = irregular or hz * length_ms / 1000 > MOST_IN_STEP
    return Rate(hz, estimated=True, within_ms=length_ms if bursts and length_ms > base_ms else None)


class _Look:
    """Tells whether lengths of time, of so many bins, with samples follow one another."""

    def __init__(self, bins: int) -> None:
        self.bins, self._groups = bins, _Groups(bins)
        self.filled = self.followed = self.samples = 0
        self._last: int | None = None

    def take(self, piece: Piece) -> None:
        """Take the next bins."""
        for first, counts, _ in self._groups.take(piece):
            there = first + np.flatnonzero(counts)
            self.samples += int(counts.sum())
            self.filled += there.size
            if there.size:
                self.followed += int((np.diff(there) == 1).sum()) + (self._last == there[0] - 1)
                self._last = int(there[-1])

    def is_steady(self) -> bool:
        """Tell whether they do, as far as the whole lengths tell that came."""
        return self.filled > 2 and self.followed >= SHARE * (self.filled - 1)


@dataclass
class _Groups:
    """Puts consecutive bins together, so many each, at multiples of this number since 1970."""

    size: int
    _rest: list[Piece] = field(default_factory=list)

    def take(self, piece: Piece) -> Iterator[Piece]:
        """Take the next bins, and yield the groups that are whole with them; those before the first bin are empty."""
        pieces = [*self._rest, piece]
        first = pieces[0][0]
        counts, filled = (np.concatenate([one[column] for one in pieces]) for column in (1, 2))
        missing = first % self.size
        if missing:
            counts, filled = (np.concatenate([np.zeros(missing, np.int64), column]) for column in (counts, filled))
            first -= missing
        whole = counts.size // self.size
        cut = whole * self.size
        self._rest = [(first + cut, counts[cut:], filled[cut:])]
        if whole:
            yield (
                first // self.size,
                *(column[:cut].reshape(whole, self.size).sum(axis=1) for column in (counts, filled)),
            )


def _numbers(bins_paths: list[Path], variables: list[str]) -> Iterator[Piece]:
    for path in bins_paths:
        for first, numbers in read_numbers(path, variables):
            counts = numbers.max(axis=0).astype(np.int64)
            yield first, counts, (counts > 0).astype(np.int64)


def _stretches_of(
    bins_paths: list[Path], variables: list[str], steady: "_Look", samples: int
) -> tuple[Counter[int], int]:
    """Return the stretches for so many samples each, or for as many as the record allows, and their length."""
    together = max(1, round(samples * steady.filled / steady.samples))
    # An even number, for two of 7.5 s are whole seconds, with the same number of samples in each.
    together += together % 2 * (together > 1)
    while not (found := _stretches(bins_paths, variables, steady.bins, together)):
        together = (together + 1) // 2
    return found, together


def _stretches(bins_paths: list[Path], variables: list[str], bins: int, together: int) -> Counter[int]:
    """Return how often stretches have which number of samples: those with samples in nine of ten of their parts."""
    parts, stretches = _Groups(bins), _Groups(together)
    found: Counter[int] = Counter()
    for piece in _numbers(bins_paths, variables):
        for first, counts, _ in parts.take(piece):
            for _, samples, filled in stretches.take((first, counts, (counts > 0).astype(np.int64))):
                whole = samples[filled >= SHARE * together]
                found.update(
                    dict(zip(*(column.tolist() for column in np.unique(whole, return_counts=True)), strict=True))
                )
    return found


def _quantile(counts: Counter[int], share: float) -> int:
    """Return the least number that so many of the numbers do not exceed."""
    numbers = sorted(counts)
    often = np.cumsum([counts[number] for number in numbers])
    return numbers[int(np.searchsorted(often, share * often[-1]))]


def _mean(counts: Counter[int], least: int) -> float:
    """Return the mean of the numbers that are not below the least."""
    numbers = [number for number in counts if number >= least]
    return sum(number * counts[number] for number in numbers) / sum(counts[number] for number in numbers)


def _is_irregular(counts: Counter[int]) -> bool:
    """Tell whether numbers of samples differ as those of chance do, of which the variance is the mean."""
    kept = Counter({number: often for number, often in counts.items() if 2 * number >= _quantile(counts, 0.5)})
    mean = _mean(kept, 0)
    variance = sum(often * (number - mean) ** 2 for number, often in kept.items()) / kept.total()
    return variance > IRREGULAR * mean


def _rounded(rate_hz: float) -> float:
    """Return a rate of 1 Hz or more, or else the rate of a period in seconds, with three digits."""
    if rate_hz >= 1:
        return float(f"{rate_hz:.{DIGITS}g}")
    return 1 / float(f"{1 / rate_hz:.{DIGITS}g}")
