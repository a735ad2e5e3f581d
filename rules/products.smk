"""Products: from bins to depth, tide, uplift, events and forecasts.

READS   results/{stream}/bins/{chunk}.nc, every chunk of a stream with pressure
WRITES  results/{stream}/quality.nc              flags of every bin; pressure and tide of every hour
        results/{stream}/quality_{interval}.csv  flags of every row of the tables of pressure
        results/{stream}/botsflu_15s, botsflu_24h, uplift_1h, uplift_1D       (.csv and .nc)
        results/{stream}/events.csv
        results/{pair}/differential_uplift_1h, differential_uplift_1D         (.csv and .nc)
        results/{pair}/forecast.csv
        results/{stream or pair}/eruptions.csv, yearly_rates.csv
        CSVW metadata beside every CSV
WHERE   any core, any cluster node
"""


rule flag_bins:
    input:
        bins=bins_of,
        records=ancient(records_of),
        constituents=constituents_file,
    output:
        quality="results/{stream}/quality.nc",
    log:
        "logs/flag_bins/{stream}.log",
    benchmark:
        "benchmarks/results/flag_bins/{stream}.tsv"
    conda:
        "../envs/products.yaml"
    resources:
        mem_mb=600,
    params:
        api=server_for,
        stream=lambda wildcards: described(stream_of(wildcards)),
        variable=pressure_of,
        window_ms=window_ms,
        rate_hz=lambda wildcards: stream_of(wildcards).rate_hz,
        constituents=PRODUCTS.tide.constituents,
        latitude=PRODUCTS.depth.latitude,
        options=options_of(PRODUCTS.quality),
        modules=modules_of("flag_bins.py"),
    script:
        "../scripts/flag_bins.py"


rule carry_flags:
    input:
        "results/{stream}/quality.nc",
    output:
        table="results/{stream}/quality_{interval}.csv",
        metadata="results/{stream}/quality_{interval}.csv-metadata.json",
    log:
        "logs/carry_flags/{stream}/{interval}.log",
    benchmark:
        "benchmarks/results/carry_flags/{stream}/{interval}.tsv"
    conda:
        "../envs/products.yaml"
    resources:
        mem_mb=400,
    params:
        stream=lambda wildcards: described(stream_of(wildcards)),
        interval_ms=lambda wildcards: INTERVALS[wildcards.interval],
        window_ms=window_ms,
        modules=modules_of("carry_flags.py"),
    script:
        "../scripts/carry_flags.py"


rule make_botsflu:
    input:
        bins=bins_of,
        records=ancient(requests_of),
        constituents=constituents_file,
    output:
        fifteen="results/{stream}/botsflu_15s.csv",
        fifteen_metadata="results/{stream}/botsflu_15s.csv-metadata.json",
        fifteen_netcdf="results/{stream}/botsflu_15s.nc",
        day="results/{stream}/botsflu_24h.csv",
        day_metadata="results/{stream}/botsflu_24h.csv-metadata.json",
        day_netcdf="results/{stream}/botsflu_24h.nc",
    log:
        "logs/make_botsflu/{stream}.log",
    benchmark:
        "benchmarks/results/make_botsflu/{stream}.tsv"
    conda:
        "../envs/products.yaml"
    resources:
        mem_mb=600,
    params:
        api=server_for,
        stream=lambda wildcards: described(stream_of(wildcards)),
        variable=pressure_of,
        window_ms=window_ms,
        constituents=PRODUCTS.tide.constituents,
        latitude=PRODUCTS.depth.latitude,
        options=options_of(PRODUCTS.botsflu),
        modules=modules_of("make_botsflu.py"),
    script:
        "../scripts/make_botsflu.py"


