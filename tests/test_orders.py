"""Asking for a window: what the gateway's answers mean, over HTTP, with answers put in its mouth."""

import contextlib
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from plumbline.errors import PlumblineError
from plumbline.ooi import orders, session
from plumbline.retrieval import ordering, records
from result_host import ResultHost

QUERY = orders.Query(
    "RS03CCAL-MJ03F-05-BOTPTA301",
    "streamed",
    "botpt_nano_sample",
    datetime(2015, 4, 23, tzinfo=UTC),
    datetime(2015, 4, 24, tzinfo=UTC),
)
FOLDER = "https://downloads.example.org/async_results/user@example.org/20260101T000000000Z-x"
ACCEPTED = {
    "requestUUID": "6942d248",
    "outputURL": "https://opendap.example.org/thredds/catalog/ooi/user@example.org/x/catalog.html",
    "allURLs": ["https://opendap.example.org/thredds/catalog/ooi/user@example.org/x/catalog.html", FOLDER],
    "sizeCalculation": 7134109,
    "timeCalculation": 60,
    "numberOfSubJobs": 1,
}
INVENTORY = {
    "": ["RS03AXBS", "RS03CCAL", "RS03ECAL"],
    "/RS03CCAL": ["MJ03F"],
    "/RS03CCAL/MJ03F": ["05-BOTPTA301", "12-VEL3DB304"],
    "/RS03CCAL/MJ03F/05-BOTPTA301": ["streamed"],
    "/RS03CCAL/MJ03F/05-BOTPTA301/streamed": ["botpt_nano_sample", "botpt_nano_sample_15sec"],
}


class Gateway:
    """Answers the inventory as it is, and a data request with the next of `answers`: (status, body)."""

    def __init__(self):
        self.answers, self.seen, self.inventory, self.headers = [], [], dict(INVENTORY), []


@pytest.fixture
def gateway(monkeypatch):
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            url = urlsplit(self.path)
            gateway.seen.append((url.path, parse_qs(url.query), self.headers.get("Authorization")))
            path = url.path.removeprefix("/api/m2m/12576/sensor/inv")
            if "format" in parse_qs(url.query):
                status, body = gateway.answers.pop(0)
            else:
                status, body = (200, gateway.inventory[path]) if path in gateway.inventory else (404, {})
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", body)
            for name, value in gateway.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(BrokenPipeError):
                self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    gateway.url = f"http://127.0.0.1:{server.server_address[1]}/api/m2m"
    gateway.slept = []
    monkeypatch.setattr(orders.time, "sleep", gateway.slept.append)  # of every module: it is one clock
    monkeypatch.setenv("OOI_USERNAME", "OOIAPI-TEST")
    monkeypatch.setenv("OOI_TOKEN", "token-of-the-test")
    yield gateway
    server.shutdown()
    server.server_close()


def place(gateway, query=QUERY):
    return orders.place(session.api_session(gateway.url), gateway.url, query)


def test_the_request_is_the_one_that_the_server_knows(gateway):
    gateway.answers = [(200, ACCEPTED)]
    answer = place(gateway)
    assert answer.accepted
    assert answer.content == ACCEPTED
    ((path, parameters, authorization),) = gateway.seen
    assert path == "/api/m2m/12576/sensor/inv/RS03CCAL/MJ03F/05-BOTPTA301/streamed/botpt_nano_sample"
    assert parameters == {
        # a millisecond early: times are rounded to the millisecond here, and not there
        "beginDT": ["2015-04-22T23:59:59.999Z"],
        "endDT": ["2015-04-24T00:00:00.000Z"],
        "format": ["application/netcdf"],
    }
    assert authorization.startswith("Basic ")


