"""Overview: what is there, what a run would do, and what OOI has. Nothing changes what a run has made.

READS   the configuration and the files in results/ and logs/; all but `status` ask the OOI server
WRITES  results/status.json; results/plan.csv, results/plan.json; results/catalog.yaml; `live` nothing
        .snakemake/plumbline/catalog/       what the server told of itself, for the next time
WHERE   on the head node; also while a run is at work in the same folder

They have no output for Snakemake (a benchmark would be one), so that they run whenever they are asked for.
"""


rule status:
    log:
        "logs/status/status.log",
    localrule: True
    conda:
        "../envs/overview.yaml"
    params:
        config=config,
        as_of=AS_OF.isoformat(),
    script:
        "../scripts/status.py"


rule plan:
    log:
        "logs/plan/plan.log",
    localrule: True
    conda:
        "../envs/overview.yaml"
    params:
        config=config,
        as_of=AS_OF.isoformat(),
    script:
        "../scripts/plan.py"


rule catalog:
    log:
        "logs/catalog/catalog.log",
    localrule: True
    conda:
        "../envs/overview.yaml"
    params:
        config=config,
    script:
        "../scripts/catalog.py"


rule live:
    log:
        "logs/live/live.log",
    localrule: True
    conda:
        "../envs/overview.yaml"
    params:
        config=config,
    script:
        "../scripts/live.py"
