"""Where an instrument stood and when: from the API into records, reasons of gaps, and metadata."""

import json
from itertools import pairwise

import netCDF4
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage_files import FULL, HOUR, Streams, spans, without
from plumbline.chunks import from_unix_ms, isoformat, milliseconds
from plumbline.coverage.deployed import deployments_in, deployments_of, undeployed
from plumbline.coverage.summary import describe_coverage
from plumbline.embedded.instruments import BY_DESIGNATOR
from plumbline.pressure.pairs import subject_of_pair
from plumbline.tables.about_products import About, subject_in
from plumbline.tables.csvw import Column, Subject
from plumbline.tables.places import Deployment, geospatial_attributes, spatial_coverage
from plumbline.tables.product import product_table
from workflow import printed

CENTRAL = "RS03CCAL-MJ03F-05-BOTPTA301"
ACCEPTED, NO_DATA = {"outcome": "accepted"}, {"outcome": "no data"}
STREAM = {"name": "central", "reference_designator": CENTRAL, "method": "streamed", "stream": "botpt_nano_sample"}
DAY_MS = 86_400_000


def deployment(number, begin, end=None, **more):
    about = {"number": number, "begin": begin, "end": end, "latitude": 45.95, "longitude": -130.0, "depth_m": 1526.0}
    about |= {"water_depth_m": 1526.0, "sensor_uid": f"ATAPL-{number}", "sensor_serial": str(number)}
    return about | more


FIRST = deployment(1, "2014-07-25T21:05:00Z", "2015-04-23T08:00:00Z")
SECOND = deployment(2, "2015-04-24T16:00:00Z", latitude=45.96, depth_m=1530.0, water_depth_m=None)
BETWEEN = "not deployed: deployment 1 ended 2015-04-23T08:00:00Z, deployment 2 began 2015-04-24T16:00:00Z"


def swapped(tmp_path, cuts=(0, 1, 2), last=None):
    """Return a stream of two days whose instrument was brought up on the first and set down again on the second."""
    stream = Streams(tmp_path)
    seconds = np.concatenate([FULL, 86_400 + FULL])
    seconds = without(seconds, (7 * HOUR, 41 * HOUR))
    for begin, end in pairwise(cuts):
        low, high = begin * 86_400, end * 86_400
        known = [one for one, there in ((FIRST, low < 8 * HOUR), (SECOND, high > 40 * HOUR)) if there]
        record = (ACCEPTED if known else NO_DATA) | {"ordered_at": "2026-01-01T00:00:00Z", "deployments": known}
        inside = seconds[(seconds >= low) & (seconds < high)]
        stream.chunk(f"c{round(begin * 24):03d}", low, high, *([(inside, None)] if inside.size else []), record=record)
    return stream


def test_gaps_outside_deployments_say_so_with_the_days(tmp_path):
    coverage, gaps = swapped(tmp_path).tables()
    assert spans(gaps) == [
        ("07:00:00", "08:00:00", "240", "not in the files"),
        ("08:00:00", "2015-04-24T16:00:00", "7680", BETWEEN.removesuffix("Z")),
        ("2015-04-24T16:00:00", "2015-04-24T17:00:00", "240", "not in the files"),
    ]
    assert coverage[0]["reason"].endswith(f"no samples 08:00:00 to 24:00:00 ({BETWEEN})")


