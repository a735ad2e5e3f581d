"""A table that grows by a day has the bytes of one that is written whole, and the days before stay as they are."""

import os
import shutil

import numpy as np
import pytest

from ooi_files import write_ooi_file
from plumbline.errors import PlumblineError
from plumbline.samples.binning import bin_files
from plumbline.tables import csv_table
from plumbline.tables.csv_table import write_table
from plumbline.tables.growing import remove_orphans

DAY = 1_429_747_200
NAME = "bottom_pressure"


@pytest.fixture
def days(tmp_path):
    """Bins of four days, a file each."""
    rng = np.random.default_rng(5)
    bins = []
    for day in range(4):
        seconds = DAY + day * 86_400 + np.sort(rng.choice(86_400, 500, replace=False)).astype(float)
        path = write_ooi_file(tmp_path / "samples.nc", seconds, {NAME: rng.normal(2254, 1, 500)})
        output = tmp_path / f"{day}.nc"
        bin_files([path], *((DAY + (day + one) * 86_400) * 1000 for one in (0, 1)), 7500, [NAME], output, {})
        bins.append(output)
    return bins


class Table:
    def __init__(self, folder):
        self.path, self.lines = folder / "results" / "t.csv", folder / "kept" / "stream" / "t.csv"

    def write(self, bins, made_by="code"):
        self.path.unlink(missing_ok=True)  # as Snakemake does
        return self._written(bins, self.path, self.lines, made_by)

    def whole(self, bins):
        whole = self.path.with_name("whole.csv")
        self._written(bins, whole, None, "")
        return whole.read_bytes()

    def _written(self, bins, path, lines, made_by):
        end = (DAY + len(bins) * 86_400) * 1000
        return write_table(bins, NAME, 60_000, DAY * 1000, end, 20.0, path, lines, made_by)


@pytest.fixture
def table(tmp_path):
    return Table(tmp_path)


@pytest.fixture
def resampled(monkeypatch):
    """The bins files that are resampled."""
    seen, real = [], csv_table.resample

    def watched(paths, *rest):
        seen.extend(path.name for path in paths)
        return real(paths, *rest)

    monkeypatch.setattr(csv_table, "resample", watched)
    return seen


def test_only_the_new_day_is_written(table, days, resampled):
    table.write(days[:3])
    resampled.clear()
    assert table.write(days) == ("psi", [])
    assert resampled == ["3.nc"]
    assert table.path.read_bytes() == table.whole(days)


def test_a_removed_table_comes_back_without_a_look_at_the_bins(table, days, resampled):
    table.write(days)
    before = table.path.read_bytes()
    resampled.clear()
    table.write(days)
    assert resampled == []
    assert table.path.read_bytes() == before


def test_bins_that_were_made_anew_are_written_anew_and_all_behind_them(table, days, resampled):
    table.write(days)
    os.utime(days[1])
    resampled.clear()
    table.write(days)
    assert resampled == ["1.nc", "2.nc", "3.nc"]
    assert table.path.read_bytes() == table.whole(days)


def test_a_shorter_window_is_cut_and_other_code_keeps_nothing(table, days, resampled):
    table.write(days)
    resampled.clear()
    table.write(days[:2])
    assert resampled == []
    assert table.path.read_bytes() == table.whole(days[:2])
    resampled.clear()
    table.write(days, made_by="other code")
    assert resampled == ["0.nc", "1.nc", "2.nc", "3.nc"]


def test_a_table_that_somebody_edited_is_not_gone_on_with(table, days):
    table.write(days[:3])
    with open(table.path, "r+b") as file:
        file.write(b"TIME")
    table.write(days)
    assert table.path.read_bytes() == table.whole(days)


def test_what_a_killed_job_appended_does_not_stay(table, days):
    table.write(days[:2])

    def killed(*_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_table, "read_units", killed)
        with pytest.raises(KeyboardInterrupt):
            table.write(days)
    assert not table.path.exists()
    table.write(days)
    assert table.path.read_bytes() == table.whole(days)


def test_where_there_are_no_hard_links_the_table_is_a_copy(table, days, monkeypatch):
    def refused(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refused)
    table.write(days[:3])
    table.write(days)
    assert table.path.read_bytes() == table.whole(days)
    assert not table.lines.exists()


def test_lines_of_tables_that_are_gone_are_removed_and_others_stay(table, days, tmp_path):
    table.write(days)
    remove_orphans(tmp_path / "kept")
    assert table.lines.exists()
    table.path.unlink()
    remove_orphans(tmp_path / "kept")
    assert list((tmp_path / "kept" / "stream").iterdir()) == []


def test_a_hole_between_bins_is_refused_and_leaves_no_table(table, days):
    with pytest.raises(PlumblineError, match="do not follow"):
        table.write([days[0], days[2]])
    shutil.rmtree(table.lines.parent)
    with pytest.raises(PlumblineError, match="end before"):
        write_table(days[:1], NAME, 60_000, DAY * 1000, (DAY + 2 * 86_400) * 1000, 20.0, table.path, table.lines)
    assert not table.path.exists()


def test_a_table_that_is_still_there_is_never_seen_half_written(table, days):
    table.write(days[:3])

    def killed(*_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_table, "read_units", killed)
        with pytest.raises(KeyboardInterrupt):
            table._written(days, table.path, table.lines, "code")  # nobody has removed it
    assert not table.path.exists()
