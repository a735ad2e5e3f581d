"""Eruptions and tsunamis, from the rates over 5 and 10 minutes and the level of the seafloor.

OOI's thresholds (DPS 1341-00080) say where a rate is unusual; alone they call each tsunami a hundred eruptions:
that of March 2011 passed those of eruptions 8,993 times. Here an eruption is a fall that lasts: the level of
the hours after is lower than that of the hours before. A tsunami is a swing up and down that returns.

What is kept of a record is its exceedances, 16 bytes each, and hourly levels, 24 bytes an hour: blocks
are handed over one after the other, and 15 years take some MB. Rates that touch a suspect or bad bin
(flags 3 and 4) are not looked at; a missing rate is no exceedance.
"""

from dataclasses import dataclass, field

import numpy as np

from plumbline.products.botsflu import BEFORE, BEHIND, STEP_MS

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
# Fewer places of 15 s than this do not make an hour's level.
LEAST_OF_HOUR = 60
# Filled hours before and after a place whose medians are compared, and how far these may lie off in a gap.
HOURS_BEFORE, HOURS_AFTER, FARTHEST_MS = 3, 6, 72 * HOUR_MS
# Exceedances that are no farther apart belong together.
ERUPTION_QUIET_MS, TSUNAMI_QUIET_MS = 6 * HOUR_MS, 12 * HOUR_MS
# Exceedances that follow one another as closely are of one motion.
RUN_MS = 10 * MINUTE_MS
# A precursor leads its eruption by no more: 40 minutes in 2011.
PRECURSOR_MS = 3 * HOUR_MS
# Half waves: places of one sign in a row that make one, the pause up to the next, and how many at least.
SWING_PLACES, SWING_MS, SWINGS = 4, HOUR_MS, 3


@dataclass(frozen=True)
class Thresholds:
    """OOI's thresholds, and what makes an event of their exceedances.

    Attributes
    ----------
    tsunami : float
        Rate over 5 minutes, up or down, cm per minute.
    eruption : float
        Rate over 10 minutes, cm per hour: up, an eruption is imminent; down, it has begun.
    fall_m : float
        Least fall of the level between the 3 hours before and the 6 after.
    fall_minutes : float
        How long the rate is beyond the threshold in all: a step of the sensor makes 20 minutes.
    """

    tsunami: float = 1.0
    eruption: float = 5.0
    fall_m: float = 0.3
    fall_minutes: float = 30.0


@dataclass(frozen=True)
class Event:
    """An event; times are milliseconds since 1970, centres of 15 s bins.

    Attributes
    ----------
    kind : str
        `eruption` or `tsunami`.
    onset : int
        Of an eruption: the first rate of +5 cm per hour of its precursor, if that comes up to 3 hours before
        the fall, else the same as `fall_onset`. Of a tsunami: the first rate of 1 cm per minute.
    peak_time, peak_value, unit : int, float, str
        The fastest fall, cm/h; or the fastest change either way, cm/min.
    end : int
        The last rate beyond the threshold, before 6 quiet hours (eruption) or 12 (tsunami). The seafloor
        falls on for days at lower rates. In a record that ends within an event: the last one known.
    fall_onset : int or None
        Of an eruption, the first rate of -5 cm per hour.
    """

    kind: str
    onset: int
    peak_time: int
    peak_value: float
    unit: str
    end: int
    fall_onset: int | None = None


