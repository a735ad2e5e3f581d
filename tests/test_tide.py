"""The predicted tide: UTide's heights at any time, and their means over bins."""

from pathlib import Path

import numpy as np
import pytest
import utide
from utide._ut_constants import ut_constants

from plumbline.errors import PlumblineError
from plumbline.products import tide

VECTORS = Path(__file__).with_name("vectors")
HOUR_MS = 3_600_000
YEAR_2020_MS = 1_577_836_800_000
M2_ALONE = tide.Constituents(("M2",), (0.8,), (238.8,), tide.AXIAL_LATITUDE)
M2_CYCLES_PER_HOUR = 0.0805114007


def some_times(count: int, seed: int = 1) -> np.ndarray:
    """Return times of whole milliseconds in three weeks of 1999, 2020 and 2039, in no order."""
    chance = np.random.default_rng(seed)
    weeks = np.array([924_998_400_000, YEAR_2020_MS, 2_203_000_000_000])
    return chance.choice(weeks, count) + chance.integers(0, 7 * 24 * HOUR_MS, count)


def test_axials_constituents_are_those_of_the_reference_vectors():
    reference = np.genfromtxt(
        VECTORS / "tpxo72_axial_constituents.csv", delimiter=",", names=True, dtype=None, encoding="utf-8"
    )
    constituents = tide.axial()
    assert constituents.names == tuple(reference["constituent"])
    assert constituents.amplitude_m == tuple(reference["amplitude_m"])
    assert constituents.greenwich_phase_deg == tuple(reference["greenwich_phase_deg"])


def reconstructed(time_ms, constituents):
    """Return the tide by UTide at every time itself, with the nodal corrections of that time."""
    options = dict.fromkeys(("twodim", "nodsatlint", "nodsatnone", "gwchlint", "gwchnone"), False)
    options |= {"notrend": True, "nodiagn": True, "prefilt": []}
    places = np.array([list(ut_constants.const.name).index(name) for name in constituents.names])
    coefficients = {
        "name": list(constituents.names),
        "A": np.array(constituents.amplitude_m),
        "g": np.array(constituents.greenwich_phase_deg),
        "mean": 0.0,
        "aux": {"opt": options, "reftime": 0.0, "frq": np.zeros(places.size), "lind": places},
    }
    coefficients["aux"]["lat"] = constituents.latitude
    return utide.reconstruct(time_ms.astype("datetime64[ms]"), coefficients, verbose=False).h


def test_the_tide_is_utides_own_at_every_time():
    times = some_times(400)
    exact = reconstructed(times, tide.axial())
    assert np.abs(tide.predicted_tide(times, tide.axial()) - exact).max() < 2e-8


def test_a_fit_by_utide_to_the_tide_gives_its_constituents_back():
    # A year lies between UTide's own conventions and those of `reconstruct`: an epoch off by a day would show.
    times = YEAR_2020_MS + np.arange(0, 366 * 24, 3, dtype=np.int64) * HOUR_MS
    names = tide.axial().names[:10]
    fit = utide.solve(
        times.astype("datetime64[ms]"),
        tide.predicted_tide(times, tide.axial()),
        lat=tide.AXIAL_LATITUDE,
        constit=list(tide.axial().names),
        conf_int="none",
        trend=False,
        verbose=False,
    )
    order = [list(fit.name).index(name) for name in names]
    np.testing.assert_allclose(fit.A[order], tide.axial().amplitude_m[:10], atol=1e-6)
    np.testing.assert_allclose(fit.g[order], tide.axial().greenwich_phase_deg[:10], atol=1e-3)


def test_the_tide_at_a_time_depends_on_the_time_alone():
    times = np.sort(some_times(3000))
    together = tide.predicted_tide(times, tide.axial())
    shuffled = np.random.default_rng(2).permutation(times.size)
    np.testing.assert_array_equal(tide.predicted_tide(times[shuffled], tide.axial()), together[shuffled])
    tide._heights.cache_clear()
    for begin in (0, 7, 2990):
        part = tide.predicted_tide(times[begin : begin + 10], tide.axial())
        np.testing.assert_array_equal(part, together[begin : begin + 10])


