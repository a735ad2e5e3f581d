"""The examples of other streams, run as a user runs them, on short windows: the numbers are those of the samples."""

import json

import h5py
import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import circmean, circstd

from plumbline import configuration
from plumbline.page.making import make_page
from workflow import REPOSITORY, Workflow

EXAMPLES = sorted((REPOSITORY / "config" / "examples").glob("*.yaml"))
# Three samples in some hours, sent home by satellite: a method that is not streamed, and a rate that nobody told.
TELEMETERED = {
    "name": "mooring",
    "reference_designator": "CE02SHSM-RID27-03-CTDBPC000",
    "method": "telemetered",
    "stream": "ctdbp_cdef_dcl_instrument",
    "variables": ["sea_water_temperature"],
    "begin": "2015-06-01",
    "end": "2015-06-08",
    "chunk": "whole",
}
TABLES = ("--until", "resample_bins", "summarize_coverage", "list_orders", "make_tilt")
PAGE = "results/supplement/index.html"


def example(name):
    """Return an example of which every stream is one day long, for short; the one that has a sample a day, a week."""
    config = yaml.safe_load((REPOSITORY / "config" / "examples" / f"{name}.yaml").read_text())
    for stream in config["streams"]:
        daily = stream["stream"].endswith("24hour")
        stream |= {"begin": "2015-04-23", "end": "2015-04-30" if daily else "2015-04-24", "chunk": "whole"}
        stream["variables"] = stream["variables"][: 5 if "lily" in stream["name"] else 2]
    return config


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run of both examples and of a mooring, up to the tables and the page."""
    lily, ctd = example("lily"), example("ctd")
    config = lily | {"streams": [*lily["streams"], *ctd["streams"], TELEMETERED], "resample": ["1h", "1D"]}
    workflow = Workflow(tmp_path_factory.mktemp("any"), config)
    ran = workflow.succeed("all", *TABLES)
    assert (ran["make_tilt"], ran["estimate_rate"]) == (2, 1)
    assert workflow.succeed(PAGE) == {"make_page": 1}
    return workflow


def samples(workflow, stream, *variables):
    """Return hours since the begin, and columns, of all files of a stream, as h5py reads them."""
    paths = sorted((workflow.folder / "results" / stream / "netcdf").glob("*/*.nc"))
    columns = []
    for name in ("time", *variables):
        columns.append(np.concatenate([h5py.File(path)[name][:].astype(float) for path in paths]))
    seconds = np.round(columns[0] - 2_208_988_800, 3)
    return ((seconds - seconds.min() // 86400 * 86400) // 3600).astype(int), *columns[1:]


def table(workflow, name):
    return pd.read_csv(workflow.folder / "results" / f"{name}.csv")


def test_examples_are_right_configurations():
    assert [path.stem for path in EXAMPLES if path.stem in ("ctd", "lily")] == ["ctd", "lily"]
    for path in EXAMPLES:
        configuration.read(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize("variable", ["corrected_compass_direction", "seafloor_tilt_direction"])
def test_the_mean_of_a_compass_is_that_of_vectors(run, variable):
    hours, values = samples(run, "central-lily", variable)
    rows = table(run, f"central-lily/{variable}_1h")
    for hour in (0, 11, 23):
        inside = values[hours == hour]
        assert rows["n"][hour] == inside.size
        assert rows["mean"][hour] == pytest.approx(circmean(inside, high=360), abs=1e-5)
        assert rows["std"][hour] == pytest.approx(circstd(inside, high=360), abs=1e-5)


def test_other_variables_of_the_same_stream_have_their_mean(run):
    hours, values = samples(run, "central-lily", "lily_temp")
    rows = table(run, "central-lily/lily_temp_1h")
    assert rows["mean"][5] == pytest.approx(values[hours == 5].mean(), abs=1e-9)
    assert rows["max"][5] == values[hours == 5].max()


def test_tilt_is_that_of_the_means_of_an_hour(run):
    hours, x, y = samples(run, "central-lily", "lily_x_tilt", "lily_y_tilt")
    row = table(run, "central-lily/tilt_1h").iloc[7]
    mx, my = x[hours == 7].mean(), y[hours == 7].mean()
    assert row["tilt_magnitude_urad"] == pytest.approx(np.hypot(mx, my), abs=1e-4)
    compass = table(run, "central-lily/corrected_compass_direction_1h")["mean"][7]
    assert row["tilt_direction_deg"] == np.round((450 - np.degrees(np.arctan2(my, mx)) + compass) % 360)
    # OOI's own directions of the same hour, of each sample alone.
    assert abs(row["tilt_direction_deg"] - table(run, "central-lily/seafloor_tilt_direction_1h")["mean"][7]) < 1
    iris = table(run, "central-iris/tilt_1D").iloc[0]
    _, degrees = samples(run, "central-iris", "iris_x_tilt")
    assert iris["x_tilt_urad"] == pytest.approx(np.radians(degrees.mean()) * 1e6, abs=1e-3)
    assert np.isnan(iris["tilt_direction_deg"])


def test_every_variable_of_a_ctd_has_its_table(run):
    hours, *columns = samples(run, "axial-base-ctd", "sea_water_temperature", "sea_water_practical_salinity")
    for name, values in zip(("temperature", "practical_salinity"), columns, strict=True):
        rows = table(run, f"axial-base-ctd/sea_water_{name}_1h")
        assert rows["mean"][3] == pytest.approx(values[hours == 3].mean(), abs=1e-8)
        assert rows["coverage"][3] == pytest.approx((hours == 3).sum() / 3600, abs=1e-6)


def test_one_sample_a_day_and_one_every_quarter_minute_have_their_coverage(run):
    days = table(run, "central-24h/botsflu_daydepth_1D")
    assert days["coverage"].tolist() == days["n"].tolist() == [1.0] * 7
    assert table(run, "central-15s/botsflu_predtide_1h")["coverage"].max() == 1.0


def test_the_rate_of_a_mooring_is_estimated_and_every_table_says_so(run):
    folder = run.folder / "results" / "mooring"
    rate = json.loads((folder / "rate.json").read_text())
    assert rate["rate_hz"] == 3 / 3600
    assert rate["within_ms"] == 3_600_000
    rows = table(run, "mooring/sea_water_temperature_1h")
    assert rows["coverage"].tolist() == pytest.approx([n / 3 for n in rows["n"]], abs=1e-6)
    assert table(run, "mooring/coverage")["expected"].tolist() == [72] * 7
    empty_hours = (rows["n"] == 0).sum()
    assert 0 < len(table(run, "mooring/gaps")) <= empty_hours
    for name in ("sea_water_temperature_1h", "coverage", "gaps"):
        about = json.loads((folder / f"{name}.csv-metadata.json").read_text())["schema:additionalProperty"]
        facts = {one["schema:name"]: one["schema:value"] for one in about}
        assert facts["sampling rate in Hz, estimated from the data"] == 3 / 3600
    said = run.run("status").stdout
    assert (
        "mooring: coverage is reckoned from a rate that was estimated from the data, one sample every 1200 s." in said
    )


def test_a_run_again_does_nothing_and_a_rate_that_is_given_makes_the_tables_anew(run, tmp_path):
    copy = run.copied(tmp_path / "run")
    assert copy.planned("all", *TABLES) == {}
    assert copy.planned(PAGE) == {}
    given = [one | {"sample_rate_hz": 0.2} if one["name"] == "mooring" else one for one in copy.config["streams"]]
    copy = copy.with_config(copy.config | {"streams": given})
    ran = copy.succeed("all", "--until", "resample_bins", "summarize_coverage")
    assert {name for name, count in ran.items() if count} == {"resample_bins", "summarize_coverage"}
    rows = table(copy, "mooring/sea_water_temperature_1h")
    assert rows["coverage"].tolist() == pytest.approx([n / 720 for n in rows["n"]], abs=1e-6)


def test_a_figure_is_of_the_finest_table_that_has_samples_in_every_row(run):
    said = run.run("--dry-run", "results/central-24h/botsflu_daydepth.png", "results/central-lily/lily_temp.png").stdout
    assert "input: results/central-24h/botsflu_daydepth_1D.csv," in said
    assert "input: results/central-lily/lily_temp_1h.csv," in said


def test_a_page_of_nothing_but_directions_says_that_it_draws_none(run, tmp_path):
    lily = next(stream for stream in configuration.read(run.config).streams if stream.name == "central-lily")
    about = {"stream": lily.described(), "variables": ["corrected_compass_direction"], "chunks": ["whole"]}
    about |= {"pressure": None, "botsflu": False, "uplift": False, "events": False}
    make_page(run.folder / "results", tmp_path / "index.html", tmp_path / "page", [about], [], "embedded", [], [])
    text = (tmp_path / "index.html").read_text()
    assert "nothing but directions" in text
    assert "<script" not in text


def test_directions_have_no_line_on_the_page(run):
    page = (run.folder / "results" / "supplement" / "index.html").read_text()
    assert '"quantity":"lily_x_tilt"' in page
    assert '"quantity":"corrected_compass_direction"' not in page
