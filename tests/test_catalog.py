"""`snakemake catalog`: streams found by words, kept, told and pasted, whatever the server answers."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import repeat

import pytest
import yaml
from rich.console import Console

from mean_server import ACCOUNT, MeanServer
from plumbline import configuration
from plumbline.catalog.details import details_of
from plumbline.catalog.finding import Server, find
from plumbline.catalog.kept import Kept
from plumbline.catalog.pasting import as_yaml
from plumbline.catalog.showing import show_catalog, show_details
from plumbline.embedded import TOKEN, USERNAME
from plumbline.errors import PlumblineError
from plumbline.ooi.deployments import deployments
from plumbline.ooi.session import api_session
from serving import serving
from workflow import OF_THIS_CODE, REPOSITORY, Workflow, environment, printed, small

CENTRAL = "RS03CCAL-MJ03F-05-BOTPTA301"
NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
DAY_S = 86_400.0

VOCABULARY = [
    {"refdes": CENTRAL, "instrument": "Bottom Pressure and Tilt", "tocL1": "Axial", "tocL2": "Central Caldera"},
    {"refdes": "CE04OSBP-LJ01C-06-CTDBPO108", "instrument": "CTD", "tocL1": "Endurance", "tocL2": "Oregon Offshore"},
]
TIMES = [
    {"method": "streamed", "stream": "botpt_nano_sample", "count": 1_642_283_681}
    | {"beginTime": "2014-08-29T20:59:49.975Z", "endTime": "2017-07-04T19:50:33.900Z"},
    {"method": "bad_streamed", "stream": "botpt_nano_sample", "count": 5}
    | {"beginTime": "2014-08-29T20:59:49.975Z", "endTime": "2017-07-04T19:50:33.900Z"},
]
PRESSURE = {"particleKey": "bottom_pressure", "fillValue": "-9999999", "stream": "botpt_nano_sample"}
PRESSURE |= {"shape": "SCALAR", "units": "psia", "type": "FLOAT", "pdId": "PD848"}
INVENTORY = {
    "": ["CE04OSBP", "RS03CCAL"],
    "/RS03CCAL": ["MJ03F"],
    "/RS03CCAL/MJ03F": ["05-BOTPTA301", "../../x", 7],
    "/RS03CCAL/MJ03F/05-BOTPTA301/metadata": {"times": TIMES, "parameters": [PRESSURE]},
}
CONTENTS = {
    "parameters_by_stream": {"botpt_nano_sample": ["PD848"]},
    "parameter_definitions": [{**PRESSURE, "particle_key": "bottom_pressure"}],
    "instruments": [{"reference_designator": CENTRAL, "streams": TIMES}],
}


@pytest.fixture(scope="module")
def embedded_api(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def account(monkeypatch):
    monkeypatch.setenv("OOI_USERNAME", USERNAME)
    monkeypatch.setenv("OOI_TOKEN", TOKEN)


@pytest.fixture
def mean(monkeypatch):
    """A server with a small inventory, whose answers a test can replace; asked again without delay."""
    monkeypatch.setattr("plumbline.ooi.reading.growing_delays", lambda *_: repeat(0.0))
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)
    with MeanServer() as server:
        server.told = {"12576/sensor/inv/toc": CONTENTS, "12586/vocab": VOCABULARY}
        server.told |= {f"12576/sensor/inv{path}": content for path, content in INVENTORY.items()}

        def answer(handler):
            path = handler.path.partition("?")[0].removeprefix("/api/m2m/")
            content = server.told.get(path)
            status, content = content if isinstance(content, tuple) else (200 if content is not None else 404, content)
            handler.give(content if isinstance(content, bytes) else json.dumps(content).encode(), status=status)

        server.every_call = answer
        yield server


def kept_in(folder, api, age_s=DAY_S, now=NOW):
    return Kept(folder, api, age_s, now)


def found_at(server, folder, text, **options):
    return find(Server(server.url), kept_in(folder, server.url, **options), text)


def shown(show, *arguments):
    out = Console(width=120, record=True, file=io.StringIO())
    show(out, *arguments)
    return " ".join(out.export_text().split())


def streams_of(text):
    return yaml.safe_load(text)["streams"]


def test_the_target_finds_tells_and_writes_what_a_run_takes(tmp_path):
    workflow = Workflow(tmp_path)
    process = workflow.run("catalog", "--config", "catalog={find: AXIAL ctd}")
    assert process.returncode == 0, printed(process)
    for words in (
        *("1 stream of the embedded server (its data are SYNTHETIC) that fit 'axial ctd'", "sampling rate: 1 Hz"),
        *("sea_water_pressure", "dbar", "-129.753469", "200 m", "ATOSU-66662-00013", "results/catalog.yaml"),
        "As the server told it just now.",
    ):
        assert words in process.stdout
    assert workflow.orders() == set()
    written = tmp_path / "results/catalog.yaml"
    (stream,) = streams_of(written.read_text())
    assert (stream["reference_designator"], stream["stream"]) == ("RS03AXPS-PC03A-4A-CTDPFA303", "ctdpf_optode_sample")
    assert "sea_water_practical_salinity" in stream["variables"]
    assert not {"conductivity", "time", "port_timestamp", "preferred_timestamp"} & set(stream["variables"])
    # pasted into a configuration, cut to a few days
    pasted = workflow.with_config({"streams": [stream | {"begin": "2015-04-23", "end": "2015-04-25", "chunk": "day"}]})
    assert pasted.planned("--until", "bin_samples")["request_data"] == 2
    # or as it is, and nothing that was kept is asked for again
    assert workflow.with_config(written.read_text()).planned("--until", "request_data")["request_data"] > 100
    kept = tmp_path / ".snakemake/plumbline/catalog/embedded/toc.json"
    before = kept.read_bytes()
    assert workflow.run("catalog", "--config", "catalog={find: botpt, details: false}").returncode == 0
    assert kept.read_bytes() == before
    assert len(streams_of(written.read_text())) == 24


def test_without_an_account_there_is_the_usual_sentence(tmp_path, embedded_api):
    text = printed(Workflow(tmp_path, small(ooi={"api": embedded_api})).run("catalog"))
    assert text.count("No OOI account for 127.0.0.1: set OOI_USERNAME and OOI_TOKEN") == 1
    assert "Error in rule" not in text


def test_a_server_out_of_reach_leaves_what_it_told_before(tmp_path):
    account = {"OOI_USERNAME": USERNAME, "OOI_TOKEN": TOKEN}
    with serving(tmp_path / "server") as api:
        (tmp_path / "run").mkdir()
        workflow = Workflow(tmp_path / "run", small(ooi={"api": api}), environment=account)
        assert workflow.run("catalog", "--config", "catalog={find: caldera}").returncode == 0
    process = workflow.run("catalog", "--config", "catalog={find: caldera, max_age: 0.001s, details: false}")
    assert process.returncode == 0, printed(process)
    assert "THE SERVER DOES NOT TELL WHAT IT HAS NOW" in process.stdout
    assert "12 streams" in process.stdout


def test_the_script_prints_yaml_alone_and_mistakes_in_a_sentence(tmp_path, embedded_api):
    def script(*words, **account):
        words = [str(REPOSITORY / "scripts" / "catalog.py"), *words]
        return OF_THIS_CODE.run(words[0], words[1:], environment(**account), tmp_path)

    account = {"OOI_USERNAME": USERNAME, "OOI_TOKEN": TOKEN}
    process = script("eastern", "15SEC", "--api", embedded_api, "--yaml", **account)
    assert [one["name"] for one in streams_of(process.stdout)] == ["eastern-caldera-botpt-nano-sample-15sec"]
    assert not (tmp_path / "results").exists()
    assert "'3x' is not a duration" in script("x", "--max-age", "3x").stderr
    assert "is not an API" in script("x", "--api", "ftp://x").stderr
    assert "No OOI account for ooinet" in script("x").stderr


def test_every_word_must_be_found_in_any_case(tmp_path, embedded_api, account):
    def designators(text):
        catalog = find(Server(embedded_api), kept_in(tmp_path, embedded_api), text)
        return {one.designator[:8] for one in catalog.streams}

    assert designators("axial BOTPT ASHES") == {"RS03ASHS"}
    assert designators("Tilt vent nano STREAMED") == {"RS03ASHS", "RS03INT2"}
    assert designators("axial atlantis") == set()
    assert len(designators("")) == 6
    empty = find(Server(embedded_api), kept_in(tmp_path, embedded_api), "atlantis")
    assert "0 streams" in shown(show_catalog, empty, embedded_api, NOW)


def test_what_is_kept_is_used_until_it_is_too_old(tmp_path, mean):
    first = found_at(mean, tmp_path, "caldera")
    asked = len(mean.seen)
    assert found_at(mean, tmp_path, "nano", now=NOW + timedelta(hours=23)).asked_at == first.asked_at == NOW
    assert len(mean.seen) == asked
    later = found_at(mean, tmp_path, "nano", now=NOW + timedelta(hours=25))
    assert later.asked_at == NOW + timedelta(hours=25)
    assert len(mean.seen) > asked
    assert "told it 2 h 00 min ago, 2026-01-11 13:00 UTC" in shown(
        show_catalog, later, mean.url, NOW + timedelta(hours=27)
    )
    # what a clock that was wrong has written is no answer of the future
    assert found_at(mean, tmp_path, "nano", now=NOW).asked_at == NOW
    # of another server nothing is taken
    with pytest.raises(PlumblineError, match="nothing that it told before is kept"):
        find(Server("http://127.0.0.1:9/api/m2m"), kept_in(tmp_path, "http://127.0.0.1:9/api/m2m"), "nano")


def test_an_old_answer_is_shown_when_there_is_no_new_one(tmp_path, mean):
    found_at(mean, tmp_path, "caldera")
    mean.told = {}
    catalog = found_at(mean, tmp_path, "caldera", now=NOW + timedelta(days=3))
    assert [one.stream for one in catalog.streams] == ["botpt_nano_sample"]
    assert catalog.asked_at == NOW
    text = shown(show_catalog, catalog, mean.url, NOW + timedelta(days=3))
    assert "THE SERVER DOES NOT TELL WHAT IT HAS NOW" in text
    assert "As the server told it 3 d 00 h ago" in text


@pytest.mark.parametrize("toc", [(500, {"message": "down"}), (408, b""), b"<html>maintenance</html>", [], {"x": 1}])
def test_without_a_table_of_contents_the_branches_that_match_are_asked(tmp_path, mean, toc):
    mean.told["12576/sensor/inv/toc"] = toc
    catalog = found_at(mean, tmp_path, "caldera nano")
    (one,) = catalog.streams
    assert (one.designator, one.method, one.stream, one.count) == (CENTRAL, *list(TIMES[0].values())[:3])
    assert one.variables == ["bottom_pressure"]
    asked = {path.removeprefix("/api/m2m/12576/sensor/inv") for _, path, _ in mean.seen if "12576" in path}
    assert asked == {"/toc", *INVENTORY}
    assert "branch by branch" in shown(show_catalog, catalog, mean.url, NOW)
    # kept for these words, in any order
    asked = len(mean.seen)
    found_at(mean, tmp_path, "nano caldera")
    assert not [path for _, path, _ in mean.seen[asked:] if "metadata" in path]


def test_a_branch_that_is_not_given_is_told_and_asked_for_again(tmp_path, mean):
    mean.told |= {"12576/sensor/inv/toc": b"", "12576/sensor/inv/CE04OSBP": (500, b"")}
    catalog = found_at(mean, tmp_path, "nano")
    assert [one.designator for one in catalog.streams] == [CENTRAL]
    assert any("there may be more streams" in remark for remark in catalog.remarks)
    assert not list((tmp_path / mean.url.removeprefix("http://").replace("/", "_")).glob("branches*"))


def test_an_inventory_without_end_is_not_asked_for_ever(tmp_path, mean, monkeypatch):
    monkeypatch.setattr("plumbline.ooi.contents.MOST_QUESTIONS", 20)
    mean.told |= {"12576/sensor/inv/toc": b"", "12576/sensor/inv": [f"XX{place:06d}" for place in range(1000)]}
    mean.told |= {f"12576/sensor/inv/XX{place:06d}": [] for place in range(1000)}
    with pytest.raises(PlumblineError, match="give more words"):
        found_at(mean, tmp_path, "nano")


HOSTILE = [None, 5, "x", [], {}, [None, 5, "x", []], {"instruments": {}}, {"instruments": [None, {}, {"streams": 1}]}]
HOSTILE += [{"instruments": [{"reference_designator": CENTRAL, "streams": [None, 1, {"method": 1, "stream": []}]}]}]
HOSTILE += [
    {
        "instruments": [
            {
                "reference_designator": CENTRAL,
                "streams": [TIMES[0] | {"count": "many", "beginTime": {}, "endTime": -5}],
            },
            {"reference_designator": "../../../etc", "streams": TIMES},
            {"reference_designator": CENTRAL, "streams": [TIMES[0] | {"stream": "x: [\n- y"}]},
        ],
        "parameters_by_stream": {"botpt_nano_sample": [5, None, "PD848", "PD1"]},
        "parameter_definitions": [None, {"pdId": 7}, PRESSURE | {"units": 5, "type": [], "fillValue": "x"}],
    }
]


VOCABULARIES = [b"<html>", {"refdes": CENTRAL}, [None, {"refdes": 5}, {"refdes": CENTRAL}]]


@pytest.mark.parametrize(
    ("toc", "vocabulary"),
    [(toc, VOCABULARIES[2]) for toc in HOSTILE] + [(HOSTILE[-1], one) for one in VOCABULARIES[:2]],
)
def test_whatever_is_told_is_read(tmp_path, mean, toc, vocabulary):
    mean.told |= {"12576/sensor/inv/toc": toc, "12586/vocab": vocabulary}
    for _ in range(2):  # as it came, and as it was kept
        catalog = found_at(mean, tmp_path, "")
        assert {one.designator for one in catalog.streams} <= {CENTRAL}
        text = as_yaml(catalog.streams, catalog.words, mean.url, catalog.asked_at, NOW)
        for one in streams_of(text) or ():
            configuration.read({"streams": [one]})
        shown(show_catalog, catalog, mean.url, NOW)


def test_kept_files_that_are_spoilt_are_asked_for_anew(tmp_path, mean):
    found_at(mean, tmp_path, "nano")
    (toc,) = tmp_path.rglob("toc.json")
    for content in ("", "[]", "{", toc.read_text().replace('"shape": 1', '"shape": 0')):
        toc.write_text(content)
        assert len(found_at(mean, tmp_path, "nano").streams) == 1
        assert json.loads(toc.read_text())["shape"] == 1


def test_an_account_that_is_refused_is_told(tmp_path, mean):
    mean.told["12576/sensor/inv/toc"] = (401, {"message": "Authentication failed.", "status_code": 401})
    with pytest.raises(PlumblineError, match=r"does not know this user name and token \(401\)"):
        found_at(mean, tmp_path, "nano")


def test_details_tell_no_people_and_bear_anything(tmp_path, mean):
    (found,) = found_at(mean, tmp_path, "nano").streams
    base = "12587/events/deployment/inv/RS03CCAL/MJ03F/05-BOTPTA301/-1"
    good = {"eventStartTime": 1_406_322_300_000, "eventStopTime": None, "deploymentNumber": 1, "waterDepth": 1526.0}
    good |= {"deployedBy": "someone@example.org", "sensor": {"uid": "ATAPL-58316-00003", "serialNumber": "5"}}
    good |= {"location": {"depth": 1526.0, "latitude": 45.95, "longitude": -130.0}}
    odd = {"eventStartTime": 1, "location": [5], "sensor": "x", "deploymentNumber": True, "waterDepth": "deep"}
    worse = good | {"location": {"latitude": 1e9, "longitude": None, "depth": float("inf")}, "sensor": {"uid": "a@b.c"}}
    mean.told[base] = [good, good, None, {"eventStartTime": "x"}, odd, worse]
    session = api_session(mean.url)
    first, *others = sorted(deployments(session, mean.url, CENTRAL), key=lambda one: one["sensor_serial"] or "")[::-1]
    assert first == {
        "number": 1,
        "begin": "2014-07-25T21:05:00Z",
        "end": None,
        "latitude": 45.95,
        "longitude": -130.0,
        "depth_m": 1526.0,
        "water_depth_m": 1526.0,
        "sensor_uid": "ATAPL-58316-00003",
        "sensor_serial": "5",
    }
    assert len(others) == 2
    assert {one["latitude"] for one in others} == {one["sensor_uid"] for one in others} == {None}
    note = {"id": 1, "beginDT": 1_422_316_800_000, "endDT": None, "annotation": "a [b] ship", "qcFlag": ["x"]}
    mean.told["12580/anno/find"] = [note, 5, note | {"beginDT": "x"}]
    for _ in range(2):
        text = shown(show_details, found, details_of(Server(mean.url), kept_in(tmp_path, mean.url), found))
        assert "sampling rate: 20 Hz" in text
        assert "a [b] ship" in text
        assert "ATAPL-58316-00003 5" in text
        assert "@" not in text
    mean.told = {}
    other = replace(found, designator="RS03ECAL-MJ03E-06-BOTPTA302", parameters=())
    text = shown(show_details, other, details_of(Server(mean.url), kept_in(tmp_path, mean.url), other))
    for what in ("variables", "deployments", "annotations"):
        assert f"{what} are not told" in text
