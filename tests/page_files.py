"""Inputs of the interactive page, written as the workflow writes them but without running it."""

import csv
import json
from pathlib import Path

import netCDF4
import numpy as np

from plumbline.chunks import from_unix_ms, isoformat
from plumbline.intervals import DAY_MS
from plumbline.page.making import make_page
from plumbline.tables.about_products import About
from plumbline.tables.csvw import Column, Subject
from plumbline.tables.product import product_table

DESIGNATORS = {"central": "RS03CCAL-MJ03F-05-BOTPTA301", "eastern": "RS03ECAL-MJ03E-06-BOTPTA302"}
# 2015-04-20
BEGIN_MS = 1_429_488_000_000
ERUPTION_MS = BEGIN_MS + 4 * DAY_MS + 6 * 3_600_000
STEP_MS = 15_000
HOUR_MS = 3_600_000
# Of the page that the tests open, and a gap in its central station.
DAYS = 14
GAP = (BEGIN_MS + 10 * DAY_MS, BEGIN_MS + 11 * DAY_MS + 6 * HOUR_MS)


def stream_of(name):
    """Return what metadata say of a stream."""
    return {
        "name": name,
        "reference_designator": DESIGNATORS[name],
        "method": "streamed",
        "stream": "botpt_nano_sample_15sec",
    }


def pressure_of(name, time_ms):
    """Return a made-up pressure (psi): tide, noise, and an eruption at the central station."""
    days = (time_ms - BEGIN_MS) / DAY_MS
    seed = np.random.default_rng(len(name))
    fall = np.where(time_ms >= ERUPTION_MS, 1 - np.exp(-(days - 4.25) * 4), 0.0) if name == "central" else 0.0
    tide = 1.2 * np.sin(2 * np.pi * days / 0.5175) + 0.6 * np.sin(2 * np.pi * days / 0.9973)
    return 2254.0 + tide + 3.5 * fall + seed.normal(0, 0.02, time_ms.size)


def write_product(path, columns, time_ms, values, about, synthetic, methods):
    """Write the netCDF file of a product."""
    begin, end = (isoformat(from_unix_ms(int(ms))) for ms in (time_ms[0], time_ms[-1]))
    origins = ["synthetic: Plumbline's embedded OOI server"] if synthetic else []
    server = "embedded" if synthetic else "https://ooinet.oceanobservatories.org/api/m2m"
    subject = Subject(about, server, begin, end, origins, synthetic)
    described = [Column("time", "time", "datetime"), *(Column(name, name, "double", unit) for name, unit in columns)]
    attributes = About(subject, "made up", "made up", described, methods).attributes()
    with product_table(None, path, described, time_ms.size, attributes) as table:
        table.append(time_ms, *values)


def write_station(results, name, days, synthetic=True, gap=None):
    """Write the products of a station, and return what `make_page` is told of it.

    `gap` is (begin, end) in ms; values in it are missing.
    """
    folder = Path(results) / name
    time_ms = BEGIN_MS + STEP_MS * np.arange(days * DAY_MS // STEP_MS, dtype=np.int64)
    psi = pressure_of(name, time_ms)
    if gap:
        psi[(time_ms >= gap[0]) & (time_ms < gap[1])] = np.nan
    columns = [("meanpres_psi", "psi"), ("meandepth_m", "m")]
    depth = -0.67 * psi
    methods = {"depth": "ooi: 0.67 m/psi"}
    write_product(folder / "botsflu_15s.nc", columns, time_ms, [psi, depth], stream_of(name), synthetic, methods)
    hours = time_ms[::240]
    uplift = np.nanmean(depth.reshape(-1, 240), axis=1) + 1510 if not gap else depth[::240] + 1510
    drift = {"drift": "not corrected: a level over months holds the drift of the sensor"}
    about = [("uplift_m", "m")]
    write_product(folder / "uplift_1h.nc", about, hours, [uplift], stream_of(name), synthetic, methods | drift)
    write_rows(folder / "coverage.csv", ("date", "expected", "used"), coverage(time_ms, psi))
    gaps = [[isoformat(from_unix_ms(ms)) for ms in gap] + [1, "not in the files"]] if gap else []
    write_rows(folder / "gaps.csv", ("begin", "end", "missing", "reason"), gaps)
    events = [["eruption", isoformat(from_unix_ms(ERUPTION_MS)), "", "-40.0", "cm/h", ""]] if name == "central" else []
    header = ("kind", "onset", "peak_time", "peak_value", "unit", "end")
    write_rows(folder / "events.csv", header, events if days > 4 else [])
    return {
        "stream": stream_of(name),
        "variables": ["botsflu_meanpres"],
        "pressure": "botsflu_meanpres",
        "botsflu": True,
        "uplift": True,
        "events": True,
        "chunks": [],
    }


def coverage(time_ms, psi):
    """Return the rows of a table of coverage."""
    for first in range(0, time_ms.size, 5760):
        day = isoformat(from_unix_ms(int(time_ms[first])))[:10]
        yield [day, 5760, int(np.isfinite(psi[first : first + 5760]).sum())]


def write_rows(path, header, rows):
    """Write a CSV file."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def content_of(page):
    """Return what the scripts of a page read."""
    text = Path(page).read_text().split('id="content">')[1].split("</script>")[0]
    return json.loads(text)


def packed_in(piece):
    """Return what a piece hands to the page."""
    return json.loads(Path(piece).read_text().removesuffix(");\n").split(",", 1)[1])


def write_page(results, **options):
    """Write two stations, their pair, and the page of them; return the page."""
    streams = [write_station(results, "central", DAYS, gap=GAP, **options), write_station(results, "eastern", DAYS)]
    uplifts = []
    for name in DESIGNATORS:
        with netCDF4.Dataset(results / name / "uplift_1h.nc") as file:
            hours, uplift = file["time"][:].data, file["uplift_m"][:].filled(np.nan)
            uplifts.append(uplift)
    drift = "not corrected: a level over months holds the drift of the sensor"
    methods = {f"drift of the {who}": drift for who in ("centre", "reference")}
    columns = [("differential_uplift_m", "m")]
    about = stream_of("central")
    path = results / "axial" / "differential_uplift_1h.nc"
    write_product(path, columns, hours, [uplifts[0] - uplifts[1]], about, True, methods)
    pair = {"name": "axial", "centre": about, "reference": stream_of("eastern"), "forecast": False}
    page = results / "supplement" / "index.html"
    make_page(results, page, results / "supplement" / "page", streams, [pair], "embedded", [], [])
    return page
