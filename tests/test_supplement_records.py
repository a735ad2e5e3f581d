"""What a supplement tells of OOI's data: requests and files with their days, the citation, and nobody's account."""

import json
import shutil
import zipfile
from datetime import UTC, datetime

import netCDF4
import pytest

from plumbline import configuration
from plumbline.errors import PlumblineError
from plumbline.supplement import citation, configured, workflow_record
from plumbline.supplement.archive import write_archive
from plumbline.supplement.checksums import read_checksums, write_checksums
from plumbline.supplement.contents import files_in, lay
from plumbline.supplement.making import make_supplement
from plumbline.supplement.scrubbing import scrubbed
from plumbline.supplement.verification import verify
from workflow import REPOSITORY, SMALL

API = "https://ooinet.oceanobservatories.org/api/m2m"
EMAIL, TOKEN, USER = "jo.doe@whoi.example.edu", "TEMP-TOKEN-ABC123", "OOIAPI-XYZ9"
RESULTS = f"https://opendap.oceanobservatories.org/async_results/{EMAIL}/20260301T101010101Z-RS03CCAL"
RECORD = {
    "commit": "0" * 40,
    "clean": True,
    "code": "1" * 64,
    "name": "Plumbline",
    "version": "0.1.0",
}


def edited(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def asked(content):
    content |= {"server": API, "ordered_at": "2026-03-01T10:10:10Z"}
    content["answer"] |= {"allURLs": [RESULTS.replace("async_results", "thredds/catalog/ooi"), RESULTS]}
    content["attempts"] = [
        {"ordered_at": "2026-02-28T09:00:00Z", "answer": {"requestUUID": "earlier"}, "given_up": f"mail to {EMAIL}"}
    ]
    content["annotations"] = [{"id": 9, "text": f"Ask {EMAIL} or {USER}"}]


def completed(content):
    content |= {"server": API, "folder": RESULTS, "completed_at": "2026-03-02T11:11:11Z"}


def as_of_ooi(results):
    """Make records and bins of the embedded server look as those of OOI do."""
    for path in results.glob("central/requests/*.json"):
        edited(path, asked)
    for path in results.glob("central/complete/*.json"):
        edited(path, completed)
    for path in results.glob("central/bins/*.nc"):
        with netCDF4.Dataset(path, "a") as file:
            file.data_origin = ""
    edited(results / "central/complete/2015-04-24.json", lambda one: one.update(completed_at="2026-03-05T01:00:00Z"))


@pytest.fixture
def real(small_copy):
    """A supplement of results that look like OOI's, the configuration, and how to make it again."""
    results = small_copy.folder / "results"
    as_of_ooi(results)
    config = configuration.read(SMALL | {"ooi": {"api": API}})
    as_of = datetime(2026, 3, 6, tzinfo=UTC)
    tables = [*results.glob("central/*.csv*"), *results.glob("central/*.png")]

    def make(folder, page=()):
        chunks = {stream.name: list(stream.chunks().values()) for stream in config.streams}
        text = configured.effective(config, as_of)
        make_supplement(folder, tables, config, text, chunks, REPOSITORY, RECORD, page=page)
        return folder

    return make, results


def test_requests_and_files_are_told_with_their_days_and_hashes(real):
    make, results = real
    folder = make(results / "supplement")
    record = json.loads((folder / "provenance/central.json").read_text())
    assert record["synthetic"] is False
    assert record["accessed"] == {"first": "2026-03-02", "last": "2026-03-05"}
    chunk = record["chunks"][0]
    assert chunk["ordered_at"] == "2026-03-01T10:10:10Z"
    assert chunk["attempts"][0]["request_id"] == "earlier"
    manifest = json.loads((results / "central/netcdf/2015-04-23.json").read_text())
    assert [file["sha256"] for file in chunk["files"]] == [file["sha256"] for file in manifest["files"]]
    assert verify(folder, None) == []


def test_the_citation_has_instrument_dates_and_the_day_of_access(real):
    make, results = real
    folder = make(results / "supplement")
    text = (folder / "CITATION.txt").read_text()
    assert (
        "NSF Ocean Observatories Initiative. (2026). Bottom Pressure and Tilt (RS03CCAL-MJ03F-05-BOTPTA301) "
        "botpt_nano_sample_15sec data from 2015-04-23 to 2015-04-25. OOI Data Portal. "
        "https://ooinet.oceanobservatories.org. Accessed on 2026-03-02 to 2026-03-05."
    ) in text
    assert "Cooperative Agreement No. 2244833" in text
    assert "synthetic" not in text.lower()
    parsed = pytest.importorskip("pybtex.database").parse_file(str(folder / "citation.bib"))
    assert parsed.entries["data-central"].fields["urldate"] == "2026-03-05"
    crate = json.loads((folder / "ro-crate-metadata.json").read_text())
    (run,) = (entity for entity in crate["@graph"] if entity["@type"] == "CreateAction")
    assert (run["startTime"], run["endTime"]) == ("2026-03-01T10:10:10Z", "2026-03-05T01:00:00Z")
    (root,) = (entity for entity in crate["@graph"] if entity["@id"] == "./")
    assert root["datePublished"] == "2026-03-05"


def test_nothing_tells_whose_account_it_was(real):
    make, results = real
    folder = make(results / "supplement")
    for name in files_in(folder):
        content = (folder / name).read_bytes()
        for secret in (EMAIL, EMAIL.split("@")[0], TOKEN, USER):
            assert secret.encode() not in content, name


def test_the_same_results_give_the_same_zip(real, tmp_path):
    make, results = real
    write_archive(make(results / "supplement"), tmp_path / "one.zip")
    shutil.rmtree(results / "supplement")
    write_archive(make(results / "supplement"), tmp_path / "other.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()


def test_the_page_that_another_rule_makes_is_kept_listed_and_described(real):
    make, results = real
    folder = results / "supplement"
    (folder / "page").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "page/central.js").write_text("1")
    (folder / "left-over.txt").write_text("of an earlier configuration")
    make(folder, page=("index.html", "page"))
    assert {"index.html", "page/central.js"} <= set(read_checksums(folder))
    assert not (folder / "left-over.txt").exists()
    crate = json.loads((folder / "ro-crate-metadata.json").read_text())
    assert {"index.html", "page/"} <= {entity["@id"] for entity in crate["@graph"]}
    assert verify(folder, None) == []
    (folder / "page/central.js").write_text("2")
    assert verify(folder, None) == ["page/central.js is not what it was: its SHA-256 is not the one in SHA256SUMS"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{RESULTS}/a.nc", RESULTS.replace(EMAIL, "account-folder-removed") + "/a.nc"),
        ("/async_results/jo-doe/x", "/async_results/account-folder-removed/x"),
        (
            "https://h/thredds/dodsC/ooi/jo%40x.edu/20260301T-RS03/a.nc",
            "https://h/thredds/dodsC/ooi/account-folder-removed/20260301T-RS03/a.nc",
        ),
        ("https://jo:secret@host.edu/x", "https://host.edu/x"),
        (f"{USER} {TOKEN} {EMAIL}", "removed removed removed"),
        ("mean of 20 @ 2 Hz", "mean of 20 @ 2 Hz"),
    ],
)
def test_accounts_are_taken_out_of_texts(text, expected):
    assert scrubbed({"a": [text]}) == {"a": [expected]}


