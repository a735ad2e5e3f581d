"""Forecasts: the line, its crossing, its interval, and that nobody looks ahead."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axial import DAY_MS, ONSET_MS, ms, stations
from plumbline.errors import PlumblineError
from plumbline.pressure.forecasting import forecast_rows
from plumbline.pressure.pairs import UpliftRecord
from plumbline.products.forecast import (
    METHODS,
    Forecast,
    as_of_days,
    forecasts,
    level_before,
    score,
)
from plumbline.products.lines import block_length, lines_through, memory
from plumbline.products.uplift import daily

FIRST = ms("2016-01-01")


def rising(days, metres_per_day=0.001, noise_m=0.0, seed=1):
    day_ms = FIRST + np.arange(days, dtype=np.int64) * DAY_MS
    wander = noise_m * np.random.default_rng(seed).standard_normal(days)
    return day_ms, (np.arange(days) + 0.5) * metres_per_day + wander


def test_a_line_without_noise_crosses_on_its_day_with_an_interval_of_that_day():
    day_ms, values = rising(100)
    [made] = forecasts(day_ms, values, "single-12wk", [0.3], [FIRST + 100 * DAY_MS])
    assert made.rate_cm_per_yr == pytest.approx(36.525)
    assert abs(made.crossing - (FIRST + 300 * DAY_MS)) <= DAY_MS
    assert abs(made.crossing_low - made.crossing) <= DAY_MS
    assert abs(made.crossing_high - made.crossing) <= DAY_MS


@pytest.mark.parametrize(("method", "days"), [("single-12wk", 84), ("differential-12wk", 84), ("differential-4wk", 28)])
def test_a_window_is_the_last_days_that_had_ended(method, days):
    day_ms, values = rising(200)
    as_of = FIRST + 150 * DAY_MS
    whole = forecasts(day_ms, values, method, [1.0], [as_of])
    # One day too many on either side, and the day of the forecast itself, which has not ended.
    values[: 150 - days] = 50
    values[150:] = -50
    assert forecasts(day_ms, values, method, [1.0], [as_of, as_of + DAY_MS - 1])[0] == whole[0]


@pytest.mark.parametrize(("missing", "rate"), [(21, 36.525), (22, np.nan)])
def test_a_window_needs_three_quarters_of_its_days(missing, rate):
    day_ms, values = rising(84)
    values[10 : 10 + missing] = np.nan
    [made] = forecasts(day_ms, values, "single-12wk", [1.0], [FIRST + 84 * DAY_MS])
    assert made.rate_cm_per_yr == pytest.approx(rate, nan_ok=True)
    assert (made.crossing is None) == bool(np.isnan(rate))


@pytest.mark.parametrize(("slope", "level"), [(0.001, 0.05), (-0.001, 0.5), (0.0, 0.5), (1e-6, 5.0)])
def test_a_level_that_was_reached_or_never_will_be_has_no_crossing(slope, level):
    day_ms, values = rising(84, slope)
    [made] = forecasts(day_ms, values, "single-12wk", [level], [FIRST + 84 * DAY_MS])
    assert (made.crossing, made.crossing_low, made.crossing_high) == (None, None, None)
    assert made.rate_cm_per_yr == pytest.approx(slope * 36525)


def test_an_interval_is_open_above_where_too_many_replicates_never_cross():
    day_ms, values = rising(84, 0.0001, noise_m=0.01)
    [made] = forecasts(day_ms, values, "single-12wk", [0.3], [FIRST + 84 * DAY_MS])
    assert made.crossing is not None
    assert made.crossing_low < made.crossing
    assert made.crossing_high is None


def test_the_same_days_give_the_same_forecast_whatever_else_is_asked_for():
    day_ms, values = rising(400, noise_m=0.01)
    moments = as_of_days(day_ms)
    together = forecasts(day_ms, values, "single-12wk", [0.5, 0.9], moments)
    assert together == forecasts(day_ms, values, "single-12wk", [0.5, 0.9], moments)
    alone = forecasts(day_ms[200:300], values[200:300], "single-12wk", [0.9], [day_ms[299] + DAY_MS])
    assert alone[0] in forecasts(day_ms, values, "single-12wk", [0.9], [day_ms[300]])


def test_numbers_are_those_that_were_once_computed():
    """A release of NumPy that draws otherwise would move every interval that was published."""
    day_ms, values = rising(100, noise_m=0.01)
    [made] = forecasts(day_ms, values, "single-12wk", [0.5], [FIRST + 100 * DAY_MS])
    days = [str(np.datetime64(each, "ms"))[:10] for each in (made.crossing, made.crossing_low, made.crossing_high)]
    assert days == ["2017-05-14", "2017-04-19", "2017-06-14"]


@settings(max_examples=40)
@given(st.integers(90, 290), st.sampled_from(sorted(METHODS)), st.floats(-10, 10), st.booleans())
def test_nothing_after_the_moment_of_the_forecast_is_used(known, method, other, missing):
    day_ms, values = rising(300, noise_m=0.01)
    changed = values.copy()
    changed[known:] = np.nan if missing else other
    moments = [FIRST + (known - 30) * DAY_MS, FIRST + known * DAY_MS]
    before = forecasts(day_ms, values, method, [0.2, 0.9], moments, replicates=50)
    assert str(forecasts(day_ms, changed, method, [0.2, 0.9], moments, replicates=50)) == str(before)


def test_a_window_does_not_reach_across_an_eruption_once_it_has_been():
    time_ms, central, _ = stations()
    day_ms, values, _ = daily(time_ms, central)
    moments = [ONSET_MS, ms("2015-06-20"), ms("2015-08-01")]
    before, during, after = forecasts(day_ms, values, "single-12wk", [0.0], moments, [ONSET_MS])
    assert before.rate_cm_per_yr == pytest.approx(62.6, abs=25)
    assert np.isnan(during.rate_cm_per_yr)
    assert after.rate_cm_per_yr == pytest.approx(91.4, abs=25)
    assert after.crossing is not None


def test_the_level_before_an_eruption_is_the_median_of_the_last_days():
    day_ms = np.arange(ms("2015-04-19"), ms("2015-04-27"), DAY_MS)
    values = np.array([0.0, 0.1, 9.0, 0.3, np.nan, -1.0, -2.0, -2.1])
    assert level_before(day_ms, values) == pytest.approx((9.0 + 0.3) / 2)
    assert level_before(day_ms, values, ONSET_MS, before_days=5) == pytest.approx(0.2)
    with pytest.raises(PlumblineError, match="no uplift in the 3 days before 2011-04-06"):
        level_before(day_ms, values, ms("2011-04-06"))


def test_an_unknown_method_is_told_with_those_that_are_there():
    with pytest.raises(PlumblineError, match="'double'; allowed are single-12wk, differential-4wk"):
        forecasts(*rising(10), "double", [1.0], [FIRST])


def test_moments_do_not_depend_on_the_length_of_the_record():
    day_ms, _ = rising(40)
    shorter, longer = as_of_days(day_ms[3:30]), as_of_days(day_ms)
    assert shorter[-1] == day_ms[30]
    assert set(shorter[:-1]) <= set(longer)
    assert np.all(np.diff(longer)[:-1] == 7 * DAY_MS)
    assert as_of_days(np.empty(0, np.int64)).size == 0


def test_a_score_tells_the_error_and_whether_the_interval_held():
    day_ms, values = rising(400)
    crossed = FIRST + 300 * DAY_MS
    sure = Forecast(FIRST, "single-12wk", 0.3, 36.5, crossed + 40 * DAY_MS, crossed + DAY_MS, crossed + 90 * DAY_MS)
    unsure = Forecast(FIRST, "single-12wk", 0.3, 36.5, crossed - 10 * DAY_MS, FIRST, None)
    silent = Forecast(FIRST, "single-12wk", 0.3, -1.0, None, None, None)
    beyond = Forecast(FIRST, "single-12wk", 0.9, 36.5, crossed, FIRST, None)
    first, second, third = score([sure, unsure, silent, beyond], day_ms, values)
    assert (first.crossed, first.error_days, first.held) == (crossed, 40, False)
    assert (second.error_days, second.held) == (-10, True)
    assert np.isnan(third.error_days)
    assert not third.held


def test_a_level_that_had_been_reached_is_not_scored_and_a_noisy_day_reaches_none():
    day_ms, values = rising(400)
    values[100] = 5.0
    late = Forecast(FIRST + 350 * DAY_MS, "single-12wk", 0.3, 36.5, None, None, None)
    early = Forecast(FIRST + 90 * DAY_MS, "single-12wk", 0.3, 36.5, FIRST + 300 * DAY_MS, FIRST, None)
    [scored] = score([late, early], day_ms, values)
    assert scored.error_days == 0


def test_intervals_of_a_steady_seafloor_hold_as_often_as_they_say():
    """Daily noise as at the central station: autoregressive, with a memory of 4 days."""
    held = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        wander = rng.standard_normal(84)
        for place in range(1, 84):
            wander[place] = 0.78 * wander[place - 1] + 0.626 * wander[place]
        values = np.arange(84) * 0.001 + 0.02 * wander
        at_zero, slopes = lines_through(np.arange(84) - 84.0, values, 300, (seed, 1))
        reached = (0.5 - at_zero[1:]) / np.where(slopes[1:] > 0, slopes[1:], 1e-9)
        low, high = np.quantile(reached, (0.025, 0.975))
        held.append(low <= 416 <= high)
    assert 0.82 < np.mean(held) <= 1


def test_blocks_are_longer_for_residuals_that_remember_longer():
    rng = np.random.default_rng(1)
    white = rng.standard_normal(84)
    wander = np.cumsum(white) - np.mean(np.cumsum(white))
    assert block_length(84, memory(white)) == 7
    assert block_length(84, memory(wander)) == 21
    assert block_length(21, memory(wander)) == 7
    assert memory(np.zeros(28)) == 0


def test_fifteen_years_of_weeks_are_forecast_in_seconds():
    day_ms, values = rising(15 * 365, noise_m=0.01)
    began = time.process_time()
    for method in METHODS:
        forecasts(day_ms, values, method, [6.0, 6.2], as_of_days(day_ms))
    assert time.process_time() - began < 20


def test_the_level_is_that_of_the_last_eruption_or_none():
    day_ms, values = rising(400)
    onsets = [FIRST + 100 * DAY_MS, FIRST + 300 * DAY_MS, FIRST + 900 * DAY_MS]
    values[297:300] = np.nan
    records = {name: UpliftRecord(day_ms, values, None, {}) for name in ("single", "differential")}
    rows, levels = forecast_rows(records, onsets, None, 0.2, 7, [])
    assert rows == []
    assert "single not known: no value in the three days before the eruption of 2016-10-27" in levels
    rows, levels = forecast_rows(records, onsets[:1], None, 0.2, 7, [])
    assert len(rows) > 100
    assert levels.startswith("single 0.0985 m, before the eruption of 2016-04-10")
