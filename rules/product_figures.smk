"""Figures of products: a look at uplift, rates, pairs and forecasts, for the report (PNG) and for print (PDF).

READS   results/{stream}/uplift_1h.nc, botsflu_15s.nc, botsflu_24h.nc, events.csv
        results/{pair}/differential_uplift_1h.nc, differential_uplift_1D.nc, forecast.csv
WRITES  results/{stream}/uplift, spectrum       (.png and .pdf)
        results/{stream}/rates, rates_weeks     (.png and .pdf) where the stream has OOI's products
        results/{pair}/differential_uplift, forecast      (.png and .pdf)
WHERE   any core, any cluster node
"""

FIGURE_NAMES = [
    f"results/{name}/{figure}"
    for name in STATIONS
    for figure in ("uplift", "spectrum") * bool(UPLIFT_INTERVALS)
    + ("rates", "rates_weeks") * (name in WITH_BOTSFLU)
]
FIGURE_NAMES += [
    f"results/{name}/{figure}"
    for name in MEASURED_PAIRS
    for figure in ("differential_uplift",) + ("forecast",) * bool(PRODUCTS.forecast)
]
PRODUCT_FIGURES = [f"{figure}{ending}" for figure in FIGURE_NAMES for ending in (".png", ".pdf")]

# The names of the two levels that forecasts look at.
LEVEL_NAMES = (
    [
        "level before the eruption" if PRODUCTS.forecast.level_m is None else "configured level",
        f"{PRODUCTS.forecast.above_m:g} m above it",
    ]
    if PRODUCTS.forecast
    else []
)

# Of the 5 min rate (cm/min) and of the 10 min rate (cm/h): the user's, or OOI's where no events are looked for.
EVENT_OPTIONS = PRODUCTS.events or type(PRODUCTS)().events
THRESHOLDS = [EVENT_OPTIONS.tsunami_cm_per_min, EVENT_OPTIONS.eruption_cm_per_h]

# The tables of events, of streams in which they are looked for.
EVENT_TABLES = {name: [f"results/{name}/events.csv"] for name in WITH_BOTSFLU if PRODUCTS.events}


rule plot_uplift:
    input:
        hours="results/{stream}/uplift_1h.nc",
        events=lambda wildcards: EVENT_TABLES.get(wildcards.stream, []),
    output:
        uplift=report(
            "results/{stream}/uplift.png",
            category=REPORT.products,
            caption="../report/uplift.rst",
            labels={"station": "{stream}", "figure": "uplift"},
        ),
        uplift_pdf="results/{stream}/uplift.pdf",
        spectrum=report(
            "results/{stream}/spectrum.png",
            category=REPORT.products,
            caption="../report/spectrum.rst",
            labels={"station": "{stream}", "figure": "spectrum"},
        ),
        spectrum_pdf="results/{stream}/spectrum.pdf",
    log:
        "logs/plot_uplift/{stream}.log",
    benchmark:
        "benchmarks/results/plot_uplift/{stream}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=400,
    params:
        stream=lambda wildcards: described(stream_of(wildcards)),
        eruptions=ERUPTIONS,
        modules=modules_of("plot_uplift.py"),
    script:
        "../scripts/plot_uplift.py"


rule plot_rates:
    input:
        fifteen="results/{stream}/botsflu_15s.nc",
        day="results/{stream}/botsflu_24h.nc",
        events=lambda wildcards: EVENT_TABLES.get(wildcards.stream, []),
    output:
        minutes=report(
            "results/{stream}/rates.png",
            category=REPORT.products,
            caption="../report/rates.rst",
            labels={"station": "{stream}", "figure": "rates of minutes"},
        ),
        minutes_pdf="results/{stream}/rates.pdf",
        weeks=report(
            "results/{stream}/rates_weeks.png",
            category=REPORT.products,
            caption="../report/rates_weeks.rst",
            labels={"station": "{stream}", "figure": "rates of weeks"},
        ),
        weeks_pdf="results/{stream}/rates_weeks.pdf",
    log:
        "logs/plot_rates/{stream}.log",
    benchmark:
        "benchmarks/results/plot_rates/{stream}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=400,
    params:
        stream=lambda wildcards: described(stream_of(wildcards)),
        thresholds=THRESHOLDS,
        modules=modules_of("plot_rates.py"),
    script:
        "../scripts/plot_rates.py"


rule plot_differential:
    input:
        pair="results/{pair}/differential_uplift_1h.nc",
        events=lambda wildcards: EVENT_TABLES.get(PAIRS[wildcards.pair].centre, []),
        forecast=["results/{pair}/forecast.csv"] if PRODUCTS.forecast else [],
    output:
        report(
            "results/{pair}/differential_uplift.png",
            category=REPORT.products,
            caption="../report/differential_uplift.rst",
            labels={"station": "{pair}", "figure": "differential uplift"},
        ),
        "results/{pair}/differential_uplift.pdf",
    log:
        "logs/plot_differential/{pair}.log",
    benchmark:
        "benchmarks/results/plot_differential/{pair}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=400,
    params:
        streams=streams_of_pair,
        levels=LEVEL_NAMES,
        modules=modules_of("plot_differential.py"),
    script:
        "../scripts/plot_differential.py"


rule plot_forecast:
    input:
        forecast="results/{pair}/forecast.csv",
        centre=lambda wildcards: f"results/{PAIRS[wildcards.pair].centre}/uplift_1D.nc",
        pair="results/{pair}/differential_uplift_1D.nc",
    output:
        report(
            "results/{pair}/forecast.png",
            category=REPORT.products,
            caption="../report/forecast.rst",
            labels={"station": "{pair}", "figure": "forecast"},
        ),
        "results/{pair}/forecast.pdf",
    log:
        "logs/plot_forecast/{pair}.log",
    benchmark:
        "benchmarks/results/plot_forecast/{pair}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=400,
    params:
        streams=streams_of_pair,
        levels=LEVEL_NAMES,
        modules=modules_of("plot_forecast.py"),
    script:
        "../scripts/plot_forecast.py"
