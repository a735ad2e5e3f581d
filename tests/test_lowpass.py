"""The low-pass filters, and what a gap does to them."""

import numpy as np
import pytest

from plumbline.errors import PlumblineError
from plumbline.products import lowpass
from plumbline.products.tide import Constituents, axial, mean_tide

HOUR_MS = 3_600_000
HOURS = np.arange(1200)
FILTERS = [lowpass.godin, lowpass.butterworth]
REACH = {lowpass.godin: 35, lowpass.butterworth: 75}


def tide_alone() -> np.ndarray:
    """Return hourly means of the tide without the fortnightly and monthly ones, which are none to a filter."""
    fast = [place for place, name in enumerate(axial().names) if name not in ("MF", "MM")]
    columns = (axial().names, axial().amplitude_m, axial().greenwich_phase_deg)
    constituents = Constituents(*(tuple(column[place] for place in fast) for column in columns), axial().latitude)
    return mean_tide(1_420_070_400_000 + HOUR_MS * HOURS.astype(np.int64), HOUR_MS, constituents)


@pytest.mark.parametrize("filtered", FILTERS)
def test_a_constant_stays_and_the_ends_have_no_value(filtered):
    found = filtered(np.full(HOURS.size, -1510.25))
    reach = REACH[filtered]
    np.testing.assert_allclose(found[reach:-reach], -1510.25, atol=1e-9)
    assert np.isnan(found[:reach]).all()
    assert np.isnan(found[-reach:]).all()


@pytest.mark.parametrize(("filtered", "left_m"), [(lowpass.godin, 0.0015), (lowpass.butterworth, 0.015)])
def test_the_tide_vanishes(filtered, left_m):
    fast = tide_alone()
    assert np.std(fast) > 0.6
    assert np.nanstd(filtered(fast)) < left_m


@pytest.mark.parametrize("filtered", FILTERS)
def test_a_slow_wave_keeps_its_time(filtered):
    wave = np.cos(2 * np.pi * HOURS / 400)
    found = filtered(wave)
    present = np.isfinite(found)
    gain = np.dot(found[present], wave[present]) / np.dot(wave[present], wave[present])
    assert 0.97 < gain <= 1.001
    np.testing.assert_allclose(found[present], gain * wave[present], atol=2e-3)


def test_the_butterworth_filter_halves_its_cutoff():
    wave = np.cos(2 * np.pi * HOURS / 40)
    found = lowpass.butterworth(wave)
    assert found[600] / wave[600] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("filtered", FILTERS)
def test_a_gap_spoils_its_window_exactly(filtered):
    whole = np.sin(HOURS / 50.0)
    broken = whole.copy()
    broken[600:610] = np.nan
    found, expected = filtered(broken), filtered(whole)
    reach = REACH[filtered]
    touched = np.abs(HOURS - 604.5) < 5 + reach
    ends = np.abs(HOURS - (HOURS.size - 1) / 2) > (HOURS.size - 1) / 2 - reach
    np.testing.assert_array_equal(np.isnan(found), touched | ends)
    np.testing.assert_allclose(found[~touched & ~ends], expected[~touched & ~ends], atol=1e-12)


@pytest.mark.parametrize("filtered", FILTERS)
def test_a_short_gap_is_carried_over(filtered):
    slow = 0.02 * np.sin(HOURS / 30.0)
    broken = slow.copy()
    broken[500:503] = np.nan
    found, expected = filtered(broken), filtered(slow)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    np.testing.assert_allclose(found[100:-100], expected[100:-100], atol=1e-5)
    assert np.isnan(filtered(broken, tolerance_hours=2)[501])


def test_a_short_gap_in_a_tide_costs_less_than_a_centimetre():
    broken = tide_alone()
    whole = lowpass.godin(broken)
    for begin in (300, 604, 811):
        broken[begin : begin + 3] = np.nan
    found = lowpass.godin(broken)
    assert np.nanmax(np.abs(found - whole)) < 0.01


def test_gaps_with_one_hour_between_are_one():
    broken = np.ones(300)
    broken[[150, 152]] = np.nan
    np.testing.assert_array_equal(np.isnan(lowpass.fill_short_gaps(broken, 3)), np.isnan(broken))


@pytest.mark.parametrize("filtered", FILTERS)
def test_a_record_of_nothing_or_shorter_than_the_window_has_no_values(filtered):
    assert filtered(np.array([])).size == 0
    assert np.isnan(filtered(np.zeros(70))).all()
    assert np.isnan(filtered(np.full(400, np.nan))).all()


def test_what_no_filter_can_do_is_told_in_a_sentence():
    with pytest.raises(PlumblineError, match="above 2 h, not at 2 h"):
        lowpass.butterworth(np.zeros(10), cutoff_hours=2)
    with pytest.raises(PlumblineError, match="1 or more, not 0"):
        lowpass.butterworth(np.zeros(10), order=0)
    with pytest.raises(PlumblineError, match="cannot be of -1 h"):
        lowpass.godin(np.zeros(10), tolerance_hours=-1)
