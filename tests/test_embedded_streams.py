"""The embedded server's streams beside pressure: tilt, one-day products, and a mooring with three methods."""

import time

import netCDF4
import numpy as np
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.embedded import TOKEN, USERNAME, instruments, signal
from plumbline.ooi.results import list_names
from plumbline.ooi.session import result_session
from serving import serving

ACCOUNT = (USERNAME, TOKEN)
CENTRAL, ASHES = "RS03CCAL-MJ03F-05-BOTPTA301", "RS03ASHS-MJ03B-09-BOTPTA304"
MOORING = "CE02SHSM-RID27-03-CTDBPC000"
LILY, IRIS, HEAT = "botpt_lily_sample", "botpt_iris_sample", "botpt_heat_sample"
FIFTEEN, DAILY = "botpt_nano_sample_15sec", "botpt_nano_sample_24hour"
SENT, HOST, INST = (
    "ctdbp_cdef_dcl_instrument",
    "ctdbp_cdef_dcl_instrument_recovered",
    "ctdbp_cdef_instrument_recovered",
)
METHODS = {SENT: "telemetered", HOST: "recovered_host", INST: "recovered_inst"}
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
APRIL_23_MS, JUNE_1_MS = 1_429_747_200_000, 1_433_116_800_000
FIRST_END_MS, SECOND_BEGIN_MS = 1_442_908_080_000, 1_444_252_200_000


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


def get(api, path, **parameters):
    return requests.get(f"{api}/{path}", auth=ACCOUNT, params=parameters, timeout=20)


def inventory(designator):
    return f"12576/sensor/inv/{designator.replace('-', '/', 2)}"


def ordered(api, designator, stream, begin, end, **more):
    """Order, wait, and return the URL of the folder and the names in it."""
    method = METHODS.get(stream, "streamed")
    window = {"beginDT": f"{begin}Z", "endDT": f"{end}Z"}
    answer = get(api, f"{inventory(designator)}/{method}/{stream}", **window, **more)
    folder = next(url for url in answer.json()["allURLs"] if "/async_results/" in url)
    assert folder.endswith(f"-{designator}-{method}-{stream}")
    deadline = time.monotonic() + 60
    while requests.get(f"{folder}/status.txt", timeout=20).text != "complete\n":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return folder, list_names(result_session(), folder)


def opened(folder, name):
    content = requests.get(f"{folder}/{name}", timeout=20).content
    return netCDF4.Dataset("in memory", memory=content)


@settings(max_examples=20)
@given(
    begin=st.integers(0, 3 * HOUR_MS),
    length=st.integers(1, 2 * HOUR_MS),
    cut=st.floats(0, 1),
    stream=st.sampled_from([LILY, IRIS, HEAT, SENT, HOST, INST]),
)
def test_any_window_gives_the_same_samples(begin, length, cut, stream):
    designator = MOORING if stream in METHODS else CENTRAL
    start, end = APRIL_23_MS + begin, APRIL_23_MS + begin + length
    middle = start + int(cut * length)
    time_ms, variables = signal.samples(designator, stream, start, end)
    parts = [signal.samples(designator, stream, start, middle), signal.samples(designator, stream, middle, end)]
    np.testing.assert_array_equal(time_ms, np.concatenate([part[0] for part in parts]))
    assert ((time_ms >= start) & (time_ms < end)).all()
    assert (np.diff(time_ms) > 0).all()
    for name, values in variables.items():
        np.testing.assert_array_equal(values, np.concatenate([part[1][name] for part in parts]))


def test_the_files_of_a_tiltmeter_hold_oois_derived_tilt(api):
    folder, names = ordered(api, CENTRAL, LILY, "2015-04-23T00:00:00.000", "2015-04-23T03:59:59.999")
    (name,) = (one for one in names if one.endswith(".nc"))
    with opened(folder, name) as file:
        x, y, compass = (file[one][:].astype(float) for one in ("lily_x_tilt", "lily_y_tilt", "compass_direction"))
        corrected, direction = file["corrected_compass_direction"][:], file["seafloor_tilt_direction"][:]
        np.testing.assert_allclose(file["seafloor_tilt_magnitude"][:], np.hypot(x, y), rtol=1e-6)
        reckoned = np.round(np.mod(450.0 - np.degrees(np.arctan2(y, x)) + corrected, 360.0))
        np.testing.assert_allclose(direction, reckoned, atol=1.0)
        assert np.ptp(np.mod(corrected - compass, 360.0)) < 0.02  # a constant of the tiltmeter
        assert compass.min() >= 0
        assert compass.max() < 360
        # the compass crosses north, so that its plain mean is nowhere near where it points
        assert 60 < compass.mean() < 300
        assert np.abs((compass + 180.0) % 360.0 - 180.0).max() < 3
        assert netCDF4.chartostring(file["serial_number"][:1]).item() == "N9676"
        assert netCDF4.chartostring(file["date_time_string"][:1]).item() == "2015/04/23 00:00:00"
        assert netCDF4.chartostring(file["sensor_id"][:1]).item() == "LILY"
        assert file["lily_x_tilt"].dtype == np.float32


