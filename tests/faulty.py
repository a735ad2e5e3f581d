"""The embedded server with every fault, each on a day of its own, and a client that looks closely."""

import contextlib
import re
import time
from datetime import UTC, date, datetime, timedelta

import netCDF4
import numpy as np
import requests

from plumbline.embedded import EMAIL, TOKEN, USERNAME, signal
from plumbline.embedded.faultmodes import MODES
from plumbline.ooi.results import file_name_pattern, list_names
from plumbline.ooi.session import result_session
from serving import serving

ACCOUNT = (USERNAME, TOKEN)
CENTRAL, EAST = "RS03CCAL-MJ03F-05-BOTPTA301", "RS03ECAL-MJ03E-06-BOTPTA302"
INVENTORY = "12576/sensor/inv/RS03CCAL/MJ03F/05-BOTPTA301"
SLOW, FAST = "botpt_nano_sample_15sec", "botpt_nano_sample"
NTP_OF_1970_S = 2_208_988_800
MILLISECOND = timedelta(milliseconds=1)

# Every mode has a day of its own, so that one server serves them all.
DAYS = {mode: date(2015, 5, 1) + timedelta(days=place) for place, mode in enumerate(MODES)}
OPTIONS = {
    "busy": {"times": 2, "seconds": 3.0},
    "timeout": {"times": 1},
    "down": {"times": 1},
    "bad_gateway": {"times": 1},
    "unavailable": {"times": 1, "seconds": 1},
    "maintenance": {"times": 1},
    "error_inside": {"times": 1},
    "truncated_json": {"times": 1},
    "slow_answer": {"times": 1, "seconds": 0.5},
    "cut_answer": {"times": 1},
    "lost_answer": {"times": 1},
    "api_errors": {"rate": 0.6},
    "empty_directory": {"seconds": 0.7},
    "partial_visible": {"seconds": 0.9},
    "empty_catalog": {"seconds": 1.0},
    "empty_index": {"seconds": 1.0},
    "vanish": {"after_files": 1},
    "failed_slices": {"times": 1},
    "cut_download": {"times": 2},
    "stalled_download": {"times": 1, "seconds": 1.0},
    "wrong_length": {"times": 1},
    "short_file": {"times": 2},
    "corrupt_file": {"times": 1},
    "html_file": {"times": 1},
    "no_head": {"times": 1},
    "result_errors": {"rate": 0.5},
}


def fault(mode):
    where = {"reference_designator": EAST} if mode == "api_errors" else {"on": str(DAYS[mode])}
    return {"mode": mode, **where, **OPTIONS.get(mode, {})}


@contextlib.contextmanager
def faulty_server(store):
    """Run a server with every mode on its own day."""
    delays = {"hidden_s": 0.02, "empty_s": 0, "step_s": 0}
    with serving(store, delays=delays, faults=[fault(mode) for mode in MODES]) as address:
        yield address


def window(mode, hours=3, day=None):
    """Return a window as Plumbline asks for it: from one millisecond before the day begins."""
    begin = datetime.combine(day or DAYS[mode], datetime.min.time(), UTC)
    first, last = (
        f"{one:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z" for one in (begin - MILLISECOND, begin + timedelta(hours=hours))
    )
    return {"beginDT": first, "endDT": last}


def ask(api, mode, stream=SLOW, hours=3, **more):
    parameters = window(mode, hours) | more
    return requests.get(
        f"{api}/{INVENTORY}/streamed/{stream}", params=parameters, auth=ACCOUNT, timeout=20, allow_redirects=False
    )


def ordered(api, mode, **more):
    """Order and return the URL of the result directory."""
    return next(url for url in ask(api, mode, **more).json()["allURLs"] if "/async_results/" in url)


def completed(folder, seconds=180):
    """Wait until a directory is complete and return the names of everything in it."""
    deadline = time.monotonic() + seconds
    while requests.get(f"{folder}/status.txt", timeout=20).text != "complete\n":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return list_names(result_session(), folder)


def asked_for(names, stream=SLOW):
    """Return the names of the data files of exactly the stream."""
    pattern = file_name_pattern(CENTRAL, "streamed", stream)
    return [name for name in names if pattern.fullmatch(name)]


def opened(content):
    return netCDF4.Dataset("memory.nc", memory=content)


def fetched(folder, names):
    """Return (times in unix milliseconds, pressures) of some files, file after file."""
    times, values = [], []
    for name in names:
        with opened(requests.get(f"{folder}/{name}", timeout=20).content) as file:
            times.append(np.rint((file["time"][:].data - NTP_OF_1970_S) * 1000).astype(np.int64))
            known = "botsflu_meanpres" if "botsflu_meanpres" in file.variables else "bottom_pressure"
            values.append(file[known][:].data)
    return times, values


def expected(mode, stream=SLOW, hours=3):
    """Return the samples that the window holds, from the signal model itself."""
    begin_ms = int(datetime.combine(DAYS[mode], datetime.min.time(), UTC).timestamp() * 1000)
    # The end is inclusive.
    time_ms, known = signal.samples(CENTRAL, stream, begin_ms, begin_ms + hours * 3_600_000 + 1)
    return time_ms, known["botsflu_meanpres" if stream == SLOW else "bottom_pressure"]


def assert_the_same_samples(folder, names, mode, stream=SLOW, hours=3):
    """Compare what files hold, repeated samples once, with what the window holds."""
    times, values = fetched(folder, names)
    time_ms, model = expected(mode, stream, hours)
    found, first = np.unique(np.concatenate(times), return_index=True)
    inside = np.isin(found, time_ms)
    assert (~inside).sum() <= 4  # padding, where it is asked for
    np.testing.assert_array_equal(found[inside], time_ms)
    np.testing.assert_array_equal(np.concatenate(values)[first][inside], model)
    return times


def orders_of(api, mode):
    """Return how many result directories the account has for a mode's day, seen by their files."""
    root = api.removesuffix("/api/m2m") + f"/async_results/{EMAIL}"
    day = f"{DAYS[mode]:%Y%m%d}"
    names = [
        name for name in re.findall(r'href="([^"?]+)/"', requests.get(f"{root}/", timeout=20).text) if "/" not in name
    ]
    return [name for name in names if day in requests.get(f"{root}/{name}/", timeout=20).text]


def whole_file(mode, api):
    """Return (URL, length as HEAD tells it) of the one data file of an order."""
    folder = ordered(api, mode)
    (name,) = asked_for(completed(folder))
    url = f"{folder}/{name}"
    return url, lambda: int(requests.head(url, timeout=20, allow_redirects=True).headers["Content-Length"])


def received(url, begin=0, timeout=20):
    """Return (status, headers, what came before the connection ended, whether it ended early)."""
    headers = {"Range": f"bytes={begin}-"} if begin else {}
    content, cut = b"", False
    with requests.get(url, headers=headers, timeout=timeout, stream=True) as answer:
        try:
            for piece in answer.iter_content(1000):
                content += piece
        except (requests.exceptions.ChunkedEncodingError, requests.ConnectionError):
            cut = True
        return answer.status_code, answer.headers, content, cut


def assert_good(url, mode):
    """Check that a file is now sent as it should be; return its content."""
    folder, _, name = url.rpartition("/")
    assert_the_same_samples(folder, [name], mode)
    return requests.get(url, timeout=20).content
