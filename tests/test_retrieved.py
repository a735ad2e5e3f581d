"""The folder of benchmarks/cluster.py counts as retrieved: only what follows is to be done."""

import sys

from workflow import REPOSITORY, Workflow

sys.path.append(str(REPOSITORY / "benchmarks"))

from retrieved import INSTRUMENTS, lay_out


def test_a_folder_that_is_laid_out_as_retrieved_is_verified_and_binned_and_nothing_is_ordered(tmp_path):
    folder = lay_out(tmp_path / "run", years=1, chunk="year")
    workflow = Workflow(folder, (folder / "configuration.yaml").read_text())
    asked = [f"results/{next(iter(INSTRUMENTS))}/bottom_pressure_1D.csv"]
    assert workflow.planned()["verify_netcdf"] == len(INSTRUMENTS)
    assert workflow.succeed(*asked) == {"verify_netcdf": 1, "bin_samples": 1, "resample_bins": 1}
    lines = (folder / asked[0]).read_text().splitlines()
    # A second of samples on the first day, and nothing on the others.
    assert lines[1].startswith("2015-01-01T00:00:00")
    assert len(lines) == 366


def test_neighbours_are_retrieved_one_after_the_other(tmp_path):
    folder = lay_out(tmp_path / "run", years=1, chunk="month")
    workflow = Workflow(folder, (folder / "configuration.yaml").read_text())
    name, months = next(iter(INSTRUMENTS)), [f"2015-{month:02}" for month in range(1, 7)]
    asked = [f"results/{name}/bins/{month}.nc" for month in months]
    workflow.succeed(*asked, "--until", "verify_netcdf", cores=1)
    logs = sorted(folder.glob("logs/verify_netcdf/*/*.log"), key=lambda path: path.stat().st_mtime_ns)
    assert [path.stem for path in logs] == months
