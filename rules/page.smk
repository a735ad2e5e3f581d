"""The interactive page: every station's record from years down to 15 s, for a browser without a server.

READS   results/{stream}/botsflu_15s.nc, uplift_1h.nc, events.csv, coverage.csv, gaps.csv
        results/{stream}/bins/{chunk}.nc         of variables of which no 15 s product is made
        results/{pair}/differential_uplift_1h.nc, forecast.csv
WRITES  results/supplement/index.html            opens by itself, with all records by the hour and the day
        results/supplement/page/                 finer levels in pieces, which the page loads when they are looked at
WHERE   any core, any cluster node
"""

from plumbline.page import assets

# Of every stream, which lines it has, and of what they are made.
STREAMS_OF_PAGE = [
    {
        "stream": described(stream),
        "server": CONFIGURATION.place_of(stream).server,
        "variables": list(stream.variables),
        "pressure": CONFIGURATION.pressure_of(stream),
        "botsflu": name in WITH_BOTSFLU,
        "uplift": name in STATIONS and bool(UPLIFT_INTERVALS),
        "events": name in EVENT_TABLES,
        "chunks": list(CHUNKS[name]),
    }
    for name, stream in STREAMS.items()
]
PAIRS_OF_PAGE = [
    {
        "name": name,
        "centre": described(STREAMS[PAIRS[name].centre]),
        "reference": described(STREAMS[PAIRS[name].reference]),
        "forecast": bool(PRODUCTS.forecast),
    }
    for name in MEASURED_PAIRS
]


rule make_page:
    input:
        botsflu=[f"results/{name}/botsflu_15s.nc" for name in WITH_BOTSFLU],
        uplift=[f"results/{name}/uplift_1h.nc" for name in STATIONS if UPLIFT_INTERVALS],
        events=[table for tables in EVENT_TABLES.values() for table in tables],
        coverage=[
            f"results/{name}/{table}.csv" for name in STREAMS for table in ("coverage", "gaps")
        ],
        bins=[
            f"results/{name}/bins/{chunk}.nc"
            for name, stream in STREAMS.items()
            if name not in WITH_BOTSFLU or len(stream.variables) > 1
            for chunk in CHUNKS[name]
        ],
        pairs=[f"results/{name}/differential_uplift_1h.nc" for name in MEASURED_PAIRS],
        forecasts=[f"results/{name}/forecast.csv" for name in MEASURED_PAIRS if PRODUCTS.forecast],
    output:
        page="results/supplement/index.html",
        pieces=directory("results/supplement/page"),
    log:
        "logs/make_page/make_page.log",
    benchmark:
        "benchmarks/results/make_page/make_page.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=500,
    params:
        api=OOI.api,
        streams=STREAMS_OF_PAGE,
        pairs=PAIRS_OF_PAGE,
        eruptions=ERUPTIONS,
        levels=LEVEL_NAMES,
        browser=assets.digest(),
        modules=modules_of("make_page.py"),
    script:
        "../scripts/make_page.py"
