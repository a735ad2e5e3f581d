"""Tables: from bins to resampled CSV.

READS   results/{stream}/bins/{chunk}.nc, every chunk of the stream; rate.json of streams of unknown rate; beside
        the bins, where they are there, results/{stream}/requests/{chunk}.json, for where the instrument stood
WRITES  results/{stream}/{variable}_{interval}.csv and its CSVW metadata beside it;
        results/{stream}/{variable}_{interval}.parquet where the configuration asks for it
WHERE   any core, any cluster node
"""


rule resample_bins:
    input:
        bins=bins_of,
        records=ancient(requests_of),
        rate=rate_file,
    output:
        table="results/{stream}/{variable}_{interval}.csv",
        metadata="results/{stream}/{variable}_{interval}.csv-metadata.json",
    log:
        "logs/resample_bins/{stream}/{variable}_{interval}.log",
    benchmark:
        "benchmarks/results/resample_bins/{stream}/{variable}_{interval}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=400,
    params:
        api=server_for,
        stream=lambda wildcards: described(stream_of(wildcards)),
        interval_ms=lambda wildcards: INTERVALS[wildcards.interval],
        window_ms=window_ms,
        rate_hz=lambda wildcards: stream_of(wildcards).rate_hz,
        modules=modules_of("resample_bins.py"),
    script:
        "../scripts/resample_bins.py"


rule write_parquet:
    input:
        table="results/{stream}/{table}.csv",
        metadata="results/{stream}/{table}.csv-metadata.json",
    output:
        "results/{stream}/{table}.parquet",
    log:
        "logs/write_parquet/{stream}/{table}.log",
    benchmark:
        "benchmarks/results/write_parquet/{stream}/{table}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=400,
    params:
        modules=modules_of("write_parquet.py"),
    script:
        "../scripts/write_parquet.py"
