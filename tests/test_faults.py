"""Every failure mode of the real server, and the whole workflow through it.

Each mode strikes on a day of its own, of three streams of one run: in the first the workflow must come to
the right result by itself; in the second it must say in one sentence what happened, and get there when it
is run again on a server in order; in the third data are missing for good, and that must be written down.
"""

import csv
import json
import re
import subprocess
import sys
from datetime import date, timedelta

import pytest

from plumbline.embedded.faultmodes import MODES, SOURCE_MODES
from workflow import REPOSITORY, SMALL, TABLES, Workflow, printed

BEGIN = date(2015, 6, 1)

# What the workflow overcomes, with the options of the fault.
OVERCOME = {
    "busy": {"times": 3, "seconds": 1},
    "timeout": {"times": 1},
    "down": {"times": 2},
    "bad_gateway": {"times": 1},
    "unavailable": {"times": 1, "seconds": 2},
    "maintenance": {"times": 2},
    "error_inside": {"times": 1},
    "truncated_json": {"times": 1},
    "no_data": {"times": 1},
    "slow_answer": {"seconds": 1},
    "cut_answer": {"times": 1},
    "lost_answer": {"times": 1},
    "swap_urls": {},
    "foreign_host": {},
    "old_stamp": {},
    "failed_status": {"times": 1},
    "no_files": {"times": 1},
    "partial_visible": {"seconds": 2},
    "empty_directory": {"seconds": 2},
    "whole_seconds": {},
    "deployment_zero": {},
    "ancillary": {},
    "extras": {},
    "overlap": {},
    "deployment_changes": {},
    "variables_differ": {},
    "unaggregated": {},
    "empty_catalog": {},
    "no_apache_url": {},
    "empty_index": {"seconds": 3},
    "thredds5": {},
    "cut_download": {"times": 3},
    "stalled_download": {"times": 1, "seconds": 3},
    "wrong_length": {"times": 2},
    "short_file": {"times": 1},
    "corrupt_file": {"times": 2},
    "html_file": {"times": 1},
    "no_range": {},
    "no_head": {},
}

# What it cannot overcome, with the sentence that says so.
TOLD = {
    # ... before the deadline
    "never_complete": r"The order of \S+ is not complete after .* Run again to go on waiting for the same order\.",
    "failed_status": r"The order failed twice: the server reports 'Aggregation failed .* Run again to order it anew\.",
    "no_files": r"The order failed twice: the server wrote no file, and reports 'complete'\. Run again to order",
    "redirect_api": r"sends the request on to .*, another host, which was refused",
    "redirect_results": r"sends the request on to .*, another host, which was refused",
    "vanish": r"(does not have its results any more|does not have .* any more)\. Run again to order",
    "wrong_length": r"could not be downloaded whole in 5 tries \(.*\): \d+ of \d+ bytes\. Run again to order anew",
    "corrupt_file": r"arrived whole 4 times and cannot be used: .*\. Run again to order anew",
    "html_file": r"(could not be downloaded|arrived whole 4 times and cannot be used).*\. Run again to order anew",
}

# What is missing for good, with the reason that stands in coverage.csv.
MISSING = {
    "no_data": r"the server has no data",
    "failed_slices": r"slice \d{8}T\d{6}-\d{8}T\d{6} failed: .*",
}

# These are not for a day: the load test has them.
EVERYWHERE = {"api_errors", "result_errors"}
# And this one only together with another: without HEAD nobody tells a length.
TOGETHER = {"no_length"}
# What is not ordered has faults of its own: tests/test_embedded_source_faults.py.
ELSEWHERE = set(SOURCE_MODES)


def stream(name, modes):
    """Return the configuration of a stream that has a day for each mode."""
    row = SMALL["streams"][0] | {"name": name, "begin": str(BEGIN), "end": str(BEGIN + timedelta(days=len(modes)))}
    designators = {"told": "RS03ECAL-MJ03E-06-BOTPTA302", "missing": "RS03INT2-MJ03D-06-BOTPTA303"}
    return row | {"reference_designator": designators.get(name, row["reference_designator"])}


def day_of(modes, mode):
    return str(BEGIN + timedelta(days=list(modes).index(mode)))


