"""The configuration: what it accepts, and the sentence for what it does not."""

import copy
import itertools
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from plumbline import configuration
from plumbline.configuration import Configuration, looking, products, read
from plumbline.configuration.embedded import Embedded, Replay
from plumbline.configuration.products import Pair, Products
from plumbline.configuration.supplement import Creator, Supplement
from plumbline.errors import PlumblineError
from plumbline.intervals import base_interval_ms, interval_ms

REPOSITORY = Path(__file__).parent.parent

GOOD = {
    "ooi": {"api": "embedded"},
    "streams": [
        {
            "name": "central",
            "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301",
            "method": "streamed",
            "stream": "botpt_nano_sample",
            "variables": ["bottom_pressure"],
            "begin": date(2015, 1, 15),
            "end": "2015-03-02T12:00:00Z",
            "chunk": "month",
        }
    ],
    "resample": ["1min", "1h"],
}


def changed(**keys):
    config = copy.deepcopy(GOOD)
    for path, value in keys.items():
        *parents, last = path.split("__")
        place = config
        for parent in parents:
            place = place["streams"][0] if parent == "stream0" else place[parent]
        place[last] = value
    return config


def test_a_good_configuration_becomes_streams_chunks_and_intervals():
    stream = read(GOOD).streams[0]
    chunks = stream.chunks()
    assert list(chunks) == ["2015-01", "2015-02", "2015-03"]
    assert chunks["2015-01"].begin == datetime(2015, 1, 15, tzinfo=UTC)
    assert chunks["2015-03"].end == datetime(2015, 3, 2, 12, tzinfo=UTC)
    assert stream.rate_hz == 20
    assert read(GOOD).intervals_ms() == {"1min": 60_000, "1h": 3_600_000}


@pytest.mark.parametrize("formats", [[], ["parquet"], ["csv", "netcdf"], "csv"])
def test_formats_hold_csv_and_what_can_be_made_of_it(formats):
    assert read(changed(formats=["parquet", "csv"])).formats == ["parquet", "csv"]
    with pytest.raises(PlumblineError, match=r"Configuration, key 'formats(\[\d\])?'.* allowed (is|are) "):
        read(changed(formats=formats))


@pytest.mark.parametrize(
    ("word", "first", "last", "count"),
    [("day", "2015-01-15", "2015-03-02", 47), ("year", "2015", "2015", 1), ("whole", "whole", "whole", 1)],
)
def test_chunks_follow_the_calendar_and_meet(word, first, last, count):
    chunks = list(read(changed(stream0__chunk=word)).streams[0].chunks().values())
    assert (chunks[0].name, chunks[-1].name, len(chunks)) == (first, last, count)
    assert all(before.end == after.begin for before, after in itertools.pairwise(chunks))


def test_an_open_end_is_the_last_complete_utc_day():
    end = list(read(changed(stream0__end=None)).streams[0].chunks().values())[-1].end
    today = datetime.now(UTC)
    assert (end.hour, end.minute, end.second) == (0, 0, 0)
    assert 0 <= (today - end).total_seconds() < 86_400 + 60


def open_chunks(as_of, word="month", there=(), begin=date(2025, 11, 20)):
    configuration = read(changed(stream0__end=None, stream0__begin=begin, stream0__chunk=word) | {"as_of": as_of})
    chunks = list(configuration.streams[0].chunks(configuration.as_of, there).values())
    assert all(before.end == after.begin for before, after in itertools.pairwise(chunks))
    assert (chunks[0].begin, chunks[-1].end) == (
        datetime(begin.year, begin.month, begin.day, tzinfo=UTC),
        datetime.fromisoformat(f"{as_of}T00:00:00Z"),
    )
    return [chunk.name for chunk in chunks]


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("month", ["2025-11", "2025-12", "2026-01", "2026-02-01", "2026-02-02"]),
        ("year", ["2025", "2026-01", "2026-02-01", "2026-02-02"]),
        ("whole", ["2025", "2026-01", "2026-02-01", "2026-02-02"]),
    ],
)
def test_what_is_not_over_is_cut_into_shorter_pieces(word, names):
    assert open_chunks("2026-02-03", word) == names


def test_days_that_are_there_stay_days_when_their_month_is_over():
    there = open_chunks("2026-02-03")
    later = open_chunks("2026-03-02", there=there)
    assert later == [*there, *(f"2026-02-{day:02d}" for day in range(3, 29)), "2026-03-01"]


def test_months_that_are_there_stay_months_when_their_year_is_over():
    there = ["2025", "2026-01"]
    assert open_chunks("2027-01-01", "year", there)[1:] == [f"2026-{month:02d}" for month in range(1, 13)]


def test_day_by_day_every_day_is_new_and_everything_before_is_as_it_was():
    there = open_chunks("2025-12-30")
    for day in ("2025-12-31", "2026-01-01", "2026-01-02", "2026-01-03"):
        chunks = open_chunks(day, there=there)
        assert chunks[:-1] == there
        there = chunks


def test_an_earlier_day_is_cut_from_what_is_there_as_far_as_that_goes():
    assert open_chunks("2025-12-03", there=["2025-11", "2025-12"]) == ["2025-11", "2025-12-01", "2025-12-02"]


def test_a_mistake_in_as_of_is_told_once():
    with pytest.raises(PlumblineError, match=r"^Configuration, key 'as_of': 'soon' is not a time"):
        read(GOOD | {"as_of": "soon"})
    with pytest.raises(PlumblineError, match="the last complete UTC day ends at 2015-01-01"):
        read(changed(stream0__end=None) | {"as_of": "2015-01-01"})


