"""Chunks of six streams, and a fault in one of twenty calls of every kind: complete, in one command.

Sixty chunks here, to be quick; two hundred with PLUMBLINE_LOAD_DAYS=34 in the environment.
"""

import os
from datetime import date, timedelta

import pytest

from workflow import SMALL, TABLES, Workflow, printed

DAYS = int(os.environ.get("PLUMBLINE_LOAD_DAYS", "10"))  # of each of six streams
DESIGNATORS = {
    "central": "RS03CCAL-MJ03F-05-BOTPTA301",
    "eastern": "RS03ECAL-MJ03E-06-BOTPTA302",
    "district": "RS03INT2-MJ03D-06-BOTPTA303",
    "central-later": "RS03CCAL-MJ03F-05-BOTPTA301",
    "eastern-later": "RS03ECAL-MJ03E-06-BOTPTA302",
    "district-later": "RS03INT2-MJ03D-06-BOTPTA303",
}
FAULTS = [
    {"mode": "api_errors", "rate": 0.05},
    {"mode": "result_errors", "rate": 0.05},
    {"mode": "failed_status", "rate": 0.05, "times": 1},
    {"mode": "cut_download", "rate": 0.05},
    {"mode": "corrupt_file", "rate": 0.05},
    {"mode": "maintenance", "rate": 0.05},
    {"mode": "truncated_json", "rate": 0.05},
    {"mode": "cut_answer", "rate": 0.05},
]


def configuration(chunk, faults=()):
    streams = []
    for place, (name, designator) in enumerate(DESIGNATORS.items()):
        begin = date(2015, 6, 1) + timedelta(days=DAYS * (place // 3))
        window = {"begin": str(begin), "end": str(begin + timedelta(days=DAYS)), "chunk": chunk}
        streams.append(SMALL["streams"][0] | window | {"name": name, "reference_designator": designator})
    return {"streams": streams, "resample": ["1h"], "products": [], "embedded": {"faults": list(faults)}}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    workflow = Workflow(tmp_path_factory.mktemp("undisturbed"), configuration("whole"))
    workflow.succeed(*TABLES)
    return workflow


def test_many_chunks_come_through_a_faulty_server_in_one_command(tmp_path, undisturbed):
    workflow = Workflow(tmp_path, configuration("day", FAULTS))
    process = workflow.run(*TABLES, timeout=600)
    assert process.returncode == 0, printed(process)[-5000:]
    assert "Traceback" not in printed(process)
    assert len(workflow.results("*/bins/*.nc")) == 6 * DAYS
    assert workflow.tables() == undisturbed.tables()
