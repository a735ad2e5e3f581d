"""Coverage: what became of every sample, and why some are missing.

READS   results/{stream}/bins/{chunk}.nc, every chunk of the stream; rate.json of streams of unknown rate; beside them, where they are there,
        results/{stream}/requests/{chunk}.json, complete/{chunk}.json and netcdf/{chunk}.json
WRITES  results/{stream}/coverage.csv            expected, received, used and left out, day by day
        results/{stream}/gaps.csv                begin, end and reason of every gap
        results/{stream}/orders.csv              what was ordered or found, and what came
        results/{stream}/annotations.csv         what OOI's people noted
        and the CSVW metadata of each beside it
WHERE   any core, any cluster node
"""


rule summarize_coverage:
    input:
        # New records make new bins.
        bins=bins_of,
        records=ancient(records_of),
        rate=rate_file,
    output:
        coverage=report(
            "results/{stream}/coverage.csv",
            category=REPORT.coverage,
            caption="../report/coverage.rst",
            labels={"stream": "{stream}", "table": "coverage by day"},
        ),
        coverage_metadata="results/{stream}/coverage.csv-metadata.json",
        gaps=report(
            "results/{stream}/gaps.csv",
            category=REPORT.coverage,
            caption="../report/gaps.rst",
            labels={"stream": "{stream}", "table": "gaps"},
        ),
        gaps_metadata="results/{stream}/gaps.csv-metadata.json",
    log:
        "logs/summarize_coverage/{stream}.log",
    benchmark:
        "benchmarks/results/summarize_coverage/{stream}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=400,
    params:
        api=server_for,
        stream=lambda wildcards: described(stream_of(wildcards)),
        window_ms=window_ms,
        rate_hz=lambda wildcards: stream_of(wildcards).rate_hz,
        variables=lambda wildcards: list(stream_of(wildcards).variables),
        modules=modules_of("summarize_coverage.py"),
    script:
        "../scripts/summarize_coverage.py"


rule list_orders:
    input:
        bins=bins_of,
        records=ancient(records_of),
    output:
        table=report(
            "results/{stream}/orders.csv",
            category=REPORT.provenance,
            caption="../report/orders.rst",
            labels={"stream": "{stream}", "table": "orders"},
        ),
        metadata="results/{stream}/orders.csv-metadata.json",
        notes="results/{stream}/annotations.csv",
        notes_metadata="results/{stream}/annotations.csv-metadata.json",
    log:
        "logs/list_orders/{stream}.log",
    benchmark:
        "benchmarks/results/list_orders/{stream}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=400,
    params:
        api=server_for,
        stream=lambda wildcards: described(stream_of(wildcards)),
        windows_ms=lambda wildcards: [
            [chunk.begin_ms, chunk.end_ms] for chunk in CHUNKS[wildcards.stream].values()
        ],
        modules=modules_of("list_orders.py"),
    script:
        "../scripts/list_orders.py"