def test_the_seafloor_tilts_slowly_but_for_the_eruption():
    days = {day: signal.samples(CENTRAL, LILY, day, day + HOUR_MS)[1] for day in (APRIL_23_MS, JUNE_1_MS)}
    x, y = ([days[day][f"lily_{axis}_tilt"].mean() for day in (APRIL_23_MS, JUNE_1_MS)] for axis in ("x", "y"))
    assert 80 < np.hypot(x[1] - x[0], y[1] - y[0]) < 150
    month = [
        signal.samples(ASHES, LILY, day, day + HOUR_MS)[1]["lily_x_tilt"].mean()
        for day in (JUNE_1_MS + 1096 * DAY_MS, JUNE_1_MS + 1126 * DAY_MS)
    ]
    assert abs(month[1] - month[0]) < 10
    time_ms, variables = signal.samples(CENTRAL, HEAT, APRIL_23_MS, APRIL_23_MS + DAY_MS)
    assert (time_ms % 3_000 == 0).all()
    assert variables["heat_x_tilt"].dtype == np.int16
    assert 0.99 < len(time_ms) / 28_800 <= 1


def test_a_day_is_the_mean_of_its_15_s_depths_from_noon_to_noon():
    time_ms, variables = signal.samples(CENTRAL, DAILY, APRIL_23_MS, APRIL_23_MS + 2 * DAY_MS)
    assert time_ms.tolist() == [APRIL_23_MS, APRIL_23_MS + DAY_MS]
    _, around = signal.samples(CENTRAL, FIFTEEN, APRIL_23_MS - DAY_MS // 2, APRIL_23_MS + DAY_MS // 2)
    assert variables["botsflu_daydepth"][0] == pytest.approx(around["botsflu_meandepth"].mean(dtype=float), abs=2e-4)
    assert 20 < variables["botsflu_4wkrate"][0] < 120  # cm a year, before the eruption
    begin = signal.first_ms(instruments.BY_DESIGNATOR[CENTRAL], instruments.BY_DESIGNATOR[CENTRAL].stream(DAILY))
    _, first = signal.samples(CENTRAL, DAILY, begin, begin + 2 * DAY_MS)
    # the first day has too little of it, and there is no rate yet
    assert np.isnan(first["botsflu_daydepth"]).tolist() == [True, False]
    assert np.isnan(first["botsflu_4wkrate"]).all()


def test_a_mooring_samples_in_bursts_and_its_methods_are_of_the_same_water():
    begin, end = JUNE_1_MS, JUNE_1_MS + 5 * DAY_MS
    found = {stream: signal.samples(MOORING, stream, begin, end) for stream in METHODS}
    inst, host, sent = (found[stream][0] for stream in (INST, HOST, SENT))
    assert len(inst) > len(host) > 5 * len(sent) > 0
    assert (inst % 1000 == 0).all()
    assert set(sent) < set(host)
    steps = np.diff(inst)
    assert ((steps >= 9_000) & (steps <= 11_000)).sum() > 0.8 * len(steps)
    assert (steps > 700_000).sum() > 4 * 4 * 24  # between bursts
    heard = np.searchsorted(inst, host) - 1  # the logger writes a moment later
    assert ((host - inst[heard] >= 300) & (host - inst[heard] < 800)).all()
    for name in ("sea_water_temperature", "sea_water_practical_salinity"):
        np.testing.assert_array_equal(found[HOST][1][name], found[INST][1][name][heard])


def test_nothing_lies_between_two_deployments():
    for stream in METHODS:
        time_ms, _ = signal.samples(MOORING, stream, FIRST_END_MS - DAY_MS, SECOND_BEGIN_MS + 2 * DAY_MS)
        assert ((time_ms < FIRST_END_MS) | (time_ms >= SECOND_BEGIN_MS)).all()
        assert (time_ms < FIRST_END_MS).any()
        assert (time_ms > SECOND_BEGIN_MS).any()


def test_the_inventory_follows_the_methods(api):
    assert get(api, inventory(MOORING)).json() == ["recovered_host", "recovered_inst", "telemetered"]
    for stream, method in METHODS.items():
        assert get(api, f"{inventory(MOORING)}/{method}").json() == [stream]
    times = get(api, f"{inventory(MOORING)}/metadata/times").json()
    assert {one["stream"]: one["method"] for one in times} == METHODS
    assert all(one["beginTime"].startswith("2015-04-02T2") for one in times)
    assert all(one["endTime"].startswith("2016-05-16T2") for one in times)
    contents = get(api, "12576/sensor/inv/toc").json()["instruments"]
    listed = next(one for one in contents if one["reference_designator"] == MOORING)["streams"]
    assert {one["stream"]: one["method"] for one in listed} == METHODS
    assert get(api, f"{inventory(CENTRAL)}/streamed").json() == [
        HEAT,
        IRIS,
        LILY,
        "botpt_nano_sample",
        FIFTEEN,
        DAILY,
    ]
    # of another method there is nothing
    assert get(api, f"{inventory(MOORING)}/telemetered/{HOST}").status_code == 404
    assert [get(api, f"12575/stream/byname/{one}").json()["id"] for one in (LILY, IRIS, HEAT, DAILY, SENT)] == [
        88,
        89,
        90,
        772,
        700,
    ]


def test_an_order_over_two_deployments_has_files_of_both(api):
    folder, names = ordered(
        api, MOORING, SENT, "2015-09-20T00:00:00.000", "2015-10-10T00:00:00.000", include_provenance="true"
    )
    files = [name for name in names if name.endswith(".nc")]
    assert [name[:14] for name in files] == ["deployment0001", "deployment0002"]
    assert [name for name in names if name.endswith(".ncml")] == [
        f"deployment000{number}_{MOORING}-telemetered-{SENT}.ncml" for number in (1, 2)
    ]
    for number, (name, serial) in enumerate(zip(files, ("16-50012", "16-07243"), strict=True), 1):
        with opened(folder, name) as file:
            assert set(file["deployment"][:].tolist()) == {number}
            assert (file.SerialNumber, file.collection_method) == (serial, "telemetered")
            assert file.time_coverage_end.replace("-", "").replace(":", "") in name
            assert netCDF4.chartostring(file["dcl_controller_timestamp"][:1]).item()[:4] == "2015"
    rows = get(
        api, f"{inventory(MOORING)}/telemetered/{SENT}", beginDT="2015-10-08T00:00:00.000Z",
        endDT="2015-10-08T03:00:00.000Z", limit=100,
    ).json()  # fmt: skip
    assert {row["pk"]["deployment"] for row in rows} == {row["deployment"] for row in rows} == {2}


def test_a_day_of_the_one_day_products_can_be_ordered(api):
    folder, names = ordered(api, CENTRAL, DAILY, "2014-12-01T00:00:00.000", "2014-12-03T12:00:00.000")
    (name,) = (one for one in names if one.endswith(".nc"))
    with opened(folder, name) as file:
        np.testing.assert_array_equal(file["time"][:], file["botsflu_time24h"][:])
        assert (file["time"][:] % 86_400 == 0).all()
        assert file["time"].size == 3
    rows = get(
        api, f"{inventory(CENTRAL)}/streamed/{DAILY}", beginDT="2014-11-01T00:00:00.000Z",
        endDT="2014-11-06T00:00:00.000Z", limit=10,
    ).json()  # fmt: skip
    assert len(rows) == 6


def test_deployment_records_of_both(api):
    path = f"12587/events/deployment/inv/{MOORING.replace('-', '/', 2)}"
    assert get(api, path).json() == [1, 2]
    both = get(api, f"{path}/-1").json()
    assert [(one["deploymentNumber"], one["eventStopTime"]) for one in both] == [
        (1, FIRST_END_MS), (2, 1_463_432_940_000),
    ]  # fmt: skip
    assert both[0]["sensor"]["uid"] != both[1]["sensor"]["uid"]
    assert both[0]["location"] != both[1]["location"]
    assert both[1]["recoverCruiseInfo"]["shipName"] == "Thomas G. Thompson"
    assert get(api, f"{path}/2").json() == both[1:]
    asked = "12587/events/deployment/query"
    for begin, end, expected in (
        ("2015-04-01T00:00:00.000Z", "2015-10-01T00:00:00.000Z", both[:1]),
        ("2015-09-25T00:00:00.000Z", "2015-10-01T00:00:00.000Z", []),
        ("2015-09-01T00:00:00.000Z", "2016-01-01T00:00:00.000Z", both),
    ):
        assert get(api, asked, refdes=MOORING, beginDT=begin, endDT=end).json() == expected
    assert get(api, asked, refdes=MOORING, deploymentnum=2).json() == both[1:]


def test_annotations_on_a_stretch_of_a_stream(api):
    window = {"beginDT": APRIL_23_MS, "endDT": APRIL_23_MS + 30 * DAY_MS}
    general, tilt = get(api, "12580/anno/find", refdes=CENTRAL, **window).json()
    assert general["stream"] is None
    assert (tilt["stream"], tilt["method"], tilt["qcFlag"]) == (LILY, "streamed", None)
    assert get(api, f"12580/anno/{tilt['id']}").json() == tilt
    # nothing of it for the pressure streams, nor before it begins
    assert get(api, "12580/anno/find", refdes=CENTRAL, stream=FIFTEEN, **window).json() == [general]
    before = {"beginDT": APRIL_23_MS, "endDT": APRIL_23_MS + DAY_MS}
    assert get(api, "12580/anno/find", refdes=CENTRAL, **before).json() == [general]
    year = {"beginDT": APRIL_23_MS, "endDT": APRIL_23_MS + 365 * DAY_MS}
    (_, flagged) = get(api, "12580/anno/find", refdes=MOORING, **year).json()
    assert (flagged["method"], flagged["stream"], flagged["qcFlag"]) == ("telemetered", SENT, "suspect")
