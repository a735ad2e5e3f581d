"""Runs the workflow as a user does, in a folder of its own."""

import os
import re
import shutil
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from forking import FORKED_PYTHON, Forks

REPOSITORY = Path(__file__).parent.parent
SCRIPTS = REPOSITORY / "scripts"
# What Snakemake, a dry run and the jobs import.
PACKAGES = ("snakemake.cli", "nbformat", "jsonschema", "requests", "pydantic", "psutil", "pandas", "yaml")
PACKAGES += ("snakemake.script", "xarray", "netCDF4", "h5py", "pyarrow.csv", "gsw", "utide", "scipy.signal")
PACKAGES += ("matplotlib.pyplot",)
MODULES = [
    ".".join(path.relative_to(SCRIPTS).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted(SCRIPTS.glob("plumbline/**/*.py"))
]
# Runs of the code as it stands here, and of a test's own copy of it.
OF_THIS_CODE = Forks(*PACKAGES, *MODULES, path=SCRIPTS, python=FORKED_PYTHON)
OF_A_COPY = Forks(*PACKAGES, python=FORKED_PYTHON)

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
    # They have tests of their own.
    "products": [],
}


# Up to the tables: a figure takes as long as all of them.
TABLES = ("--until", "resample_bins", "summarize_coverage", "list_orders")


def small(resample=None, ooi=None, **stream):
    """Return the small configuration with some keys of its stream, or others, changed."""
    changed = {**SMALL, "streams": [SMALL["streams"][0] | stream]}
    if resample:
        changed["resample"] = resample
    if ooi:
        changed["ooi"] = SMALL["ooi"] | ooi
    return changed


def environment(**extra):
    """Return an environment without an account, so that none is used by accident."""
    hidden = {"OOI_USERNAME", "OOI_TOKEN", "PLUMBLINE_EMBEDDED_API"}
    kept = {key: value for key, value in os.environ.items() if key not in hidden}
    return kept | {"NETRC": "/nonexistent/netrc"} | extra


@dataclass(frozen=True)
class Workflow:
    """The workflow in a folder, with a configuration; None takes the default one.

    Attributes
    ----------
    folder : Path
        Where results go.
    config : dict, str or None
        A configuration, or the text of a configuration file.
    repository : Path
        Where Snakefile and scripts are.
    environment : dict
        Variables to set.
    """

    folder: Path
    config: dict | str | None = None
    repository: Path = REPOSITORY
    environment: dict = field(default_factory=dict)

    def with_config(self, config):
        """Return the same folder with another configuration."""
        return replace(self, config=config)

    def copied(self, folder):
        """Return a copy of the folder, times of files kept, as it stands now."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return replace(self, folder=Path(folder))

    def command(self, *arguments, cores=2):
        """Return the command line of a run; the configuration is written for it."""
        words = [sys.executable, "-m", "snakemake", "--snakefile", str(self.repository / "Snakefile")]
        words += ["--directory", str(self.folder), "--cores", str(cores)]
        words += arguments  # before --configfile, which takes every word after it
        if self.config is not None:
            path = self.folder / "configuration.yaml"
            path.write_text(self.config if isinstance(self.config, str) else yaml.safe_dump(self.config))
            words += ["--configfile", str(path)]
        return words

    def options(self):
        """Return how the process of a run is started."""
        return {"env": environment(**self.environment), "cwd": self.repository, "text": True}

    def run(self, *arguments, cores=2, timeout=900):
        """Run the workflow and return the finished process; its output is text."""
        words = self.command(*arguments, cores=cores)
        snakemake = OF_THIS_CODE if self.repository == REPOSITORY else OF_A_COPY
        return snakemake.run("snakemake", words[3:], environment(**self.environment), self.repository, timeout)

    def succeed(self, *arguments, **options):
        """Run the workflow, which must end well, and return how often each rule ran."""
        process = self.run(*arguments, **options)
        assert process.returncode == 0, printed(process)
        return rules_of(process)

    def planned(self, *arguments):
        """Return how often each rule would run now, by a dry run."""
        return self.succeed("--dry-run", *arguments)

    def results(self, pattern):
        """Return the files below results/ that fit a pattern, by their relative names, with their bytes."""
        root = self.folder / "results"
        return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.glob(pattern))}

    def tables(self):
        """Return the bytes of every table, but orders.csv: it tells of chunks."""
        found = self.results("*/*.csv")
        return {name: content for name, content in found.items() if not name.endswith("/orders.csv")}

    def products(self):
        """Return the bytes of every table, its metadata, bins file and figure, but of orders.csv."""
        kinds = ("*/*.csv", "*/*.csv-metadata.json", "*/bins/*.nc", "*/*.png")
        found = {name: content for kind in kinds for name, content in self.results(kind).items()}
        return {name: content for name, content in found.items() if "/orders.csv" not in name}

    def orders(self):
        """Return the names of the orders that the embedded server has taken in this folder."""
        return {path.name for path in (self.folder / ".snakemake" / "embedded-ooi" / "ledger").glob("*.json")}


def printed(process):
    """Return everything that a run printed."""
    return process.stdout + process.stderr


def rules_of(process):
    """Return how often each rule stands in a run's or a dry run's list of jobs."""
    table = re.search(r"^job +count\n[- ]+\n(.*?)^total", printed(process), re.MULTILINE | re.DOTALL)
    if not table:
        return {}
    counts = dict(line.split() for line in table[1].splitlines())
    return {rule: int(count) for rule, count in counts.items() if rule != "all"}


def edit(workflow, name):
    """Change a script or module of a workflow's own copy of the code, without changing what it does."""
    path = workflow.repository / "scripts" / name
    path.write_text(path.read_text() + "\n# edited\n")
