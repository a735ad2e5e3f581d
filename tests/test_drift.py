"""The drift of a sensor: the user's calibrations, and the curve through them."""

import numpy as np
import pytest

from plumbline.errors import PlumblineError
from plumbline.products.drift import YEAR_MS, fit_drift, read_calibrations

BEGIN_MS = 1_420_070_400_000
CENTRAL = "RS03CCAL-MJ03F-05-BOTPTA301"
HEADER = "station,time,offset_kpa,sigma\n"


def after(years) -> np.ndarray:
    """Return times so many years after the beginning."""
    return (BEGIN_MS + np.asarray(years) * YEAR_MS).astype(np.int64)


def psmsl(years, a1, a2, a3, a4):
    return a1 + a2 * years + a3 * np.exp(-years / a4)


def test_a_known_drift_is_recovered_within_its_own_sigma():
    chance = np.random.default_rng(3)
    years = np.array([0.0, 0.05, 0.1, 0.2, 0.35, 0.6, 1.0, 2.0, 3.0, 4.0])
    between = np.linspace(0, 4, 30)
    misses = []
    for _ in range(60):
        offset = psmsl(years, 1.2, 0.4, -0.6, 0.2) + chance.normal(0, 0.05, years.size)
        model = fit_drift(after(years), offset, np.full(years.size, 0.05))
        assert model.form == "exponential"
        found, sigma = model.at(after(between))
        misses.append((found - psmsl(between, 1.2, 0.4, -0.6, 0.2)) / sigma)
    misses = np.array(misses)
    assert 0.7 < np.sqrt(np.mean(misses**2)) < 1.3
    assert np.mean(np.abs(misses) < 2) > 0.9


def test_parameters_are_recovered_without_noise():
    years = np.array([0.0, 0.1, 0.3, 0.7, 1.5, 3.0, 5.0])
    model = fit_drift(after(years), psmsl(years, 1.2, -0.3, 0.5, 0.25), np.full(7, 0.02))
    np.testing.assert_allclose(model.parameters, [1.2, -0.3, 0.5, 0.25], rtol=1e-3)
    assert (model.origin_ms, model.freedom) == (BEGIN_MS, 3)


def test_one_calibration_gives_a_constant_whose_sigma_is_that_of_an_unknown_rate():
    model = fit_drift(after([0.0]), [1.5], [0.3])
    offset, sigma = model.at(after([-1.0, 0.0, 1.0]))
    assert model.form == "constant"
    np.testing.assert_array_equal(offset, 1.5)
    np.testing.assert_allclose(sigma, [0.5, 0.3, 0.5])


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_few_calibrations_give_a_line(count):
    years = np.arange(count, dtype=float)
    model = fit_drift(after(years)[::-1], (1 + 0.4 * years)[::-1], np.full(count, 0.1))
    assert model.form == "linear"
    np.testing.assert_allclose(model.parameters, [1, 0.4], atol=1e-9)


def test_calibrations_on_a_line_are_given_no_exponential():
    chance = np.random.default_rng(8)
    years = np.linspace(0, 5, 12)
    forms = [fit_drift(after(years), 0.4 * years + chance.normal(0, 0.1, 12), np.full(12, 0.1)).form for _ in range(40)]
    assert forms.count("exponential") <= 2


@pytest.mark.parametrize("shape", [(0.0, 0.4, 0.0, 1.0), (1.0, 0.4, 0.6, 0.3)])
def test_the_sigma_grows_outside_of_the_calibrated_time(shape):
    years = np.array([0.0, 0.15, 0.3, 0.6, 1.0, 2.0, 3.0])
    model = fit_drift(after(years), psmsl(years, *shape), np.full(7, 0.05))
    _, later = model.at(after(np.linspace(3, 10, 40)))
    offset, earlier = model.at(after(np.linspace(0, -3, 40)))
    assert (np.diff(later) > 0).all()
    if model.form == "exponential":
        # Taken back it would be kilometres in a year.
        assert np.isnan(offset[1:]).all()
        assert np.isnan(earlier[1:]).all()
        assert np.isfinite([offset[0], earlier[0]]).all()
    else:
        assert (np.diff(earlier) > 0).all()