rule make_uplift:
    input:
        quality="results/{stream}/quality.nc",
        records=ancient(records_of),
        constituents=constituents_file,
        calibrations=calibrations_file,
    output:
        tables=[
            f"results/{{stream}}/uplift_{interval}{ending}"
            for interval in ("1h", "1D")
            for ending in (".csv", ".csv-metadata.json", ".nc")
        ],
        drift=[
            f"results/{{stream}}/drift{ending}"
            for ending in (".csv", ".csv-metadata.json")
            if CONFIGURATION.calibrations
        ],
    log:
        "logs/make_uplift/{stream}.log",
    benchmark:
        "benchmarks/results/make_uplift/{stream}.tsv"
    conda:
        "../envs/products.yaml"
    resources:
        mem_mb=800,
    params:
        stream=lambda wildcards: described(stream_of(wildcards)),
        # Not inputs: they tell when deployments began, and thousands of chunks need no more edges.
        manifests=manifests_of,
        known=CALIBRATED,
        depth=options_of(PRODUCTS.depth),
        tide=options_of(PRODUCTS.tide),
        options=options_of(PRODUCTS.uplift),
        modules=modules_of("make_uplift.py"),
    script:
        "../scripts/make_uplift.py"


rule find_events:
    input:
        botsflu="results/{stream}/botsflu_15s.nc",
        quality="results/{stream}/quality.nc",
    output:
        table=report(
            "results/{stream}/events.csv",
            category=REPORT.products,
            caption="../report/events_table.rst",
            labels={"station": "{stream}", "table": "events"},
        ),
        metadata="results/{stream}/events.csv-metadata.json",
    log:
        "logs/find_events/{stream}.log",
    benchmark:
        "benchmarks/results/find_events/{stream}.tsv"
    conda:
        "../envs/products.yaml"
    resources:
        mem_mb=800,
    params:
        stream=lambda wildcards: described(stream_of(wildcards)),
        options=options_of(PRODUCTS.events),
        modules=modules_of("find_events.py"),
    script:
        "../scripts/find_events.py"


rule make_differential:
    input:
        hours_of_pair,
    output:
        tables=[
            f"results/{{pair}}/differential_uplift_{interval}{ending}"
            for interval in ("1h", "1D")
            for ending in (".csv", ".csv-metadata.json", ".nc")
        ],
    log:
        "logs/make_differential/{pair}.log",
    benchmark:
        "benchmarks/results/make_differential/{pair}.tsv"
    conda:
        "../envs/products.yaml"
    resources:
        mem_mb=400,
    params:
        streams=streams_of_pair,
        day_coverage=PRODUCTS.uplift.day_coverage if PRODUCTS.uplift else None,
        modules=modules_of("make_differential.py"),
    script:
        "../scripts/make_differential.py"


# Of a station, or of a pair.
rule summarize_uplift:
    input:
        daily_uplift,
    output:
        eruptions=report(
            "results/{record}/eruptions.csv",
            category=REPORT.products,
            caption="../report/eruptions_table.rst",
            labels={"station": "{record}", "table": "eruptions"},
        ),
        eruptions_metadata="results/{record}/eruptions.csv-metadata.json",
        rates=report(
            "results/{record}/yearly_rates.csv",
            category=REPORT.products,
            caption="../report/rates_table.rst",
            labels={"station": "{record}", "table": "yearly rates"},
        ),
        rates_metadata="results/{record}/yearly_rates.csv-metadata.json",
    log:
        "logs/summarize_uplift/{record}.log",
    benchmark:
        "benchmarks/results/summarize_uplift/{record}.tsv"
    conda:
        "../envs/products.yaml"
    resources:
        mem_mb=400,
    params:
        streams=streams_of_record,
        eruptions=ERUPTIONS,
        modules=modules_of("summarize_uplift.py"),
    script:
        "../scripts/summarize_uplift.py"


rule make_forecast:
    input:
        centre=lambda wildcards: f"results/{PAIRS[wildcards.pair].centre}/uplift_1D.nc",
        pair="results/{pair}/differential_uplift_1D.nc",
    output:
        table=report(
            "results/{pair}/forecast.csv",
            category=REPORT.products,
            caption="../report/forecast_table.rst",
            labels={"station": "{pair}", "table": "forecasts"},
        ),
        metadata="results/{pair}/forecast.csv-metadata.json",
    log:
        "logs/make_forecast/{pair}.log",
    benchmark:
        "benchmarks/results/make_forecast/{pair}.tsv"
    conda:
        "../envs/products.yaml"
    resources:
        mem_mb=400,
    params:
        streams=streams_of_pair,
        eruptions=ERUPTIONS,
        options=options_of(PRODUCTS.forecast),
        modules=modules_of("make_forecast.py"),
    script:
        "../scripts/make_forecast.py"