@dataclass
class EventFinder:
    """Takes a record block by block, in time order, and finds its events.

    Parameters
    ----------
    thresholds : Thresholds, optional
    """

    thresholds: Thresholds = field(default_factory=Thresholds)
    _fast: list = field(default_factory=list)
    _slow: list = field(default_factory=list)
    _bad: list = field(default_factory=list)
    _hours: list = field(default_factory=list)

    def add(
        self,
        time_ms: np.ndarray,
        rate_5min: np.ndarray,
        rate_10min: np.ndarray,
        depth_detided_m: np.ndarray,
        flags: np.ndarray | None = None,
    ) -> None:
        """Take the next block.

        Parameters
        ----------
        time_ms : ndarray of int64, shape (n,)
            Centres of successive 15 s bins, milliseconds since 1970.
        rate_5min, rate_10min : ndarray, shape (n,)
            cm per minute and per hour, up positive; NaN where missing.
        depth_detided_m : ndarray, shape (n,)
            m, up positive; NaN where missing.
        flags : ndarray of uint8, shape (n,), optional
            Of the 15 s bins, after QARTOD.
        """
        if not time_ms.size:
            return
        # Half a tsunami's threshold, so that its waves are seen between the exceedances.
        limits = (self.thresholds.tsunami / 2, self.thresholds.eruption)
        for held, rate, limit in zip((self._fast, self._slow), (rate_5min, rate_10min), limits, strict=True):
            over = np.flatnonzero(np.abs(rate) >= limit)
            held.append((time_ms[over], np.asarray(rate[over], dtype=np.float64)))
        usable = ~np.isnan(depth_detided_m)
        if flags is not None:
            bad = (flags == 3) | (flags == 4)
            usable &= ~bad
            edges = np.flatnonzero(np.diff(bad, prepend=False, append=False)).reshape(-1, 2)
            self._bad.append(np.stack([time_ms[edges[:, 0]], time_ms[edges[:, 1] - 1]], axis=1))
        hours = time_ms[usable] // HOUR_MS
        first = int(time_ms[0]) // HOUR_MS
        # Sums from the first to the last, one by one: the same bits wherever full hours stand in a block.
        n = np.bincount(hours - first)
        sums = np.bincount(hours - first, weights=depth_detided_m[usable])
        filled = np.flatnonzero(n)
        self._hours.append((filled + first, n[filled], sums[filled]))

    def events(self) -> list[Event]:
        """Return the events of what was taken, in order of their onset."""
        if not self._hours:
            return []
        eruptions = self._eruptions()
        return sorted(eruptions + self._tsunamis(eruptions), key=lambda event: event.onset)

    def _exceedances(self, held: list, before: int, behind: int) -> tuple[np.ndarray, np.ndarray]:
        """Return times and rates without those whose windows touch a bad bin."""
        times, rates = (np.concatenate(parts) for parts in zip(*held, strict=True))
        if self._bad:
            bad = np.concatenate(self._bad)
            # The first bad run that ends in the window or behind it: does it begin before the window's end?
            run = np.searchsorted(bad[:, 1], times - before * STEP_MS)
            begins = np.append(bad[:, 0], np.iinfo(np.int64).max)[run]
            keep = begins > times + behind * STEP_MS
            times, rates = times[keep], rates[keep]
        return times, rates

    def _erupting(self) -> list[tuple[int, int]]:
        """Return the spans, milliseconds, of hours about which the level falls and stays low."""
        hours, n, sums = (np.concatenate(parts) for parts in zip(*self._hours, strict=True))
        starts = np.flatnonzero(np.diff(hours, prepend=hours[:1] - 1))
        if not starts.size:
            return []
        n, sums, hours = np.add.reduceat(n, starts), np.add.reduceat(sums, starts), hours[starts]
        times, levels = hours[n >= LEAST_OF_HOUR] * HOUR_MS, (sums / n)[n >= LEAST_OF_HOUR]
        falling = [
            place for place in range(1, times.size - 1) if self._fall(times, levels, place) >= self.thresholds.fall_m
        ]
        found = times[falling]
        return [(int(found[a]), int(found[b]) + HOUR_MS) for a, b in _groups(found, 2 * ERUPTION_QUIET_MS)]

    @staticmethod
    def _fall(times: np.ndarray, levels: np.ndarray, place: int) -> float:
        around = slice(max(0, place - HOURS_BEFORE), place), slice(place + 1, place + 1 + HOURS_AFTER)
        before, after = (levels[some][np.abs(times[some] - times[place]) <= FARTHEST_MS] for some in around)
        if not before.size or not after.size:
            return -np.inf
        return _middle(before) - _middle(after)

    def _eruptions(self) -> list[Event]:
        times, rates = self._exceedances(self._slow, BEFORE, BEHIND)
        rises = times[rates > 0]
        falls, speeds = times[rates < 0], rates[rates < 0]
        groups = _groups(falls, ERUPTION_QUIET_MS)
        found = []
        for begin, end in self._erupting():
            within = np.flatnonzero((falls >= begin) & (falls < end))
            if within.size * STEP_MS < self.thresholds.fall_minutes * MINUTE_MS:
                continue
            # Where the record begins in the fall its first hour cannot be seen to fall: rates that follow one another.
            pauses = np.flatnonzero(np.diff(falls[: within[0] + 1]) > RUN_MS)
            first = int(pauses[-1]) + 1 if pauses.size else 0
            last = next(b for a, b in groups if a <= within[-1] <= b)
            peak = first + int(np.argmin(speeds[first : last + 1]))
            fall_onset = int(falls[first])
            precursor = rises[(rises >= fall_onset - PRECURSOR_MS) & (rises < fall_onset)]
            onset = int(precursor[0]) if precursor.size else fall_onset
            found.append(
                Event("eruption", onset, int(falls[peak]), float(speeds[peak]), "cm/h", int(falls[last]), fall_onset)
            )
        return found

    def _tsunamis(self, eruptions: list[Event]) -> list[Event]:
        times, rates = self._exceedances(self._fast, 20, 0)
        for event in eruptions:
            outside = (times < event.onset) | (times > event.end)
            times, rates = times[outside], rates[outside]
        found = []
        for first, last in _groups(times, TSUNAMI_QUIET_MS):
            when, rate = times[first : last + 1], rates[first : last + 1]
            over = np.flatnonzero(np.abs(rate) >= self.thresholds.tsunami)
            if not over.size or _swings(when, rate) < SWINGS:
                continue
            peak = int(np.argmax(np.abs(rate)))
            ends = int(when[over[0]]), int(when[over[-1]])
            found.append(Event("tsunami", ends[0], int(when[peak]), float(rate[peak]), "cm/min", ends[1]))
        return found


