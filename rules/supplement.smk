"""The supplement: what goes with a paper, checked and packed.

READS   every table, product and figure; results/{stream}/requests, complete, netcdf/{chunk}.json and bins
        the workflow's own files, and its commit from git (or .git_archival.txt)
WRITES  results/supplement/                data, figures, provenance, citation, metadata, SHA256SUMS
        results/supplement.volatile.json   of the embedded server's orders: what is another in every run
        results/supplement.zip             the same, packed, for an archive
WHERE   on the head node

Not part of `rule all`: `snakemake supplement`, `snakemake archive`, and `snakemake verify`, which checks what is there
and makes nothing, so that it has no inputs.
"""

from plumbline.supplement import contents, workflow_record

# The one place where the interactive page is added: made by a rule of its own, if there is one, in the same folder.
PAGE = [
    f"results/supplement/{name}"
    for name in (contents.PAGE, contents.PAGE_PIECES)
    if "make_page" in {one.name for one in workflow.rules}
]


rule make_supplement:
    input:
        results=[*TABLES, *PARQUET, *COVERAGE, *PRODUCT_FILES, *FIGURES, *PRODUCT_FIGURES],
        page=PAGE,
        inputs=[
            *calibrations_file(None),
            *constituents_file(None),
        ],
    output:
        checksums="results/supplement/SHA256SUMS",
        described=[
            f"results/supplement/{name}"
            for name in (
                contents.README,
                contents.CITATION,
                contents.BIBTEX,
                contents.DATAPACKAGE,
                contents.CRATE,
                contents.CONFIGURATION,
                contents.WORKFLOW_RECORD,
            )
        ],
    log:
        "logs/make_supplement/supplement.log",
    benchmark:
        "benchmarks/results/make_supplement/supplement.tsv"
    # What differs differs the second time, too.
    retries: 0
    localrule: True
    conda:
        "../envs/supplement.yaml"
    resources:
        mem_mb=400,
    params:
        config=config,
        as_of=AS_OF.isoformat(),
        chunks={name: list(chunks) for name, chunks in CHUNKS.items()},
        page=[path.removeprefix("results/supplement/") for path in PAGE],
        volatile="results/supplement.volatile.json",
        # Asked of git only when it is needed.
        record=lambda wildcards: workflow_record.workflow_record(Path(workflow.basedir)),
        modules=modules_of("make_supplement.py"),
    script:
        "../scripts/make_supplement.py"


rule archive_supplement:
    input:
        "results/supplement/SHA256SUMS",
    output:
        "results/supplement.zip",
    log:
        "logs/archive_supplement/supplement.log",
    benchmark:
        "benchmarks/results/archive_supplement/supplement.tsv"
    # What differs differs the second time, too.
    retries: 0
    localrule: True
    conda:
        "../envs/supplement.yaml"
    resources:
        mem_mb=200,
    params:
        modules=modules_of("archive_supplement.py"),
    script:
        "../scripts/archive_supplement.py"


rule verify:
    log:
        "logs/verify/verify.log",
    # What differs differs the second time, too.
    retries: 0
    localrule: True
    conda:
        "../envs/supplement.yaml"
    shell:
        '"$PLUMBLINE_PYTHON" "$PLUMBLINE_SCRIPTS"/verify_supplement.py results/supplement --results results --log {log:q}'
