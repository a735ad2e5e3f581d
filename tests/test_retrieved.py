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
