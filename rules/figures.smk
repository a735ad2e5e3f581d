"""Figures: a look at every table's variable.

READS   results/{stream}/{variable}_{interval}.csv, the finest interval that a page can show
WRITES  results/{stream}/{variable}.png
WHERE   any core, any cluster node
"""

# More points than this are not told apart on a page.
MOST_POINTS = 20_000


rule plot_table:
    input:
        table=lambda wildcards: f"{table_to_plot(wildcards)}.csv",
        metadata=lambda wildcards: f"{table_to_plot(wildcards)}.csv-metadata.json",
    output:
        report(
            "results/{stream}/{variable}.png",
            category="Data",
            labels={"stream": "{stream}", "variable": "{variable}"},
        ),
    log:
        "logs/plot_table/{stream}/{variable}.log",
    benchmark:
        "benchmarks/results/plot_table/{stream}/{variable}.tsv"
    resources:
        mem_mb=400,
    params:
        modules=modules_of("plot_table.py"),
    script:
        "../scripts/plot_table.py"


def table_to_plot(wildcards):
    """Return the finest table that is not finer than a page can show, without its ending."""
    begin_ms, end_ms = window_ms(wildcards)
    finest_first = sorted(INTERVALS, key=INTERVALS.get)
    shown = [text for text in finest_first if (end_ms - begin_ms) / INTERVALS[text] <= MOST_POINTS]
    return f"results/{wildcards.stream}/{wildcards.variable}_{(shown or finest_first[-1:])[0]}"