@pytest.mark.parametrize(
    "refusal",
    [
        (400, {"message": {"status": "Too many requests are running"}, "status_code": 400}),
        (408, {"message": "Timeout when getting data from uframe.", "status_code": 408}),
        (500, {"message": "ConnectionError when getting data from uframe.", "status_code": 500}),
        (502, "<html><title>502 Bad Gateway</title></html>"),
        (200, "<html><title>OOINet: Maintenance</title></html>"),
        (200, '{"requestUUID": "49b32b32", "allU'),
        (200, {"requestUUID": "49b32b32", "message": "Unexpected internal error during request"}),
        (200, []),
    ],
    ids=["busy", "slow", "down", "proxy", "maintenance", "truncated", "error inside", "list"],
)
def test_what_passes_is_waited_for(gateway, refusal):
    gateway.answers = [refusal, refusal, (200, ACCEPTED)]
    assert place(gateway).accepted
    first, second = gateway.slept
    # growing, each up to a third shorter by chance
    assert 4 / 3 <= first <= 2
    assert 8 / 3 <= second <= 4


def test_patience_has_an_end(gateway):
    busy = (400, {"message": {"status": "Too many requests are running"}, "status_code": 400})
    gateway.answers = [busy] * orders.TRIES
    with pytest.raises(PlumblineError, match=r"in 9 tries; at last it answered 400 \(Too many requests are running\)"):
        place(gateway)
    assert sum(gateway.slept) < 400


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((401, {"message": "Authentication failed.", "status_code": 401}), "check OOI_USERNAME and OOI_TOKEN"),
        ((403, {"message": "Requested end point (12345) is not exposed", "status_code": 403}), "refuses the order"),
        (
            (400, {"message": {"status": "The requested parameter does not exist in this stream", "code": 400}}),
            "does not exist in this stream",
        ),
        ((413, {"message": "larger than maximum allowed limit (20,000)"}), "20,000"),
    ],
    ids=["401", "403", "400", "413"],
)
def test_what_no_waiting_cures_is_told_at_once(gateway, answer, words):
    gateway.answers = [answer]
    with pytest.raises(PlumblineError, match=words.replace("(", r"\(").replace(")", r"\)")):
        place(gateway)
    assert gateway.slept == []


@pytest.mark.parametrize(
    "answer",
    [
        (404, {"message": {"status": "Query returned no results for primary stream", "code": 404}}),
        (404, {"message": {"code": 404, "requestUUID": "x", "status": "NOT FOUND"}, "status_code": 404}),
        (200, {"message": "No data for request", "requestUUID": "x"}),
    ],
)
def test_no_data_in_a_stream_that_exists_is_an_answer(gateway, answer):
    gateway.answers = [answer] * 3
    assert not place(gateway).accepted


def test_a_404_that_passes_is_not_taken_for_no_data(gateway):
    gateway.answers = [(404, {"message": {"status": "NOT FOUND"}, "status_code": 404}), (200, ACCEPTED)]
    assert place(gateway).accepted


def test_a_404_that_is_a_page_is_no_word_of_the_gateway(gateway):
    gateway.answers = [(404, "<html>Not Found</html>")] * 3 + [(200, ACCEPTED)]
    assert place(gateway).accepted


@pytest.mark.parametrize(
    ("header", "least"), [("30", 30), ("100000", 900), ("Fri, 31 Dec 2199 23:59:59 GMT", 900), ("soon", 0)]
)
def test_a_server_that_asks_for_time_gets_it_up_to_a_quarter_of_an_hour(gateway, header, least):
    gateway.answers = [(503, {"message": "busy"}), (200, ACCEPTED)]
    gateway.headers = [("Retry-After", header)]
    assert place(gateway).accepted
    (slept,) = gateway.slept
    assert max(least, 4 / 3) <= slept <= max(least, 2)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"designator": "RS3CCAL-MJ03F-05-BOTPTA301"}, "did you mean 'RS03CCAL'"),
        ({"designator": "RS03CCAL-MJ03E-05-BOTPTA301"}, "did you mean 'MJ03F'"),
        ({"designator": "RS03CCAL-MJ03F-06-BOTPTA301"}, "did you mean '05-BOTPTA301'"),
        ({"method": "stream"}, "did you mean 'streamed'"),
        ({"stream": "botpt_nano_sampel"}, "did you mean 'botpt_nano_sample'"),
        ({"stream": "zzz"}, "botpt_nano_sample"),
    ],
)
def test_a_name_that_does_not_exist_is_told_from_no_data(gateway, change, sentence):
    gateway.answers = [(404, {"message": {"status": "NOT FOUND"}, "status_code": 404})] * 3
    with pytest.raises(PlumblineError, match=sentence):
        place(gateway, orders.Query(**{**vars(QUERY), **change}))