def test_the_tide_is_smooth_where_two_pieces_meet():
    meeting = (YEAR_2020_MS // tide.PIECE_MS) * tide.PIECE_MS
    heights = tide.predicted_tide(meeting + np.arange(-3, 4, dtype=np.int64), tide.axial())
    assert np.abs(np.diff(heights, 2)).max() < 1e-12


def test_no_times_and_no_constituents_are_no_mistake():
    nothing = tide.Constituents((), (), (), tide.AXIAL_LATITUDE)
    assert tide.predicted_tide(np.array([], dtype=np.int64), tide.axial()).size == 0
    assert not tide.predicted_tide(some_times(3), nothing).any()
    assert not tide.mean_tide(some_times(3), HOUR_MS, nothing).any()


@pytest.mark.parametrize("length_ms", [15_000, HOUR_MS, 24 * HOUR_MS, 33 * 24 * HOUR_MS])
def test_the_mean_of_a_bin_is_that_of_its_moments(length_ms):
    begins = YEAR_2020_MS - 7_500 + length_ms * np.arange(3, dtype=np.int64)
    moments = (np.arange(20_000) + 0.5) * length_ms / 20_000
    inside = tide.predicted_tide(begins[:, np.newaxis] + moments.astype(np.int64), tide.axial())
    np.testing.assert_allclose(tide.mean_tide(begins, length_ms, tide.axial()), inside.mean(axis=1), atol=2e-7)


def test_bins_of_a_day_at_a_time_and_together_have_the_same_means():
    begins = YEAR_2020_MS + 12 * HOUR_MS + 24 * HOUR_MS * np.arange(70, dtype=np.int64)
    together = tide.mean_tide(begins, 24 * HOUR_MS, tide.axial())
    alone = [tide.mean_tide(begins[place : place + 1], 24 * HOUR_MS, tide.axial())[0] for place in range(begins.size)]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(("length_ms", "days"), [(60_000, 5), (900_000, 30), (HOUR_MS, 60), (3 * HOUR_MS, 60)])
def test_bin_centres_keep_the_phase_of_m2(length_ms, days):
    samples_ms = 7_500
    times = YEAR_2020_MS + np.arange(samples_ms // 2, days * 24 * HOUR_MS, samples_ms, dtype=np.int64)
    means = tide.predicted_tide(times, M2_ALONE).reshape(-1, length_ms // samples_ms).mean(axis=1)
    begins = YEAR_2020_MS + length_ms * np.arange(means.size, dtype=np.int64)
    np.testing.assert_allclose(tide.mean_tide(begins, length_ms, M2_ALONE), means, atol=1e-7)
    fit = utide.solve(
        (begins + length_ms // 2).astype("datetime64[ms]"),
        means,
        lat=tide.AXIAL_LATITUDE,
        constit=["M2"],
        conf_int="none",
        trend=False,
        verbose=False,
    )
    assert abs(fit.g[0] - 238.8) < 0.1
    assert abs(fit.A[0] - 0.8 * np.sinc(M2_CYCLES_PER_HOUR * length_ms / HOUR_MS)) < 1e-5


def test_a_bin_without_length_is_refused():
    with pytest.raises(PlumblineError, match="no length"):
        tide.mean_tide(some_times(1), 0, tide.axial())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("constituent,amplitude_m\nM2,1\n", "no column 'greenwich_phase_deg'"),
        ("constituent,amplitude_m,greenwich_phase_deg\n", "no rows"),
        ("constituent,amplitude_m,greenwich_phase_deg\nM99,1,1\n", "'M99', which UTide does not know"),
        ("constituent,amplitude_m,greenwich_phase_deg\nZ0,1,1\n", "'Z0', which UTide does not know"),
        ("constituent,amplitude_m,greenwich_phase_deg\nM2,1,1\nM2,1,1\n", "'M2' twice"),
        ("constituent,amplitude_m,greenwich_phase_deg\nM2,-1,1\n", "amplitude_m of '-1'"),
        ("constituent,amplitude_m,greenwich_phase_deg\nM2,1,\n", "greenwich_phase_deg of ''"),
        ("constituent,amplitude_m,greenwich_phase_deg\nM2,1\n", "greenwich_phase_deg of None"),
        ("constituent,amplitude_m,greenwich_phase_deg\nM2,nan,1\n", "amplitude_m of 'nan'"),
    ],
)
def test_a_bad_table_of_constituents_is_told_in_a_sentence(tmp_path, text, told):
    path = tmp_path / "constituents.csv"
    path.write_text(text)
    with pytest.raises(PlumblineError, match=told):
        tide.read_constituents(path, 45.0)


def test_a_table_that_is_not_there_is_told_in_a_sentence(tmp_path):
    with pytest.raises(PlumblineError, match="cannot be read"):
        tide.read_constituents(tmp_path / "none.csv", 45.0)
