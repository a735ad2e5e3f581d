"""Sources: which files a chunk needs, where they lie ready and nothing has to be ordered.

READS   a THREDDS catalog, the raw archive's folders, or names and times of files that are here
WRITES  results/{stream}/requests/{chunk}.json   where it was looked, and the files that were found
WHERE   on the head node

What follows is the way of an order (see retrieval.smk): `await_data` has nothing to wait for, and `download_netcdf`
fetches, reads over DAP, rewrites or links what was found, as the source wants it.
"""


rule find_files:
    output:
        # `update`: the script reads the earlier record, so that what has not changed is kept.
        update(local("results/{stream}/requests/{chunk}.json")),
    log:
        "logs/find_files/{stream}/{chunk}.log",
    benchmark:
        "benchmarks/results/find_files/{stream}/{chunk}.tsv"
    wildcard_constraints:
        stream=FOUND_STREAMS,
        chunk=OPEN_CHUNKS,
    priority: in_order(0)
    retries: 0
    localrule: True
    conda:
        "../envs/retrieval.yaml"
    threads: 0
    resources:
        ooi_downloads=1,
        ooi_api=OOI.api,
    params:
        source=lambda wildcards: place_of(wildcards).source,
        server=lambda wildcards: place_of(wildcards).server,
        place=lambda wildcards: place_of(wildcards).address,
        designator=lambda wildcards: stream_of(wildcards).reference_designator,
        method=lambda wildcards: stream_of(wildcards).method,
        ooi_stream=lambda wildcards: stream_of(wildcards).stream,
        begin=lambda wildcards: chunk_of(wildcards).begin.isoformat(),
        end=lambda wildcards: chunk_of(wildcards).end.isoformat(),
        again=asking,
        there=files_state,
    shell:
        '"$PLUMBLINE_PYTHON" "$PLUMBLINE_SCRIPTS"/find_files.py --source {params.source:q} --server {params.server:q}'
        " --place {params.place:q} --name {wildcards.stream:q} --chunk {wildcards.chunk:q}"
        " --reference-designator {params.designator:q} --method {params.method:q} --stream {params.ooi_stream:q}"
        " --begin {params.begin:q} --end {params.end:q} --record {output:q}"
        " --api {resources.ooi_api} --log {log:q}"