def find_events(
    time_ms: np.ndarray,
    rate_5min: np.ndarray,
    rate_10min: np.ndarray,
    depth_detided_m: np.ndarray,
    flags: np.ndarray | None = None,
    thresholds: Thresholds | None = None,
) -> list[Event]:
    """Return the events of a record that is in memory; arguments are those of `EventFinder.add`.

    A missing rate is no exceedance, and rates that touch a bad bin are not looked at: events in gaps are not found.
    """
    finder = EventFinder(thresholds or Thresholds())
    finder.add(time_ms, rate_5min, rate_10min, depth_detided_m, flags)
    return finder.events()


def _middle(values: np.ndarray) -> float:
    """Return the median of a few values: numpy's own takes ten times as long."""
    ordered = np.sort(values)
    return float(ordered[(values.size - 1) // 2] + ordered[values.size // 2]) / 2


def _groups(times: np.ndarray, quiet_ms: int) -> list[tuple[int, int]]:
    """Return the first and the last place of each group of times that are no farther apart."""
    cuts = np.flatnonzero(np.diff(times) > quiet_ms)
    if not times.size:
        return []
    return list(zip([0, *(cuts + 1).tolist()], [*cuts.tolist(), times.size - 1], strict=True))


def _swings(times: np.ndarray, rates: np.ndarray) -> int:
    """Return the length of the longest row of half waves, up and down in turn, that follow within an hour."""
    cuts = np.flatnonzero((np.diff(times) > STEP_MS) | (np.diff(np.sign(rates)) != 0)) + 1
    starts, ends = np.append(0, cuts), np.append(cuts, times.size)
    long = ends - starts >= SWING_PLACES
    longest = count = sign = last = 0
    for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
        if not count or times[start] - last > SWING_MS:
            count = 1
        elif np.sign(rates[start]) != sign:
            count += 1
        sign, last = np.sign(rates[start]), times[end - 1]
        longest = max(longest, count)
    return longest
