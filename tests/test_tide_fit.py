"""The fit to what a predicted tide leaves: tides alone, and nothing of an eruption."""

import numpy as np
import pytest

from plumbline.errors import PlumblineError
from plumbline.products.tide import AXIAL_LATITUDE, Constituents, mean_tide, predicted_tide
from plumbline.products.tide_fit import CONSTITUENTS, fit_residual

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BEGIN_MS = 1_420_070_400_000
LEFT = Constituents(("M2", "K1", "O1", "N2"), (0.02, 0.013, 0.006, 0.004), (200.0, 120.0, 45.0, 300.0), AXIAL_LATITUDE)


def hours(days: float) -> np.ndarray:
    """Return the centres of so many days' hours."""
    return BEGIN_MS + HOUR_MS // 2 + HOUR_MS * np.arange(round(days * 24), dtype=np.int64)


def hourly_tide(time_ms: np.ndarray) -> np.ndarray:
    return mean_tide(time_ms - HOUR_MS // 2, HOUR_MS, LEFT)


def red_noise(count: int, std_m: float = 0.02) -> np.ndarray:
    """Return noise that is like itself for four days."""
    chance = np.random.default_rng(5)
    noise, keeps = np.zeros(count), np.exp(-1 / 96)
    for place in range(1, count):
        noise[place] = keeps * noise[place - 1] + np.sqrt(1 - keeps**2) * chance.normal(0, std_m)
    return noise


def test_the_fit_is_the_tide_itself_not_its_hourly_mean():
    times = hours(60)
    fit = fit_residual(times, hourly_tide(times), AXIAL_LATITUDE, LEFT.names)
    assert fit.constituents.names == LEFT.names
    assert not fit.dropped
    assert not fit.rejected
    np.testing.assert_allclose(fit.constituents.amplitude_m, LEFT.amplitude_m, atol=2e-6)
    np.testing.assert_allclose(fit.constituents.greenwich_phase_deg, LEFT.greenwich_phase_deg, atol=0.02)
    later = times[:500] + 400 * DAY_MS
    np.testing.assert_allclose(fit.at(later), predicted_tide(later, LEFT), atol=1e-5)


def test_constituents_are_found_in_the_oceans_noise():
    times = hours(365)
    residual = hourly_tide(times) + red_noise(times.size) - 0.6 * (times - BEGIN_MS) / (365 * DAY_MS) + 0.1
    residual[3000:3500] = np.nan
    fit = fit_residual(times, residual, AXIAL_LATITUDE)
    some = times[:2000]
    fitted, left = fit.at(some), predicted_tide(some, LEFT)
    assert np.std(fitted - left) < 0.003
    assert np.std(fitted) == pytest.approx(np.std(left), rel=0.1)


def test_an_eruption_between_segments_does_not_leak():
    times = hours(120)
    erupted = BEGIN_MS + 70 * DAY_MS
    drop = np.where(times > erupted, 2.4 * (1 - np.exp(-(times - erupted) / (6 * HOUR_MS))), 0.0)
    slope = np.where(times < erupted, 0.6, -0.3) * (times - BEGIN_MS) / (365 * DAY_MS)
    exclude = [(erupted - DAY_MS, erupted + 8 * DAY_MS)]
    fit = fit_residual(times, hourly_tide(times) + slope - drop, AXIAL_LATITUDE, LEFT.names, exclude)
    assert fit.days == 111
    np.testing.assert_allclose(fit.constituents.amplitude_m, LEFT.amplitude_m, atol=5e-6)
    np.testing.assert_allclose(fit.constituents.greenwich_phase_deg, LEFT.greenwich_phase_deg, atol=0.05)


def test_a_piece_too_short_for_its_own_mean_is_left_out():
    times = hours(62)
    exclude = [(BEGIN_MS + 40 * DAY_MS, BEGIN_MS + 41 * DAY_MS), (BEGIN_MS + 43 * DAY_MS, BEGIN_MS + 44 * DAY_MS)]
    assert fit_residual(times, hourly_tide(times), AXIAL_LATITUDE, ["M2"], exclude).days == 58


def test_uplift_and_the_slow_ocean_are_not_taken_for_tide():
    times = hours(180)
    slow = (
        0.05 * np.sin(2 * np.pi * (times - BEGIN_MS) / (13.66 * DAY_MS))
        + 0.3 * ((times - BEGIN_MS) / DAY_MS / 180) ** 2
    )
    fit = fit_residual(times, slow, AXIAL_LATITUDE)
    assert np.abs(fit.at(times)).max() < 0.002


def test_what_the_days_do_not_separate_is_dropped_with_its_reason():
    times = hours(60)
    fit = fit_residual(times, hourly_tide(times), AXIAL_LATITUDE, ["K1", "P1", "M2", "M6"])
    assert fit.constituents.names == ("K1", "M2", "M6")
    assert fit.dropped == {"P1": "60.0 days of data do not separate it from K1: 182.6 would"}
    turned = fit_residual(times, hourly_tide(times), AXIAL_LATITUDE, ["P1", "K1"])
    assert turned.constituents.names == ("P1",)


def test_a_constituent_faster_than_the_bins_is_dropped():
    times = hours(60)[::3] + HOUR_MS
    fit = fit_residual(times, np.sin(times / 1e7), AXIAL_LATITUDE, ["M2", "M6"], interval_ms=3 * HOUR_MS)
    assert "shorter than two bins" in fit.dropped["M6"]


def test_a_record_too_short_gives_a_fit_of_nothing_that_says_why():
    times = hours(40)
    residual = hourly_tide(times)
    residual[: 20 * 24] = np.nan
    fit = fit_residual(times, residual, AXIAL_LATITUDE)
    assert set(fit.dropped) == set(CONSTITUENTS)
    assert fit.dropped["M2"] == "20.0 days of data are fewer than 29.0"
    assert not fit.at(times).any()


def test_bad_hours_do_not_spoil_the_fit():
    times = hours(60)
    residual = hourly_tide(times) + 0.001 * np.sin(times / 1e9)
    residual[[100, 700, 701]] += [-13.0, 6e6, 0.4]
    fit = fit_residual(times, residual, AXIAL_LATITUDE, LEFT.names)
    assert fit.rejected == 3
    np.testing.assert_allclose(fit.constituents.amplitude_m, LEFT.amplitude_m, atol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"constituents": ["M99"]}, "'M99', which UTide does not know"),
        ({"constituents": ["MF"]}, "'MF', slower than a day"),
        ({"constituents": ["Z0"]}, "'Z0', slower than a day"),
        ({"exclude": [(5, 5)]}, "before it begins"),
        ({"residual_m": np.zeros(3)}, "as many times as values"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(arguments, told):
    times = hours(40)
    with pytest.raises(PlumblineError, match=told):
        fit_residual(**{"time_ms": times, "residual_m": hourly_tide(times), "latitude": AXIAL_LATITUDE} | arguments)
