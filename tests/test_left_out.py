"""What the bins say of rows that they leave out."""

import numpy as np

from ooi_files import write_ooi_file
from plumbline.reporting import log
from plumbline.samples.binned import read_attributes, read_daily_counts, read_numbers, read_rejected
from plumbline.samples.binning import bin_files

DAY = 1_429_747_200  # 2015-04-23T00:00Z, unix seconds
DAY_TEXT = "2015-04-23 00:00:00"
NAME = "bottom_pressure"


def binned(tmp_path, path, end):
    output = tmp_path / "bins.nc"
    bin_files([path], DAY * 1000, end * 1000, 7500, [NAME], output, {})
    return output


def test_rows_without_a_time_are_counted_and_said_whether_nan_or_a_fill_value(tmp_path, caplog):
    times = np.array([1.0, np.nan, -9999999.0, 9.969209968386869e36, 2.0, 90.0])
    path = write_ooi_file(
        tmp_path / "a.nc", [0], {NAME: np.full(6, 2254.0)}, time_units=f"seconds since {DAY_TEXT}", time_values=times
    )
    log.propagate = True  # another test may have configured a job's log
    bins = binned(tmp_path, path, DAY + 60)
    assert sum(int(n.sum()) for _, n in read_numbers(bins, [NAME])) == 2
    assert "3 rows without a time could not be used" in caplog.text
    attributes = read_attributes(bins)
    assert attributes["undated"] == 3
    assert "outside" not in attributes
    assert read_daily_counts(bins)["received"].tolist() == [2]


def test_bins_tell_where_samples_were_rejected(tmp_path):
    values = np.where(np.arange(600) // 100 == 2, np.nan, 2254.5)
    path = write_ooi_file(tmp_path / "a.nc", DAY + np.arange(600) / 10, {NAME: values})
    bins = binned(tmp_path, path, DAY + 60)
    starts, numbers = read_rejected(bins, NAME)
    assert ((starts - DAY * 1000) / 1000).tolist() == [15.0, 22.5]
    assert numbers.tolist() == [25, 75]