STREAMS = {"overcome": OVERCOME, "told": TOLD, "missing": MISSING}
CONFIG = SMALL | {
    "ooi": {"api": "embedded", "deadline": "60s"},
    "streams": [stream(name, modes) for name, modes in STREAMS.items()],
}
FAULTS = [
    {"mode": mode, "on": day_of(modes, mode), "reference_designator": stream(name, modes)["reference_designator"]}
    | (OVERCOME[mode] if name == "overcome" else {"seconds": 100.0} if mode == "never_complete" else {})
    for name, modes in STREAMS.items()
    for mode in modes
]
# The directory vanishes while it is downloaded, so it needs more than one file.
VANISH = next(fault for fault in FAULTS if fault["mode"] == "vanish")
FAULTS.append({**VANISH, "mode": "overlap"})
VANISH["after_files"] = 2
SERVER = {"faults": FAULTS}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The same streams from a server in order, each in one chunk."""
    config = CONFIG | {"streams": [one | {"chunk": "whole"} for one in CONFIG["streams"]]}
    workflow = Workflow(tmp_path_factory.mktemp("undisturbed"), config)
    workflow.succeed(*TABLES)
    return workflow


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory):
    """A run through all faults, in one command; and the process, which ended with an error."""
    workflow = Workflow(tmp_path_factory.mktemp("disturbed"), CONFIG | {"embedded": SERVER})
    # More orders at once than is polite: most of the time of this run is waiting.
    unlimited = ("request_data:ooi_requests=0", "await_data:ooi_requests=0", "download_netcdf:ooi_downloads=0")
    process = workflow.run("--set-resources", *unlimited, *TABLES)
    return workflow, process


@pytest.fixture(scope="module")
def run_again(disturbed, tmp_path_factory):
    """The same folder, run once more on a server in order."""
    workflow, _ = disturbed
    patient = CONFIG | {"ooi": {"api": "embedded", "deadline": "5min"}}
    again = workflow.copied(tmp_path_factory.mktemp("again")).with_config(patient)
    before = again.orders()
    process = again.run(*TABLES)
    return again, process, before


def log_of(workflow, stream, chunk):
    """Return the last lines of the logs of a chunk's steps."""
    return "\n".join(path.read_text() for path in sorted(workflow.folder.glob(f"logs/*/{stream}/{chunk}.log")))


def tables(workflow, stream):
    found = workflow.results(f"{stream}/botsflu_*.csv")
    assert found
    return found


def test_every_mode_of_the_server_is_run_through():
    assert set(OVERCOME) | set(TOLD) | set(MISSING) | EVERYWHERE | TOGETHER | ELSEWHERE == set(MODES)


def test_what_can_be_overcome_is(disturbed, undisturbed):
    workflow, process = disturbed
    assert "Traceback" not in printed(process)
    assert tables(workflow, "overcome") == tables(undisturbed, "overcome")


@pytest.mark.parametrize("mode", OVERCOME)
def test_the_fault_was_there_and_no_sample_is_missing(disturbed, mode):
    workflow, _ = disturbed
    day = day_of(OVERCOME, mode)
    rows = csv.DictReader((workflow.folder / "results/overcome/coverage.csv").open())
    row = next(row for row in rows if row["date"] == day)
    lost = int(row["expected"]) - int(row["used"])
    assert 0 <= lost <= 60, row  # what the signal model leaves out by itself


@pytest.mark.parametrize("mode", TOLD)
def test_what_cannot_be_overcome_is_told_in_a_sentence(disturbed, mode):
    workflow, process = disturbed
    assert process.returncode == 1
    chunk = day_of(TOLD, mode)
    text = log_of(workflow, "told", chunk)
    assert re.search(TOLD[mode], text), text
    assert "Traceback" not in text
    # Not at the beginning of a line: jobs that end at the same moment write at the same moment.
    assert re.search(rf"told {chunk}: .*{TOLD[mode]}", printed(process))


def test_no_table_is_made_of_a_stream_that_has_a_hole(disturbed):
    workflow, _ = disturbed
    assert not workflow.results("told/*.csv")


def test_running_again_on_a_server_in_order_ends_with_the_right_result(run_again, undisturbed):
    again, process, _ = run_again
    assert process.returncode == 0, printed(process)
    assert tables(again, "told") == tables(undisturbed, "told")
    assert again.planned(*TABLES) == {}


def test_running_again_orders_only_what_was_given_up(run_again):
    again, _, before = run_again
    new = again.orders() - before
    kept = ("never_complete", "redirect_results")
    assert len(new) == len(TOLD) - len(kept)
    for mode in kept:
        record = json.loads((again.folder / f"results/told/requests/{day_of(TOLD, mode)}.json").read_text())
        assert record["attempts"] == []


@pytest.mark.parametrize("mode", MISSING)
def test_what_is_missing_for_good_has_a_reason(disturbed, mode):
    workflow, _ = disturbed
    day = day_of(MISSING, mode)
    rows = list(csv.DictReader((workflow.folder / "results/missing/coverage.csv").open()))
    row = next(row for row in rows if row["date"] == day)
    assert int(row["used"]) < int(row["expected"])
    assert re.search(MISSING[mode], row["reason"]), row
    gaps = list(csv.DictReader((workflow.folder / "results/missing/gaps.csv").open()))
    assert any(re.search(MISSING[mode], gap["reason"]) for gap in gaps)
    assert sum(
        int(row["n"]) for row in csv.DictReader((workflow.folder / "results/missing/botsflu_meanpres_1h.csv").open())
    )


def test_what_is_missing_can_be_ordered_anew(disturbed, undisturbed, tmp_path):
    workflow = disturbed[0].copied(tmp_path / "run").with_config(CONFIG | {"streams": CONFIG["streams"][2:]})
    before = workflow.orders()
    records = sorted(workflow.folder.glob("results/missing/requests/*.json"))
    words = [sys.executable, REPOSITORY / "scripts/order_anew.py", *records]
    subprocess.run(words, check=True, capture_output=True)
    workflow.succeed(*TABLES)
    assert len(workflow.orders() - before) == len(MISSING)
    assert tables(workflow, "missing") == tables(undisturbed, "missing")


def test_nothing_half_written_is_left(run_again):
    again, _, _ = run_again
    left = [path for path in (again.folder / "results").rglob("*") if path.suffix in (".part", ".tmp")]
    assert left == []
