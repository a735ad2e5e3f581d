"""Deployments joined by estimated offsets, and what is not joined."""

import numpy as np
import pytest

from plumbline.errors import PlumblineError
from plumbline.products.deployments import join

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BEGIN_MS = 1_420_070_400_000


def two_deployments(gap_days: float, offset_m: float, seed: int = 0, noise_m: float = 0.02, like_hours: float = 48):
    """Return hours, depth, and beginnings of two deployments of thirty days with 40 cm a year between them.

    The noise is like itself for `like_hours`, across the gap too: it is the ocean's, not the sensor's.
    """
    first, gap = 30 * 24, round(gap_days * 24)
    times = BEGIN_MS + HOUR_MS // 2 + HOUR_MS * np.arange(2 * first + gap, dtype=np.int64)
    chance, keeps = np.random.default_rng(seed), np.exp(-1 / like_hours)
    noise = np.zeros(times.size + 400)
    for place, pushed in enumerate(chance.normal(0, noise_m * np.sqrt(1 - keeps**2), noise.size)):
        noise[place] = keeps * noise[place - 1] + pushed
    depth = -1525 + noise[400:] + 0.4 * (times - BEGIN_MS) / (365.25 * DAY_MS)
    depth[first + gap :] += offset_m
    depth[first : first + gap] = np.nan
    return times, depth, [BEGIN_MS, BEGIN_MS + (30 * 24 + gap) * HOUR_MS]


def test_a_known_offset_without_noise_is_taken_off():
    times, depth, starts = two_deployments(3, 2.5, noise_m=0.0)
    joined, (found,) = join(times, depth, starts)
    assert found.offset_m == pytest.approx(2.5, abs=1e-9)
    assert (found.begin_ms, found.days_before, found.days_after) == (starts[1], 14, 14)
    assert found.gap_days == pytest.approx(3 + 1 / 24)
    expected = -1525 + 0.4 * (times - BEGIN_MS) / (365.25 * DAY_MS)
    present = np.isfinite(depth)
    np.testing.assert_allclose(joined[present], expected[present], atol=1e-8)
    assert np.isnan(joined[~present]).all()


def test_known_offsets_are_found_within_three_sigma():
    misses = []
    for seed in range(40):
        times, depth, starts = two_deployments(4, -1.3, seed)
        _, (found,) = join(times, depth, starts)
        misses.append((found.offset_m + 1.3) / found.sigma_m)
    assert np.mean(np.abs(misses) < 3) >= 0.95
    assert 0.5 < np.sqrt(np.mean(np.square(misses))) < 1.4


def test_the_sigma_grows_with_the_gap():
    sigmas = []
    for gap_days in (1, 10, 40, 120):
        found = [join(*two_deployments(gap_days, 0.7, seed))[1][0] for seed in range(8)]
        sigmas.append(np.median([one.sigma_m for one in found]))
    assert (np.diff(sigmas) > 0).all()
    assert sigmas[-1] > 5 * sigmas[0]


def test_a_changed_rate_in_the_gap_is_within_its_sigma():
    times, depth, starts = two_deployments(20, 1.0, noise_m=0.0)
    later = times >= starts[1]
    changed_by = 0.6 * (times - starts[1]) / (365.25 * DAY_MS)
    _, (found,) = join(times, np.where(later, depth + changed_by, depth), starts)
    assert found.sigma_m > 0.6 / 365.25 * 20 / 4
    assert abs(found.offset_m - 1.0) < 3 * found.sigma_m


def test_bad_hours_at_the_gap_do_not_carry_the_line():
    times, depth, starts = two_deployments(2, 0.5, noise_m=0.005)
    _, (clean,) = join(times, depth, starts)
    depth[30 * 24 - 1] -= 5.0
    _, (found,) = join(times, depth, starts)
    assert abs(found.offset_m - clean.offset_m) < 3 * clean.sigma_m


def test_offsets_add_up_along_the_deployments():
    times, depth, starts = two_deployments(1, 2.0, noise_m=0.0)
    third = times >= starts[1] + 15 * DAY_MS
    joined, joins = join(times, np.where(third, depth - 3.0, depth), [*starts, starts[1] + 15 * DAY_MS])
    np.testing.assert_allclose([one.offset_m for one in joins], [2.0, -3.0], atol=1e-9)
    expected = -1525 + 0.4 * (times - BEGIN_MS) / (365.25 * DAY_MS)
    np.testing.assert_allclose(joined[third], expected[third], atol=1e-8)


def test_what_cannot_be_joined_has_no_value_and_says_so():
    times, depth, starts = two_deployments(5, 1.0)
    after = np.flatnonzero(times >= starts[1])
    depth[after[4 * 24 : 40 * 24]] = np.nan
    joined, (found,) = join(times, depth, starts)
    assert np.isnan([found.offset_m, found.sigma_m]).all()
    assert (found.days_before, found.days_after) == (14, 4)
    np.testing.assert_array_equal(joined[: after[0]], depth[: after[0]])
    assert np.isnan(joined[after]).all()


def test_a_deployment_that_follows_one_without_values_is_not_joined():
    times, depth, starts = two_deployments(5, 1.0)
    joined, joins = join(times, depth, [starts[0], starts[1] - 2 * DAY_MS, starts[1]])
    assert np.isnan([one.offset_m for one in joins]).all()
    assert np.isnan([one.gap_days for one in joins]).all()
    assert np.isnan(joined[times >= starts[1]]).all()


def test_one_deployment_is_left_as_it_is():
    times, depth, starts = two_deployments(5, 1.0)
    joined, joins = join(times, depth, starts[:1])
    np.testing.assert_array_equal(joined, depth)
    assert joins == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"depth_m": np.zeros(3)}, "as many times as values"),
        ({"time_ms": np.zeros(2, dtype=np.int64), "depth_m": np.zeros(2)}, "the times given do not increase"),
        ({"starts_ms": [5, 5]}, "their beginnings do not increase"),
        ({"starts_ms": []}, "their beginnings do not increase"),
        ({"window_days": 2}, "it takes 5 or more"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(changed, told):
    times, depth, starts = two_deployments(5, 1.0)
    with pytest.raises(PlumblineError, match=told):
        join(**{"time_ms": times, "depth_m": depth, "starts_ms": starts} | changed)
