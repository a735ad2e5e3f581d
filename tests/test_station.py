"""A station's uplift from its hours: filters that know their gaps, and deployments that are joined."""

import numpy as np
import pytest

from plumbline.intervals import DAY_MS, HOUR_MS
from plumbline.pressure.flagging import Hours
from plumbline.pressure.levels import eruption_rows, rate_rows
from plumbline.pressure.pairs import UpliftRecord, differential_tables, methods_of_pair
from plumbline.pressure.sensor_drift import SensorDrift
from plumbline.pressure.telling import methods_of
from plumbline.pressure.uplift_tables import station_of, uplift_tables
from plumbline.products.tide import axial, predicted_tide

BEGIN_MS = 1_425_168_000_000  # 2015-03-01
ONSET_MS = 1_429_848_000_000  # 2015-04-24T04:00
LATITUDE = 45.955


def hours_of(days, height_m, tide_m=0.0):
    """Return hours of a seafloor that rises by `height_m` (of time), with a tide that is known, and one that is not."""
    time_ms = BEGIN_MS + HOUR_MS * np.arange(24 * days, dtype=np.int64)
    middle_ms = time_ms + HOUR_MS // 2
    depth = -1510 + height_m(middle_ms)
    known = predicted_tide(middle_ms, axial())
    unknown = tide_m * np.cos(2 * np.pi * middle_ms / (12.4206012 * HOUR_MS))
    n = np.full(time_ms.size, 72_000)
    flag = np.ones(time_ms.size, np.uint8)
    return Hours(time_ms, n, (depth - known - unknown) / -0.67, known, np.ones(time_ms.size), flag)


def without(hours, begin, end):
    """Return hours with a gap from one hour to another."""
    hours.n[begin:end], hours.flag[begin:end], hours.coverage[begin:end] = 0, 9, 0
    hours.pressure_psi[begin:end] = hours.tide_m[begin:end] = np.nan
    return hours


def rising(middle_ms):
    return 0.5 * (middle_ms - BEGIN_MS) / (365.25 * DAY_MS)


def station(hours, *, lowpass="none", refine=False, eruptions=(), starts=()):
    return station_of(hours, "ooi", LATITUDE, refine, lowpass, list(eruptions), None, list(starts))


