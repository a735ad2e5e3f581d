"""Samples: from netCDF files to bins, the only step that touches every sample.

READS   results/{stream}/complete/{chunk}.json, results/{stream}/netcdf/{chunk}.json and the files it names
WRITES  results/{stream}/bins/{chunk}.nc         n, mean, M2, min, max per base interval
WHERE   any core, any cluster node

`bin_samples` is a `shell` rule, so that its code counts by its content alone (`modules`), and by what it was
when files were freed: bins that could only be made again by a download stay as they are.
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
    wildcard_constraints:
        stream=OPEN_STREAMS,
        chunk=OPEN_CHUNKS,
    group:
        neighbours
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=400,
    params:
        begin_ms=lambda wildcards: chunk_of(wildcards).begin_ms,
        end_ms=lambda wildcards: chunk_of(wildcards).end_ms,
        base_ms=lambda wildcards: CONFIGURATION.base_ms(stream_of(wildcards)),
        variables=lambda wildcards: stream_of(wildcards).binned,
        modules=bin_modules,
    shell:
        '"$PLUMBLINE_PYTHON" "$PLUMBLINE_SCRIPTS"/bin_samples.py --manifest {input.manifest:q}'
        " --folder results/{wildcards.stream:q}/netcdf/{wildcards.chunk:q}"
        " --begin-ms {params.begin_ms} --end-ms {params.end_ms} --base-ms {params.base_ms}"
        " --variables {params.variables:q} --output {output:q}"
        " --label '{wildcards.stream} {wildcards.chunk}' --log {log:q}"
