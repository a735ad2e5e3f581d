"""Object storage: where head node and nodes share no file system, they meet in a bucket.

READS   results/{stream}/requests/{chunk}.json, complete/{chunk}.json, netcdf/{chunk}.json and netcdf/{chunk}/
        on the head node's disk
WRITES  in the bucket, under the same names, the records of the chunk;
        results/{stream}/netcdf/{chunk}.tar      its netCDF files, until they are binned
        results/{stream}/bins/{chunk}.nc         as samples.smk does
WHERE   `share_chunk` on the head node, `bin_samples` on the nodes

Read in place of samples.smk where a profile names a `default-storage-provider`. All that is not `local` then lies
in the bucket: a job, in a folder of its own, gets what it reads from there and brings there what it has made.
"""

for name, stream in STREAMS.items():
    if stream.end is None:
        sys.exit(
            f"Nothing was run: stream '{name}' has no 'end', and a job that shares no file system cannot"
            " know what was ordered of it before; give it an 'end'."
        )


# To names in a bucket Snakemake 9.27 applies no constraints of wildcards: `uplift_1h` could be a variable's table.
ruleorder:
    make_tilt
    > carry_flags
    > make_botsflu
    > make_uplift
    > make_differential
    > summarize_uplift
    > resample_bins
ruleorder: plot_tilt > plot_uplift > plot_rates > plot_differential > plot_forecast > plot_table


rule share_chunk:
    input:
        record=local(ancient("results/{stream}/requests/{chunk}.json")),
        completion=local("results/{stream}/complete/{chunk}.json"),
        manifest=local(ancient("results/{stream}/netcdf/{chunk}.json")),
        verified=local(ancient("results/{stream}/netcdf/{chunk}.verified")),
    output:
        record="results/{stream}/requests/{chunk}.json",
        completion="results/{stream}/complete/{chunk}.json",
        manifest="results/{stream}/netcdf/{chunk}.json",
        samples=temp("results/{stream}/netcdf/{chunk}.tar"),
    log:
        "logs/share_chunk/{stream}/{chunk}.log",
    benchmark:
        "benchmarks/results/share_chunk/{stream}/{chunk}.tsv"
    priority: in_order(60)
    localrule: True
    conda:
        "../envs/tables.yaml"
    script:
        "../scripts/share_chunk.py"


rule bin_samples:
    input:
        completion="results/{stream}/complete/{chunk}.json",
        manifest=ancient("results/{stream}/netcdf/{chunk}.json"),
        samples=ancient("results/{stream}/netcdf/{chunk}.tar"),
    output:
        "results/{stream}/bins/{chunk}.nc",
    log:
        "logs/bin_samples/{stream}/{chunk}.log",
    benchmark:
        "benchmarks/results/bin_samples/{stream}/{chunk}.tsv"
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
        "folder=$(mktemp --directory) && trap 'rm -rf \"$folder\"' EXIT"
        ' && tar --extract --file {input.samples:q} --directory "$folder"'
        ' && "$PLUMBLINE_PYTHON" "$PLUMBLINE_SCRIPTS"/bin_samples.py --manifest {input.manifest:q} --folder "$folder"'
        " --begin-ms {params.begin_ms} --end-ms {params.end_ms} --base-ms {params.base_ms}"
        " --variables {params.variables:q} --output {output:q}"
        " --label '{wildcards.stream} {wildcards.chunk}' --log {log:q}"


# What brings together files of this folder, or looks at them: start.smk tells where they are.
rule make_supplement:
    output:
        "results/supplement/SHA256SUMS",
    localrule: True


rule archive_supplement:
    output:
        "results/supplement.zip",
    localrule: True


rule verify:
    localrule: True


rule make_page:
    output:
        "results/supplement/index.html",
    localrule: True
