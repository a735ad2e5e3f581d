"""The supplement, made through the workflow: what is in it, what checks it, and that it is the same bytes again."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import netCDF4
import pytest
import yaml

from plumbline import configuration
from plumbline.supplement.verification import verify
from supplements import found
from test_products import CONFIG
from workflow import REPOSITORY, Workflow, environment, printed

CREATOR = {"name": "Doe, Jo", "orcid": "0000-0002-1825-0097", "affiliation": "Institute of the Sea"}
CONFIG = CONFIG | {"supplement": {"creators": [CREATOR], "licence": "CC-BY-4.0"}}
# One file of each kind.
KINDS = (
    "SHA256SUMS",
    "README.md",
    "CITATION.txt",
    "citation.bib",
    "datapackage.json",
    "ro-crate-metadata.json",
    "data/central/uplift_1h.csv",
    "data/central/uplift_1h.csv-metadata.json",
    "data/central/uplift_1h.nc",
    "data/eastern/gaps.csv",
    "data/axial/forecast.csv",
    "figures/central/uplift.png",
    "figures/axial/forecast.pdf",
    "provenance/configuration.yaml",
    "provenance/central.json",
    "provenance/workflow.json",
    "workflow/Snakefile",
    "workflow/requirements.lock",
    "workflow/scripts/plumbline/tables/csvw.py",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two days of two stations, all products, and the supplement of it."""
    workflow = Workflow(tmp_path_factory.mktemp("supplement"), CONFIG)
    workflow.succeed("archive")
    return workflow


@pytest.fixture(scope="module")
def supplement(run):
    return run.folder / "results" / "supplement"


@pytest.fixture
def copied(supplement, tmp_path):
    """A copy that a test may damage."""
    return Path(shutil.copytree(supplement, tmp_path / "supplement"))


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def metadata_files(folder):
    """Return everything but the code and what has no text of its own."""
    endings = (".json", ".md", ".txt", ".bib", ".yaml")
    return [name for name in names(folder) if name.endswith(endings) and not name.startswith("workflow/")]


def check(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False, env=environment())


def test_everything_of_the_run_is_in_it_byte_for_byte(run, supplement):
    results = run.folder / "results"
    for stream in ("central", "eastern", "axial"):
        for path in (results / stream).glob("*.*"):
            if path.name in ("chunks.json", "quality.nc"):
                continue
            folder = "figures" if path.suffix in (".png", ".pdf") else "data"
            assert (supplement / folder / stream / path.name).read_bytes() == path.read_bytes(), path
    # A second name of the same file, not a second copy.
    assert (results / "central/uplift_1h.nc").samefile(supplement / "data/central/uplift_1h.nc")
    # But of a table that grows a copy: its file is appended to.
    assert not (results / "central/botsflu_meanpres_1h.csv").samefile(
        supplement / "data/central/botsflu_meanpres_1h.csv"
    )
    assert (supplement / "workflow/requirements.lock").read_bytes() == (REPOSITORY / "requirements.lock").read_bytes()
    assert not list(supplement.rglob("__pycache__"))


def test_a_rerun_does_nothing(run):
    assert run.planned("archive") == {}
    assert run.planned("supplement") == {}
    # It is no part of what is made without being asked for.
    assert run.planned() == {}


def test_the_configuration_in_it_is_the_effective_one(supplement):
    text = (supplement / "provenance/configuration.yaml").read_text()
    written = yaml.safe_load(text)
    assert configuration.read(written) == configuration.read(CONFIG)
    assert written["products"]["uplift"]["day_coverage"] == 0.5
    # Every key that results depend on, also of what was left out.
    assert set(written) == set(configuration.Configuration.model_fields) - {"catalog", "live"}


def test_it_tells_where_the_instruments_stood(supplement):
    text = (supplement / "README.md").read_text()
    assert "- RS03ECAL-MJ03E-06-BOTPTA302: deployment 1 from 2014-09-03T21:00:01Z on, at latitude 45.939888" in text
    (source, *_) = json.loads((supplement / "datapackage.json").read_text())["sources"]
    assert source["deployments"][0]["depth_m"] == 1526.0
    graph = json.loads((supplement / "ro-crate-metadata.json").read_text())["@graph"]
    entities = {entity["@id"]: entity for entity in graph}
    places = [entities[one["@id"]] for one in entities["./"]["spatialCoverage"]]
    assert [place["name"][:27] for place in places] == ["RS03CCAL-MJ03F-05-BOTPTA301", "RS03ECAL-MJ03E-06-BOTPTA302"]
    assert entities[places[1]["geo"]["@id"]]["elevation"] == -1519.0


