"""Rates: how often a stream has samples, where neither Plumbline nor the configuration knows it.

READS   results/{stream}/bins/{chunk}.nc, every chunk of the stream; of these the numbers of samples alone
WRITES  results/{stream}/rate.json      once for all tables of the stream, which so rest on the same rate
WHERE   any core, any cluster node
"""


rule estimate_rate:
    input:
        bins_of,
    output:
        "results/{stream}/rate.json",
    log:
        "logs/estimate_rate/{stream}.log",
    benchmark:
        "benchmarks/results/estimate_rate/{stream}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=400,
    params:
        variables=lambda wildcards: list(stream_of(wildcards).variables),
        modules=modules_of("estimate_rate.py"),
    script:
        "../scripts/estimate_rate.py"
