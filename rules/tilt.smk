"""Tilt: magnitude and direction of how the seafloor tilts, of streams of tiltmeters.

READS   results/{stream}/bins/{chunk}.nc, every chunk of a stream with two axes of tilt; rate.json where it is needed;
        beside the bins, where they are there, results/{stream}/requests/{chunk}.json, for where the instrument stood
WRITES  results/{stream}/tilt_1h, tilt_1D     (.csv, its CSVW metadata, and .nc)
        results/{stream}/tilt                 (.png and .pdf)
WHERE   any core, any cluster node
"""

WITH_TILT = [name for name, stream in STREAMS.items() if CONFIGURATION.tilt_of(stream)]
PRODUCT_FILES += [
    f"results/{name}/tilt_{interval}{ending}"
    for name in WITH_TILT
    for interval in ("1h", "1D")
    for ending in (".csv", ".csv-metadata.json", ".nc")
]
PRODUCT_FIGURES += [
    f"results/{name}/tilt{ending}" for name in WITH_TILT for ending in (".png", ".pdf")
]


rule make_tilt:
    input:
        bins=bins_of,
        records=ancient(requests_of),
        rate=rate_file,
    output:
        [
            f"results/{{stream}}/tilt_{interval}{ending}"
            for interval in ("1h", "1D")
            for ending in (".csv", ".csv-metadata.json", ".nc")
        ],
    log:
        "logs/make_tilt/{stream}.log",
    benchmark:
        "benchmarks/results/make_tilt/{stream}.tsv"
    conda:
        "../envs/products.yaml"
    resources:
        mem_mb=400,
    params:
        api=server_for,
        stream=lambda wildcards: described(stream_of(wildcards)),
        window_ms=window_ms,
        rate_hz=lambda wildcards: stream_of(wildcards).rate_hz,
        axes=lambda wildcards: CONFIGURATION.tilt_of(stream_of(wildcards)),
        compass=lambda wildcards: stream_of(wildcards).corrected_compass,
        options=options_of(PRODUCTS.tilt),
        modules=modules_of("make_tilt.py"),
    script:
        "../scripts/make_tilt.py"


rule plot_tilt:
    input:
        hours="results/{stream}/tilt_1h.nc",
    output:
        report(
            "results/{stream}/tilt.png",
            category=REPORT.products,
            caption="../report/tilt.rst",
            labels={"station": "{stream}", "figure": "tilt"},
        ),
        "results/{stream}/tilt.pdf",
    log:
        "logs/plot_tilt/{stream}.log",
    benchmark:
        "benchmarks/results/plot_tilt/{stream}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=400,
    params:
        stream=lambda wildcards: described(stream_of(wildcards)),
        modules=modules_of("plot_tilt.py"),
    script:
        "../scripts/plot_tilt.py"