def test_files_that_the_configuration_names_are_taken_along_without_their_folder(small_copy, tmp_path):
    calibrations = tmp_path / "home-of-jo" / "calibrations.csv"
    calibrations.parent.mkdir()
    calibrations.write_text("station,time,offset_kpa,sigma\n")
    config = configuration.read(SMALL | {"calibrations": str(calibrations)})
    text = configured.effective(config, datetime(2026, 1, 1, tzinfo=UTC))
    assert "home-of-jo" not in text
    assert "calibrations: ../provenance/inputs/calibrations.csv" in text
    # Read and written once more it is the same text.
    assert configured.effective(configured.read(text), datetime(2027, 1, 1, tzinfo=UTC)) == text


def test_an_open_end_is_closed_by_the_day_of_the_run():
    streams = [{**SMALL["streams"][0], "end": None}]
    text = configured.effective(configuration.read(SMALL | {"streams": streams}), datetime(2026, 1, 2, tzinfo=UTC))
    assert "as_of: '2026-01-02'" in text


def test_a_workflow_without_git_tells_its_commit_by_the_archive_or_says_that_it_is_not_known(tmp_path):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "CITATION.cff").write_text("version: 1.2.3\n")
    assert workflow_record.workflow_record(tmp_path)["commit"] == "not known"
    (tmp_path / ".git_archival.txt").write_text("node: $Format:%H$\n")
    assert workflow_record.workflow_record(tmp_path)["commit"] == "not known"
    (tmp_path / ".git_archival.txt").write_text("node: abc\n")
    record = workflow_record.workflow_record(tmp_path)
    assert (record["commit"], record["clean"]) == ("abc", "not known")
    (tmp_path / ".git_archival.txt").write_text(workflow_record.archived(record | {"clean": True}))
    assert workflow_record.workflow_record(tmp_path) == record | {"clean": True}
    (tmp_path / "scripts/new.py").write_text("")
    assert workflow_record.workflow_record(tmp_path)["clean"] is False


def test_bibtex_keeps_special_letters_from_being_commands():
    assert citation._escaped("50 % of A_B & {C}") == r"50 \% of A\_B \& \{C\}"


def test_what_may_be_written_into_is_copied_and_not_linked(tmp_path):
    alone, named_twice = tmp_path / "alone", tmp_path / "twice"
    alone.write_text("a")
    named_twice.write_text("b")
    (tmp_path / "again").hardlink_to(named_twice)
    for path in (alone, named_twice):
        lay(path, tmp_path / "supplement" / path.name)
        lay(path, tmp_path / "supplement" / path.name)
    assert alone.samefile(tmp_path / "supplement/alone")
    assert not named_twice.samefile(tmp_path / "supplement/twice")
    assert (tmp_path / "supplement/twice").read_text() == "b"


@pytest.mark.parametrize("damage", ["changed", "missing", "stray"])
def test_a_damaged_supplement_is_not_packed(tmp_path, damage):
    folder = tmp_path / "supplement"
    folder.mkdir()
    (folder / "a.csv").write_text("a\n")
    write_checksums(folder)
    if damage == "changed":
        (folder / "a.csv").write_text("b\n")
    elif damage == "missing":
        (folder / "a.csv").unlink()
    else:
        (folder / "b.csv").write_text("b\n")
    with pytest.raises(PlumblineError, match=r"[ab]\.csv"):
        write_archive(folder, tmp_path / "out.zip")
    assert {path.name for path in tmp_path.iterdir()} == {"supplement"}


def test_what_is_no_supplement_is_told_in_one_sentence(tmp_path):
    with pytest.raises(PlumblineError, match="is no supplement: it has no SHA256SUMS"):
        read_checksums(tmp_path)


def test_names_with_spaces_and_other_letters_are_listed_and_packed(tmp_path):
    folder = tmp_path / "supplement"
    folder.mkdir()
    (folder / "a file ä.csv").write_text("a\n")
    write_checksums(folder)
    assert list(read_checksums(folder)) == ["a file ä.csv"]
    write_archive(folder, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == ["supplement/SHA256SUMS", "supplement/a file ä.csv"]
