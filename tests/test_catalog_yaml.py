"""What a found stream becomes in a configuration: its name, variables, window and chunks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from plumbline.catalog.finding import Found
from plumbline.catalog.pasting import as_yaml, chunk_for, names_for
from plumbline.catalog.showing import rate_text
from plumbline.configuration.values import stream_name
from plumbline.ooi.parameters import Parameter

CENTRAL = "RS03CCAL-MJ03F-05-BOTPTA301"
NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)


def streams_of(text):
    return yaml.safe_load(text)["streams"]


def test_rates_are_known_or_about():
    known = Found(CENTRAL, "streamed", "botpt_nano_sample", count=5)
    assert rate_text(known) == "20 Hz"
    heat = Found(CENTRAL, "streamed", "botpt_heat_sample", NOW - timedelta(seconds=300), NOW, 101)
    assert rate_text(heat) == "about a sample every 3 s, by the inventory's count and time range"
    assert rate_text(replace(heat, count=None)) == "not known"
    assert rate_text(replace(heat, end=heat.begin)) == "not known"
    (row,) = streams_of(as_yaml([replace(heat, parameters=(QUANTITY,))], [], "embedded", NOW, NOW))
    assert "sample_rate_hz" not in row


QUANTITY = Parameter("botpt_heat_sample", "heat_temp", "degrees_Celsius", "FLOAT", "SCALAR", 1)


@pytest.mark.parametrize(
    ("parameter", "is_quantity"),
    [
        (QUANTITY, True),
        (replace(QUANTITY, type="SHORT", units="0.01 degrees_Celsius"), True),
        (replace(QUANTITY, type="INT", units="counts"), False),
        (replace(QUANTITY, type="INT", units="1"), False),
        (replace(QUANTITY, units="1"), True),
        (replace(QUANTITY, type="STRING"), False),
        (replace(QUANTITY, shape="ARRAY1D"), False),
        (replace(QUANTITY, name="heat_temp_qc_results"), False),
        (replace(QUANTITY, name="port_timestamp"), False),
        (replace(QUANTITY, name="x", units="seconds since 1900-01-01"), False),
        (replace(QUANTITY, name="no name"), False),
    ],
)
def test_quantities_are_told_from_times_flags_and_counts(parameter, is_quantity):
    assert parameter.is_quantity == is_quantity


def test_windows_are_whole_days_and_open_where_data_still_come():
    def window(begin, end):
        found = Found(CENTRAL, "streamed", "botpt_heat_sample", begin, end, parameters=(QUANTITY,))
        rows = streams_of(as_yaml([found], ["x"], "embedded", NOW, NOW))
        return (str(rows[0]["begin"]), rows[0]["end"] and str(rows[0]["end"])) if rows else None

    day = timedelta(days=1)
    assert window(NOW - 20 * day, NOW) == ("2025-12-21", None)
    assert window(NOW - 20 * day, NOW - 10 * day) == ("2025-12-21", "2026-01-01")
    # of today alone: there is no last complete day yet
    assert window(NOW - timedelta(hours=2), NOW) == ("2026-01-10", "2026-01-11")
    assert window(NOW, NOW - 10 * day) is None
    assert window(None, NOW) is None


def test_names_differ_and_can_be_folders():
    place = {"place": "A Place With a Name That Is Longer Than Any Folder's Name Should Ever Be, And On"}
    one = Found(CENTRAL, "streamed", "botpt_nano_sample", names=place)
    found = [one, replace(one, method="recovered"), replace(one, names={}), replace(one, stream="x" * 90)]
    found += [replace(one, names={"place": "Ñ"}, stream="_"), replace(one, names={"place": "supplement"}, stream="_")]
    names = names_for(found)
    assert len({stream_name(name) for name in names}) == len(found)


def test_a_chunk_is_an_order_of_some_gigabytes():
    one = Found(CENTRAL, "streamed", "botpt_nano_sample")
    words = {stream: chunk_for(replace(one, stream=stream)) for stream in ("botpt_nano_sample", "botpt_lily_sample")}
    assert words == {"botpt_nano_sample": "month", "botpt_lily_sample": "year"}
    assert chunk_for(replace(one, stream="unknown")) == "month"
    fast = replace(one, stream="unknown", begin=NOW - timedelta(days=1), end=NOW, count=86_400 * 2000)
    assert chunk_for(fast) == "day"
