"""What `verify` finds: bytes, files, tables and metadata that are not what they were."""

import shutil
from pathlib import Path

import netCDF4
import pytest

from plumbline.supplement.checksums import write_checksums
from plumbline.supplement.verification import verify
from supplements import found

TABLE = "data/central/botsflu_meanpres_1h.csv"


@pytest.fixture(scope="module")
def made(small_run, tmp_path_factory):
    """The supplement of the small run, and the run."""
    workflow = small_run.copied(tmp_path_factory.mktemp("verify"))
    workflow.succeed("supplement")
    return workflow.folder / "results" / "supplement"


@pytest.fixture
def copied(made, tmp_path):
    """A copy that a test may damage."""
    return Path(shutil.copytree(made, tmp_path / "supplement"))


@pytest.mark.parametrize("place", [0, 63, 64, 66, -1])
def test_no_byte_of_the_checksums_can_change_unseen(copied, place):
    path = copied / "SHA256SUMS"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert found(copied)


def test_files_that_are_missing_or_do_not_belong_there_are_told(copied):
    (copied / "data/central/gaps.csv").unlink()
    (copied / "figures/another.png").write_bytes(b"")
    faults = verify(copied, None)
    assert any("data/central/gaps.csv is missing" in fault for fault in faults)
    assert any("figures/another.png does not belong here" in fault for fault in faults)


def rewritten(folder):
    """Write the checksums anew, as somebody would who hides a change."""
    write_checksums(folder)
    return verify(folder, None)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("time,mean", "time,middle", "has the columns"),
        ("2015-04-23T01:00:00Z", "2015-04-23T00:00:00Z", "repeats or is out of order"),
        ("2015-04-23T01:00:00Z,", "2015-04-23T01:00:00Z,x", "cannot be read by its metadata"),
        ("2015-04-23T01:00:00Z", "", "without 'time'"),
    ],
)
def test_tables_are_held_against_their_metadata(copied, old, new, words):
    path = copied / TABLE
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert any(words in fault for fault in rewritten(copied))


def test_metadata_are_held_against_each_other_and_the_files(copied):
    (copied / "data/central/new.csv").write_text("time\n")
    path = copied / "data/central/botsflu_meanpres_1h.csv-metadata.json"
    path.write_text(path.read_text().replace("nonNegativeInteger", "integer"))
    faults = rewritten(copied)
    for words in (
        "data/central/new.csv is not in datapackage.json",
        "data/central/new.csv is not in ro-crate-metadata.json",
        "datapackage.json says another 'schema' of data/central/botsflu_meanpres_1h.csv",
        "ro-crate-metadata.json has another SHA-256 of data/central/botsflu_meanpres_1h.csv-metadata.json",
    ):
        assert any(words in fault for fault in faults), (words, faults)


def test_a_table_that_does_not_follow_from_the_bins_is_told_with_the_line(made, copied):
    path = copied / TABLE
    lines = path.read_text().splitlines(keepends=True)
    lines[3] = lines[3].replace("240,1.000000", "241,1.000000")
    path.write_text("".join(lines))
    faults = verify(copied, made.parent)
    assert any("is another when it is made again: line 4 is" in fault for fault in faults), faults


def test_a_raw_file_that_changed_is_told(made, copied, tmp_path):
    results = tmp_path / "results"
    shutil.copytree(made.parent / "central", results / "central")
    (raw,) = (results / "central/netcdf/2015-04-23").glob("*.nc")
    with netCDF4.Dataset(raw, "a") as file:
        file["botsflu_meanpres"][100] += 1
    faults = verify(copied, results)
    assert any("is not the one that was downloaded" in fault for fault in faults)
    assert any("bins made again of the raw files of central 2015-04-23 are others" in fault for fault in faults)