def test_the_record_tells_requests_files_and_bins_and_nothing_of_one_run_alone(run, supplement):
    record = json.loads((supplement / "provenance/central.json").read_text())
    (chunk,) = record["chunks"]
    assert record["synthetic"] is True
    assert chunk["request"]["parameters"]["beginDT"] == "2015-04-22T23:59:59.999Z"
    assert chunk["files"][0]["name"].startswith("deployment0001_RS03CCAL-MJ03F-05-BOTPTA301")
    assert "accessed" not in record
    assert "ordered_at" not in chunk
    # What is another in every run lies beside the supplement, without anybody's account.
    volatile = (run.folder / "results/supplement.volatile.json").read_text()
    assert re.search(r'"ordered_at": "20\d\d-', volatile)
    assert "@" not in volatile


def test_the_commit_of_the_workflow_is_told_and_whether_it_was_edited(supplement):
    record = json.loads((supplement / "provenance/workflow.json").read_text())
    git = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if git.returncode == 0:
        assert record["commit"] == git.stdout.strip()
        assert record["clean"] in (True, False)
    assert re.fullmatch(r"[0-9a-f]{64}", record["code"])
    assert (supplement / "workflow/.git_archival.txt").read_text().startswith(f"node: {record['commit']}\n")


def test_synthetic_is_said_in_every_metadata_file(supplement):
    silent = [name for name in metadata_files(supplement) if "synthetic" not in (supplement / name).read_text().lower()]
    assert not silent
    for path in supplement.rglob("*.nc"):
        with netCDF4.Dataset(path) as file:
            assert file.synthetic == "yes"
            assert file.title.startswith("Synthetic")


def test_nobodys_account_or_folder_or_server_is_in_it(run, supplement):
    for name in names(supplement):
        content = (supplement / name).read_bytes()
        if not name.startswith("workflow/"):  # the code has the addresses of nobody in it
            assert not re.search(rb"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}", content), name
            assert b"127.0.0.1" not in content, name
        assert str(run.folder).encode() not in content, name
        assert tempfile.gettempdir().encode() + b"/" not in content or name.startswith("workflow/"), name


def test_sha256sum_reads_the_checksums(supplement):
    done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=supplement, check=False)
    assert done.returncode == 0
    listed = [line[66:] for line in (supplement / "SHA256SUMS").read_text().splitlines()]
    assert listed == [name for name in names(supplement) if name != "SHA256SUMS"]


def test_frictionless_finds_every_table_valid(supplement):
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(supplement / "datapackage.json"))
    assert report.valid, report.flatten(["type", "message"])
    package = json.loads((supplement / "datapackage.json").read_text())
    tables = [name for name in names(supplement) if name.endswith(".csv") and name.startswith("data/")]
    assert [resource["path"] for resource in package["resources"]] == tables
    assert len(report.tasks) == len(tables) == 31
    fields = {field["name"]: field for field in package["resources"][0]["schema"]["fields"]}
    assert fields["differential_uplift_m"]["unit"] == "m"
    assert package["contributors"][0]["title"] == CREATOR["name"]


def test_the_crate_is_a_workflow_run_crate_that_lists_every_file(supplement):
    rocrate = pytest.importorskip("rocrate.rocrate")
    crate = rocrate.ROCrate(str(supplement))
    profiles = {entity.id for entity in crate.root_dataset["conformsTo"]}
    assert "https://w3id.org/ro/wfrun/workflow/0.5" in profiles
    assert set(crate.mainEntity.type) == {"File", "SoftwareSourceCode", "ComputationalWorkflow"}
    assert crate.mainEntity["programmingLanguage"]["name"] == "Snakemake"
    (action,) = (entity for entity in crate.get_entities() if entity.type == "CreateAction")
    assert action["instrument"] is crate.mainEntity
    assert {entity.id for entity in action["object"]} == {
        "provenance/configuration.yaml",
        "#stream-central",
        "#stream-eastern",
    }
    assert len(action["result"]) == len([name for name in names(supplement) if name.startswith(("data/", "figures/"))])
    listed = {entity.id for entity in crate.data_entities}
    outside = {name for name in names(supplement) if not name.startswith(("workflow/", "page/"))}
    assert outside - {"ro-crate-metadata.json"} <= listed
    assert crate.root_dataset["license"].id == "https://spdx.org/licenses/CC-BY-4.0"
    assert crate.root_dataset["author"][0].id == f"https://orcid.org/{CREATOR['orcid']}"


