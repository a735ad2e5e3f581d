"""A station's pressure from its bins, and OOI's products from bins to files."""

import shutil
from itertools import pairwise

import netCDF4
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.errors import PlumblineError
from plumbline.pressure import ooi_products
from plumbline.pressure.fifteen import STEP_MS, means_psi
from plumbline.pressure.record import BinsRecord
from plumbline.products import botsflu
from plumbline.products.tide import axial
from plumbline.samples.bins import COUNTS, BinsFile
from plumbline.samples.kernel import Statistics, reduce_bins
from vector_a import DAY, S1900, T0, agree, formula_a, tide_a, vector

VARIABLE = "bottom_pressure"
DAY_MS = 86_400_000
MIDNIGHT_MS = 1_430_006_400_000


class NothingToSay:
    def attributes(self):
        return {}


def write_record(folder, edges, base_ms, bins):
    """Write bins from the first edge to the last, in a chunk from each edge to the next."""
    folder.mkdir()
    paths = []
    for begin_ms, end_ms in pairwise(edges):
        paths.append(folder / f"{begin_ms}.nc")
        file = BinsFile(paths[-1], begin_ms, end_ms, base_ms, {VARIABLE: np.dtype("f8")})
        rows = slice(*((ms - edges[0]) // base_ms for ms in (begin_ms, end_ms)))
        columns = (bins.n, bins.mean, bins.m2, bins.minimum, bins.maximum)
        file.append({VARIABLE: Statistics(*(column[rows] for column in columns))})
        nothing = np.zeros((end_ms - begin_ms) // DAY_MS, np.int64)
        counts = {f"{VARIABLE}_{count}": nothing for count in COUNTS} | {"received": nothing}
        window = {"window_begin_ms": begin_ms, "window_end_ms": end_ms}
        file.close({VARIABLE: "psi"}, counts, {}, {"base_interval_ms": base_ms} | window)
    return paths


def bins_of(n, mean):
    """Return bins of which only n and mean matter."""
    mean = np.where(n > 0, mean, np.nan)
    return Statistics(n, mean, np.where(n > 0, 0.0, np.nan), mean, mean)


def samples():
    """Return two hours of 20 Hz about a midnight: waves, lost samples, a gap, and a lone sample in it."""
    chance = np.random.default_rng(5)
    times = MIDNIGHT_MS + np.arange(-3_600_000, 3_600_000, 50)
    kept = chance.random(times.size) < 0.8
    kept[30_000:36_000] = False
    kept[33_000] = True
    values = 2254 + np.sin(times / 13_000) + chance.normal(0, 0.01, times.size)
    return times[kept], values[kept]


@pytest.mark.parametrize("base_ms", [7_500, 2_500, 500])
def test_means_of_15_s_from_bins_are_those_of_the_samples(tmp_path, base_ms):
    times, values = samples()
    edges = [MIDNIGHT_MS - DAY_MS, MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS]
    first, bins = edges[0] // base_ms, 2 * DAY_MS // base_ms
    paths = write_record(
        tmp_path / "bins", edges, base_ms, reduce_bins(times.astype("f8"), values, first, bins, base_ms)
    )
    begin_ms, count = MIDNIGHT_MS - 2 * 3_600_000, 4 * 240
    with BinsRecord(paths, VARIABLE) as record:
        means = means_psi(record, begin_ms, count)
    places = (botsflu.centre_of(times) - begin_ms) // STEP_MS
    n = np.bincount(places, minlength=count)
    sums = np.bincount(places, weights=values - 2254, minlength=count)
    expected = np.full(count, np.nan)
    expected[n > 0] = 2254 + sums[n > 0] / n[n > 0]
    assert 1 in n
    np.testing.assert_array_equal(np.isnan(means), np.isnan(expected))
    np.testing.assert_allclose(means, expected, rtol=1e-11)


def test_means_of_15_s_cannot_be_made_of_bins_that_do_not_fit(tmp_path):
    bins = bins_of(np.ones(DAY_MS // 10_000, np.int64), np.zeros(DAY_MS // 10_000))
    paths = write_record(tmp_path / "bins", [0, DAY_MS], 10_000, bins)
    with BinsRecord(paths, VARIABLE) as record, pytest.raises(PlumblineError, match="10000 ms"):
        means_psi(record, 0, 1)


HOURS = 4 * 24
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def four_days(tmp_path_factory):
    """Return paths of four days of bins of an hour in chunks of 1, 2 and 1 days, and n and mean."""
    n = np.arange(HOURS) % 5
    bins = bins_of(n, 2254.0 + np.arange(HOURS))
    edges = [MIDNIGHT_MS + day * DAY_MS for day in (0, 1, 3, 4)]
    return write_record(tmp_path_factory.mktemp("hours") / "bins", edges, HOUR_MS, bins), n, bins.mean


@given(begin=st.integers(-60, HOURS + 60), count=st.integers(0, 2 * HOURS))
@settings(max_examples=60)
def test_a_record_is_read_over_chunks_and_beyond_its_ends(four_days, begin, count):
    paths, n, mean = four_days
    beyond = 4 * HOURS
    whole_n, whole_mean = np.pad(n, beyond), np.pad(mean, beyond, constant_values=np.nan)
    with BinsRecord(paths, VARIABLE) as record:
        begin_ms = MIDNIGHT_MS + begin * HOUR_MS
        got_mean, got_n = record.read(begin_ms, begin_ms + count * HOUR_MS, "mean", "n")
    asked = slice(beyond + begin, beyond + begin + count)
    assert got_n.dtype == np.int64
    np.testing.assert_array_equal(got_n, whole_n[asked])
    np.testing.assert_array_equal(got_mean, whole_mean[asked])


def test_a_record_says_what_it_is(four_days):
    with BinsRecord(four_days[0], VARIABLE) as record:
        assert (record.base_ms, record.begin_ms, record.end_ms) == (HOUR_MS, MIDNIGHT_MS, MIDNIGHT_MS + 4 * DAY_MS)
        assert record.origins == []


@pytest.mark.parametrize("units", ["dbar", "kPa"])
def test_pressure_in_another_unit_is_refused(tmp_path, four_days, units):
    bins = shutil.copy(four_days[0][0], tmp_path / "bins.nc")
    with netCDF4.Dataset(bins, "a") as file:
        file[f"{VARIABLE}_mean"].units = units
    with pytest.raises(PlumblineError, match=f"is in '{units}', but products are made of psi"):
        BinsRecord([bins], VARIABLE)


def test_chunks_that_do_not_follow_one_another_are_refused(four_days):
    first, _, last = four_days[0]
    with pytest.raises(PlumblineError, match="do not follow"):
        BinsRecord([first, last], VARIABLE)


def products(folder, paths, window_ms, **coverages):
    """Make OOI's products; return the paths of the four files."""
    made = [folder / name for name in ("15s.csv", "15s.nc", "24h.csv", "24h.nc")]
    with BinsRecord(paths, VARIABLE) as record:
        ooi_products.write_ooi_products(
            record, *window_ms, axial(), made[:2], made[2:], (NothingToSay(), NothingToSay()), **coverages
        )
    return made


@pytest.mark.parametrize("base_ms", [7_500, 15_000])
def test_products_have_the_same_bytes_however_the_record_is_cut(tmp_path, monkeypatch, base_ms):
    chance = np.random.default_rng(base_ms)
    bins = 12 * DAY_MS // base_ms
    n = np.where(chance.random(bins) < 0.001, 0, chance.integers(1, 150, bins))
    n[20_000:24_000] = 0
    record = bins_of(n, 2254 + np.cumsum(chance.normal(0, 0.001, bins)))
    window_ms = MIDNIGHT_MS, MIDNIGHT_MS + 12 * DAY_MS
    found = []
    for place, days in enumerate([(0, 12), (0, 1, 2, 5, 11, 12), range(13)]):
        edges = [MIDNIGHT_MS + day * DAY_MS for day in days]
        paths = write_record(tmp_path / str(place), edges, base_ms, record)
        found.append([path.read_bytes() for path in products(tmp_path, paths, window_ms)])
    monkeypatch.setattr(ooi_products, "BLOCK_DAYS", 3)
    blocks = [path.read_bytes() for path in products(tmp_path, paths, window_ms)]
    assert found[0] == found[1] == found[2]
    assert blocks[::2] == found[0][::2]


def fifteen_seconds(pressure):
    """Return vector A as a stream of 15 s means: base, days of the window, and bins."""
    n = (~np.isnan(pressure)).astype(np.int64)
    return 15_000, (0, 31, 59, 130), bins_of(n, pressure)


def twenty_hertz(pressure):
    """Return vector A as bins of 7.5 s, two of which make one mean: with other numbers of samples, means differ."""
    there = ~np.isnan(pressure)
    n = np.stack([np.where(there, 150, 0), np.where(there, 100, 0)], axis=1)
    mean = np.stack([pressure + 10.0, pressure - 15.0], axis=1)
    # The first mean begins 7.5 s before its label; a day of nothing on either side.
    empty = DAY_MS // 7_500
    flat = bins_of(np.pad(n.ravel(), (empty - 1, empty + 1)), np.pad(mean.ravel(), (empty - 1, empty + 1)))
    return 7_500, (-1, 40, 90, 131), flat


@pytest.fixture(scope="module", params=[fifteen_seconds, twenty_hertz], ids=["15 s", "20 Hz"])
def record_of_a(request, tmp_path_factory):
    base_ms, days, bins = request.param(formula_a()[1])
    edges = [1000 * (T0 + day * DAY) for day in days]
    return write_record(tmp_path_factory.mktemp("a") / "bins", edges, base_ms, bins), (edges[0], edges[-1])


@pytest.mark.parametrize(("day", "rate"), [(0.9, 0.75), (0, 1), (0.5, 0.5)])
def test_vector_a_from_bins_files_to_product_files(record_of_a, tmp_path, monkeypatch, day, rate):
    monkeypatch.setattr(ooi_products, "predicted_tide", lambda time_ms, _: tide_a(time_ms / 1000))
    made = products(tmp_path, *record_of_a, day_coverage=day, rate_coverage=rate)
    expected = vector("A_130d_15s_outputs")
    fifteen, daily = (read(path) for path in made[1::2])
    assert np.count_nonzero(~np.isnan(fifteen["meanpres_psi"])) == expected["n15s"]
    names = {
        "meanpres": "meanpres_psi",
        "meandepth": "meandepth_m",
        "rate5min": "rate_5min_cm_per_min",
        "rate10min": "rate_10min_cm_per_h",
    }
    for places in ("at_idx", "eruptwin"):
        rows = rows_at(fifteen, expected[f"time15s_{places}"])
        for name, column in names.items():
            agree(fifteen[column][rows], expected[f"{name}_{places}"], 1e-6)
    rows = rows_at(daily, expected["time24h"])
    assert daily["n"][rows].tolist() == expected["daycount"].tolist()
    for name, column in (
        ("daydepth", "daydepth_m"),
        ("rate4wk", "rate_4wk_cm_per_yr"),
        ("rate8wk", "rate_8wk_cm_per_yr"),
    ):
        agree(daily[column][rows], expected[f"{name}__dday{day}_rate{rate}"], 1e-6)


def read(path):
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        return {name: column[:] for name, column in file.variables.items()}


def rows_at(table, seconds_of_1900):
    """Return where a table has some times."""
    time_ms = np.rint((seconds_of_1900 - S1900) * 1000).astype(np.int64)
    rows = np.searchsorted(table["time"], time_ms)
    np.testing.assert_array_equal(table["time"][rows], time_ms)
    return rows


@pytest.mark.parametrize(("base_ms", "missing"), [(15_000, [4, 6, 7]), (7_500, [3])])
def test_a_bin_with_a_pressure_of_zero_or_less_is_left_out(tmp_path, base_ms, missing):
    bins = DAY_MS // base_ms
    mean = np.full(bins, 2254.0)
    least = mean - 0.1
    least[[4, 6, 7]], mean[[4, 6, 7]] = [0.0, -9999.0, 0.0], 1000.0
    statistics = Statistics(np.ones(bins, np.int64), mean, np.zeros(bins), least, mean + 0.1)
    paths = write_record(tmp_path / "bins", [0, DAY_MS], base_ms, statistics)
    with BinsRecord(paths, VARIABLE) as record:
        means = means_psi(record, 0 if base_ms == STEP_MS else STEP_MS // 2, 10)
    expected = np.full(10, 2254.0)
    # Of two halves of 7.5 s one makes a mean: only row 3 has both of them spoilt.
    expected[missing] = np.nan
    np.testing.assert_array_equal(means, expected)
