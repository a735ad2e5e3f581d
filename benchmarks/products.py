"""What all products of long records cost: 4 stations, 15 years of bins of 7.5 s in month chunks, 2 cores.

The scripts of the workflow run as it runs them, each in a process of its own, two at a time: a station's jobs one
after the other on one core. Making the bins does not count. Goals: 300 s, and 1.5 GB for both processes together.
"""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from files import METHOD, RATE_HZ, STREAM, VARIABLE
from plumbline.configuration.products import Products
from plumbline.products.depth import POSITIONS
from processes import HERE, Cost, run
from rows import Bench, Row

BASE_MS, FIRST_YEAR, CORES = 7_500, 2010, 2
# How much the seafloor moves at each station.
MOVING = {"central-caldera": 1.0, "eastern-caldera": 0.6, "international": 0.3, "ashes": 0.8}
PAIRS = (("central-caldera", "eastern-caldera"), ("ashes", "international"))
BOTSFLU, EVENTS, UPLIFT = "make_botsflu.py", "find_events.py", "make_uplift.py"


def measure(bench: Bench) -> list[Row]:
    """Measure all products of 15 years, or of one."""
    years = 1 if bench.quick else 15
    stations = [
        Station(bench.folder("products"), bench.python, name, designator, years)
        for name, designator in zip(MOVING, POSITIONS, strict=True)
    ]
    _on_both([station.write_bins for station in stations])
    start = time.perf_counter()
    costs = _on_both([station.make_products for station in stations])
    named = {station.name: station for station in stations}
    costs += _on_both([lambda pair=pair: _pair(named[pair[0]], named[pair[1]]) for pair in PAIRS])
    wall_s = time.perf_counter() - start
    jobs = [(script, cost) for some in costs for script, cost in some]
    cpu_s = sum(cost.cpu_s for _, cost in jobs)
    peaks = sorted(cost.peak_mb for _, cost in jobs)
    detail = {script: [vars(cost) for name, cost in jobs if name == script] for script, _ in jobs}
    record = f"{len(stations)} stations, {years} year{'s' if years > 1 else ''} of bins of 7.5 s"
    of = {script: sum(cost.cpu_s for name, cost in jobs if name == script) for script in detail}
    dear = ", ".join(f"{script} {seconds:.0f} s" for script, seconds in sorted(of.items(), key=lambda one: -one[1])[:3])
    return [
        Row(
            f"all products: {record}, {CORES} cores",
            wall_s,
            "s",
            "<= 300",
            f"{cpu_s:.0f} s of CPU: {dear}",
            {"cpu_s": cpu_s, "jobs": detail},
        ),
        Row(f"memory of the products: {record}, largest job", peaks[-1], "MB", "", f"{len(jobs)} jobs"),
        Row(
            f"memory of the products: {record}, both cores",
            sum(peaks[-CORES:]),
            "MB",
            "<= 1500",
            "the largest two jobs together",
        ),
    ]


def _on_both(works: list[Callable]) -> list:
    """Do some works, as many at a time as there are cores."""
    with ThreadPoolExecutor(CORES) as pool:
        return [done.result() for done in [pool.submit(work) for work in works]]


class Station:
    """A station: its bins, and the jobs that make its products.

    Parameters
    ----------
    folder : Path
        Where the workflow would run.
    python : str
    name, designator : str
    years : int
    """

    def __init__(self, folder: Path, python: str, name: str, designator: str, years: int) -> None:
        self.folder, self.python, self.name = folder, python, name
        self.edges = [_ms(FIRST_YEAR + month // 12, month % 12 + 1) for month in range(12 * years + 1)]
        self.results = folder / "results" / name
        self.bins = [self.results / "bins" / f"{begin}.nc" for begin in self.edges[:-1]]
        self.about = {"name": name, "reference_designator": designator, "method": METHOD, "stream": STREAM}

    def write_bins(self) -> None:
        """Make the record."""
        self.bins[0].parent.mkdir(parents=True)
        command = [self.python, HERE / "synthetic_bins.py", MOVING[self.name], BASE_MS, self.results / "bins"]
        run([*command, *self.edges])

    def make_products(self) -> list[tuple[str, Cost]]:
        """Make the station's products; return what each job cost. Of the large files, none is left."""
        options = Products().model_dump(mode="json")
        bins = {"bins": [str(path) for path in self.bins], "constituents": []}
        known = {"constituents": "axial", "window_ms": [self.edges[0], self.edges[-1]], "variable": VARIABLE}
        quality = {"quality": f"results/{self.name}/quality.nc"}
        parts = {"fifteen": "botsflu_15s.csv", "fifteen_netcdf": "botsflu_15s.nc"}
        parts |= {"day": "botsflu_24h.csv", "day_netcdf": "botsflu_24h.nc"}
        depths = {part: str(self.results / file) for part, file in parts.items()}
        found = {"botsflu": depths["fifteen_netcdf"]} | quality
        uplift = {name: options[name] for name in ("depth", "tide")} | {"chunks": [], "known": [self.name]}
        costs = [
            self.job(BOTSFLU, bins, depths, known | {"options": options["botsflu"]}),
            self.job("flag_bins.py", bins, quality, known | {"rate_hz": RATE_HZ, "options": options["quality"]}),
            self.job(UPLIFT, quality | {"calibrations": []}, {}, uplift | {"options": options["uplift"]}),
            self.job(EVENTS, found, {"table": str(self.results / "events.csv")}, {"options": options["events"]}),
        ]
        for path in (*self.bins, Path(depths["fifteen"]), Path(depths["fifteen_netcdf"])):
            path.unlink()
        return costs

    def job(self, script: str, files: object, output: object, params: dict, **wildcards: str) -> tuple[str, Cost]:
        """Run a script; return what it cost."""
        job = {"folder": str(self.folder), "input": files, "output": output}
        job["params"] = {"api": "embedded", "stream": self.about} | params
        job["wildcards"] = wildcards or {"stream": self.name}
        job["log"] = [str(self.folder / "logs" / f"{script}-{self.name}.log")]
        path = self.folder / f"{script}-{self.name}.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        return script, run([self.python, HERE / "script_job.py", script, path])


def _pair(centre: Station, reference: Station) -> list[tuple[str, Cost]]:
    """Make the products of a pair; return what each job cost."""
    name = f"{centre.name}-{reference.name}"
    options = Products().model_dump(mode="json")
    hours = [f"results/{station.name}/uplift_1h.nc" for station in (centre, reference)]
    days = {"centre": f"results/{centre.name}/uplift_1D.nc", "pair": f"results/{name}/differential_uplift_1D.nc"}
    both = {"streams": [centre.about, reference.about]}
    lines = {"eruptions": options["uplift"]["eruptions"], "options": options["forecast"]}
    coverage = {"day_coverage": options["uplift"]["day_coverage"]}
    return [
        centre.job("make_differential.py", hours, {}, both | coverage, pair=name),
        centre.job("make_forecast.py", days, {"table": f"results/{name}/forecast.csv"}, both | lines, pair=name),
    ]


def _ms(year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp() * 1000)
