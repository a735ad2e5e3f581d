"""Figures of long tables: fewer points, the same record."""

from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.font_manager import findfont

from plumbline import figures
from plumbline.figures import style, tables


def written(path, rows):
    n = np.where(np.arange(rows) % 7 == 3, 0, 1200 - np.arange(rows) % 5)
    mean = np.where(n > 0, 2254 + np.arange(rows) / 100, np.nan)
    table = pd.DataFrame({"time": pd.date_range("2015-04-23", periods=rows, freq="1min", tz="UTC")})
    table["time"] = table["time"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    table = table.assign(mean=mean, std=0.1, min=mean - 1, max=mean + 1, n=n, coverage=n / 1200)
    table.to_csv(path, index=False)
    return table


def test_rows_put_together_keep_extremes_weighted_mean_and_order(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "MOST_POINTS", 10)
    table = written(tmp_path / "t.csv", 95)
    thinned, together = tables._read_thinned(tmp_path / "t.csv")
    assert together == 10
    assert len(thinned) == 10
    for place, row in enumerate(thinned.itertuples()):
        rows = table.iloc[place * 10 : place * 10 + 10]
        there = rows[rows["n"] > 0]
        assert row.time == pd.Timestamp(rows["time"].iloc[0])
        assert np.isclose(row.mean, np.average(there["mean"], weights=there["n"]), rtol=0, atol=1e-9)
        assert (row.min, row.max, row.n) == (there["min"].min(), there["max"].max(), rows["n"].sum())
        assert np.isclose(row.coverage, rows["coverage"].mean())


def test_a_short_table_is_drawn_as_it_is(tmp_path):
    table = written(tmp_path / "t.csv", 95)
    drawn, together = tables._read_thinned(tmp_path / "t.csv")
    assert together == 1
    assert drawn["n"].tolist() == table["n"].tolist()


def test_figures_are_drawn_with_matplotlibs_own_fonts_whichever_a_machine_has():
    own = Path(matplotlib.get_data_path())
    assert Path(findfont("DejaVu Sans")).is_relative_to(own)
    assert all(Path(font.fname).is_relative_to(own) for font in style.fontManager.ttflist)


def test_a_figure_of_oois_own_data_has_no_mark_and_one_of_anything_else_has():
    assert style.mark_of(False, "files", "NSF Ocean Observatories Initiative") == ""
    assert style.mark_of(False, "https://ooinet.oceanobservatories.org/api/m2m", "") == ""
    assert style.mark_of(False, "files", "replay of a.npz (sha256 0a)").startswith("NOT FROM OOI: replay of a.npz")
    assert style.mark_of(True, "files", "synthetic: x").startswith("SYNTHETIC")
