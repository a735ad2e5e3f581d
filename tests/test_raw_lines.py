"""Lines of the raw archive: which are samples, whatever stands around them, and which files of the archive are read."""

from datetime import UTC, datetime

import netCDF4
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ooi_files import DESIGNATOR, NTP_EPOCH_S
from plumbline.errors import PlumblineError
from plumbline.ooi.orders import Query
from plumbline.ooi.places import Place
from plumbline.sources import catalogued, raw_archive, raw_lines
from plumbline.sources.raw_archive import find_in_archive
from result_host import ResultHost
from staged import Staged

NANO = b"NANO,P,2017/08/11 02:54:28.000,2258.107667,3.190922\n"
# As mi-instrument's tests have them.
OTHERS = (
    b"LILY,2013/06/24 23:22:00,-236.026,  25.666,194.25, 26.01,11.96,N9655\n",
    b"IRIS,2013/05/29 00:25:34, -0.0882, -0.7524,28.45,N8642\n",
    b"HEAT,2013/04/19 22:54:11,-001,0001,0025\n",
    b"NANO,*0001GR=08/28/13 18:15:15\n",
    b"\n",
)


def read(text, word="NANO"):
    return raw_lines.read_lines(text, raw_lines.LINES[word])


def test_a_line_is_a_sample_of_its_time():
    columns, left_out = read(NANO)
    assert left_out == 0
    assert columns["time"][0] - NTP_EPOCH_S == datetime(2017, 8, 11, 2, 54, 28, tzinfo=UTC).timestamp()
    assert (columns["bottom_pressure"][0], columns["press_trans_temp"][0]) == (2258.107667, 3.190922)


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("LILY", [-236.026, 25.666, 194.25, 26.01, 11.96]),
        ("IRIS", [-0.0882, -0.7524, 28.45]),
        ("HEAT", [-1, 1, 25]),
    ],
)
def test_the_other_parts_lines_are_read_too(word, values):
    columns, left_out = read(b"".join(OTHERS), word)
    assert left_out == 0
    assert [column[0] for column in list(columns.values())[1:]] == values


@pytest.mark.parametrize(
    "broken",
    [
        b"NANO,P,2017/08/11 02:54:28.050,2258.1\n",
        b"NANO,P,2017/08/11 02:54:28.050,\n",
        b"NANO,P,2017/13/41 02:54:28.050,2258.107667,3.190922\n",
        b"NANO,P,2017/08/11 02:54:2\n",
        b"NANO,P,2017/08/11 02:54:28.050,2258.107667,3.19",
    ],
)
def test_a_line_that_is_broken_is_left_out_and_counted_and_what_follows_is_not(broken):
    columns, left_out = read(NANO + broken + NANO)
    assert columns["bottom_pressure"].tolist() == [2258.107667] * 2
    assert left_out == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([NANO, NANO.replace(b"\n", b"\r\n"), *OTHERS]), max_size=60), st.integers(60, 400))
