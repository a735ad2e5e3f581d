"""The default configuration, as a newcomer runs it, against values computed from the signal model."""

import hashlib
import io
import json

import netCDF4
import numpy as np
import pandas as pd
import pytest
import yaml

from plumbline.embedded import signal
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


def expected(stream, interval_ms):
    """Compute a table from the signal model, with pandas."""
    begin, end = milliseconds(stream["begin"]), milliseconds(stream["end"])
    time_ms, variables = signal.samples(stream["reference_designator"], stream["stream"], begin, end)
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
    assert len(manifests) == 2 * 3 + 2 * 2
    for path in manifests:
        folder = path.with_suffix("")
        files = json.loads(path.read_text())["files"]
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
    assert len(costs) == 10 * 5 + 8 + 4 + 4
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
    assert len(figures) == 4
    for content in figures.values():
        pixels = matplotlib_image.imread(io.BytesIO(content), format="png")
        assert pixels.shape[1] > 600
        assert len(np.unique(pixels[..., :3].reshape(-1, 3), axis=0)) > 20


def test_it_stays_within_a_gigabyte(default_run):
    workflow, _ = default_run
    assert sum(path.stat().st_size for path in workflow.folder.rglob("*") if path.is_file()) < 1e9
