"""Samples: from netCDF files to bins, the only step that touches every sample.

READS   results/{stream}/complete/{chunk}.json, results/{stream}/netcdf/{chunk}.json and the files it names
WRITES  results/{stream}/bins/{chunk}.nc         n, mean, M2, min, max per base interval
WHERE   any core, any cluster node
"""


rule bin_samples:
    input:
        # A new order makes new bins; the same files fetched again (`ancient`) do not.
        completion="results/{stream}/complete/{chunk}.json",
        manifest=ancient("results/{stream}/netcdf/{chunk}.json"),
        verified=ancient("results/{stream}/netcdf/{chunk}.verified"),
    output:
        "results/{stream}/bins/{chunk}.nc",
    log:
        "logs/bin_samples/{stream}/{chunk}.log",
    benchmark:
        "benchmarks/results/bin_samples/{stream}/{chunk}.tsv"
    conda:
        "../envs/plumbline.yaml"
    resources:
        mem_mb=400,
    params:
        folder=lambda wildcards, input: Path(input.manifest).with_suffix(""),
        begin_ms=lambda wildcards: chunk_of(wildcards).begin_ms,
        end_ms=lambda wildcards: chunk_of(wildcards).end_ms,
        base_ms=lambda wildcards: CONFIGURATION.base_ms(stream_of(wildcards)),
        variables=lambda wildcards: list(stream_of(wildcards).variables),
        modules=modules_of("bin_samples.py"),
    script:
        "../scripts/bin_samples.py"
