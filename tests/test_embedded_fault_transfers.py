"""Faults of the embedded server when results are fetched."""

import itertools
import re
import time

import pytest
import requests

from faulty import asked_for, assert_good, opened, ordered, received, whole_file
from serving import serving


def test_a_download_is_cut_and_can_be_resumed(api):
    url, length = whole_file("cut_download", api)
    size = length()
    status, headers, first, cut = received(url)
    assert (status, int(headers["Content-Length"]), cut) == (200, size, True)
    assert 0 < len(first) <= size // 2
    status, headers, second, cut = received(url, len(first))
    assert (status, cut) == (206, True)
    assert headers["Content-Range"] == f"bytes {len(first)}-{size - 1}/{size}"
    so_far = first + second
    status, _, third, cut = received(url, len(so_far))
    assert (status, cut) == (206, False)
    assert so_far + third == assert_good(url, "cut_download")


def test_a_download_stalls(api):
    url, length = whole_file("stalled_download", api)
    size, started = length(), time.monotonic()
    with pytest.raises(requests.ConnectionError):  # nothing comes any more
        requests.get(url, timeout=0.4)
    assert time.monotonic() - started < 0.9
    assert len(assert_good(url, "stalled_download")) == size


def test_a_stalled_download_is_closed_in_the_end(tmp_path):
    with serving(tmp_path, faults=[{"mode": "stalled_download", "seconds": 0.6}]) as api:
        url, length = whole_file("stalled_download", api)
        started = time.monotonic()
        _, _, content, cut = received(url)
        assert cut
        assert len(content) <= length() // 2
        assert time.monotonic() - started >= 0.6


def test_a_length_is_announced_that_is_not_sent(api):
    url, length = whole_file("wrong_length", api)
    told = length()
    assert told == length()  # to look costs nothing
    _, headers, content, cut = received(url)
    assert int(headers["Content-Length"]) == told
    assert cut
    right = assert_good(url, "wrong_length")
    assert len(right) == length() == told - 7
    assert right.startswith(content)


def test_a_file_is_shorter_than_head_says(api):
    url, length = whole_file("short_file", api)
    status, headers, content, cut = received(url)
    assert (status, cut) == (200, False)
    assert int(headers["Content-Length"]) == len(content) < length()
    assert requests.get(url, headers={"Range": f"bytes={len(content)}-"}, timeout=20).status_code == 416
    right = assert_good(url, "short_file")
    assert right.startswith(content)
    assert len(right) == length()


def test_a_file_is_damaged(api):
    url, length = whole_file("corrupt_file", api)
    content = requests.get(url, timeout=20).content
    right = assert_good(url, "corrupt_file")
    assert len(content) == length() == len(right)
    assert content[:512] != right[:512]
    assert content[len(right) // 2] != right[len(right) // 2]
    with pytest.raises(OSError, match=r"."):
        opened(content)


def test_a_page_comes_in_place_of_a_file(api):
    url, length = whole_file("html_file", api)
    answer = requests.get(url, timeout=20)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert int(answer.headers["Content-Length"]) == len(answer.content) < length()
    assert len(assert_good(url, "html_file")) == length()


def test_ranges_are_ignored(api):
    url, length = whole_file("no_range", api)
    answer = requests.get(url, headers={"Range": "bytes=1000-"}, timeout=20)
    assert answer.status_code == 200
    assert len(answer.content) == length()
    assert answer.content == assert_good(url, "no_range")


def test_head_is_not_allowed(api):
    url, _ = whole_file("no_head", api)
    assert requests.head(url, timeout=20).status_code == 405
    assert requests.get(url, timeout=20).status_code == 200
    assert requests.head(url, timeout=20).status_code == 200


def test_no_length_is_told(api):
    url, length = whole_file("no_length", api)
    status, headers, content, cut = received(url)
    assert (status, cut, len(content)) == (200, False, length())
    assert "Content-Length" not in headers
    assert headers["Transfer-Encoding"] == "chunked"
    assert content == assert_good(url, "no_length")


def test_files_lie_at_the_other_host_name(api):
    url, length = whole_file("redirect_results", api)
    answer = requests.get(url, timeout=20, allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"] == url.replace("127.0.0.1", "localhost")
    assert len(requests.get(url, timeout=20).content) == length()
    assert_good(url, "redirect_results")


def test_result_errors_strike_every_kind_of_call(api):
    folder = ordered(api, "result_errors")
    catalog = folder.replace("/async_results/", "/thredds/catalog/ooi/")

    def outcome(method, url):
        try:
            answer = requests.request(method, url, timeout=20)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return "cut", ""
        if answer.status_code == 503:
            assert answer.headers["Retry-After"] == "0"
        return answer.status_code, answer.text

    deadline = time.monotonic() + 20
    while outcome("GET", f"{folder}/status.txt")[1] != "complete\n":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    page = ""
    while ".nc" not in page:
        page = outcome("GET", f"{folder}/")[1]
    (name,) = asked_for(re.findall(r'href="([^"/?]+)"', page))
    urls = [f"{folder}/status.txt", f"{folder}/status.json", f"{folder}/", f"{folder}/{name}", f"{catalog}/catalog.xml"]
    calls = [("GET", url) for url in urls] + [("HEAD", f"{folder}/{name}")]
    seen = [[outcome(*call)[0] for _ in range(20)] for call in calls]
    assert all(200 in one and len(set(one)) > 2 for one in seen), seen
    assert set(itertools.chain(*seen)) == {200, 404, 500, 502, 503, "cut"}
