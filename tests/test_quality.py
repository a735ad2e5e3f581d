"""Quality flags: each test flags what it is for, and nothing that the seafloor or the sea does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.products import qartod, quality
from plumbline.products.outliers import medians

BASE_MS = 15_000
PSI = quality.PSI_PER_METRE
HOUR = 240


def full(values):
    return np.where(np.isnan(values), 0, 300)


def sea(places, seed=1):
    """Return 15 s means of pressure, psi: the steepest tide, and 1.5 mm of noise."""
    hours = np.arange(places) / HOUR
    water = 1510 + 1.5 * np.cos(2 * np.pi * hours / 12.42) + 0.4 * np.cos(2 * np.pi * hours / 23.93)
    return PSI * (water + np.random.default_rng(seed).normal(0, 0.0015, places))


def eruption(places, onset):
    """Return the water above the seafloor that the eruption of 2011 adds, doubled in speed, m."""
    hours = np.clip(np.arange(places) - onset, 0, None) / HOUR
    return -0.743 * np.expm1(-hours / 0.75) - 1.684 * np.expm1(-hours / 17)


def tsunami(places, arrival):
    """Return waves of 3 to 40 minutes, faster than those of March 2011: 6 cm a minute over 5 minutes, m."""
    minutes = np.clip(np.arange(places) - arrival, 0, None) / 4
    fading = np.exp(-minutes / 600) * -np.expm1(-minutes / 10)
    waves = ((0.06, 3.1, 0.0), (0.12, 9.0, 1.0), (0.2, 38.0, 2.0))
    return fading * sum(a * np.sin(2 * np.pi * minutes / period + phase) for a, period, phase in waves)


def every_test(pressure):
    n = full(pressure)
    return {
        "gap": quality.gap(n, 300),
        "gross_range": quality.gross_range(pressure, pressure, n),
        "flat_line": quality.flat_line(pressure - 0.01, pressure + 0.01, n, BASE_MS, 20.0),
        "spike": quality.spike(pressure, n),
        "rate_of_change": quality.rate_of_change(pressure, n, BASE_MS),
        "near_gap": quality.near_gap(pressure, n, BASE_MS),
    }


@pytest.mark.parametrize(
    "signal",
    [
        pytest.param(lambda places: np.zeros(places), id="tide"),
        pytest.param(lambda places: eruption(places, 5 * HOUR), id="eruption"),
        pytest.param(lambda places: tsunami(places, 5 * HOUR), id="tsunami"),
    ],
)
def test_what_the_earth_does_passes_untouched(signal):
    pressure = sea(24 * HOUR) + PSI * signal(24 * HOUR)
    for name, flags in every_test(pressure).items():
        assert not np.isin(flags, [qartod.SUSPECT, qartod.FAIL]).any(), name


@pytest.mark.parametrize("signal", [eruption, tsunami])
def test_an_eruption_and_a_tsunami_next_to_a_gap_pass_too(signal):
    pressure = sea(24 * HOUR) + PSI * signal(24 * HOUR, 5 * HOUR)
    pressure[6 * HOUR : 9 * HOUR] = np.nan
    for name in ("spike", "rate_of_change"):
        assert not np.isin(every_test(pressure)[name], [qartod.SUSPECT, qartod.FAIL]).any(), name
    assert signal is tsunami or not (quality.near_gap(pressure, full(pressure), BASE_MS) == qartod.SUSPECT).any()


def test_every_test_calls_a_bin_without_samples_missing():
    pressure = sea(HOUR)
    pressure[[0, 100, 239]] = np.nan
    for name, flags in every_test(pressure).items():
        assert flags.dtype == np.uint8, name
        assert np.flatnonzero(flags == qartod.MISSING).tolist() == [0, 100, 239], name


def test_gap_flags_bins_with_few_samples():
    assert quality.gap(np.array([0, 1, 149, 150, 300]), 300).tolist() == [9, 3, 3, 1, 1]
    assert quality.gap(np.array([1, 0]), 1).tolist() == [1, 9]


def test_one_sample_out_of_range_flags_its_bin():
    minimum = np.array([2250.0, 0.0, 2250.0, 2250.0, np.nan])
    maximum = np.array([2251.0, 2251.0, 9999.0, 2301.0, np.nan])
    n = np.array([300, 300, 300, 300, 0])
    assert quality.gross_range(minimum, maximum, n).tolist() == [1, 4, 4, 1, 9]
    assert quality.gross_range(minimum, maximum, n, suspect=(2200, 2300)).tolist() == [1, 4, 4, 3, 9]


def test_a_bin_at_20_hz_that_stands_still_fails_and_half_a_bin_is_suspect():
    low = np.array([2250.0, 2250.1, 2250.2, 2250.3])
    high = low + np.array([0.01, 0, 0, 0.01])
    assert quality.flat_line(low, high, np.array([300, 200, 300, 300]), BASE_MS, 20.0).tolist() == [1, 4, 4, 1]
    assert quality.flat_line(low, high, np.array([300, 100, 99, 300]), BASE_MS, 20.0).tolist() == [1, 3, 1, 1]


def test_samples_that_stand_still_over_short_bins_are_counted_together():
    value = np.repeat([2250.0, 2250.1, 2250.2, 2250.3], [4, 5, 10, 3])
    flags = quality.flat_line(value, value, np.full(22, 20), 1000, 20.0)
    assert flags.tolist() == [1] * 4 + [3] * 5 + [4] * 10 + [1] * 3


def test_streams_of_one_sample_a_bin_count_samples_and_a_gap_ends_a_run():
    value = np.repeat([1.0, 2.0, 3.0, 4.0], [4, 5, 10, 10])
    n = np.ones(29, int)
    n[24] = 0
    flags = quality.flat_line(value, value, n, BASE_MS, 1 / 15)
    assert flags.tolist() == [1] * 4 + [3] * 5 + [4] * 10 + [3] * 5 + [9] + [1] * 4
    assert quality.flat_line(value[:0], value[:0], n[:0], BASE_MS, 1 / 15).size == 0


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize(("size", "flag"), [(0.03, 1), (0.08, 3), (0.4, 4)])
@pytest.mark.parametrize("place", [0, 1, 700, 1439])
def test_a_spike_is_flagged_by_its_size_alone_and_alone(sign, size, flag, place):
    pressure = sea(6 * HOUR)
    pressure[place] += sign * size * PSI
    flags = quality.spike(pressure, full(pressure))
    assert flags[place] == flag
    assert (np.delete(flags, place) == qartod.PASS).all()


def test_spikes_beside_a_gap_and_beside_each_other_are_flagged_alone():
    pressure = sea(6 * HOUR)
    pressure[500:600] = np.nan
    spikes = [499, 600, 700, 701, 702, 705]
    pressure[spikes] += 1.0
    flags = quality.spike(pressure, full(pressure))
    assert np.flatnonzero(flags == qartod.FAIL).tolist() == spikes
    assert not (flags == qartod.SUSPECT).any()


def test_a_value_without_neighbours_is_not_evaluated():
    pressure = sea(100)
    pressure[10:90] = np.nan
    pressure[[40, 50]] = 2250.0
    assert quality.spike(pressure, full(pressure))[[40, 50]].tolist() == [2, 2]


def test_a_step_is_no_spike():
    pressure = sea(6 * HOUR)
    pressure[700:] += 1.0
    assert (quality.spike(pressure, full(pressure)) == qartod.PASS).all()


def test_rate_of_change_flags_what_no_wave_does_and_does_not_see_over_gaps():
    pressure = np.full(12, 2250.0)
    pressure[3:] += 0.1 * PSI  # 40 cm a minute
    pressure[6:] += 0.3 * PSI  # 1.2 m a minute
    pressure[8] = np.nan
    assert quality.rate_of_change(pressure, full(pressure), BASE_MS).tolist() == [2, 1, 1, 3, 1, 1, 4, 1, 9, 2, 1, 1]


def test_rate_of_change_of_short_bins_is_taken_over_15_seconds():
    pressure = np.full(40, 2250.0)
    pressure[20:] += 0.1 * PSI
    flags = quality.rate_of_change(pressure, full(pressure), 1000)
    assert flags.tolist() == [2] * 15 + [1] * 5 + [3] * 15 + [1] * 5


@pytest.mark.parametrize("within", [0, 0.5])
def test_between_a_step_and_a_gap_all_is_suspect(within):
    """As in February 2011; the step falls on the edge of a bin or into the midst of it."""
    pressure = sea(24 * HOUR)
    step = 10 * HOUR
    pressure[step : 11 * HOUR] += PSI * (0.12 - 0.1 * np.arange(HOUR) / HOUR)
    pressure[step] -= within * 0.12 * PSI
    pressure[11 * HOUR : 20 * HOUR] = np.nan
    pressure[20 * HOUR : 21 * HOUR] -= 0.2 * PSI
    flags = quality.near_gap(pressure, full(pressure), BASE_MS)
    suspect = np.flatnonzero(flags == qartod.SUSPECT)
    assert suspect[suspect > step].tolist() == [*range(step + 1, 11 * HOUR), *range(20 * HOUR, 21 * HOUR + 1)]
    assert suspect[suspect <= step].tolist() in ([step - 1, step], [step])


def test_a_step_far_from_gaps_or_near_a_short_one_is_left_alone():
    pressure = sea(24 * HOUR)
    pressure[10 * HOUR :] += 0.2 * PSI
    pressure[10 * HOUR + 100 : 10 * HOUR + 130] = np.nan
    pressure[13 * HOUR : 14 * HOUR] = np.nan
    assert not (quality.near_gap(pressure, full(pressure), BASE_MS) == qartod.SUSPECT).any()


@settings(deadline=None, max_examples=25)
@given(cut=st.integers(0, 12 * HOUR), seed=st.integers(0, 5))
def test_blocks_with_context_have_the_flags_of_the_whole(cut, seed):
    random = np.random.default_rng(seed)
    pressure = sea(12 * HOUR, seed)
    pressure[random.integers(0, pressure.size, 30)] += random.normal(0, 0.5, 30)
    begin = random.integers(3 * HOUR, 8 * HOUR)
    pressure[begin - 100 : begin + 50] -= 0.1
    pressure[begin : begin + 50] = np.nan
    reach = 2 * HOUR + 40 + 24
    whole = every_test(pressure)
    first, last = max(0, cut - reach), min(pressure.size, cut + reach)
    for name, flags in every_test(pressure[first:]).items():
        assert flags[cut - first :].tolist() == whole[name][cut:].tolist(), name
    for name, flags in every_test(pressure[:last]).items():
        assert flags[:cut].tolist() == whole[name][:cut].tolist(), name


@given(rows=st.lists(st.lists(st.sampled_from([np.nan, 1.0, 2.5, -3.0, 7.0]), min_size=7, max_size=7), min_size=1))
def test_medians_skip_what_is_missing(rows):
    expected = [np.median([value for value in row if value == value] or [np.nan]) for row in rows]
    np.testing.assert_array_equal(medians(np.array(rows)), expected)


def test_the_worst_flag_stands_and_an_unevaluated_test_spoils_no_pass():
    one = np.array([1, 1, 1, 1, 9, 2, 2, 3, 3], np.uint8)
    two = np.array([1, 2, 3, 4, 1, 2, 4, 4, 2], np.uint8)
    assert qartod.combine(one, two).tolist() == [1, 1, 3, 4, 9, 2, 4, 4, 3]
    assert qartod.combine(two, one).tolist() == qartod.combine(one, two, one).tolist()
    assert one.tolist() == [1, 1, 1, 1, 9, 2, 2, 3, 3]


@pytest.mark.parametrize(
    ("base", "flag"),
    [
        ([1] * 20, 1),
        ([9] * 20, 9),
        ([2] * 20, 2),
        ([2] * 19 + [1], 1),
        ([4] + [1] * 19, 1),
        ([4, 3] + [1] * 18, 3),
        ([4, 4] + [1] * 18, 4),
        ([4] + [1] * 9 + [9] * 10, 4),
        ([3, 3] + [2] * 18, 3),
    ],
)
def test_a_coarse_bin_is_as_bad_as_a_tenth_of_what_is_in_it(base, flag):
    assert qartod.roll_up(np.array(base, np.uint8), 20).tolist() == [flag]


def test_a_part_of_a_coarse_bin_is_an_error():
    with pytest.raises(ValueError, match="whole bins"):
        qartod.roll_up(np.ones(21, np.uint8), 20)
