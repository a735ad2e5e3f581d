"""Figures: a look at every table's variable.

READS   results/{stream}/{variable}_{interval}.csv, the finest interval that a page can show
WRITES  results/{stream}/{variable}.png
WHERE   any core, any cluster node
"""


rule plot_table:
    input:
        table=lambda wildcards: f"{table_to_plot(wildcards)}.csv",
        metadata=lambda wildcards: f"{table_to_plot(wildcards)}.csv-metadata.json",
    output:
        report(
            "results/{stream}/{variable}.png",
            category=REPORT.data,
            caption="../report/variable.rst",
            labels={"stream": "{stream}", "variable": "{variable}"},
        ),
    log:
        "logs/plot_table/{stream}/{variable}.log",
    benchmark:
        "benchmarks/results/plot_table/{stream}/{variable}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=400,
    params:
        modules=modules_of("plot_table.py"),
    script:
        "../scripts/plot_table.py"
