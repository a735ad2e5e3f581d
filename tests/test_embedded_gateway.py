"""The embedded server's API, row by row as the real one behaves (its gateway is public code)."""

import pytest
import requests

from plumbline.embedded import EMAIL, TOKEN, USERNAME
from serving import serving

ACCOUNT = (USERNAME, TOKEN)
CENTRAL = "RS03CCAL/MJ03F/05-BOTPTA301"
BOTPT = [CENTRAL, "RS03ECAL/MJ03E/06-BOTPTA302", "RS03INT2/MJ03D/06-BOTPTA303", "RS03ASHS/MJ03B/09-BOTPTA304"]
CONTACT = "Please contact the system admin for more information."


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


def get(api, path, auth=ACCOUNT, **parameters):
    return requests.get(f"{api}/{path}", auth=auth, params=parameters, timeout=20)


def data(api, stream="botpt_nano_sample", place=CENTRAL, **parameters):
    return get(api, f"12576/sensor/inv/{place}/streamed/{stream}", **parameters)


def test_success_has_no_length_because_the_gateway_passes_two_headers_on(api):
    answer = get(api, "12576/sensor/inv")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert "Date" in answer.headers
    assert "Content-Length" not in answer.headers


@pytest.mark.parametrize(
    ("path", "auth", "status", "message"),
    [
        ("12576/sensor/inv", (USERNAME, "wrong"), 401, "Authentication failed."),
        ("12576/sensor/inv", None, 400, "'NoneType' object has no attribute '__getitem__'"),
        (
            "12345/sensor/inv",
            ACCOUNT,
            403,
            f"Requested end point (12345) is not exposed through the machine to machine interface. {CONTACT}",
        ),
        (
            "foo",
            ACCOUNT,
            403,
            f"Requested URL (foo) is not properly formatted for the machine to machine interface. {CONTACT}",
        ),
    ],
)
def test_refusals_of_the_gateway(api, path, auth, status, message):
    answer = get(api, path, auth)
    assert answer.status_code == status
    assert answer.json() == {"message": message, "status_code": status}


def test_a_method_that_is_not_allowed(api):
    answer = requests.post(f"{api}/12576/sensor/inv", auth=ACCOUNT, timeout=20)
    assert answer.status_code == 403
    assert "(12576) is not exposed" in answer.json()["message"]
    assert "for request method 'POST'" in answer.json()["message"]


def test_help_needs_no_account(api):
    assert get(api, "12576/help/sensor", auth=None).status_code == 200


def test_the_inventory_answers_at_every_depth(api):
    for place in [*BOTPT, "RS03AXPS/PC03A/4A-CTDPFA303"]:
        path = "12576/sensor/inv"
        for name in [*place.split("/"), "streamed"]:
            listed = get(api, path).json()
            assert name in listed
            assert listed == sorted(listed)
            path = f"{path}/{name}"
    for place in BOTPT:
        streams = get(api, f"12576/sensor/inv/{place}/streamed").json()
        assert {"botpt_nano_sample", "botpt_nano_sample_15sec"} <= set(streams)
    assert get(api, f"12576/sensor/inv/{CENTRAL}/nothing").status_code == 404


def test_times_and_parameters_have_the_recorded_shape(api):
    whole = get(api, f"12576/sensor/inv/{CENTRAL}/metadata").json()
    assert whole.keys() == {"times", "parameters"}
    times = get(api, f"12576/sensor/inv/{CENTRAL}/metadata/times").json()
    nano = next(entry for entry in times if entry["stream"] == "botpt_nano_sample")
    assert nano.keys() == {"count", "endTime", "method", "stream", "beginTime"}
    assert nano["beginTime"] == "2014-08-29T20:59:50.000Z"
    assert nano["count"] > 1_642_283_681
    parts = get(api, f"12576/sensor/inv/{CENTRAL}/metadata/times", partition="true").json()
    assert parts[0].keys() == nano.keys() | {"bin", "store"}
    parameters = get(api, f"12576/sensor/inv/{CENTRAL}/metadata/parameters").json()
    pressure = next(entry for entry in parameters if entry["particleKey"] == "bottom_pressure")
    assert pressure == {
        "particleKey": "bottom_pressure",
        "fillValue": "-9999999",
        "stream": "botpt_nano_sample",
        "unsigned": False,
        "shape": "SCALAR",
        "units": "psi",
        "type": "FLOAT",
        "pdId": "PD848",
    }
    contents = get(api, "12576/sensor/inv/toc").json()
    assert contents.keys() == {"parameters_by_stream", "parameter_definitions", "instruments"}
    assert len(contents["instruments"]) == 6


