"""The interactive page of a decade of two stations: how large, how long, how much memory.

The script of the workflow runs as it runs it, in a process of its own, on 15 s means with noise, swell, two eruptions
and gaps. Writing those does not count. Goal: the page under 10 MB and 500 MB of memory.
"""

import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from files import METHOD
from plumbline.intervals import DAY_MS
from plumbline.products.depth import METRES_PER_PSI, POSITIONS
from plumbline.products.tide import axial, predicted_tide
from plumbline.tables.about_products import About
from plumbline.tables.csvw import Column, Subject
from plumbline.tables.product import product_table
from processes import HERE, run
from rows import Bench, Row
from synthetic_bins import Sea

STEP_MS, HOUR_ROWS, FIRST_YEAR = 15_000, 240, 2014
MOVING = {"central-caldera": 1.0, "eastern-caldera": 0.6}
STREAM = "botpt_nano_sample_15sec"


def measure(bench: Bench) -> list[Row]:
    """Measure the page of ten years, or of one."""
    years = 1 if bench.quick else 10
    folder = bench.folder("page")
    edges = [int(datetime(FIRST_YEAR + year, 1, 1, tzinfo=UTC).timestamp() * 1000) for year in range(years + 1)]
    stations = [
        write_station(folder / "results", name, designator, edges)
        for name, designator in zip(MOVING, POSITIONS, strict=False)
    ]
    output = folder / "results" / "supplement"
    job = {
        "folder": str(folder),
        "input": {},
        "output": {"page": str(output / "index.html"), "pieces": str(output / "page")},
        "params": {"api": "embedded", "streams": stations, "pairs": [], "eruptions": [], "levels": []},
        "log": [str(folder / "make_page.log")],
    }
    path = folder / "make_page.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    cost = run([bench.python, HERE / "script_job.py", "make_page.py", path])
    sizes = sorted(piece.stat().st_size for piece in (output / "page").rglob("*.js"))
    record = f"{len(stations)} stations, {years} year{'s' if years > 1 else ''} of 15 s"
    beside = f"{len(sizes)} pieces, the largest {sizes[-1] / 1e3:.0f} kB"
    return [
        Row(f"the page: {record}", (output / "index.html").stat().st_size / 1e6, "MB", "<= 10"),
        Row(f"beside the page: {record}", sum(sizes) / 1e6, "MB", "", beside),
        Row(f"making the page: {record}", cost.wall_s, "s wall", "", f"{cost.cpu_s:.0f} s of CPU"),
        Row(f"making the page: {record}", cost.peak_mb, "MB peak", "<= 500"),
    ]


def write_station(results: Path, name: str, designator: str, edges: list[int]) -> dict:
    """Write a station's 15 s product, its uplift, its coverage, and return what `make_page` is told of it."""
    folder, sea = results / name, Sea(MOVING[name])
    folder.mkdir(parents=True)
    about = {"name": name, "reference_designator": designator, "method": METHOD, "stream": STREAM}
    begin, end = (datetime.fromtimestamp(ms / 1000, UTC).isoformat()[:19] + "Z" for ms in (edges[0], edges[-1]))
    subject = Subject(about, "embedded", begin, end, ["synthetic: a benchmark"], True)
    fifteen = [
        Column(column, column, "double", unit) for column, unit in (("meanpres_psi", "psi"), ("meandepth_m", "m"))
    ]
    hourly = [Column("uplift_m", "uplift", "double", "m")]
    time = Column("time", "time", "datetime")
    rows = (edges[-1] - edges[0]) // STEP_MS
    tables = [
        product_table(
            None, folder / f"{file}.nc", [time, *columns], size, About(subject, file, "", columns).attributes()
        )
        for file, columns, size in (("botsflu_15s", fifteen, rows), ("uplift_1h", hourly, rows // HOUR_ROWS))
    ]
    days = ["date,expected,used"]
    with tables[0] as means, tables[1] as uplift:
        for first, last in pairwise(edges):
            index = np.arange(first // STEP_MS, last // STEP_MS)
            time_ms = index * STEP_MS
            psi = sea(index, STEP_MS).mean
            depth = predicted_tide(time_ms, axial()) - METRES_PER_PSI * psi
            means.append(time_ms, psi, depth)
            uplift.append(time_ms[::HOUR_ROWS], depth.reshape(-1, HOUR_ROWS).mean(axis=1) + 1510)
            for day, used in enumerate(np.isfinite(psi).reshape(-1, DAY_MS // STEP_MS).sum(axis=1)):
                date = datetime.fromtimestamp(first / 1000 + day * 86_400, UTC).date()
                days.append(f"{date},{DAY_MS // STEP_MS},{used}")
    (folder / "coverage.csv").write_text("\n".join(days) + "\n", encoding="ascii")
    (folder / "gaps.csv").write_text("begin,end,missing,reason\n", encoding="ascii")
    made = {"pressure": "botsflu_meanpres", "botsflu": True, "uplift": True, "events": False, "chunks": []}
    return {"stream": about, "variables": ["botsflu_meanpres"]} | made
