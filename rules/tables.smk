"""Tables: from bins to resampled CSV.

READS   results/{stream}/bins/{chunk}.nc, every chunk of the stream
WRITES  results/{stream}/{variable}_{interval}.csv and its CSVW metadata beside it
WHERE   any core, any cluster node
"""


rule resample_bins:
    input:
        lambda wildcards: bins_of(wildcards),
    output:
        table="results/{stream}/{variable}_{interval}.csv",
        metadata="results/{stream}/{variable}_{interval}.csv-metadata.json",
    log:
        "logs/resample_bins/{stream}/{variable}_{interval}.log",
    benchmark:
        "benchmarks/results/resample_bins/{stream}/{variable}_{interval}.tsv"
    resources:
        mem_mb=400,
    params:
        api=OOI.api,
        stream=lambda wildcards: described(stream_of(wildcards)),
        interval_ms=lambda wildcards: INTERVALS[wildcards.interval],
        window_ms=lambda wildcards: window_ms(wildcards),
        rate_hz=lambda wildcards: stream_of(wildcards).rate_hz,
        modules=modules_of("resample_bins.py"),
    script:
        "../scripts/resample_bins.py"


def bins_of(wildcards):
    """Return the bins of every chunk of a stream, in time order."""
    return [f"results/{wildcards.stream}/bins/{chunk}.nc" for chunk in CHUNKS[wildcards.stream]]


def described(stream):
    """Return what metadata say of a stream."""
    keys = ("name", "reference_designator", "method", "stream")
    return {key: getattr(stream, key) for key in keys}


def window_ms(wildcards):
    """Return a stream's window [begin, end) in milliseconds since 1970."""
    chunks = list(CHUNKS[wildcards.stream].values())
    return [chunks[0].begin_ms, chunks[-1].end_ms]