STREAM_MISTAKES = {
    "bgin": ("2015-01-01", "unknown key 'bgin'; did you mean 'begin'? allowed are name, reference_designator"),
    "reference_designator": ("RS03CCAL-MJ03F", "'RS03CCAL-MJ03F' is not allowed; allowed is OOI's 27 characters"),
    "begin": ("2016-01-01", "2016-01-01T00:00:00Z is not before the end of the window: end is 2015-03-02T12:00:00Z"),
    "end": ("soon", "key 'end': 'soon' is not a time; allowed is a date such as 2015-04-23"),
    "chunk": ("week", "key 'chunk': 'week' is not allowed; allowed are day, month, year, whole"),
    "variables": ([], r"key 'variables': [] is not allowed; allowed is at least one entry"),
    "method": (7, "key 'method': 7 is not allowed; allowed is a delivery method"),
    "sample_rate_hz": (-1, "key 'sample_rate_hz': -1 is not allowed; allowed is a number above 0"),
}


@pytest.mark.parametrize("key", STREAM_MISTAKES)
def test_a_mistake_in_a_stream_is_told_with_stream_key_and_what_is_allowed(key):
    value, words = STREAM_MISTAKES[key]
    with pytest.raises(PlumblineError, match=re.escape(words)) as caught:
        read(changed(**{f"stream0__{key}": value}))
    assert str(caught.value).startswith("Stream 'central'")
    assert key in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["../up", "/etc", "a/b", "", ".hidden", "a b", "x" * 65, "Supplement", "tail.", 7, "naïve"]
)
def test_a_name_that_cannot_be_a_folder_is_refused(name):
    with pytest.raises(PlumblineError, match="cannot name"):
        read(changed(stream0__name=name))


def test_names_that_differ_only_in_case_are_refused():
    config = copy.deepcopy(GOOD)
    config["streams"].append(config["streams"][0] | {"name": "CENTRAL"})
    with pytest.raises(PlumblineError, match="streams 1 and 2 are both named 'CENTRAL'"):
        read(config)


@pytest.mark.parametrize("interval", ["7min", "1M", "T", "1 h", "-1h", "36h", "0s", "25us", 60, "1h/../x"])
def test_an_interval_that_does_not_divide_a_day_is_refused(interval):
    with pytest.raises(PlumblineError, match="Configuration, key 'resample\\[0\\]'"):
        read(changed(resample=[interval]))


@pytest.mark.parametrize(
    ("text", "milliseconds"), [("1s", 1000), ("15s", 15_000), ("90min", 5_400_000), ("1D", 86_400_000), ("500ms", 500)]
)
def test_an_interval_that_divides_a_day_is_accepted(text, milliseconds):
    assert interval_ms(text) == milliseconds


def test_the_base_interval_divides_every_interval_and_stays_when_a_coarser_one_is_added():
    assert base_interval_ms([60_000, 3_600_000], 20.0) == 7500
    assert base_interval_ms([15_000, 60_000, 86_400_000], 20.0) == 7500
    assert base_interval_ms([1000], 20.0) == 1000
    assert base_interval_ms([1000, 15_000, 86_400_000], 20.0) == 1000
    assert base_interval_ms([5000], 20.0) == 2500
    assert base_interval_ms([50], 20.0) == 50
    assert base_interval_ms([60_000], 1 / 15) == 15_000


def test_credentials_in_the_url_are_refused_without_repeating_them():
    with pytest.raises(PlumblineError, match="credentials go into OOI_USERNAME") as caught:
        read(changed(ooi__api="https://me:SECRET@example.org/api"))
    assert "SECRET" not in str(caught.value)


def test_every_mistake_gets_a_sentence_of_its_own():
    with pytest.raises(PlumblineError) as caught:
        read(changed(stream0__chunk="week", resample=["7min"], extra=1))
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("path", sorted((REPOSITORY / "config").glob("*.yaml")), ids=lambda path: path.name)
def test_the_configurations_in_the_repository_are_good(path):
    import yaml

    assert read(yaml.safe_load(path.read_text())).streams


def test_the_schema_in_the_repository_is_the_models_own():
    """Make it anew with: uv run python scripts/write_schema.py"""
    written = json.loads((REPOSITORY / "config" / "schema.json").read_text())
    assert written == configuration.json_schema()


@pytest.mark.parametrize("path", sorted((REPOSITORY / "config").glob("*.yaml")), ids=lambda path: path.name)
def test_the_schema_accepts_what_is_good_and_refuses_a_typo(path):
    import jsonschema
    import yaml

    config = json.loads(json.dumps(yaml.safe_load(path.read_text()), default=str))
    schema = configuration.json_schema()
    jsonschema.validate(config, schema)
    config["streams"][0]["bgin"] = config["streams"][0].pop("begin")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(config, schema)


def test_config_readme_explains_every_key():
    text = (REPOSITORY / "config" / "README.md").read_text()
    models = [Configuration, configuration.Ooi, configuration.Stream, Embedded, Replay, Products, Pair]
    models += [products.Botsflu, products.Uplift, products.Events, products.Forecast]
    models += [products.Quality, products.Depth, products.Tide, Supplement, Creator]
    models += [looking.Catalog, looking.Live]
    missing = [key for model in models for key in model.model_fields if f"`{key}`" not in text]
    assert not missing