def test_preload_deployments_assets_vocabulary_and_annotations(api):
    assert get(api, "12575/parameter/7").json()["unit"]["value"].startswith("seconds since 1900-01-01")
    assert get(api, "12575/stream/byname/botpt_nano_sample").json()["id"] == 87
    assert get(api, "12575/stream/87").json()["name"] == "botpt_nano_sample"
    assert get(api, f"12587/events/deployment/inv/{CENTRAL}").json() == [1]
    (deployment,) = get(api, f"12587/events/deployment/inv/{CENTRAL}/-1").json()
    assert deployment["referenceDesignator"] == "RS03CCAL-MJ03F-05-BOTPTA301"
    assert deployment["eventStartTime"] == 1_406_322_300_000
    assert deployment["eventStopTime"] is None
    assert deployment["location"]["location"] == [-130.008772, 45.95485]
    queried = get(api, "12587/events/deployment/query", refdes="RS03CCAL-MJ03F-05-BOTPTA301").json()
    assert queried == [deployment]
    asset = get(api, "12587/asset", uid="ATAPL-58316-00003").json()
    assert asset["manufacturer"]
    (words,) = get(api, f"12586/vocab/inv/{CENTRAL}").json()
    assert (words["tocL2"], words["maxdepth"]) == ("Central Caldera", 1526.0)
    window = {"beginDT": 0, "endDT": 4_102_444_800_000, "refdes": "RS03CCAL-MJ03F-05-BOTPTA301"}
    for record in get(api, "12580/anno/find", **window).json():
        assert {"id", "subsite", "beginDT", "endDT", "annotation", "qcFlag"} <= record.keys()


def test_an_order_is_answered_as_it_was_recorded(api):
    """One minute of 20 Hz: the estimate counts whole bins, three hours here, 7 134 109 bytes."""
    answer = data(api, beginDT="2017-07-04T17:59:58.050Z", endDT="2017-07-04T19:00:58.050Z", estimate_only="true")
    order = answer.json()
    assert order.keys() == {
        "requestUUID",
        "outputURL",
        "allURLs",
        "sizeCalculation",
        "timeCalculation",
        "numberOfSubJobs",
    }
    assert (order["sizeCalculation"], order["timeCalculation"]) == (pytest.approx(7_134_109, abs=100), 60)
    thredds, apache = order["allURLs"]
    assert order["outputURL"] == thredds
    host = api.removesuffix("/api/m2m")
    assert thredds.startswith(f"{host}/thredds/catalog/ooi/{EMAIL}/")
    assert thredds.endswith("-RS03CCAL-MJ03F-05-BOTPTA301-streamed-botpt_nano_sample/catalog.html")
    assert apache == f"{host}/async_results/{EMAIL}/{thredds.split('/')[-2]}"
    assert requests.get(f"{apache}/", timeout=20).status_code == 404  # nothing is produced


def test_urls_can_come_in_the_other_order(tmp_path):
    with serving(tmp_path, swap_urls=True) as api:
        window = {"beginDT": "2017-07-04T17:00:00.000Z", "endDT": "2017-07-04T17:01:00.000Z"}
        first, second = data(api, **window, estimate_only="true").json()["allURLs"]
    assert "/async_results/" in first
    assert "/thredds/" in second


@pytest.mark.parametrize(
    ("stream", "window"),
    [
        ("botpt_nano_sample", ("2013-01-01T00:00:00.000Z", "2013-01-02T00:00:00.000Z")),
        ("botpt_nano_sampel", ("2017-07-04T00:00:00.000Z", "2017-07-05T00:00:00.000Z")),
    ],
    ids=["no data", "no such stream"],
)
def test_no_data_and_no_such_stream_look_the_same(api, stream, window):
    answer = data(api, stream, beginDT=window[0], endDT=window[1])
    assert answer.status_code == 404
    content = answer.json()
    assert content["status_code"] == content["message"]["code"] == 404
    assert content["message"]["status"] == "Query returned no results for primary stream"


@pytest.mark.parametrize(
    "parameters",
    [
        {"beginDT": "yesterday"},
        {"beginDT": "2017-07-05T00:00:00.000Z", "endDT": "2017-07-04T00:00:00.000Z"},
        {"beginDT": "2017-07-04T00:00:00.000Z", "endDT": "2017-07-04T01:00:00.000Z", "parameters": "7,99999"},
        {"beginDT": "2017-07-04T00:00:00.000Z", "endDT": "2017-07-04T01:00:00.000Z", "limit": "many"},
    ],
)
def test_what_cannot_be_understood_is_400(api, parameters):
    assert data(api, **parameters).status_code == 400


def test_particles_at_once(api):
    window = {"beginDT": "2017-07-04T17:54:58.000Z", "endDT": "2017-07-04T17:55:58.000Z"}
    rows = data(api, **window, limit=1000).json()
    assert len(rows) == pytest.approx(1201, abs=5)  # a soft limit: less than twice as many are given whole
    first = rows[0]
    assert first["time"] == 3_708_179_698.0
    assert first["pk"] == {
        "node": "MJ03F",
        "stream": "botpt_nano_sample",
        "subsite": "RS03CCAL",
        "deployment": 1,
        "time": first["time"],
        "sensor": "05-BOTPTA301",
        "method": "streamed",
    }
    assert first["sensor_id"] == "NANO"
    assert 2200 < first["bottom_pressure"] < 2300
    few = data(api, **window, limit=1000, parameters="7,848").json()
    assert {"pk", "time", "bottom_pressure"} <= few[0].keys()
    assert "press_trans_temp" not in few[0]
    thinned = data(api, beginDT="2017-07-04T00:00:00.000Z", endDT="2017-07-05T00:00:00.000Z", limit=1000).json()
    assert 500 <= len(thinned) <= 2000
    refused = data(api, **window, limit=20_001)
    assert refused.status_code == 413
    assert "larger than maximum allowed limit (20,000)" in refused.json()["message"]["status"]
