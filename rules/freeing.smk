"""Freeing: with `keep_netcdf: false`, netCDF files go once they are binned.

READS   results/{stream}/bins/{chunk}.nc, results/{stream}/netcdf/{chunk}.json
WRITES  results/{stream}/netcdf/{chunk}.freed    the netCDF files were removed, and which code had binned them
WHERE   on the head node, where they are
"""


rule free_netcdf:
    input:
        bins="results/{stream}/bins/{chunk}.nc",
        manifest=ancient(local("results/{stream}/netcdf/{chunk}.json")),
    output:
        local("results/{stream}/netcdf/{chunk}.freed"),
    log:
        "logs/free_netcdf/{stream}/{chunk}.log",
    benchmark:
        "benchmarks/results/free_netcdf/{stream}/{chunk}.tsv"
    wildcard_constraints:
        stream=OPEN_STREAMS,
        chunk=OPEN_CHUNKS,
    priority: 70
    localrule: True
    conda:
        "../envs/tables.yaml"
    params:
        modules=bin_modules,
    shell:
        '"$PLUMBLINE_PYTHON" "$PLUMBLINE_SCRIPTS"/free_netcdf.py --bins {input.bins:q}'
        " --manifest {input.manifest:q} --modules {params.modules:q}"
        " --folder results/{wildcards.stream:q}/netcdf/{wildcards.chunk:q}"
        " --output {output:q} --label '{wildcards.stream} {wildcards.chunk}' --log {log:q}"
