"""Plumbline: from configured OOI streams to seafloor-pressure tables.

config/*.yaml -> request -> wait -> download -> verify -> bin -> resample, coverage, products -> figures
                 (network: always on the head node)      (compute: any core, any node)

Every target's name follows from the configuration, so a dry run tells all; see rules/.
"""

from snakemake.utils import min_version

min_version("9.0")


configfile: f"{workflow.basedir}/config/config.yaml"


report: "report/workflow.rst"


include: "rules/plan.smk"
include: "rules/start.smk"
include: "rules/retrieval.smk"
include: "rules/sources.smk"
include: "rules/object_storage.smk" if STORED else "rules/samples.smk"
include: "rules/freeing.smk"
include: "rules/rates.smk"
include: "rules/tables.smk"
include: "rules/coverage.smk"
include: "rules/product_targets.smk"
include: "rules/products.smk"
include: "rules/product_figures.smk"
include: "rules/tilt.smk"
include: "rules/figures.smk"
include: "rules/overview.smk"


if not STORED:

    include: "rules/page.smk"
    include: "rules/supplement.smk"


rule all:
    default_target: True
    input:
        TABLES,
        PARQUET,
        PRODUCT_FILES,
        COVERAGE,
        FIGURES,
        PRODUCT_FIGURES,
        BINS,
        NETCDF,


rule supplement:
    input:
        "results/supplement/SHA256SUMS",


rule archive:
    input:
        "results/supplement.zip",
