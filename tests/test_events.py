"""Events: an eruption is a fall that lasts, a tsunami swings and returns, and bad data are neither."""

import numpy as np
import pytest

from plumbline.products import botsflu
from plumbline.products.events import EventFinder, Thresholds, find_events

HOUR = 240
BEGIN_MS = 1_429_617_600_000 + 12 * 3_600_000  # 2015-04-21T12:00Z
PLACES = 8 * 24 * HOUR
ONSET = 66 * HOUR  # 2015-04-24T06:00Z


def times(places=PLACES):
    return BEGIN_MS + botsflu.STEP_MS * np.arange(places, dtype=np.int64)


def quiet(places=PLACES, seed=1):
    """Return depths with 1.5 mm of noise, and 2 cm that vary over days, m."""
    hours = np.arange(places) / HOUR
    red = 0.02 * np.sin(2 * np.pi * hours / 70) + 0.008 * np.sin(2 * np.pi * hours / 24)
    return -1510 + red + np.random.default_rng(seed).normal(0, 0.0015, places)


def since(onset, places=PLACES):
    return np.clip(np.arange(places) - onset, 0, None) / HOUR


def eruption_2015(onset=ONSET):
    return 2.156 * np.expm1(-since(onset) / 4.44) + 0.272 * np.expm1(-since(onset) / 46)


def tsunami(onset, size=0.15):
    """Return waves of 9 and 38 minutes that rise within the hour and fade over a day, m."""
    hours = since(onset)
    waves = 0.4 * np.sin(2 * np.pi * hours * 60 / 9) + np.sin(2 * np.pi * hours * 60 / 38)
    return size * waves * np.exp(-hours / 10) * -np.expm1(-hours * 2)


def found(depth, flags=None, thresholds=None):
    rates = botsflu.rate_5min(depth), botsflu.rate_10min(depth)
    return find_events(times(depth.size), *rates, depth, flags, thresholds)


def place(time_ms):
    return (time_ms - BEGIN_MS) // botsflu.STEP_MS


def test_quiet_seafloor_has_no_events():
    assert found(quiet()) == []
    assert EventFinder().events() == []
    assert found(np.full(PLACES, np.nan)) == []


def test_the_eruption_of_2015_is_one_event_and_begins_with_its_fall():
    (event,) = found(quiet() + eruption_2015())
    assert (event.kind, event.unit) == ("eruption", "cm/h")
    assert event.onset == event.fall_onset
    assert -40 < place(event.onset) - ONSET < 40  # within the 10 minutes of a rate's window
    assert -55 < event.peak_value < -40
    assert event.onset < event.peak_time < event.end
    assert 4 * HOUR < place(event.end) - ONSET < 24 * HOUR


def test_a_precursor_is_the_onset_and_the_fall_has_its_own():
    """As in 2011: 5.5 cm up within the 50 minutes before."""
    rise = 0.055 * np.clip((np.arange(PLACES) - ONSET + 200) / 160, 0, 1)
    (event,) = found(quiet() + rise + eruption_2015())
    assert 30 < (event.fall_onset - event.onset) / 60_000 < 60


def test_a_rise_without_a_fall_is_no_eruption():
    assert found(quiet() + 0.055 * np.clip((np.arange(PLACES) - ONSET) / 160, 0, 1)) == []


def test_a_tsunami_is_one_tsunami_and_no_eruption():
    depth = quiet() + tsunami(ONSET)
    assert (botsflu.rate_10min(depth) <= -5).sum() > 500
    (event,) = found(depth)
    assert (event.kind, event.unit, event.fall_onset) == ("tsunami", "cm/min", None)
    assert 0 <= place(event.onset) - ONSET < 2 * HOUR
    assert abs(event.peak_value) > 2
    assert event.onset <= event.peak_time <= event.end


def test_an_eruption_and_a_tsunami_apart_are_both_found():
    events = found(quiet() + eruption_2015() + tsunami(ONSET + 72 * HOUR))
    assert [event.kind for event in events] == ["eruption", "tsunami"]


@pytest.mark.parametrize("size", [-0.5, 0.5])
def test_a_step_of_the_sensor_is_no_event(size):
    depth = quiet()
    depth[ONSET:] += size
    assert found(depth) == []


def test_an_offset_that_comes_and_goes_and_a_spike_are_no_events():
    depth = quiet()
    depth[ONSET : ONSET + 50] -= 0.3
    depth[ONSET + 3000] += 1.0
    assert found(depth) == []


def test_rates_that_touch_suspect_bins_do_not_count():
    depth = quiet() + tsunami(ONSET)
    flags = np.ones(PLACES, np.uint8)
    flags[ONSET : ONSET + 30 * HOUR] = 3
    assert found(depth, flags) == []
    flags[:] = 1
    flags[:ONSET] = 4
    assert len(found(depth, flags)) == 1


def test_a_record_that_ends_within_an_eruption_has_it_to_its_end():
    (event,) = found((quiet() + eruption_2015())[: ONSET + 2 * HOUR])
    assert event.kind == "eruption"
    assert place(event.end) == ONSET + 2 * HOUR - botsflu.BEHIND - 1


def test_a_record_that_begins_within_an_eruption_has_it_from_its_beginning():
    depth = (quiet() + eruption_2015())[ONSET + HOUR :]
    (event,) = found(depth)
    assert event.kind == "eruption"
    # The first hour of a record cannot be seen to fall; its first fast rate can.
    first = np.flatnonzero(botsflu.rate_10min(depth) <= -5)[0]
    assert event.onset == BEGIN_MS + int(first) * botsflu.STEP_MS
    assert event.peak_value == pytest.approx(np.nanmin(botsflu.rate_10min(depth)))


def test_an_eruption_of_which_data_are_lost_soon_is_found_when_they_return():
    depth = quiet() + eruption_2015()
    depth[ONSET + 250 : ONSET + 40 * HOUR] = np.nan
    assert [event.kind for event in found(depth)] == ["eruption"]


@pytest.mark.parametrize("cut", [botsflu.POINTS_PER_DAY, HOUR])
def test_blocks_of_whole_hours_give_the_events_of_the_whole_record(cut):
    depth = quiet() + eruption_2015() + tsunami(ONSET + 72 * HOUR)
    flags = np.ones(PLACES, np.uint8)
    flags[ONSET + 900 : ONSET + 1000] = 3
    columns = times(), botsflu.rate_5min(depth), botsflu.rate_10min(depth), depth, flags
    finder = EventFinder()
    for begin in range(0, PLACES, cut):
        finder.add(*(column[begin : begin + cut] for column in columns))
    assert finder.events() == find_events(*columns)


def test_thresholds_decide():
    depth = quiet() + tsunami(ONSET, size=0.02)
    assert found(depth) == []
    assert len(found(depth, thresholds=Thresholds(tsunami=0.4))) == 1
    assert found(quiet() + eruption_2015(), thresholds=Thresholds(fall_m=3.0)) == []
