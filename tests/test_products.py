"""Products through the workflow: their options, what they cost when something changes, and the reference vectors."""

import json

import numpy as np
import pandas as pd
import pytest

from plumbline.embedded import signal
from plumbline.products.depth import depth_teos10
from workflow import SMALL, Workflow, printed

EAST = {"name": "eastern", "reference_designator": "RS03ECAL-MJ03E-06-BOTPTA302"}
CONFIG = SMALL | {
    "streams": [SMALL["streams"][0] | {"chunk": "whole"}, SMALL["streams"][0] | EAST | {"chunk": "whole"}],
    "resample": ["1h"],
    "pairs": [{"name": "axial", "centre": "central", "reference": "eastern"}],
    "products": {},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two days of two stations, with all products."""
    workflow = Workflow(tmp_path_factory.mktemp("products"), CONFIG)
    workflow.succeed()
    return workflow


def table(workflow, name):
    return pd.read_csv(workflow.folder / f"results/{name}.csv", parse_dates=["time"])


def facts(workflow, name):
    metadata = json.loads((workflow.folder / f"results/{name}.csv-metadata.json").read_text())
    return {item["schema:name"]: item["schema:value"] for item in metadata["schema:additionalProperty"]}


def test_every_product_of_the_contract_is_there(run):
    files = {
        "central/botsflu_15s": "time,meanpres_psi,predtide_m,meandepth_m,rate_5min_cm_per_min,rate_10min_cm_per_h",
        "central/botsflu_24h": "time,n,daydepth_m,rate_4wk_cm_per_yr,rate_8wk_cm_per_yr",
        "central/uplift_1h": "time,depth_m,tide_m,detided_depth_m,uplift_m,coverage,flag",
        "central/uplift_1D": "time,depth_m,tide_m,detided_depth_m,uplift_m,coverage,flag",
        "central/quality_1h": "time,flag,passed,suspect,failed,missing",
        "central/eruptions": "onset,level_before_m,level_after_m,fall_m,last_day,last_level_m,regained",
        "axial/yearly_rates": "year,rate_cm_per_yr,standard_error_cm_per_yr,days",
        "central/events": "kind,onset,peak_time,peak_value,unit,end",
        "axial/differential_uplift_1h": "time,differential_uplift_m,n",
        "axial/differential_uplift_1D": "time,differential_uplift_m,n",
        "axial/forecast": "as_of,method,level_m,rate_cm_per_yr,crossing,crossing_low,crossing_high",
    }
    for name, header in files.items():
        assert (run.folder / f"results/{name}.csv").read_text().splitlines()[0] == header
        columns = json.loads((run.folder / f"results/{name}.csv-metadata.json").read_text())["tableSchema"]["columns"]
        assert [column["name"] for column in columns] == header.split(",")
    assert run.planned() == {}


def test_bins_of_15_s_are_those_of_the_samples(run):
    products = table(run, "central/botsflu_15s").set_index("time")
    begin_ms = 1_429_747_200_000
    time_ms, variables = signal.samples(
        "RS03CCAL-MJ03F-05-BOTPTA301", "botpt_nano_sample_15sec", begin_ms, begin_ms + 2 * 86_400_000
    )
    expected = np.full(2 * 5760, np.nan)
    expected[(time_ms - begin_ms) // 15_000] = variables["botsflu_meanpres"]
    np.testing.assert_allclose(products["meanpres_psi"], expected, rtol=0, atol=5.1e-7)
    depth = -0.67 * products["meanpres_psi"] + products["predtide_m"]
    np.testing.assert_allclose(products["meandepth_m"], depth, atol=1.5e-6)
    rate = 20 * products["meandepth_m"].diff(20)
    np.testing.assert_allclose(products["rate_5min_cm_per_min"], rate, atol=5e-5)


def test_uplift_of_a_pair_is_the_difference_of_its_stations(run):
    centre, reference, pair = (
        table(run, name) for name in ("central/uplift_1h", "eastern/uplift_1h", "axial/differential_uplift_1h")
    )
    np.testing.assert_allclose(pair["differential_uplift_m"], centre["uplift_m"] - reference["uplift_m"], atol=2e-6)
    assert pair["n"].tolist() == pair["differential_uplift_m"].notna().astype(int).tolist()


def test_two_days_are_too_short_to_fit_a_tide_and_no_forecast_is_made(run):
    assert "days of data are fewer than" in facts(run, "central/uplift_1h")["fitted tide"]
    for name in ("central/uplift_1h", "axial/differential_uplift_1D", "axial/forecast", "axial/yearly_rates"):
        assert facts(run, name)["drift"].startswith("not corrected")
        assert facts(run, name)["depth method"].startswith("ooi")
    rows = pd.read_csv(run.folder / "results/axial/forecast.csv")
    assert rows["crossing"].isna().all()


def test_calibrations_take_drift_off_and_another_method_gives_another_depth(run, tmp_path):
    calibrations = tmp_path / "calibrations.csv"
    calibrations.write_text("station,time,offset_kpa,sigma\ncentral,2015-04-23T00:00:00Z,2.0,0.1\n")
    changed = CONFIG | {"calibrations": str(calibrations), "products": {"depth": {"method": "teos10"}}}
    workflow = run.copied(tmp_path / "run").with_config(changed)
    ran = workflow.succeed()
    # The bins and what OOI defines stay as they are.
    assert {"bin_samples", "make_botsflu", "flag_bins", "request_data"}.isdisjoint(ran)
    assert ran["make_uplift"] == 2
    before, after = table(run, "central/uplift_1h"), table(workflow, "central/uplift_1h")
    pressure = (before["depth_m"] / -0.67).to_numpy() - 2.0 / 6.894757293168
    np.testing.assert_allclose(after["depth_m"], depth_teos10(pressure, 45.95485), atol=2e-5)
    assert facts(workflow, "central/uplift_1h")["drift"].startswith("corrected with a constant through 1 calibration")
    assert facts(workflow, "eastern/uplift_1h")["drift"].startswith("not corrected")
    assert facts(workflow, "axial/forecast")["drift of the reference"].startswith("not corrected")
    drift = table(workflow, "central/drift")
    assert drift["offset_kpa"].tolist() == [2.0, 2.0]
    assert drift["sigma_kpa"].tolist() == sorted(drift["sigma_kpa"].tolist())
    assert drift["uplift_sigma_m"][0] == 0
    assert (drift["sigma_kpa"] >= 0.1).all()
    assert table(workflow, "eastern/drift").empty


def test_a_record_without_tide_keeps_its_depth(run, tmp_path):
    workflow = run.copied(tmp_path).with_config(CONFIG | {"products": {"tide": {"constituents": "none"}}})
    workflow.succeed()
    hours = table(workflow, "central/uplift_1h")
    assert hours["tide_m"].isna().all()
    np.testing.assert_array_equal(hours["detided_depth_m"], hours["depth_m"])
    fifteen = table(workflow, "central/botsflu_15s")
    assert fifteen["predtide_m"].isna().all()
    np.testing.assert_allclose(fifteen["meandepth_m"], -0.67 * fifteen["meanpres_psi"], atol=1.5e-6)


@pytest.mark.parametrize("changed", [{"calibrations": "no.csv"}, {"products": {"tide": {"constituents": "no.csv"}}}])
def test_a_file_that_is_not_there_is_told_before_anything_runs(run, changed):
    process = run.with_config(CONFIG | changed).run("--dry-run")
    assert process.returncode != 0
    assert "Nothing was run: the file 'no.csv' of '" in printed(process)


def test_products_that_are_left_out_are_not_made(run, tmp_path):
    workflow = Workflow(tmp_path, CONFIG | {"products": ["uplift"]})
    planned = workflow.planned()
    assert planned["make_uplift"] == 2
    assert planned["make_differential"] == 1
    assert {"make_botsflu", "find_events", "make_forecast"}.isdisjoint(planned)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("station,time,offset_kpa\n", "have no column 'sigma'"),
        ("station,time,offset_kpa,sigma\nnorth,2015-04-23T00:00:00Z,1,1\n", "the station 'north' is unknown"),
        ("station,time,offset_kpa,sigma\ncentral,2015-04-23T00:00:00Z,1,0\n", "sigma has to be above 0"),
    ],
)
def test_a_mistake_in_the_calibrations_is_told_in_one_sentence(run, tmp_path, content, words):
    calibrations = tmp_path / "calibrations.csv"
    calibrations.write_text(content)
    workflow = run.copied(tmp_path / "run").with_config(CONFIG | {"calibrations": str(calibrations)})
    process = workflow.run("results/central/uplift_1h.csv")
    assert process.returncode != 0
    assert words in printed(process)
    assert "Traceback" not in printed(process)