def test_sigmas_that_are_too_small_are_found_out():
    years = np.arange(10.0)
    scatter = np.where(np.arange(10) % 2, 0.5, -0.5)
    model = fit_drift(after(years), 0.4 * years + scatter, np.full(10, 0.01))
    assert model.at(after([5.0]))[1][0] > 0.1


def test_calibrations_are_read_by_station_in_order(tmp_path):
    path = tmp_path / "calibrations.csv"
    path.write_text(
        HEADER
        + f"{CENTRAL},2020-01-01T00:00:00Z,1.5,0.3\nE,2019-01-01T00:00:00Z,0,1\n{CENTRAL},2018-07-01T12:00Z,1,0.2\n"
    )
    read = read_calibrations(path, [CENTRAL, "E"])
    assert list(read) == [CENTRAL, "E"]
    np.testing.assert_array_equal(read[CENTRAL].time_ms, [1_530_446_400_000, 1_577_836_800_000])
    np.testing.assert_array_equal(read[CENTRAL].offset_kpa, [1.0, 1.5])
    np.testing.assert_array_equal(read[CENTRAL].sigma_kpa, [0.2, 0.3])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("station,time,offset_kpa\nE,2020-01-01T00:00:00Z,1\n", "no column 'sigma'"),
        ("station,time,offset_kpa,sigma,sigma\n", "more than one column 'sigma'"),
        (HEADER, "have no rows"),
        ("", "no column 'station'"),
        (HEADER + "G,2020-01-01T00:00:00Z,1,1\n", "line 2: the station 'G' is unknown; known are E, F"),
        (HEADER + "E,2020-01-01T00:00:00,1,1\n", "line 2: the time '2020-01-01T00:00:00' is none in UTC"),
        (HEADER + "E,yesterday,1,1\n", "the time 'yesterday' is none in UTC"),
        (HEADER + "E,2020-01-01T00:00:00Z,1,0\n", "sigma has to be above 0, not 0"),
        (HEADER + "E,2020-01-01T00:00:00Z,one,1\n", "offset_kpa is 'one', which is no number"),
        (HEADER + "E,2020-01-01T00:00:00Z,1\n", "sigma is None, which is no number"),
        (HEADER + "E,2020-01-01T00:00:00Z,1,1\nE,2020-01-01T00:00Z,2,1\n", "line 3: E is calibrated a second time"),
    ],
)
def test_a_bad_table_of_calibrations_is_told_in_a_sentence(tmp_path, text, told):
    path = tmp_path / "calibrations.csv"
    path.write_text(text)
    with pytest.raises(PlumblineError, match=told):
        read_calibrations(path, ["E", "F"])


@pytest.mark.parametrize(
    ("years", "offset", "sigma", "told"),
    [
        ([], [], [], "without a calibration"),
        ([0.0, 1.0], [1.0], [1.0], "one offset and one sigma"),
        ([0.0], [np.nan], [1.0], "whose offsets are numbers"),
        ([0.0], [1.0], [0.0], "sigmas are above 0"),
        ([1.0, 1.0], [1.0, 2.0], [1.0, 1.0], "two have the same"),
    ],
)
def test_what_cannot_be_fitted_is_told_in_a_sentence(years, offset, sigma, told):
    with pytest.raises(PlumblineError, match=told):
        fit_drift(after(years), offset, sigma)


def test_a_change_since_a_day_has_no_more_doubt_than_its_rate():
    years = np.array([0.0, 1.0, 2.0])
    model = fit_drift(after(years), psmsl(years, 0.5, 0.4, 0.0, 1.0), np.full(3, 0.05))
    when = after(np.array([0.5, 1.5, 2.5]))
    change, sigma = model.change(when, int(when[0]))
    np.testing.assert_allclose(change, [0.0, 0.4, 0.8], atol=1e-9)
    # The slope of three calibrations a year apart: 0.05 / sqrt(2) kPa a year.
    np.testing.assert_allclose(sigma, [0.0, 0.05 / np.sqrt(2), 0.1 / np.sqrt(2)], atol=1e-9)
    once = fit_drift(after(years[:1]), np.array([2.0]), np.array([0.05]))
    change, sigma = once.change(when, int(when[0]))
    np.testing.assert_allclose(change, 0.0)
    np.testing.assert_allclose(sigma, [0.0, 0.4, 0.8], atol=1e-9)