def test_an_inventory_that_cannot_be_read_is_no_proof_of_anything(gateway):
    gateway.answers = [(404, {"message": {"status": "NOT FOUND"}, "status_code": 404})] * 3
    gateway.inventory = {}
    with pytest.raises(PlumblineError, match="cannot be told whether the stream exists"):
        place(gateway)


def test_an_address_that_is_none_is_refused():
    for hostile in ("file:///async_results/x", "ftp://h/async_results/x", "http://h/async_results/\n", 7, None):
        with pytest.raises(PlumblineError, match="names no async_results folder"):
            orders.urls_of({"allURLs": [hostile]})


@pytest.mark.parametrize("swapped", [False, True])
def test_the_folder_is_found_by_its_form_and_not_by_its_place(swapped):
    urls = ACCEPTED["allURLs"][:: -1 if swapped else 1]
    assert orders.urls_of({"allURLs": urls}) == (FOLDER, ACCEPTED["outputURL"])


def test_a_record_holds_question_answer_and_every_attempt_and_no_account(gateway, tmp_path):
    record_path = tmp_path / "2015-04-23.json"
    gateway.answers = [(200, ACCEPTED), (200, ACCEPTED | {"requestUUID": "second"})]
    ordering.order(gateway.url, "central", "2015-04-23", QUERY, record_path)
    first = json.loads(record_path.read_text())
    assert first["window"] == {"begin": "2015-04-23T00:00:00Z", "end": "2015-04-24T00:00:00Z"}
    assert (first["outcome"], first["answer"], first["attempts"]) == ("accepted", ACCEPTED, [])

    ordering.order(gateway.url, "central", "2015-04-23", QUERY, record_path)
    assert len(gateway.answers) == 1, "an accepted order must not be sent again"

    records.give_up(record_path, "the results vanished")
    ordering.order(gateway.url, "central", "2015-04-23", QUERY, record_path)
    second = json.loads(record_path.read_text())
    assert second["answer"]["requestUUID"] == "second"
    assert [attempt["given_up"] for attempt in second["attempts"]] == ["the results vanished"]
    assert "token-of-the-test" not in record_path.read_text()
    assert "OOIAPI-TEST" not in record_path.read_text()


def test_a_longer_window_is_another_order(gateway, tmp_path):
    record_path = tmp_path / "2015.json"
    gateway.answers = [(200, ACCEPTED), (200, ACCEPTED | {"requestUUID": "second"})]
    ordering.order(gateway.url, "central", "2015", QUERY, record_path)
    longer = orders.Query(**{**vars(QUERY), "end": datetime(2015, 4, 25, tzinfo=UTC)})
    ordering.order(gateway.url, "central", "2015", longer, record_path)
    record = json.loads(record_path.read_text())
    assert record["answer"]["requestUUID"] == "second"
    assert [attempt["answer"]["requestUUID"] for attempt in record["attempts"]] == ["6942d248"]


def test_a_redirect_to_another_host_is_refused_and_never_followed(gateway):
    with ResultHost() as elsewhere:
        gateway.answers = [(302, f"{elsewhere.url}/api/m2m/x")]
        with pytest.raises(PlumblineError, match=r"sends the request on to 127\.0\.0\.1:"):
            place(gateway)
        assert elsewhere.seen == []


def test_a_redirect_within_a_host_is_followed_with_the_account(gateway):
    gateway.answers = [(302, f"{gateway.url}/moved?format=x"), (200, ACCEPTED)]
    assert place(gateway).accepted
    assert [authorization is not None for _, _, authorization in gateway.seen] == [True, True]
