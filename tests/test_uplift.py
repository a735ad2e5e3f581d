"""Uplift: the numbers that a volcanologist compares with the published ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axial import DAY_MS, HOUR_MS, ONSET_MS, hours, ms, stations
from plumbline.errors import PlumblineError
from plumbline.products.uplift import daily, differential, drop, uplift, yearly_rates


def test_uplift_is_zero_on_the_mean_of_the_reference_day_and_missing_where_the_depth_is():
    time_ms = hours("2015-04-01", "2015-04-03")
    depth = -1510.0 + np.arange(48) / 100
    depth[[3, 30]] = np.nan
    risen = uplift(time_ms, depth, ms("2015-04-01"))
    assert np.nanmean(risen[:24]) == pytest.approx(0, abs=1e-12)
    assert risen[47] == pytest.approx(depth[47] - np.nanmean(depth[:24]))
    assert np.array_equal(np.isnan(risen), np.isnan(depth))


def test_the_reference_ends_where_the_next_day_begins():
    time_ms = hours("2015-04-01", "2015-04-03")
    depth = np.repeat([-1510.0, -1400.0], 24)
    assert uplift(time_ms, depth, ms("2015-04-01"))[0] == 0
    assert uplift(time_ms, depth, ms("2015-04-01"), reference_days=2)[0] == -55


def test_a_reference_without_data_is_told_in_one_sentence_with_what_to_do():
    time_ms = hours("2015-04-01", "2015-04-03")
    with pytest.raises(PlumblineError) as told:
        uplift(time_ms, np.full(48, -1510.0), ms("2014-12-24"))
    assert str(told.value) == (
        "there is no depth between 2014-12-24T00:00:00Z and 2014-12-25T00:00:00Z to refer uplift to: choose a "
        "reference on days with data; the record has data from 2015-04-01T00:00:00Z to 2015-04-02T23:00:00Z"
    )
    with pytest.raises(PlumblineError, match="no depth"):
        uplift(time_ms, np.full(48, np.nan), ms("2015-04-01"))


def test_the_differential_is_centre_less_reference_where_both_are():
    centre, reference = hours("2015-04-01", "2015-04-02"), hours("2015-04-01T12", "2015-04-02T12")
    time_ms, values = differential(centre, np.full(24, 0.5), reference, np.full(24, 0.2))
    assert np.array_equal(time_ms, hours("2015-04-01", "2015-04-02T12"))
    assert np.array_equal(np.isfinite(values), np.repeat([False, True, False], 12))
    assert values[12:24] == pytest.approx(0.3)


def test_what_the_ocean_does_to_both_stations_falls_out_of_the_differential():
    time_ms, central, eastern = stations()
    quiet = time_ms < ONSET_MS - DAY_MS
    _, values = differential(time_ms, central, time_ms, eastern)

    def spread(record):
        return np.std(np.diff(record[quiet][::24]))

    assert spread(values) < spread(central) / 2


def test_a_day_is_the_mean_of_its_hours_weighted_with_their_coverage():
    time_ms = hours("2015-04-01", "2015-04-02")
    values = np.repeat([1.0, 2.0], 12)
    coverage = np.repeat([1.0, 0.5], 12)
    days, mean, share = daily(time_ms, values, coverage, least_coverage=0.75)
    assert days.tolist() == [ms("2015-04-01")]
    assert mean[0] == pytest.approx((12 * 1 + 6 * 2) / 18)
    assert share[0] == pytest.approx(0.75)


def test_a_day_covered_too_little_is_missing_but_stands_in_the_grid():
    time_ms = np.delete(hours("2015-04-01", "2015-04-05"), np.r_[30:33, 48:72])
    days, mean, share = daily(time_ms, np.ones(time_ms.size))
    assert days.tolist() == [ms(f"2015-04-0{day}") for day in (1, 2, 3, 4)]
    assert np.isnan(mean).tolist() == [False, True, True, False]
    assert share.tolist() == pytest.approx([1, 21 / 24, 0, 1])


def test_no_hours_make_no_days():
    days, mean, share = daily(np.empty(0, np.int64), np.empty(0))
    assert days.size == mean.size == share.size == 0


def test_a_depth_of_1500_metres_costs_the_daily_mean_no_digits():
    time_ms = hours("2015-04-01", "2015-04-02")
    values = -1510.0 + np.arange(24) * 1e-9
    assert daily(time_ms, values)[1][0] == pytest.approx(-1510.0 + 11.5e-9, abs=1e-12)


@settings(max_examples=50)
@given(st.lists(st.integers(0, 240), min_size=1, unique=True), st.floats(0, 1))
def test_days_never_depend_on_hours_of_other_days(gaps, least):
    time_ms = hours("2015-04-01", "2015-04-11")
    values = np.sin(time_ms / 1e7)
    values[[place for place in gaps if place < 240]] = np.nan
    _, mean, _ = daily(time_ms, values, least_coverage=least)
    for place in range(10):
        one = slice(place * 24, place * 24 + 24)
        alone = daily(time_ms[one], values[one], least_coverage=least)[1][0]
        assert mean[place] == pytest.approx(alone, abs=1e-12, nan_ok=True)


def test_the_fall_of_2015_is_that_of_the_days_before_and_after():
    time_ms, central, eastern = stations()
    assert drop(time_ms, central, ONSET_MS) == pytest.approx(2.41, abs=0.05)
    assert drop(time_ms, eastern, ONSET_MS) == pytest.approx(1.01, abs=0.05)
    _, values = differential(time_ms, central, time_ms, eastern)
    assert drop(time_ms, values, ONSET_MS) == pytest.approx(1.40, abs=0.01)


def test_the_fall_is_taken_of_whole_days_22_and_23_april_and_1_to_5_may():
    time_ms = hours("2015-04-20", "2015-05-10")
    values = np.full(time_ms.size, np.nan)
    values[(time_ms >= ms("2015-04-22")) & (time_ms < ms("2015-04-24"))] = 3.0
    values[(time_ms >= ms("2015-05-01")) & (time_ms < ms("2015-05-06"))] = 0.5
    assert drop(time_ms, values, ONSET_MS) == 2.5
    assert np.isnan(drop(time_ms, values, ONSET_MS + 5 * DAY_MS))


def test_yearly_rates_are_the_slopes_of_the_years_without_the_eruption():
    time_ms, central, _ = stations(last="2017-02-01")
    days, mean, _ = daily(time_ms, central)
    found = yearly_rates(days, mean)
    assert found.years.tolist() == [2015, 2016, 2017]
    assert found.days.tolist() == [231, 366, 31]
    assert np.all(np.abs(found.cm_per_yr[:2] - 91.4) < 3 * found.standard_error[:2])
    assert np.all(found.standard_error[:2] < 4)


def test_rates_skip_gaps_and_have_none_where_there_are_too_few_days():
    days = np.arange(ms("2018-01-01"), ms("2020-01-01"), DAY_MS)
    values = (days - days[0]) / DAY_MS * 0.001
    values[100:200] = np.nan
    values[365:710] = np.nan
    found = yearly_rates(days, values)
    assert found.days.tolist() == [265, 20]
    assert found.cm_per_yr[0] == pytest.approx(36.525)
    assert np.isnan(found.cm_per_yr[1])
    assert np.isnan(found.standard_error[1])


def test_the_standard_error_holds_for_noise_that_remembers_the_day_before():
    days = np.arange(ms("2018-01-01"), ms("2019-01-01"), DAY_MS)
    rng = np.random.default_rng(3)
    rates, errors = [], []
    for _ in range(200):
        wander = rng.standard_normal(days.size)
        for place in range(1, days.size):
            wander[place] += 0.7 * wander[place - 1]
        found = yearly_rates(days, wander / 100)
        rates.append(found.cm_per_yr[0])
        errors.append(found.standard_error[0])
    assert np.mean(errors) == pytest.approx(np.std(rates), rel=0.15)


def test_hours_may_be_labelled_by_their_start_or_their_middle():
    time_ms, central, _ = stations(last="2015-02-01")
    assert np.array_equal(daily(time_ms, central)[1], daily(time_ms + HOUR_MS // 2, central)[1])
