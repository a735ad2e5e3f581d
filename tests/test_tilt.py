"""Tilt: the numbers that OOI publishes for BOTTILT, and the tables that are made of bins."""

import itertools
import json

import netCDF4
import numpy as np
import pandas as pd
import pytest

from ooi_files import write_ooi_file
from plumbline import configuration
from plumbline.errors import PlumblineError
from plumbline.products.tilt import corrected_compass, tilt_direction, tilt_magnitude
from plumbline.samples.binning import bin_files
from plumbline.tables.about_products import About
from plumbline.tables.csvw import subject_of
from plumbline.tilt.tables import columns, write_tilt
from workflow import small

DAY = 1_429_747_200  # 2015-04-23T00:00Z, unix seconds
COMPASS = "corrected_compass_direction"
STREAM = {"name": "s", "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301", "method": "streamed", "stream": "lily"}

# x tilt, y tilt (urad), compass, serial number, corrected compass, magnitude, direction: as published in OOI's own test
# (ion-functions, test_prs_functions.py, Apache-2.0, copyright the Regents of the University of California).
SHOWN = (0.15, 71.99, 144.21, 215.53, 288.12, 359.76)
PUBLISHED = {
    "N9651": (
        (-150, 110, 183, 186.0, 129),
        (-140, 100, 170, 172.0, 116),
        (-130, 90, 92, 158.1, 37),
        (-120, 80, 317, 144.2, 261),
        (-110, 70, 204, 130.4, 146),
        (-100, 60, 183, 116.6, 124),
    ),
    "N9676": (
        (-90, 50, 200, 103.0, 139),
        (-80, 40, 132, 89.4, 69),
        (-70, 30, 53, 76.2, 346),
        (0, 20, 332, 20.0, 332),
        (0, 10, 263, 10.0, 263),
        (0, 0, 200, 0.0, 290),
    ),
    "N9656": (
        (0, -10, 166, 10.0, 346),
        (0, -20, 130, 20.0, 310),
        (10, -30, 87, 31.6, 249),
        (20, -40, 351, 44.7, 144),
        (30, -50, 240, 58.3, 29),
        (40, -60, 166, 72.1, 312),
    ),
    "N9652": (
        (50, -70, 173, 86.0, 317),
        (60, -80, 133, 100.0, 276),
        (70, -90, 82, 114.0, 224),
        (80, -100, 347, 128.1, 128),
        (90, -110, 243, 142.1, 24),
        (100, -120, 173, 156.2, 313),
    ),
    "N9655": (
        (110, -130, 173, 170.3, 313),
        (120, 160, 152, 200.0, 189),
        (130, 150, 98, 198.5, 139),
        (140, 140, 337, 198.0, 22),
        (150, 130, 222, 198.5, 271),
        (160, 120, 173, 200.0, 226),
    ),
}
THIRD_QUADRANT = (
    (-10, -120, 183, 120.4, 8),
    (-60, -220, 170, 228.0, 5),
    (-110, -5, 92, 110.1, 359),
    (-160, -150, 317, 219.3, 184),
    (-240, -260, 204, 353.8, 67),
    (-310, -10, 183, 310.2, 91),
)


@pytest.mark.parametrize(("serial", "rows"), [*PUBLISHED.items(), ("N9651", THIRD_QUADRANT)])
def test_compass_magnitude_and_direction_are_those_that_ooi_publishes(serial, rows):
    x, y, compass, magnitude, direction = np.array(rows, float).T
    np.testing.assert_array_equal(corrected_compass(serial, np.array(SHOWN)), compass)
    np.testing.assert_array_equal(np.round(tilt_magnitude(x, y), 1), magnitude)
    np.testing.assert_array_equal(tilt_direction(x, y, compass), direction)


def test_a_compass_that_cannot_be_corrected_is_told():
    assert np.isnan(corrected_compass("N9651", np.array([np.nan, 1.0]))).tolist() == [True, False]
    with pytest.raises(PlumblineError, match=r"No compass correction is known of LILY 'N1'; known are N9651, N9652"):
        corrected_compass("N1", np.array([1.0]))
    with pytest.raises(PlumblineError, match="outside 0 to 360 degrees"):
        corrected_compass("N9651", np.array([361.0]))


def tilt_of(folder, values, axes, units="urad", compass=None, compass_deg=None, interval=("1h", 3_600_000)):
    """Bin a sample every 10 s and make a table of tilt."""
    path = write_ooi_file(folder / "a.nc", DAY + 10.0 * np.arange(8640), values, units=units)
    if compass:
        with netCDF4.Dataset(path, "a") as file:
            file[compass].units = "degrees"
    begin, end = DAY * 1000, (DAY + 86_400) * 1000
    marked = [f"{name}:direction" if "compass" in name else name for name in values]
    middle = [(DAY + 43_200) * 1000] if interval[0] == "1h" else []
    paths = []
    for start, stop in itertools.pairwise([begin, *middle, end]):
        paths.append(folder / f"{start}.bins")
        bin_files([path], start, stop, 7500, marked, paths[-1], {})
    about = About(subject_of([], begin, end, STREAM, "embedded"), "t", "d", columns(interval[0]), {"method": "m"})
    csv = folder / "tilt.csv"
    span = (*interval, (begin, end), 0.1, about, csv, folder / "tilt.nc")
    write_tilt(paths, axes, compass, compass_deg, *span)
    about.write_beside(csv)
    return pd.read_csv(csv)