@pytest.mark.parametrize(("lowpass", "reach", "left_m"), [("godin", 35, 0.001), ("butterworth", 75, 0.02)])
def test_a_filter_takes_off_what_the_prediction_leaves_and_says_nothing_near_gaps(lowpass, reach, left_m):
    hours = without(hours_of(40, rising, 0.1), 500, 510)
    found = station(hours, lowpass=lowpass)
    near = np.zeros(hours.n.size, bool)
    near[: reach - 1] = near[-reach + 1 :] = near[500 - reach + 1 : 510 + reach - 1] = True
    assert np.isnan(found.detided_m[near]).all()
    there = np.isfinite(found.detided_m)
    assert there.sum() > 500
    expected = -1510 + rising(hours.time_ms + HOUR_MS // 2)
    np.testing.assert_allclose(found.detided_m[there], expected[there], atol=left_m)
    # Depth and what was taken off add up, as they always do.
    np.testing.assert_allclose(found.depth_m + found.tide_m, found.detided_m, atol=1e-9)
    plain = station(hours)
    np.testing.assert_array_equal(found.depth_m, plain.depth_m)
    assert np.nanmax(np.abs(plain.detided_m - expected)) > 0.09


def test_a_record_without_a_predicted_tide_can_be_filtered():
    hours = hours_of(20, rising, 0.1)
    hours.tide_m[:] = np.nan
    found = station(hours, lowpass="godin")
    there = np.isfinite(found.detided_m)
    expected = -1510 + rising(hours.time_ms + HOUR_MS // 2) - predicted_tide(hours.time_ms + HOUR_MS // 2, axial())
    # Diurnal tides of 40 cm are left at a few thousandths.
    assert np.abs(found.detided_m - expected)[there].max() > 0.3
    np.testing.assert_allclose(found.detided_m[there], -1510 + rising(hours.time_ms[there]), atol=0.02)


def test_hours_that_a_filter_fills_have_no_value_of_their_own():
    hours = without(hours_of(20, rising), 240, 242)
    found = station(hours, lowpass="godin")
    assert np.isnan(found.detided_m[240:242]).all()
    assert np.isfinite(found.detided_m[[239, 242]]).all()


def erupting(middle_ms):
    return rising(middle_ms) - 2.4 * (middle_ms > ONSET_MS)


@pytest.mark.parametrize("after_days", [-20, 25])
def test_deployments_are_joined_on_their_own_side_of_an_eruption(after_days):
    begin_ms = ONSET_MS // DAY_MS * DAY_MS + after_days * DAY_MS
    hours = hours_of(120, erupting)
    later = hours.time_ms >= begin_ms
    hours.pressure_psi[later] -= 1.7 / 0.67
    hours = without(hours, np.flatnonzero(later)[0] - 12, np.flatnonzero(later)[0])
    found = station(hours, eruptions=[ONSET_MS], starts=[BEGIN_MS, begin_ms])
    assert found.joins[0].offset_m == pytest.approx(1.7, abs=1e-6)
    _, days, _ = uplift_tables(found, None, 0.5)
    before, after = (days.uplift_m[(ONSET_MS - BEGIN_MS) // DAY_MS + place] for place in (-1, 1))
    assert before - after == pytest.approx(2.4 - 0.5 * 2 / 365.25, abs=1e-6)


@pytest.mark.parametrize(
    ("after_days", "why"),
    [(0.5, "an eruption lies in the gap"), (5, "fewer than 7 days of values on either side, an eruption is near"),
     (-3, "fewer than 7 days of values on either side, an eruption is near")],
)  # fmt: skip
def test_an_offset_that_could_be_the_fall_of_an_eruption_is_not_taken_off(after_days, why):
    begin_ms = ONSET_MS + round(after_days * DAY_MS)
    hours = hours_of(120, erupting)
    first = int(np.flatnonzero(hours.time_ms >= begin_ms)[0])
    hours = without(hours, first - 24, first)
    found = station(hours, eruptions=[ONSET_MS], starts=[BEGIN_MS, begin_ms])
    assert found.joins[0].reason == why
    assert np.isnan(found.detided_m[first:]).all()
    told = methods_of(
        "ooi", "tide", "none", found, SensorDrift(None, "not corrected"), [(1, BEGIN_MS), (2, begin_ms)], 0
    )
    assert told["deployments"].endswith(f"not joined: {why}")


def test_an_hour_in_which_a_deployment_changes_is_of_neither():
    begin_ms = BEGIN_MS + 40 * DAY_MS + HOUR_MS // 2
    found = station(hours_of(80, rising), starts=[BEGIN_MS, begin_ms])
    assert np.flatnonzero(np.isnan(found.detided_m)).tolist() == [40 * 24]
    assert found.joins[0].offset_m == pytest.approx(0, abs=1e-6)


def test_uplift_of_less_than_a_day_is_counted_from_its_first_hour():
    hours = without(without(hours_of(3, rising), 0, 30), 33, 72)
    found, days, reference_ms = uplift_tables(station(hours), None, 0.5)
    assert reference_ms == BEGIN_MS + DAY_MS
    assert np.isfinite(found.uplift_m).sum() == 3
    assert abs(np.nanmean(found.uplift_m)) < 1e-12
    assert np.isnan(days.uplift_m).all()


def test_daily_uplift_is_nothing_on_the_reference_day_however_it_is_covered():
    hours = hours_of(3, lambda middle_ms: 0.1 * np.sin(middle_ms / HOUR_MS))
    hours.coverage[24:36] = 0.4
    for reference_ms in (BEGIN_MS + DAY_MS, BEGIN_MS + DAY_MS + 7 * HOUR_MS):
        _, days, since_ms = uplift_tables(station(hours), reference_ms, 0.5)
        assert since_ms == BEGIN_MS + DAY_MS
        assert abs(days.uplift_m[1]) < 1e-12


def test_an_unknown_rate_gives_no_coverage():
    hours = hours_of(2, rising)
    hours.coverage[:] = np.nan
    for table in uplift_tables(station(hours), None, 0.5)[:2]:
        assert np.isnan(table.coverage).all()
        assert np.isfinite(table.uplift_m).all()


def record_of(uplift_m, begin_ms=BEGIN_MS, step_ms=HOUR_MS, day="2015-03-01"):
    time_ms = begin_ms + step_ms * np.arange(len(uplift_m), dtype=np.int64)
    return UpliftRecord(time_ms, np.asarray(uplift_m, dtype=np.float64), None, {"reference day": day, "drift": "none"})


def test_a_pair_of_records_that_begin_on_different_days_is_counted_from_the_first_that_both_have():
    centre, reference = np.linspace(0, 1, 240), np.linspace(0, 0.5, 240)
    later = record_of(reference[48:] - reference[48:72].mean(), BEGIN_MS + 2 * DAY_MS, day="2015-03-03")
    tables = differential_tables(record_of(centre), later, 0.5)
    assert np.isnan(tables["1D"][1][:2]).all()
    assert tables["1D"][1][2] == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(np.diff(tables["1h"][1][48:]), np.diff(centre - reference)[48:], atol=1e-12)
    together = differential_tables(record_of(centre), record_of(reference), 0.5)
    np.testing.assert_array_equal(together["1h"][1], centre - reference)
    methods = methods_of_pair(record_of(centre), later, "2015-03-03")
    assert methods == {"reference day": "2015-03-03, the first that both have", "drift": "none"}


def test_eruptions_and_rates_of_a_record_are_summed_up():
    time_ms = BEGIN_MS + DAY_MS * np.arange(1400, dtype=np.int64)
    record = record_of(erupting(time_ms + DAY_MS // 2), step_ms=DAY_MS)
    (row,) = eruption_rows(record, [ONSET_MS, BEGIN_MS - DAY_MS, BEGIN_MS + 2000 * DAY_MS])
    onset, before, after, fall, last_ms, last, regained = row
    assert onset == ONSET_MS
    assert fall == pytest.approx(2.4 - 0.5 * 10.5 / 365.25)
    assert before - after == pytest.approx(fall)
    assert (last_ms, last) == (time_ms[-1], record.uplift_m[-1])
    assert regained == pytest.approx((last - after) / fall)
    rates = rate_rows(record)
    assert [row[0] for row in rates] == [2015, 2016, 2017, 2018]
    np.testing.assert_allclose([row[1] for row in rates], 50.0, rtol=1e-9)
    assert rates[0][3] == 231
