"""Runs the workflow as a user does, in a folder of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parent.parent

# Two days of the 15 s stream, a chunk each: the whole way of the data in a few seconds.
SMALL = {
    "ooi": {"api": "embedded"},
    "streams": [
        {
            "name": "central",
            "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301",
            "method": "streamed",
            "stream": "botpt_nano_sample_15sec",
            "variables": ["botsflu_meanpres"],
            "begin": "2015-04-23",
            "end": "2015-04-25",
            "chunk": "day",
        }
    ],
    "resample": ["1min", "1h"],
}


def environment(**extra):
    """Return an environment without an account, so that none is used by accident."""
    hidden = {"OOI_USERNAME", "OOI_TOKEN", "PLUMBLINE_EMBEDDED_API"}
    kept = {key: value for key, value in os.environ.items() if key not in hidden}
    return kept | {"NETRC": "/nonexistent/netrc"} | extra


def command(folder, *arguments, config=None):
    """Return the command line of a run in a folder; `config` is written there."""
    words = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
    words += ["--directory", str(folder)]
    if config is not None:
        path = Path(folder) / "configuration.yaml"
        path.write_text(yaml.safe_dump(config))
        words += ["--configfile", str(path)]
    return [*words, *arguments]


def snakemake(folder, *arguments, config=None, cores=2, timeout=300, **extra):
    """Run the workflow and return the finished process; its output is text."""
    words = command(folder, "--cores", str(cores), *arguments, config=config)
    return subprocess.run(
        words, capture_output=True, text=True, check=False, timeout=timeout, env=environment(**extra), cwd=REPOSITORY
    )


def output(process):
    """Return everything that a run printed."""
    return process.stdout + process.stderr


def rules_of(process):
    """Return how often each rule stands in a run's or a dry run's list of jobs."""
    table = re.search(r"^job +count\n[- ]+\n(.*?)^total", output(process), re.MULTILINE | re.DOTALL)
    if not table:
        return {}
    counts = dict(line.split() for line in table[1].splitlines())
    return {rule: int(count) for rule, count in counts.items() if rule != "all"}


def planned(folder, *arguments, config=None, **options):
    """Return the rules that a run would run, by a dry run."""
    process = snakemake(folder, "--dry-run", *arguments, config=config, **options)
    assert process.returncode == 0, output(process)
    return rules_of(process)


def contents(folder):
    """Return the bytes of every product below a folder: tables, metadata, bins, figures."""
    kinds = ("*/*.csv", "*/*.json", "*/bins/*.nc", "*/*.png")
    results = Path(folder) / "results"
    return {str(path.relative_to(results)): path.read_bytes() for kind in kinds for path in results.glob(kind)}


def orders_at_embedded_server(folder):
    """Return how many orders the embedded server of a folder has taken."""
    return len(list((Path(folder) / ".snakemake" / "embedded-ooi").rglob("*.json")))
