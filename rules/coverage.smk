"""Coverage: what became of every sample, and why some are missing.

READS   results/{stream}/bins/{chunk}.nc, every chunk of the stream; beside them, where they are there,
        results/{stream}/requests/{chunk}.json and results/{stream}/complete/{chunk}.json
WRITES  results/{stream}/coverage.csv            expected, received, used and left out, day by day
        results/{stream}/gaps.csv                begin, end and reason of every gap
        and the CSVW metadata of both beside them
WHERE   any core, any cluster node
"""


rule summarize_coverage:
    input:
        # Not the records: new ones make new bins, and thousands of chunks need no more edges.
        bins_of,
    output:
        coverage="results/{stream}/coverage.csv",
        coverage_metadata="results/{stream}/coverage.csv-metadata.json",
        gaps="results/{stream}/gaps.csv",
        gaps_metadata="results/{stream}/gaps.csv-metadata.json",
    log:
        "logs/summarize_coverage/{stream}.log",
    benchmark:
        "benchmarks/results/summarize_coverage/{stream}.tsv"
    conda:
        "../envs/plumbline.yaml"
    resources:
        mem_mb=400,
    params:
        api=OOI.api,
        stream=lambda wildcards: described(stream_of(wildcards)),
        window_ms=window_ms,
        rate_hz=lambda wildcards: stream_of(wildcards).rate_hz,
        variables=lambda wildcards: list(stream_of(wildcards).variables),
        modules=modules_of("summarize_coverage.py"),
    script:
        "../scripts/summarize_coverage.py"
