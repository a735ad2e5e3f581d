"""Overview: what is there, and what a run would do. Neither changes anything that a run has made.

READS   the configuration and the files in results/ and logs/; `plan` asks the OOI server, too
WRITES  results/status.json; results/plan.csv, results/plan.json
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
