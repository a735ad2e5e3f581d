"""Bins of files that differ in units, hold conflicting samples, or are damaged."""

import h5py
import numpy as np
import pytest

from ooi_files import write_ooi_file
from plumbline.errors import PlumblineError
from test_bins import DAY, NAME, bins_of, statistics


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_of_conflicting_samples_the_first_in_file_order_wins_and_is_counted(tmp_path, order):
    value = {"a": 2254.0, "b": 2255.0}
    for name in "ab":
        write_ooi_file(tmp_path / f"{name}.nc", [DAY + 5], {NAME: [value[name]]})
    path = bins_of(tmp_path, [tmp_path / f"{name}.nc" for name in order], end=DAY + 60)
    _, got = statistics(path)
    assert np.nanmax(got["mean"]) == value[order[0]]
    with h5py.File(path) as file:
        counts = {name: int(file[f"{NAME}_{name}"][0]) for name in ("used", "duplicate", "conflicting", "rejected")}
        assert int(file["received"][0]) == 2
    assert counts == {"used": 1, "duplicate": 1, "conflicting": 1, "rejected": 0}


def test_a_fill_value_never_wins_over_a_measurement(tmp_path):
    a = write_ooi_file(tmp_path / "a.nc", [DAY + 5, DAY + 6], {NAME: [-9999999.0, 2250.0]}, fill=-9999999.0)
    b = write_ooi_file(tmp_path / "b.nc", [DAY + 5, DAY + 6], {NAME: [2254.0, np.nan]}, fill=np.nan)
    path = bins_of(tmp_path, [a, b], end=DAY + 60, base_ms=60_000)
    _, got = statistics(path)
    assert (got["n"][0], got["minimum"][0], got["maximum"][0]) == (2, 2250.0, 2254.0)
    with h5py.File(path) as file:
        assert int(file[f"{NAME}_rejected"][0]) == 2


@pytest.mark.parametrize(
    ("units", "values"),
    [
        ("seconds since 1970-01-01 00:00:00", [DAY + 5.0]),
        ("milliseconds since 1970-01-01", [(DAY + 5.0) * 1000]),
        ("days since 2015-04-23", [5.0 / 86400]),
        ("seconds since 2015-04-22 23:59:46.93", [18.07]),
        ("seconds since 1900-01-01T00:00:00Z", [DAY + 5.0 + 2_208_988_800]),
        ("hours since 2015-01-01 0:0:0", [112 * 24 + 5 / 3600]),
    ],
)
def test_every_unit_and_epoch_of_time_is_read(tmp_path, units, values):
    path = write_ooi_file(
        tmp_path / "a.nc", [0], {NAME: [2254.0]}, time_units=units, time_values=np.array(values), dtype="f8"
    )
    _, got = statistics(bins_of(tmp_path, [path], end=DAY + 15, base_ms=1000))
    assert got["n"].tolist() == [0] * 5 + [1] + [0] * 9


def test_psia_and_psi_are_one_unit_and_dbar_is_not(tmp_path):
    for name, unit in (("a", "psi"), ("b", "psia"), ("c", "dbar")):
        write_ooi_file(tmp_path / f"{name}.nc", [DAY + ord(name)], {NAME: [2254.0]}, units=unit, dtype="f8")
    path = bins_of(tmp_path, [tmp_path / "a.nc", tmp_path / "b.nc"], end=DAY + 600)
    with h5py.File(path) as file:
        assert file[f"{NAME}_mean"].attrs["units"] in ("psi", b"psi")
    with pytest.raises(PlumblineError, match=r"different units: 'dbar' in c.nc; 'psi' in b.nc"):
        bins_of(tmp_path, [tmp_path / "b.nc", tmp_path / "c.nc"], end=DAY + 600)


def damaged(path, how):
    write_ooi_file(path, DAY + np.arange(50_000) / 20, {NAME: np.random.default_rng(0).normal(2254, 1, 50_000)})
    if how == "html":
        path.write_text("<html>maintenance</html>")
    elif how == "truncated":
        path.write_bytes(path.read_bytes()[:-5000])
    elif how == "zeroed":
        with h5py.File(path) as file:
            offset = file[NAME].id.get_chunk_info(2).byte_offset
        content = bytearray(path.read_bytes())
        content[offset : offset + 16] = bytes(16)
        path.write_bytes(content)
    elif how == "text":
        with h5py.File(path, "a") as file:
            del file[NAME]
            file[NAME] = np.array([b"x"] * 50_000)
    elif how == "missing":
        with h5py.File(path, "a") as file:
            del file[NAME]
    elif how == "short":
        with h5py.File(path, "a") as file:
            del file[NAME]
            file[NAME] = np.zeros(10)
    elif how == "epoch":
        with h5py.File(path, "a") as file:
            file["time"].attrs["units"] = "fortnights since the flood"
    return path


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("html", "cannot be opened as netCDF-4"),
        ("truncated", "cannot be opened as netCDF-4"),
        ("zeroed", "cannot be read at rows"),
        ("text", "of which there is no mean; take it out of the stream's 'variables'"),
        ("missing", "has no variable 'bottom_pressure'; it has"),
        ("short", "holds 10 values of 'bottom_pressure' for 50000 times"),
        ("epoch", "fortnights since the flood"),
    ],
)
def test_a_bad_file_is_named_in_one_sentence_and_leaves_nothing_behind(tmp_path, how, words):
    path = damaged(tmp_path / "deployment0001_bad.nc", how)
    with pytest.raises(PlumblineError, match=words) as caught:
        bins_of(tmp_path, [path])
    assert "deployment0001_bad.nc" in str(caught.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["deployment0001_bad.nc"]
