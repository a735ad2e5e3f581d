"""Mistakes as a user meets them: one sentence, a code that is not zero, and nothing run."""

import re

import pytest

from mean_server import ACCOUNT
from plumbline import configuration
from plumbline.errors import PlumblineError
from workflow import SMALL, Workflow, printed, small

BROKEN_YAML = "streams: [\n  - name: central\n"


def refused(folder, config):
    """Run a configuration that must be refused, and return what was printed."""
    workflow = Workflow(folder, config)
    process = workflow.run()
    text = printed(process)
    assert process.returncode not in (0, None)
    assert "Traceback" not in text
    assert 'File "' not in text
    assert not (folder / "results").exists()
    assert not (folder / "logs").exists()
    return text


def assert_one_sentence(text, words):
    sentences = [line for line in text.splitlines() if all(word in line for word in words)]
    assert len(sentences) == 1, text
    assert sentences[0].rstrip().endswith(".")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (small(nmae="x"), ["central", "nmae", "name"]),
        (
            small(reference_designator="RS03CCAL-MJ03F-BOTPTA301"),
            ["central", "reference_designator", "MJ03F-BOTPTA301"],
        ),
        (small(begin="2015-04-26", end="2015-04-25"), ["central", "begin", "2015-04-26", "2015-04-25"]),
        (small(name="../up"), ["name", "../up"]),
        (small(chunk="week"), ["central", "chunk", "week", "day, month, year"]),
        (small(resample=["7min"]), ["resample", "7min", "day"]),
        (SMALL | {"streams": SMALL["streams"] * 2}, ["central", "name"]),
        (SMALL | {"steams": []}, ["steams", "streams"]),
        (small(begin="yesterday"), ["central", "begin", "yesterday"]),
    ],
    ids=["key", "designator", "window", "path", "chunk", "interval", "duplicate", "section", "date"],
)
def test_a_mistake_in_the_configuration_is_one_sentence(config, words):
    with pytest.raises(PlumblineError) as mistakes:
        configuration.read(config)
    assert_one_sentence(str(mistakes.value), words)


def test_a_mistake_is_told_before_anything_is_run_or_written(tmp_path):
    text = refused(tmp_path, small(nmae="x", begin="yesterday"))
    assert "The configuration has a mistake; nothing was run." in text
    assert_one_sentence(text, ["central", "nmae", "name"])
    assert_one_sentence(text, ["central", "begin", "yesterday"])


def test_a_file_that_is_no_yaml_is_told_in_words(tmp_path):
    text = refused(tmp_path, BROKEN_YAML)
    assert "Config file is not valid JSON or YAML" in text


def test_a_misspelt_stream_is_told_from_a_window_without_data(tmp_path):
    process = Workflow(tmp_path, small(stream="botpt_nano_sampel_15sec")).run()
    assert process.returncode == 1
    text = printed(process)
    assert "did you mean 'botpt_nano_sample_15sec'?" in text
    assert "Traceback" not in text
    assert not list(tmp_path.glob("results/*/requests/*.json"))


@pytest.mark.parametrize("target", ["all", "plan"])
def test_a_server_out_of_reach_is_told_once_before_anything_is_ordered(tmp_path, target):
    workflow = Workflow(tmp_path, small(ooi={"api": "http://127.0.0.1:9/api/m2m"}), environment=ACCOUNT)
    process = workflow.run(target)
    text = printed(process)
    assert process.returncode == 1
    assert text.count("Nothing was ordered: 127.0.0.1 cannot be reached") == 1
    assert "rule" not in text.partition("Nothing was ordered")[2]
    assert "Traceback" not in text


def test_a_window_without_data_has_a_table_of_empty_bins(tmp_path):
    workflow = Workflow(tmp_path, small(begin="2013-01-01", end="2013-01-02"))
    workflow.succeed()
    lines = (tmp_path / "results/central/botsflu_meanpres_1h.csv").read_text().splitlines()
    assert len(lines) == 25
    assert all(re.fullmatch(r"2013-01-01T\d\d:00:00Z,,,,,0,0\.000000", line) for line in lines[1:])
    assert workflow.planned() == {}


def test_a_variable_that_the_files_lack_is_named_with_those_they_have(tmp_path):
    process = Workflow(tmp_path, small(variables=["botsflu_meanpress"], end="2015-04-24")).run()
    text = printed(process)
    assert process.returncode == 1
    assert "botsflu_meanpress" in text
    assert "botsflu_meanpres'" in text or "botsflu_meanpres," in text or "botsflu_meanpres." in text
    assert "central 2015-04-23" in text
    assert "Traceback" not in text
    assert not list(tmp_path.glob("results/*/bins/*"))


def test_a_record_to_replay_that_is_not_there_is_one_sentence(tmp_path):
    row = {"file": "nowhere.npz", "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301", "stream": "botpt_nano_sample"}
    process = Workflow(tmp_path, SMALL | {"embedded": {"replay": [row]}}).run(timeout=60)
    text = printed(process)
    assert process.returncode != 0
    assert "nowhere.npz" in text
    assert "Traceback" not in text