LILY, IRIS = ("lily_x_tilt", "lily_y_tilt"), ("iris_x_tilt", "iris_y_tilt")


def test_a_row_is_the_tilt_of_its_means_and_the_compass_is_averaged_as_a_vector(tmp_path):
    rng = np.random.default_rng(0)
    x, y = (rng.normal(middle, 5, 8640).astype("f4") for middle in (120, 160))
    turn = (rng.normal(0.4, 3, 8640) % 360).astype("f4")
    x[360:720] = y[360:720] = np.nan
    table = tilt_of(tmp_path, dict(zip((*LILY, COMPASS), (x, y, turn), strict=True)), LILY, compass=COMPASS)
    assert table["n"].tolist() == [360, 0] + [360] * 22
    assert table["coverage"].tolist() == [1, 0] + [1] * 22
    assert table.loc[1, ["x_tilt_urad", "tilt_magnitude_urad", "tilt_direction_deg"]].isna().all()
    first = slice(360)
    mx, my = x[first].mean(dtype=float), y[first].mean(dtype=float)
    assert table["x_tilt_urad"][0] == pytest.approx(mx, abs=1e-4)
    assert table["tilt_magnitude_urad"][0] == pytest.approx(np.hypot(mx, my), abs=1e-4)
    radians = np.deg2rad(turn[first].astype(float))
    heading = np.rad2deg(np.arctan2(np.sin(radians).mean(), np.cos(radians).mean())) % 360
    assert table["compass_deg"][0] == pytest.approx(heading, abs=1e-4)
    assert table["tilt_direction_deg"][0] == round((450 - np.rad2deg(np.arctan2(my, mx)) + heading) % 360) % 360
    with netCDF4.Dataset(tmp_path / "tilt.nc") as file:
        np.testing.assert_allclose(
            file["tilt_magnitude_urad"][:].filled(np.nan), table["tilt_magnitude_urad"], atol=1e-4
        )
        assert file.synthetic == "yes"
    said = json.loads((tmp_path / "tilt.csv-metadata.json").read_text())
    assert [column["name"] for column in said["tableSchema"]["columns"]] == table.columns.tolist()


def test_degrees_become_microradians_and_without_a_compass_there_is_no_direction(tmp_path):
    values = {"iris_x_tilt": np.full(8640, -0.25), "iris_y_tilt": np.zeros(8640)}
    table = tilt_of(tmp_path, values, IRIS, units="degrees", interval=("1D", 86_400_000))
    assert table["x_tilt_urad"].tolist() == [round(-0.25 * np.pi / 180 * 1e6, 4)]
    assert table["tilt_magnitude_urad"][0] == -table["x_tilt_urad"][0]
    assert table[["tilt_direction_deg", "compass_deg"]].isna().all().all()


def test_the_compass_may_be_configured(tmp_path):
    values = {"iris_x_tilt": np.full(8640, 0.25), "iris_y_tilt": np.full(8640, 0.25)}
    table = tilt_of(tmp_path, values, IRIS, units="degrees", compass_deg=314.8)
    assert set(table["tilt_direction_deg"]) == {0}  # 45 + 314.8, rounded
    assert set(table["compass_deg"]) == {314.8}


def test_tilts_in_another_unit_are_refused(tmp_path):
    with pytest.raises(PlumblineError, match="are in 'mm', but a tilt is made of microradians or degrees"):
        tilt_of(tmp_path, {name: np.ones(8640) for name in LILY}, LILY, units="mm")
    assert not (tmp_path / "tilt.csv").exists()


def test_tilt_is_made_where_both_axes_are_and_can_be_switched_off():
    def axes(products=None, **stream):
        config = small(variables=["lily_x_tilt", "lily_y_tilt"], **stream) | {"products": products or {}}
        read = configuration.read(config)
        return read.tilt_of(read.streams[0])

    assert axes() == LILY
    assert axes(products=["tilt"]) == LILY
    assert axes(products=["uplift"]) is None
    assert axes(products={"tilt": False}) is None
    assert axes(products={"tilt": {"compass_deg": 10}}) == LILY
    with pytest.raises(PlumblineError, match="compass_deg"):
        axes(products={"tilt": {"compass_deg": 360}})
    config = configuration.read(small(variables=["lily_x_tilt"]) | {"products": {}})
    assert config.tilt_of(config.streams[0]) is None
