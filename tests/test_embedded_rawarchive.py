"""The raw archive of the embedded server: days of lines as the instrument writes them."""

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import requests

from goldcopy import root_of
from plumbline.embedded import signal
from plumbline.embedded.instruments import BY_DESIGNATOR
from plumbline.embedded.rawlines import write_day
from plumbline.ooi.results import list_names
from plumbline.ooi.session import result_session
from serving import serving

DISTRICT = "RS03INT2-MJ03D-06-BOTPTA303"
NAME = "BOTPTA303_10.31.9.6_9338_20170811T0000_UTC.dat"
DAY, DAY_MS, HOUR_MS = 17_389, 86_400_000, 3_600_000
# OOI's driver, mi-instrument, mi/instrument/noaa/botpt/ooicore/particles.py
STAMP, REAL, WHOLE = r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.?\d*)", r"( *-?\d*\.\d*)", r"( *-?\d+)"
FORMATS = {
    "NANO": rf"NANO,(V|P),{STAMP},{REAL},{REAL}\n",
    "LILY": rf"LILY,{STAMP},{REAL},{REAL},{REAL},{REAL},{REAL},(\S+)\n",
    "IRIS": rf"IRIS,{STAMP},{REAL},{REAL},{REAL},(\S+)\n",
    "HEAT": rf"HEAT,{STAMP},{WHOLE},{WHOLE},{WHOLE}\n",
}
PATTERNS = {name: re.compile(text) for name, text in FORMATS.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server")) as api:
        yield f"{root_of(api)}/files/RS03INT2/MJ03D"


@pytest.fixture(scope="module")
def day(folder):
    return requests.get(f"{folder}/{NAME}", timeout=60)


def milliseconds(stamps):
    return np.array([stamp.replace("/", "-").replace(" ", "T") for stamp in stamps], "M8[ms]").astype(np.int64)


def test_the_index_lists_the_days_that_are_over(folder):
    assert requests.get(folder, timeout=20, allow_redirects=False).status_code == 301
    names = [name for name in list_names(result_session(), folder) if name.endswith(".dat")]
    today = datetime.now(UTC)
    assert names[0] == "BOTPTA303_10.31.9.6_9338_20140829T0000_UTC.dat"
    assert f"{today - timedelta(days=1):%Y%m%d}" in names[-1]
    assert len(names) == len(set(names)) == (today.date() - datetime(2014, 8, 29).date()).days
    for wrong in ("RS03INT2/MJ03F/", f"RS03INT2/MJ03D/BOTPTA303_10.31.9.6_9338_{today:%Y%m%d}T0000_UTC.dat"):
        assert requests.get(f"{folder.rpartition('/RS03')[0]}/{wrong}", timeout=20).status_code == 404


def test_head_and_ranges_tell_of_the_text_that_is_sent(folder, day):
    head = requests.head(f"{folder}/{NAME}", timeout=60)
    assert int(head.headers["Content-Length"]) == len(day.content) > 100_000_000
    for name in ("ETag", "Last-Modified", "Accept-Ranges", "Content-Type"):
        assert head.headers[name] == day.headers[name]
    part = requests.get(f"{folder}/{NAME}", headers={"Range": "bytes=5000-5999"}, timeout=60)
    assert (part.status_code, part.content) == (206, day.content[5000:6000])


def test_every_line_is_one_of_the_instrument_s_and_they_stand_by_time(day):
    text = day.content[: 4 * 2**20].decode("ascii")
    lines = text.splitlines(keepends=True)[:-1]
    found = {name: [] for name in PATTERNS}
    stamps = []
    for line in lines:
        match = PATTERNS[line[:4]].fullmatch(line)
        assert match, line
        found[line[:4]].append(match.groups())
        stamps.append(line.split(",")[2 if line.startswith("NANO") else 1])
    assert (np.diff(milliseconds(stamps)) >= 0).all()
    assert len(found["LILY"]) == pytest.approx(len(found["NANO"]) / 20, abs=3)
    assert len(found["HEAT"]) == pytest.approx(len(found["NANO"]) / 60, abs=3)
    assert {row[-1] for row in found["LILY"]} == {"N9655"}


def test_the_lines_hold_the_samples_of_the_streams(tmp_path):
    path = tmp_path / "day.dat"
    write_day(path, BY_DESIGNATOR[DISTRICT], DAY, damaged=False, replays=())
    rows = {name: [] for name in PATTERNS}
    with path.open() as file:
        for line in file:
            if not line.startswith("NANO") or "/11 02:" in line:  # of NANO an hour
                rows[line[:4]].append(line.rstrip("\n").split(","))
    begin = DAY * DAY_MS
    time_ms, known = signal.samples(DISTRICT, "botpt_nano_sample", begin + 2 * HOUR_MS, begin + 3 * HOUR_MS)
    np.testing.assert_array_equal(milliseconds([row[2] for row in rows["NANO"]]), time_ms)
    pressure = [f"{value:.6f}" for value in known["bottom_pressure"].astype(float)]
    assert [row[3] for row in rows["NANO"]] == pressure
    np.testing.assert_allclose([float(row[4]) for row in rows["NANO"]], known["press_trans_temp"], atol=6e-7)
    for kind, first in (("lily", 2), ("iris", 2), ("heat", 2)):
        time_ms, known = signal.samples(DISTRICT, f"botpt_{kind}_sample", begin, begin + DAY_MS)
        lines = rows[kind.upper()]
        np.testing.assert_array_equal(milliseconds([row[1] for row in lines]), time_ms)
        for place, axis in enumerate("xy"):
            written = np.array([float(row[first + place]) for row in lines]).astype(np.float32)
            np.testing.assert_array_equal(written, known[f"{kind}_{axis}_tilt"])