def test_bibtex_parses(supplement):
    parsed = pytest.importorskip("pybtex.database").parse_file(str(supplement / "citation.bib"))
    assert list(parsed.entries) == ["supplement", "data-central", "data-eastern", "plumbline"]
    assert parsed.entries["supplement"].persons["author"][0].last_names == ["Doe"]
    assert "Not data of" in parsed.entries["data-central"].fields["note"]


def test_netcdf_passes_the_ioos_compliance_checker(supplement, tmp_path):
    runner = pytest.importorskip("compliance_checker.runner")
    runner.CheckSuite.load_all_available_checkers()
    files = (
        "central/botsflu_15s.nc",
        "central/botsflu_24h.nc",
        "central/uplift_1D.nc",
        "axial/differential_uplift_1h.nc",
    )
    # CF's table has no standard name of an uplift, nor of its rates, which ACDD would have.
    skipped = ["check_var_standard_name:A"]
    for file in files:
        passed, errors = runner.ComplianceChecker.run_checker(
            ds_loc=str(supplement / "data" / file),
            checker_names=["cf:1.8", "acdd"],
            verbose=0,
            criteria="lenient",
            skip_checks=skipped,
            output_filename=str(tmp_path / "report.txt"),
            output_format=["text"],
        )
        assert passed, (tmp_path / "report.txt").read_text()
        assert not errors


def test_verify_finds_it_whole_and_makes_bins_and_tables_again(run):
    process = run.run("verify")
    assert process.returncode == 0, printed(process)
    assert "Made again and compared: 2 files of bins of raw files, 8 tables of bins" in printed(process)
    assert "results/supplement is whole and right" in printed(process)


def test_the_folder_alone_is_checked_with_the_code_alone(supplement, tmp_path):
    with zipfile.ZipFile(supplement.parent / "supplement.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "supplement"
    # Nothing appears in the folder by running the code that lies in it.
    for _ in range(2):
        done = check(sys.executable, str(folder / "workflow/scripts/verify_supplement.py"), str(folder))
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", KINDS)
def test_a_flipped_byte_is_found_and_told(copied, name):
    path = copied / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    faults = found(copied)
    assert faults
    if name != "SHA256SUMS":
        assert f"{name} is not what it was: its SHA-256 is not the one in SHA256SUMS" in faults


def test_a_fault_is_told_by_the_exit_code_and_without_a_traceback(copied):
    (copied / "data/central/events.csv").write_text("")
    done = check(sys.executable, str(REPOSITORY / "scripts/verify_supplement.py"), str(copied))
    assert done.returncode == 1
    assert "verify: data/central/events.csv is not what it was" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_archive_has_fixed_times_modes_and_order(run):
    with zipfile.ZipFile(run.folder / "results/supplement.zip") as archive:
        entries = archive.infolist()
        assert archive.testzip() is None
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}


def test_run_again_from_the_supplement_alone_the_zip_is_the_same_bytes(run, supplement, tmp_path):
    """Another folder, another copy of the code and no git, a server at another port, on another number of cores."""
    for name in ("workflow", "provenance"):
        shutil.copytree(supplement / name, tmp_path / name)
    text = (tmp_path / "provenance/configuration.yaml").read_text()
    again = Workflow(tmp_path / "workflow", text, repository=tmp_path / "workflow")
    again.succeed("archive", cores=3)
    ours, theirs = (one.folder / "results/supplement.zip" for one in (run, again))
    with zipfile.ZipFile(ours) as one, zipfile.ZipFile(theirs) as other:
        assert one.namelist() == other.namelist()
        differing = [name for name in one.namelist() if one.read(name) != other.read(name)]
    assert not differing
    assert ours.read_bytes() == theirs.read_bytes()


def test_what_is_no_longer_wanted_leaves_the_supplement(run, tmp_path):
    workflow = run.copied(tmp_path).with_config(CONFIG | {"pairs": []})
    workflow.succeed("supplement")
    folder = workflow.folder / "results/supplement"
    assert not (folder / "data/axial").exists()
    assert verify(folder, None) == []
