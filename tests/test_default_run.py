"""The default configuration, as a newcomer runs it, against values computed from the signal model."""

import functools
import hashlib
import io
import json
import re

import netCDF4
import numpy as np
import pandas as pd
import pytest
import yaml

from plumbline.embedded import seafloor, signal
from plumbline.products.uplift import drop, yearly_rates
from workflow import REPOSITORY, Workflow, printed

DEFAULT = yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text())
STREAMS = {stream["name"]: stream for stream in DEFAULT["streams"]}
INTERVALS = {"1min": 60_000, "1h": 3_600_000}
RATES_HZ = {"botpt_nano_sample": 20.0, "botpt_nano_sample_15sec": 1 / 15}


@pytest.fixture(scope="module")
def default_run(tmp_path_factory):
    workflow = Workflow(tmp_path_factory.mktemp("default"))
    process = workflow.run(cores=4)
    assert process.returncode == 0, printed(process)
    return workflow, printed(process)


def milliseconds(day):
    return int(pd.Timestamp(day, tz="UTC").value // 1_000_000)


def window(stream):
    """Return the window that is compared: of a year, the two months around the eruption."""
    begin, end = (max(first, str(stream[key])) for key, first in (("begin", "2015-04-01"), ("end", "")))
    return begin, min(end, "2015-06-01")


@functools.cache
def samples(name):
    begin, end = map(milliseconds, window(STREAMS[name]))
    return signal.samples(STREAMS[name]["reference_designator"], STREAMS[name]["stream"], begin, end)


def expected(stream, interval_ms):
    """Compute a table from the signal model, with pandas."""
    begin, end = map(milliseconds, window(stream))
    time_ms, variables = samples(stream["name"])
    values = pd.Series(variables[stream["variables"][0]].astype(np.float64))
    table = values.groupby(time_ms // interval_ms * interval_ms).agg(["mean", "std", "min", "max", "count"])
    return table.reindex(np.arange(begin, end, interval_ms))


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("interval", INTERVALS)
def test_tables_hold_the_statistics_of_the_signal_model(default_run, name, interval):
    workflow, _ = default_run
    stream, interval_ms = STREAMS[name], INTERVALS[interval]
    path = workflow.folder / f"results/{name}/{stream['variables'][0]}_{interval}.csv"
    table, model = pd.read_csv(path), expected(stream, interval_ms)
    begin, end = window(stream)
    table = table[(table["time"] >= begin) & (table["time"] < end)].reset_index(drop=True)
    assert list(table) == ["time", "mean", "std", "min", "max", "n", "coverage"]
    starts = pd.to_datetime(pd.Series(model.index), unit="ms").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert table["time"].tolist() == starts.tolist()
    assert table["n"].tolist() == model["count"].fillna(0).astype(int).tolist()
    np.testing.assert_array_equal(table["min"], model["min"])
    np.testing.assert_array_equal(table["max"], model["max"])
    np.testing.assert_allclose(table["mean"], model["mean"], rtol=0, atol=1e-8)
    np.testing.assert_allclose(table["std"], model["std"], rtol=0, atol=1e-8)
    whole = RATES_HZ[stream["stream"]] * interval_ms / 1000
    np.testing.assert_allclose(table["coverage"], table["n"] / whole, rtol=0, atol=5.1e-7)


def test_the_eruption_is_in_the_tables(default_run):
    """The seafloor falls by 2.4 m at the centre, which is 3.6 psi more pressure, and less in the east."""
    workflow, _ = default_run
    rise = {}
    for name in ("central-caldera-15s", "eastern-caldera-15s"):
        table = pd.read_csv(
            workflow.folder / f"results/{name}/botsflu_meanpres_1h.csv", parse_dates=["time"], index_col="time"
        )["mean"]
        # whole days of 24 h 50 min take the tide out as far as needed here
        before = table["2015-04-20":"2015-04-23"].mean()
        after = table["2015-05-02":"2015-05-05"].mean()
        rise[name] = after - before
    assert rise["central-caldera-15s"] == pytest.approx(2.4 / 0.6805, abs=0.45)
    assert 0.5 < rise["eastern-caldera-15s"] < rise["central-caldera-15s"]


def test_nothing_is_to_be_done_afterwards(default_run):
    workflow, _ = default_run
    process = workflow.run("--dry-run")
    assert "Nothing to be done" in printed(process)
    assert workflow.planned() == {}


def test_synthetic_data_say_so_everywhere(default_run):
    workflow, _ = default_run
    for content in workflow.results("*/*.csv-metadata.json").values():
        metadata = json.loads(content)
        assert metadata["dc:title"].startswith("Synthetic")
        assert "Not data of the Ocean Observatories Initiative" in metadata["dc:bibliographicCitation"]
    for content in workflow.results("*/requests/*.json").values():
        assert json.loads(content)["server"] == "embedded"
    for path in (workflow.folder / "results").glob("*/netcdf/*/*.nc"):
        with netCDF4.Dataset(path) as file:
            assert "synthetic" in file.data_origin
    for path in (workflow.folder / "results").glob("*/bins/*.nc"):
        with netCDF4.Dataset(path) as file:
            assert "synthetic" in file.data_origin
            assert file.source_server == "embedded"


def test_manifest_and_checksums_name_what_lies_there(default_run):
    workflow, _ = default_run
    manifests = sorted((workflow.folder / "results").glob("*/netcdf/*.json"))
    assert len(manifests) == 2 * 3 + 2
    for path in manifests:
        folder = path.with_suffix("")
        files = json.loads(path.read_text())["files"]
        assert files
        if STREAMS[path.parts[-3]].get("keep_netcdf", True) is False:
            assert path.with_suffix(".freed").exists()
            assert not folder.exists() or not list(folder.glob("*.nc"))
            assert all(re.fullmatch("[0-9a-f]{64}", file["sha256"]) for file in files)
            continue
        sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
        assert {file["name"] for file in files} == {nc.name for nc in folder.glob("*.nc")} == sums.keys()
        for file in files:
            content = (folder / file["name"]).read_bytes()
            assert len(content) == file["bytes"]
            assert hashlib.sha256(content).hexdigest() == file["sha256"] == sums[file["name"]]


def test_every_job_has_a_log_and_a_benchmark(default_run):
    workflow, _ = default_run
    logs = {path.relative_to(workflow.folder / "logs").with_suffix("") for path in workflow.folder.glob("logs/*/**/*")}
    logs = {path for path in logs if (workflow.folder / "logs" / path.with_suffix(".log")).is_file()}
    costs = {
        path.relative_to(workflow.folder / "benchmarks/results").with_suffix("")
        for path in workflow.folder.glob("benchmarks/results/**/*.tsv")
    }
    # Chunks, freed files, tables, coverage, orders, figures; products of stations, of the pair, flags, summaries.
    assert len(costs) == 8 * 5 + 2 + 8 + 4 + 4 + 4 + 2 * 4 + 2 + 2 * 2 + 2 + 2 * 2 + 3
    assert costs <= logs


def test_progress_is_in_words(default_run):
    _, text = default_run
    assert "central-caldera 2015-04-24: Ordering 2015-04-24T00:00:00Z to 2015-04-25T00:00:00Z from embedded." in text
    assert "central-caldera 2015-04-24: Complete: 1 file," in text
    assert "/s." in text  # the rate of a download


def test_figures_are_pictures(default_run):
    matplotlib_image = pytest.importorskip("matplotlib.image")
    workflow, _ = default_run
    figures = workflow.results("*/*.png")
    assert len(figures) == 4 + 2 * 4 + 2
    for content in figures.values():
        pixels = matplotlib_image.imread(io.BytesIO(content), format="png")
        assert pixels.shape[1] > 600
        assert len(np.unique(pixels[::3, ::3, :3].reshape(-1, 3), axis=0)) > 20


def test_it_stays_within_a_gigabyte(default_run):
    workflow, _ = default_run
    # A file with two names lies on the disk once.
    files = {path.stat().st_ino: path.stat().st_size for path in workflow.folder.rglob("*") if path.is_file()}
    assert sum(files.values()) < 1e9


def product(workflow, name):
    """Return the times (ms since 1970) and the columns of a product's table."""
    table = pd.read_csv(workflow.folder / f"results/{name}.csv", parse_dates=["time"])
    return table["time"].dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64), table


ONSET_MS = round(seafloor.ONSET_2015_S * 1000)


@pytest.mark.parametrize(("name", "share"), [("central-caldera-15s", 1.0), ("eastern-caldera-15s", 0.0)])
def test_uplift_is_that_of_the_model(default_run, name, share):
    """Within the noise of the ocean, of which the model has 2.2 cm rms."""
    time_ms, table = product(default_run[0], f"{name}/uplift_1h")
    truth = seafloor.uplift_m(time_ms / 1000 + 1800, share)
    difference = table["uplift_m"] - truth
    assert np.nanstd(difference - np.nanmean(difference)) < 0.025
    there = drop(time_ms, table["uplift_m"].to_numpy(), ONSET_MS)
    assert there == pytest.approx(drop(time_ms, truth, ONSET_MS), abs=0.02)
    np.testing.assert_allclose(table["depth_m"] + table["tide_m"], table["detided_depth_m"], atol=2e-6)
    events = pd.read_csv(default_run[0].folder / f"results/{name}/events.csv", parse_dates=["onset"])
    assert events["kind"].tolist() == ["eruption"]
    assert abs(events["onset"][0] - pd.Timestamp("2015-04-24T06:00Z")) < pd.Timedelta(minutes=5)


def test_the_pair_shows_what_the_ocean_hides(default_run):
    time_ms, table = product(default_run[0], "axial/differential_uplift_1D")
    middle_s = time_ms / 1000 + 43_200
    truth = seafloor.uplift_m(middle_s, 1.0) - seafloor.uplift_m(middle_s, 0.0)
    difference = (table["differential_uplift_m"] - truth)[np.abs(time_ms - ONSET_MS) > 2 * 86_400_000]
    assert np.nanstd(difference) < 0.01
    there = drop(time_ms, table["differential_uplift_m"].to_numpy(), ONSET_MS)
    assert there == pytest.approx(drop(time_ms, truth, ONSET_MS), abs=0.02)
    rate = yearly_rates(time_ms, table["differential_uplift_m"].to_numpy()).cm_per_yr
    assert rate == pytest.approx([58.6], rel=0.03)


def test_forecasts_are_made_of_every_week_after_the_eruption(default_run):
    table = pd.read_csv(default_run[0].folder / "results/axial/forecast.csv", parse_dates=["as_of", "crossing"])
    assert set(table["method"]) == {"single-12wk", "differential-4wk", "differential-12wk"}
    assert table["as_of"].min() > pd.Timestamp("2015-04-24", tz="UTC")
    last = table[table["as_of"] == pd.Timestamp("2016-01-01", tz="UTC")].set_index("method")
    assert len(last) == 6
    # 1.4 m less what came back, at 58.6 cm/yr from the middle of May on.
    crossing = last.loc["differential-12wk", "crossing"].min()
    assert pd.Timestamp("2017-05-01", tz="UTC") < crossing < pd.Timestamp("2018-01-01", tz="UTC")


def test_products_say_how_they_were_made(default_run):
    metadata = json.loads(default_run[0].results("central-caldera-15s/uplift_1D.csv-metadata.json").popitem()[1])
    facts = {item["schema:name"]: item["schema:value"] for item in metadata["schema:additionalProperty"]}
    assert facts["drift"].startswith("not corrected")
    assert facts["depth method"].startswith("ooi: 0.67 m/psi")
    assert "TPXO7.2" in facts["predicted tide"]
    assert facts["reference day"] == "2015-01-01"


def blocks(page):
    """Return the Python of a page, its blocks one after the other."""
    return re.findall(r"^```python\n(.*?)^```", (REPOSITORY / page).read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.filterwarnings("error")
def test_the_python_of_the_pages_runs_on_the_results(default_run, monkeypatch):
    """What a reader copies into a notebook gives what the text says."""
    monkeypatch.chdir(default_run[0].folder)
    monkeypatch.setenv("MPLBACKEND", "agg")
    assert blocks("README.md")
    exec(compile("\n".join(blocks("README.md")), "README.md", "exec"), {})
    found = {}
    exec(compile("\n".join(blocks("docs/loading.md")), "docs/loading.md", "exec"), found)
    assert found["about"]["drift"].startswith("not corrected")
    assert found["about"]["synthetic"] is True
    assert len(found["whole"]) > 60
    assert len(found["good"]) > 300
    assert found["spring"].max() - found["spring"].min() > 2
    rows = pd.read_csv("results/central-caldera/bottom_pressure_1min.csv")["mean"].to_numpy()[10:20]
    assert float(found["ten_minutes"][1]) == pytest.approx(rows.mean(), abs=1e-6)