def test_gaps_and_metadata_do_not_depend_on_how_the_window_is_cut(tmp_path):
    found = []
    for number, cuts in enumerate([(0, 2), (0, 1, 2), (0, 0.25, 0.5, 1, 1.5, 1.75, 2)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        stream = swapped(folder, cuts)
        stream.tables()
        bins, begins, ends = zip(*stream.chunks, strict=True)
        paths = folder / "coverage.csv-metadata.json", folder / "gaps.csv-metadata.json"
        window = begins[0], ends[-1]
        describe_coverage(list(bins), ["x"], *window, 1 / 15, STREAM, "server", *paths, deployments_of(bins))
        names = ("coverage.csv", "gaps.csv", *(path.name for path in paths))
        found.append([(folder / name).read_text() for name in names])
    assert found[0] == found[1]
    # Chunks are whole days, and a row of coverage.csv is of a day's part in one.
    assert found[0][1:] == found[2][1:]
    assert '"schema:latitude": 45.95' in found[0][2]
    assert '"schema:latitude": 45.96' in found[0][2]


def test_a_chunk_without_data_between_deployments_was_not_deployed(tmp_path):
    _, gaps = swapped(tmp_path, (0, 0.5, 1.5, 2)).tables()
    assert [gap["reason"] for gap in gaps][1] == BETWEEN
    assert not [gap for gap in gaps if "no data" in gap["reason"]]


@pytest.mark.parametrize("known", [None, [], "x", [7, {"begin": 5}, {"begin": "2015-04-23"}]])
def test_records_that_know_of_no_deployment_tell_nothing(tmp_path, known):
    stream = Streams(tmp_path)
    seconds = without(FULL, (HOUR, 2 * HOUR))
    stream.chunk("2015-04-23", 0, 86400, (seconds, None), record=ACCEPTED | {"deployments": known})
    _, gaps = stream.tables()
    assert [gap["reason"] for gap in gaps] == ["not in the files"]


def test_in_chunks_whose_records_are_older_nothing_is_said_of_deployments(tmp_path):
    stream = Streams(tmp_path)
    stream.chunk("2015-04-23", 0, 86400, record=NO_DATA)
    known = [deployment(1, "2015-04-24T12:00:00Z")]
    stream.chunk("2015-04-24", 86400, 2 * 86400, record=NO_DATA | {"deployments": known})
    _, gaps = stream.tables()
    assert [gap["reason"] for gap in gaps] == [
        "the server has no data in this window",
        "not deployed: deployment 1 began 2015-04-24T12:00:00Z",
        "the server has no data in this window",
    ]


def test_a_deployment_that_has_ended_since_is_taken_as_it_was_told_last(tmp_path):
    stream = Streams(tmp_path)
    begin, ended = "2014-07-25T21:05:00Z", "2015-04-24T06:00:00Z"
    for day, (asked, end) in enumerate([("2026-01-09T00:00:00Z", ended), ("2026-01-02T00:00:00Z", None)]):
        record = ACCEPTED | {"ordered_at": asked, "deployments": [deployment(1, begin, end)]}
        stream.chunk(f"2015-04-{23 + day}", day * 86_400, (day + 1) * 86_400, record=record)
    (one,) = deployments_of([bins for bins, _, _ in stream.chunks])
    assert (one.begin, one.end) == (begin, ended)


@pytest.mark.parametrize(
    "spoilt",
    [
        *({"begin": value} for value in (None, 5, "x", "2015-04-23T00:00:00")),
        *({"end": value} for value in (5, "x", "2014-01-01T00:00:00Z")),
    ],
)
def test_a_deployment_without_its_times_is_passed_over(spoilt):
    assert deployments_in({"deployments": [FIRST | spoilt]}) == []


def test_whatever_else_is_in_a_record_is_read():
    odd = {"number": True, "latitude": "x", "longitude": float("nan"), "depth_m": 10**400, "sensor_uid": ["x"]}
    (one,) = deployments_in({"deployments": [FIRST | odd]})
    assert one == Deployment(None, FIRST["begin"], FIRST["end"], None, None, None, 1526.0, None, "1")
    assert deployments_in({"deployments": {}}) is None


@given(st.lists(st.tuples(st.integers(-20, 60), st.integers(1, 30), st.booleans()), max_size=5), st.integers(0, 40))
def test_undeployed_is_what_no_deployment_covers(listed, cut):
    def text(hour):
        return isoformat(from_unix_ms(DAY_MS * 10_000 + hour * 3_600_000))

    known = [
        Deployment(number, text(begin), text(begin + length) if ends else None)
        for number, (begin, length, ends) in enumerate(listed)
    ]
    hours = [milliseconds(text(hour)) for hour in (0, cut, 40)]
    found = [span for low, high in pairwise(hours) for span in undeployed(known, low, high)]
    for hour in range(40):
        at = milliseconds(text(hour))
        covering = [one for one in found if one.begin_ms <= at < one.end_ms]
        deployed = any(begin <= hour and (not ends or hour < begin + length) for begin, length, ends in listed)
        assert len(covering) == (0 if deployed or not listed else 1)
    # Each stretch has one reason, wherever chunks end.
    whole = {one.reason for one in undeployed(known, hours[0], hours[-1])}
    assert {one.reason for one in found} == whole


def test_places_stand_in_netcdf_and_come_back(tmp_path):
    known = tuple(deployments_in({"deployments": [FIRST, SECOND]}))
    attributes = geospatial_attributes(known)
    assert [attributes[f"geospatial_{name}"] for name in ("lat_min", "lat_max", "lon_min", "vertical_max")] == [
        *(45.95, 45.96, -130.0, 1530.0)
    ]
    subject = Subject(STREAM, "server", "2015-04-23T00:00:00Z", "2015-04-25T00:00:00Z", [], False, known)
    about = About(subject, "x", "y", [], {"deployments": "one: 1"})
    columns = [Column("time", "t", "datetime"), Column("depth_m", "d", "double", "m")]
    with product_table(None, tmp_path / "x.nc", columns, 1, about.attributes()) as table:
        table.append(np.array([0]), np.array([1.0]))
    with netCDF4.Dataset(tmp_path / "x.nc") as file:
        # What a product tells of its own is kept.
        assert file.deployments == "one: 1"
        assert file.geospatial_vertical_positive == "down"
    assert subject_in(tmp_path / "x.nc", STREAM) == subject
    assert subject_of_pair("pair", subject, subject).deployments == known + known
    assert geospatial_attributes([]) == {}
    nowhere = Deployment(1, FIRST["begin"])
    assert spatial_coverage([nowhere]) == []
    assert list(geospatial_attributes([nowhere])) == ["instrument_deployments"]


def test_records_of_the_embedded_server_reach_the_tables(small_run):
    instrument = BY_DESIGNATOR[CENTRAL]
    record = json.loads((small_run.folder / "results/central/requests/2015-04-23.json").read_text())
    (told,) = record["deployments"]
    assert told == {
        "number": 1,
        "begin": "2014-07-25T21:05:00Z",
        "end": None,
        "latitude": instrument.latitude,
        "longitude": instrument.longitude,
        "depth_m": 1526.0,
        "water_depth_m": 1526.0,
        "sensor_uid": instrument.asset,
        "sensor_serial": "5",
    }
    for table in ("botsflu_meanpres_1h", "coverage", "gaps", "orders"):
        metadata = json.loads((small_run.folder / f"results/central/{table}.csv-metadata.json").read_text())
        (place,) = metadata["schema:spatialCoverage"]
        assert place["schema:geo"]["schema:latitude"] == instrument.latitude
        assert place["schema:geo"]["schema:elevation"] == -1526.0


def test_deployments_that_end_and_begin_within_a_window_change_metadata_and_no_row(small_copy):
    """As records tell of them; the embedded server's instruments were set down once."""
    results = small_copy.folder / "results/central"
    before = small_copy.tables()
    for day, known in (("23", [FIRST]), ("24", [SECOND])):
        path = results / f"requests/2015-04-{day}.json"
        record = json.loads(path.read_text()) | {"deployments": known}
        path.write_text(json.dumps(record))
    process = small_copy.run("--forcerun", "resample_bins", "summarize_coverage", *("--until", "resample_bins"))
    assert process.returncode == 0, printed(process)
    assert {name: rows for name, rows in small_copy.tables().items() if "botsflu" in name} == {
        name: rows for name, rows in before.items() if "botsflu" in name
    }
    metadata = json.loads((results / "botsflu_meanpres_1min.csv-metadata.json").read_text())
    assert [place["schema:geo"]["schema:latitude"] for place in metadata["schema:spatialCoverage"]] == [45.95, 45.96]
    (words,) = [
        one["schema:value"]
        for one in metadata["schema:additionalProperty"]
        if one["schema:name"] == "instrument deployments"
    ]
    assert words == (
        "deployment 1 from 2014-07-25T21:05:00Z to 2015-04-23T08:00:00Z, at latitude 45.95, longitude -130.0, "
        "depth 1526 m, water depth 1526 m, sensor ATAPL-1, serial number 1; deployment 2 from 2015-04-24T16:00:00Z "
        "on, at latitude 45.96, longitude -130.0, depth 1530 m, sensor ATAPL-2, serial number 2"
    )
