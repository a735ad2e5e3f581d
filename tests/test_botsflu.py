"""BOTSFLU products: the reference vectors, and the same bits whatever the blocks."""

import csv
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.products import botsflu
from vector_a import METRES_PER_PSI, S1900, VECTORS, agree, formula_a, vector


@pytest.fixture(scope="module")
def record_a():
    u, pressure, tide = formula_a()
    return u, pressure, -METRES_PER_PSI * pressure + tide


def whole_days(depth):
    """Return the depths of vector A, which begins and ends at midnight, as days from noon to noon."""
    half = np.full(botsflu.POINTS_PER_DAY // 2, np.nan)
    return np.concatenate([half, depth, half])


def test_vector_a_depths_and_short_rates(record_a):
    expected = vector("A_130d_15s_outputs")
    u, pressure, depth = record_a
    there = np.flatnonzero(~np.isnan(pressure))
    assert there.size == expected["n15s"]
    rates = {"rate5min": botsflu.rate_5min(depth), "rate10min": botsflu.rate_10min(depth)}
    window = np.searchsorted(u[there] + S1900, expected["time15s_eruptwin"])
    for suffix, places in (("at_idx", there[expected["idx15s"]]), ("eruptwin", there[window])):
        agree(u[places] + S1900, expected[f"time15s_{suffix}"], 0)
        agree(pressure[places], expected[f"meanpres_{suffix}"], 1e-9)
        agree(depth[places], expected[f"meandepth_{suffix}"], 1e-6)
        for name, rate in rates.items():
            agree(rate[places], expected[f"{name}_{suffix}"], 1e-6)


@pytest.mark.parametrize(("day", "rate"), [(0.9, 0.75), (0, 0.75), (0, 1), (0.5, 0.5), (1, 0)])
def test_vector_a_days_and_long_rates(record_a, day, rate):
    expected = vector("A_130d_15s_outputs")
    n, depth = botsflu.day_depths(whole_days(record_a[2]), day)
    assert n.tolist() == expected["daycount"].tolist()
    agree(depth, expected[f"daydepth__dday{day}_rate{rate}"], 1e-6)
    agree(botsflu.rate_4wk(depth, rate), expected[f"rate4wk__dday{day}_rate{rate}"], 1e-6)
    agree(botsflu.rate_8wk(depth, rate), expected[f"rate8wk__dday{day}_rate{rate}"], 1e-6)


def test_vector_a_days_carry_the_midnight_between_their_noons(record_a):
    with open(VECTORS / "A_130d_daily.csv") as file:
        labels = [int(row["time24h_s1900"]) for row in csv.DictReader(file)]
    centres = (record_a[0] * 1000).astype(np.int64)
    days = np.unique(botsflu.day_of(centres)) // 1000 + S1900
    assert days.tolist() == labels


def test_vector_c_bins_are_closed_on_the_left_and_one_sample_makes_one():
    expected = vector("C_bin_edges")
    # Down to whole milliseconds: one sample is 0.1 ms before an edge.
    times = np.floor((expected["time_s1900"] - S1900) * 1000).astype(np.int64)
    centres = botsflu.centre_of(times)
    filled = np.unique(centres)
    assert (filled / 1000 + S1900).tolist() == expected["time15s"].tolist()
    means = [expected["pressure_psia"][centres == centre].mean() for centre in filled]
    agree(np.array(means), expected["meanpres"], 1e-9)
    assert np.unique(botsflu.day_of(filled)).tolist() == ((expected["time24h"] - S1900) * 1000).tolist()


@pytest.mark.parametrize("filled", [1, 5183, 5184, 5760])
def test_vector_e_nine_tenths_of_a_day_are_enough(filled):
    _, expected_depth, expected_n = vector("E_day_coverage")[f"n{filled}"].ravel()
    depth = np.full(botsflu.POINTS_PER_DAY, np.nan)
    depth[:filled] = -1509.5
    n, day_depth = botsflu.day_depths(depth)
    assert n.tolist() == [expected_n]
    agree(day_depth, np.array([expected_depth]), 1e-6)


@pytest.mark.parametrize("window", [3, 28, 29, 57])
@pytest.mark.parametrize("coverage", ["0", "0.5", "0.75", "1"])
def test_vector_f_slopes(window, coverage):
    expected = vector("F_sliding_slopes")
    agree(botsflu.sliding_slopes(expected["data"], window, float(coverage)), expected[f"w{window}_rc{coverage}"], 1e-9)


@pytest.mark.parametrize("window", [3, 4, 40])
def test_vector_g_registration_of_means(window):
    expected = vector("G_sliding_means")
    agree(botsflu.sliding_means(expected["data"], window), expected[f"w{window}"], 1e-9)


@given(size=st.integers(0, 90), window=st.integers(1, 50), gap=st.integers(0, 89))
def test_a_sliding_mean_is_that_of_its_window_and_missing_with_any_of_it(size, window, gap):
    values = np.random.default_rng(size).normal(-1510, 1, size)
    values[gap : gap + 1] = np.nan
    expected = [
        values[i - (window - 1) // 2 : i + window // 2 + 1].mean()
        if i >= (window - 1) // 2 and i + window // 2 < size
        else np.nan
        for i in range(size)
    ]
    agree(botsflu.sliding_means(values, window), np.array(expected, dtype=float), 1e-9)


def test_a_window_of_no_values_is_an_error():
    with pytest.raises(ValueError, match="at least 1"):
        botsflu.sliding_means(np.zeros(3), 0)


@given(
    size=st.integers(1, 700),
    cuts=st.lists(st.integers(0, 700), max_size=5),
    gaps=st.lists(st.integers(0, 700), max_size=3),
    single=st.booleans(),
)
def test_any_blocks_with_context_give_the_bits_of_the_whole(size, cuts, gaps, single):
    depth = np.random.default_rng(size).normal(-1510, 1, size).astype(np.float32 if single else np.float64)
    for gap in gaps:
        depth[gap : gap + 7] = np.nan
    edges = sorted({0, size, *(cut for cut in cuts if cut < size)})
    for rate in (botsflu.rate_5min, botsflu.rate_10min):
        pieces = []
        for begin, end in itertools.pairwise(edges):
            first = max(0, begin - botsflu.BEFORE)
            block = rate(depth[first : min(size, end + botsflu.BEHIND)])
            pieces.append(block[begin - first : end - first])
        np.testing.assert_array_equal(np.concatenate(pieces).view(np.int64), rate(depth).view(np.int64))


def test_days_have_the_same_bits_alone_and_together():
    depth = np.random.default_rng(1).normal(-1510, 1, 3 * botsflu.POINTS_PER_DAY)
    depth[7000:7300] = np.nan
    together = botsflu.day_depths(depth)[1]
    alone = [botsflu.day_depths(day)[1][0] for day in depth.reshape(3, -1)]
    assert together.tolist() == alone


def test_a_part_of_a_day_is_an_error():
    with pytest.raises(ValueError, match="whole days"):
        botsflu.day_depths(np.zeros(5761))


@given(rate=st.floats(-200, 200), missing=st.sets(st.integers(0, 79), max_size=15))
def test_a_steady_uplift_has_its_rate_whatever_is_missing(rate, missing):
    depth = -1510 + rate / 100 * np.arange(80) / 365
    depth[sorted(missing)] = np.nan
    for product in (botsflu.rate_4wk, botsflu.rate_8wk):
        got = product(depth, 0.0)
        np.testing.assert_allclose(got[~np.isnan(got)], rate, rtol=0, atol=1e-6)


def test_a_short_record_has_no_rates():
    for size in range(0, 60, 7):
        assert np.isnan(botsflu.rate_10min(np.zeros(size))).all()
        assert np.isnan(botsflu.rate_5min(np.zeros(min(size, 20)))).all()
        assert botsflu.rate_4wk(np.zeros(min(size, 21))).size == min(size, 21)
