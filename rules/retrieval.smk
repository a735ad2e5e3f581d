"""Retrieval: from an order at OOI to netCDF files on this disk.

READS   the configuration; the OOI server over HTTP, with the account in the environment or ~/.netrc
WRITES  results/{stream}/requests/{chunk}.json   what was asked and answered
        results/{stream}/complete/{chunk}.json   the finished order: its files with sizes
        results/{stream}/netcdf/{chunk}/         the files, and SHA256SUMS
        results/{stream}/netcdf/{chunk}.json     the manifest
WHERE   on the head node, always; orders and connections are capped by resources

These are `shell` rules, so that editing a script never downloads a terabyte again. For the same reason
nothing that may differ from run to run is among their `params`: a deadline, a number of connections, and what
is fetched of a file are `resources`, interpreter and folder of the scripts are in the environment (see plan.smk).

`local`: these files stay on this disk, also where the others lie in object storage (see object_storage.smk).
"""


rule request_data:
    output:
        # `update`: the script reads the earlier record, so that an accepted order is not repeated.
        update(local("results/{stream}/requests/{chunk}.json")),
    log:
        "logs/request_data/{stream}/{chunk}.log",
    benchmark:
        "benchmarks/results/request_data/{stream}/{chunk}.tsv"
    wildcard_constraints:
        stream=ORDERED_STREAMS,
        chunk=OPEN_CHUNKS,
    # Neighbours come one after the other.
    priority: in_order(0)
    # Patient in itself; what is hopeless, such as a wrong account, is told once.
    retries: 0
    localrule: True
    conda:
        "../envs/retrieval.yaml"
    threads: 0
    resources:
        ooi_requests=1,
        ooi_email=OOI.email,
    params:
        api=OOI.api,
        designator=lambda wildcards: stream_of(wildcards).reference_designator,
        method=lambda wildcards: stream_of(wildcards).method,
        ooi_stream=lambda wildcards: stream_of(wildcards).stream,
        begin=lambda wildcards: chunk_of(wildcards).begin.isoformat(),
        end=lambda wildcards: chunk_of(wildcards).end.isoformat(),
        again=asking,
    shell:
        '"$PLUMBLINE_PYTHON" "$PLUMBLINE_SCRIPTS"/request_data.py --api {params.api:q} --name {wildcards.stream:q}'
        " --chunk {wildcards.chunk:q} --reference-designator {params.designator:q}"
        " --method {params.method:q} --stream {params.ooi_stream:q}"
        " --begin {params.begin:q} --end {params.end:q} --record {output:q}"
        " --email {resources.ooi_email} --log {log:q}"


rule await_data:
    input:
        local("results/{stream}/requests/{chunk}.json"),
    output:
        # `update`: a marker of the same order is kept, and its server left in peace.
        update(local("results/{stream}/complete/{chunk}.json")),
    log:
        "logs/await_data/{stream}/{chunk}.log",
    benchmark:
        "benchmarks/results/await_data/{stream}/{chunk}.tsv"
    wildcard_constraints:
        stream=OPEN_STREAMS,
        chunk=OPEN_CHUNKS,
    # An order counts as in flight until it is complete: waiting goes before asking for more.
    priority: in_order(50)
    # A deadline that has passed is not waited for again in the same run.
    retries: 0
    localrule: True
    conda:
        "../envs/retrieval.yaml"
    threads: 0
    resources:
        # What was found is in flight nowhere.
        ooi_requests=lambda wildcards: 1 if stream_of(wildcards).source == M2M else 0,
        ooi_email=OOI.email,
        deadline_s=round(OOI.deadline),
    shell:
        '"$PLUMBLINE_PYTHON" "$PLUMBLINE_SCRIPTS"/await_data.py --record {input:q} --deadline {resources.deadline_s}'
        " --completion {output:q} --label '{wildcards.stream} {wildcards.chunk}' --email {resources.ooi_email} --log {log:q}"


rule download_netcdf:
    input:
        local("results/{stream}/complete/{chunk}.json"),
    output:
        manifest=update(local("results/{stream}/netcdf/{chunk}.json")),
        # Stands for the folder: Snakemake would delete an output folder and what is half downloaded.
        checksums=local("results/{stream}/netcdf/{chunk}/SHA256SUMS"),
    log:
        "logs/download_netcdf/{stream}/{chunk}.log",
    benchmark:
        "benchmarks/results/download_netcdf/{stream}/{chunk}.tsv"
    wildcard_constraints:
        stream=OPEN_STREAMS,
        chunk=OPEN_CHUNKS,
    priority: in_order(60)
    localrule: True
    conda:
        "../envs/retrieval.yaml"
    # Most of it is waiting for the network, which connections are counted for.
    threads: 0
    resources:
        ooi_downloads=connections_for,
        ooi_unreadable=OOI.unreadable,
        ooi_mode=mode_of,
        ooi_variables=variables_of,
    shell:
        '"$PLUMBLINE_PYTHON" "$PLUMBLINE_SCRIPTS"/download_netcdf.py --completion {input:q}'
        " --record results/{wildcards.stream:q}/requests/{wildcards.chunk:q}.json"
        " --folder results/{wildcards.stream:q}/netcdf/{wildcards.chunk:q}"
        " --manifest {output.manifest:q} --connections {resources.ooi_downloads}"
        " --unreadable {resources.ooi_unreadable}"
        " --mode {resources.ooi_mode} --variables {resources.ooi_variables}"
        " --label '{wildcards.stream} {wildcards.chunk}' --log {log:q}"


# Runs only when bins have to be made, because its output is temporary: then the files are compared
# with the manifest, and one that is missing or altered, or lacks a variable, is fetched again.
rule verify_netcdf:
    input:
        completion=ancient(local("results/{stream}/complete/{chunk}.json")),
        # `ancient`: files that were fetched again, of the same order, are no reason to bin again.
        manifest=ancient(local("results/{stream}/netcdf/{chunk}.json")),
    output:
        temp(local("results/{stream}/netcdf/{chunk}.verified")),
    log:
        "logs/verify_netcdf/{stream}/{chunk}.log",
    benchmark:
        "benchmarks/results/verify_netcdf/{stream}/{chunk}.tsv"
    wildcard_constraints:
        stream=OPEN_STREAMS,
        chunk=OPEN_CHUNKS,
    priority: in_order(60)
    localrule: True
    conda:
        "../envs/retrieval.yaml"
    threads: 1
    resources:
        ooi_downloads=1,
        ooi_unreadable=OOI.unreadable,
        ooi_mode=mode_of,
        ooi_variables=variables_of,
    shell:
        '"$PLUMBLINE_PYTHON" "$PLUMBLINE_SCRIPTS"/verify_netcdf.py --completion {input.completion:q}'
        " --manifest {input.manifest:q} --output {output:q} --unreadable {resources.ooi_unreadable}"
        " --mode {resources.ooi_mode} --variables {resources.ooi_variables}"
        " --record results/{wildcards.stream:q}/requests/{wildcards.chunk:q}.json"
        " --folder results/{wildcards.stream:q}/netcdf/{wildcards.chunk:q}"
        " --label '{wildcards.stream} {wildcards.chunk}' --log {log:q}"