def test_blocks_give_the_lines_of_the_whole(tmp_path_factory, lines, size):
    text = tmp_path_factory.mktemp("raw") / "raw.dat"
    text.write_bytes(b"".join(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw_lines, "BLOCK_BYTES", size)
        patch.setattr(raw_lines, "LONGEST_LINE", 100)
        assert raw_lines.write_netcdf(text, "NANO", text.with_suffix(".nc"), {}) == 0
    with netCDF4.Dataset(text.with_suffix(".nc")) as dataset:
        assert dataset["time"].shape == (sum(line.startswith(b"NANO,P") for line in lines),)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(catalogued, "FIRST_LOOK_S", 0.01)


@pytest.fixture
def host():
    with ResultHost() as server:
        yield server


def name(day, clock="0000"):
    return f"BOTPTA301_10.31.8.5_9338_{day}T{clock}_UTC.dat"


def page(names):
    return "".join(f'<a href="{one}">{one[:20]}..</a>' for one in ["../", "?C=N;O=D", *names]).encode()


def lines_of(begin, seconds):
    """Return a line a second from a time on, the pressure telling the second of the day."""
    start = np.datetime64(begin, "ms")
    texts = []
    for second in range(seconds):
        when = str(start + second * 1000).replace("-", "/").replace("T", " ")
        texts.append(f"NANO,P,{when},{2000 + second / 1000:.6f},2.5\n")
    return "".join(texts).encode()


def found(host, folder="/files/RS03CCAL/MJ03F/", begin=(2015, 4, 23), end=(2015, 4, 24)):
    query = Query(DESIGNATOR, "streamed", "botpt_nano_sample", datetime(*begin, tzinfo=UTC), datetime(*end, tzinfo=UTC))
    there = find_in_archive(Place("raw", host.url, host.url + folder), query, "staged")
    return [file["url"].rpartition("/")[2] for file in there.files], there.reason


def put(host, folder, names, content=b""):
    host.files[folder] = page(names)
    for one in names:
        if one.endswith(".dat"):
            host.files[folder + one] = content


def test_the_files_of_a_day_and_those_whose_clock_was_another_are_taken(host):
    days = [name(f"201504{day}") for day in range(20, 27)]
    put(
        host,
        "/files/RS03CCAL/MJ03F/",
        [*days, name("20150423", "1530"), "BOTPTA302_x_20150423T0000_UTC.dat", "notes.txt"],
    )
    expected = [name("20150422"), name("20150423"), name("20150423", "1530"), name("20150424")]
    assert found(host)[0] == expected


def test_folders_of_instrument_year_month_and_day_are_gone_through_as_far_as_the_window_reaches(host):
    root = "/files/RS03CCAL/MJ03F/"
    put(host, root, ["05-BOTPTA301/", "06-BOTPTA302/", "old.dat"])
    put(host, f"{root}05-BOTPTA301/", ["2014/", "2015/"])
    put(host, f"{root}05-BOTPTA301/2015/", ["03/", "04/", "05/", "07/"])
    for month in ("03", "04", "05"):
        put(host, f"{root}05-BOTPTA301/2015/{month}/", [name(f"2015{month}{day}") for day in ("01", "30")])
    assert found(host, begin=(2015, 4, 30), end=(2015, 5, 1))[0] == [
        name("20150401"),
        name("20150430"),
        name("20150501"),
    ]
    asked = {path for _, path, _ in host.seen}
    assert not {path for path in asked if "2014" in path or "/07/" in path or "BOTPTA302" in path}


def test_a_window_before_the_archive_is_written_down_and_an_empty_archive_is_an_error(host):
    put(host, "/files/RS03CCAL/MJ03F/", [name("20160101")])
    assert found(host) == ([], "the archive has files that begin from 2016-01-01 to 2016-01-01")
    put(host, "/files/RS03CCAL/MJ03F/", ["other.dat"])
    with pytest.raises(PlumblineError, match="has no file of BOTPTA301"):
        found(host)
    with pytest.raises(PlumblineError, match=r"has no folder .*/none/ \(404\)"):
        found(host, folder="/files/none/")


def test_raw_text_becomes_the_days_bins_and_leaves_netcdf_that_says_what_it_is_of(host, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    root = "/files/RS03CCAL/MJ03F/"
    put(host, root, [name("20150422"), name("20150423"), name("20150424")])
    host.files[root + name("20150422")] = lines_of("2015-04-22T23:00:00", 3600)
    host.files[root + name("20150423")] = lines_of("2015-04-23T00:00:00", 7200) + b"NANO,P,2015/04/2"
    host.files[root + name("20150424")] = lines_of("2015-04-23T23:59:59", 5)
    chunk = Staged(tmp_path, Place("raw", host.url, host.url + root))
    numbers, means = chunk.through()
    assert (numbers[:2], numbers[-1]) == ([3600, 3600], 1)
    assert means[0] == pytest.approx(2000 + 3599 / 2000, abs=1e-9)
    files = {file["name"]: file["subset_of"] for file in chunk.download()["files"]}
    assert files[name("20150423").replace(".dat", ".nc")]["lines_left_out"] == 1
    kept = [path.suffix for path in chunk.path("netcdf/2015-04-23").iterdir()]
    assert sorted(kept) == ["", ".nc", ".nc", ".nc"]


def test_of_the_files_beside_a_day_a_megabyte_is_read_and_one_that_grows_is_no_trouble(host, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(raw_archive, "EDGE_BYTES", 2_000)
    root = "/files/RS03CCAL/MJ03F/"
    put(host, root, [name("20150422"), name("20150423"), name("20150424")])
    host.files[root + name("20150422")] = lines_of("2015-04-22T22:00:00", 7200) + lines_of("2015-04-23T00:00:00", 1)
    host.files[root + name("20150423")] = lines_of("2015-04-23T00:00:01", 3599)
    growing = root + name("20150424")
    host.files[growing] = lines_of("2015-04-23T23:59:58", 600)
    host.on_get = lambda: host.files.update({growing: host.files[growing] + lines_of("2015-04-24T00:10:00", 100)})
    chunk = Staged(tmp_path, Place("raw", host.url, host.url + root))
    numbers, _ = chunk.through()
    assert (numbers[0], numbers[1], numbers[-1]) == (3600, 0, 2)
    sizes = {file["name"]: file["subset_of"]["bytes"] for file in chunk.download()["files"]}
    assert sorted(sizes.values())[:2] == [2_000, 2_000]


def test_folders_and_names_that_no_archive_has_are_passed_over(host):
    root = "/files/RS03CCAL/MJ03F/"
    put(host, root, ["9999/", "2015/", name("20150423"), "BOTPTA301_\x1b[2J_20150423T0000_UTC.dat"])
    put(host, f"{root}2015/", ["04/", "99/"])
    put(host, f"{root}2015/04/", ["23/", "77/"])
    put(host, f"{root}2015/04/23/", ["12/", name("20150423", "0600")])
    put(host, f"{root}2015/04/23/12/", [])
    assert found(host)[0] == [name("20150423"), name("20150423", "0600")]
