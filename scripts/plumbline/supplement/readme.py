"""README.md of the supplement: what each folder is, how to check it, how to run it again."""

from plumbline.supplement.about import AboutSupplement
from plumbline.supplement.citation import citation_of_stream, citation_of_supplement
from plumbline.tables.places import in_words

SYNTHETIC = """**These data are synthetic.** They come from the server that is part of Plumbline.

"""

# What is there, and what it is.
FOLDERS = {
    "data/": "tables (CSV), with metadata beside each (`….csv-metadata.json`, CSV on the Web), and the same time "
    "series as CF-netCDF (`.nc`); one folder for each stream and each pair of stations",
    "figures/": "figures, PNG and PDF, in the same folders",
    "index.html": "the records, to look at in a browser; it needs no network. Finer levels lie in `page/`",
    "provenance/configuration.yaml": "the configuration, every key, also those left at their defaults",
    "provenance/{stream}.json": "what was asked for and answered, chunk by chunk: requests, raw files, bins and their "
    "SHA-256",
    "provenance/workflow.json": "which code made this: version, commit, whether it had been edited",
    "provenance/inputs/": "files that the configuration names: calibrations, tidal constituents",
    "workflow/": "the code itself, with the versions of all packages (`requirements.lock`)",
    "CITATION.txt, citation.bib": "how to cite the data, this supplement and the software",
    "datapackage.json": "every table with its columns, types and units (Frictionless Data Package)",
    "ro-crate-metadata.json": "all of it for machines (RO-Crate, Workflow Run)",
    "SHA256SUMS": "the checksum of every file",
}
NOT_ALWAYS = ("index.html", "provenance/inputs/")

CHECK = """## Check it
Every byte, with nothing but a shell:

```
sha256sum -c SHA256SUMS
```

Bytes, tables against their metadata, and that nothing is here that does not belong here:

```
pip install --require-hashes -r workflow/requirements.lock
python workflow/scripts/verify_supplement.py .
```

With `--results` and the folder `results/` of a run, the same command makes bins of the raw files and tables of the
bins, and compares.

## Load it
```python
import pandas as pd

table = pd.read_csv("{table}")
```

## Run it again
```
mkdir ../again && cp -r workflow provenance ../again && cd ../again/workflow
snakemake --cores 4 --configfile ../provenance/configuration.yaml
snakemake archive --cores 4 --configfile ../provenance/configuration.yaml
```

{again}
"""

AGAIN_EMBEDDED = (
    "No account is needed: the server is part of the workflow. The zip that comes out is this supplement, byte for "
    "byte; what differs from run to run (the server's port, times of day, ids of orders) is not in it."
)
AGAIN_OOI = (
    "It needs an account at OOI, in `OOI_USERNAME` and `OOI_TOKEN`. Data that OOI has not changed since give the same "
    "tables and figures, byte for byte; the records in `provenance/` tell the new requests, with their days."
)


def text(about: AboutSupplement, files: list[str]) -> str:
    """Return ``README.md``.

    Parameters
    ----------
    about : AboutSupplement
    files : list of str
        Everything in the supplement, relative to it.
    """
    rows = [
        f"| `{name}` | {what} |"
        for name, what in FOLDERS.items()
        if name not in NOT_ALWAYS or any(file.startswith(name) for file in files)
    ]
    table = next((name for name in files if name.startswith("data/") and name.endswith(".csv")), "data/...")
    cited = "\n".join(f"- {citation_of_stream(record)}" for record in about.streams)
    places = "\n".join(f"- {name}: {in_words(deployed)}" for name, deployed in about.deployments.items())
    software = about.software
    again = AGAIN_EMBEDDED if about.has_embedded else AGAIN_OOI
    code = f"Plumbline {software.version}, commit {software.commit}" + (", edited" if software.clean is False else "")
    return (
        f"# {about.title}\n\n{SYNTHETIC if about.synthetic else ''}{about.description}\n\n"
        f"{citation_of_supplement(about)}\n\nMade by {code}. Licence: {about.licence_title} ({about.licence_url}).\n\n"
        "## What is here\n| | |\n|---|---|\n"
        + "\n".join(rows)
        + "\n\n"
        + CHECK.format(table=table, again=again)
        + f"\n## The data\n{cited}\n\n`CITATION.txt` has the rest.\n"
        + (f"\n## Where the instruments stood\n{places}\n" if places else "")
    )
