"""ro-crate-metadata.json: the supplement as a Workflow Run RO-Crate, by the library `rocrate`.

Of the profiles Process Run, Workflow Run and Workflow RO-Crate: the workflow, the run that made the files, what it
read and what it wrote. Nothing in it is of the moment in which it is written.
"""

from pathlib import Path

from rocrate.model.computerlanguage import ComputerLanguage
from rocrate.model.contextentity import ContextEntity
from rocrate.model.person import Person
from rocrate.rocrate import ROCrate

from plumbline.atomic import write_json
from plumbline.supplement.about import AboutSupplement
from plumbline.supplement.citation import citation_of_software, citation_of_stream
from plumbline.supplement.contents import CHECKSUMS, CONFIGURATION, CRATE, README, WHOLE_FOLDERS
from plumbline.tables.places import Deployment

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
# The version of RO-Crate that these profiles stand on.
RO_CRATE = "1.1"
# A term of the Workflow Run profiles' own context.
SHA256_TERM = "https://w3id.org/ro/terms/workflow-run#sha256"
WORKFLOW = "workflow/Snakefile"
SNAKEMAKE = "https://snakemake.github.io"
RUN = "#run"
# Not Python's own list, to which machines add theirs.
MEDIA_TYPES = {
    ".bib": "application/x-bibtex",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".nc": "application/netcdf",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".yaml": "application/yaml",
}
PLAIN_TEXT = "text/plain"


def write_crate(about: AboutSupplement, folder: Path, sums: dict[str, str]) -> None:
    """Write the crate's metadata.

    Parameters
    ----------
    about : AboutSupplement
    folder : Path
        The supplement, everything else laid but its checksums.
    sums : dict
        SHA-256 of its files by name.
    """
    crate = ROCrate(version=RO_CRATE)
    crate.metadata.extra_terms["sha256"] = SHA256_TERM
    _describe_root(crate, about)
    for name in sorted(sums):
        if name.split("/")[0] not in WHOLE_FOLDERS:
            _add_file(crate, folder, name, sums[name])
    crate.dereference(README)["about"] = crate.root_dataset
    crate.add_file(dest_path=CHECKSUMS, properties={"name": CHECKSUMS, "encodingFormat": PLAIN_TEXT})
    for name, text in WHOLE_FOLDERS.items():
        if (folder / name).is_dir():
            crate.add_dataset(dest_path=f"{name}/", properties={"name": text})
    _add_workflow(crate, about, folder)
    _add_run(crate, about, sums)
    write_json(folder / CRATE, _in_order(crate.metadata.generate()))


def listed_files(metadata: dict) -> set[str]:
    """Return the files that a crate's metadata list."""
    return {
        entity["@id"]
        for entity in metadata.get("@graph", [])
        if "File" in ([entity["@type"]] if isinstance(entity["@type"], str) else entity["@type"])
    }


def _describe_root(crate: ROCrate, about: AboutSupplement) -> None:
    root = crate.root_dataset
    crate.name, crate.description = about.title, about.description
    root["datePublished"] = about.published
    root["keywords"] = about.keywords
    root["citation"] = [citation_of_stream(record) for record in about.streams]
    licence = ContextEntity(crate, about.licence_url, {"@type": "CreativeWork", "name": about.licence_title})
    root["license"] = crate.add(licence)
    root["spatialCoverage"] = [
        _add_place(crate, name, one)
        for name, deployed in about.deployments.items()
        for one in deployed
        if one.latitude is not None and one.longitude is not None
    ] or None
    if about.doi:
        root["identifier"] = f"https://doi.org/{about.doi}"
    root["author"] = [_add_creator(crate, creator) for creator in about.creators] or None
    root["conformsTo"] = [
        crate.add(ContextEntity(crate, url, {"@type": "CreativeWork", "name": name, "version": version}))
        for url, (name, version) in PROFILES.items()
    ]


def _add_place(crate: ROCrate, instrument: str, deployed: Deployment) -> ContextEntity:
    """Add where an instrument stood; two deployments at one place share its coordinates."""
    where = f"geo:{deployed.latitude},{deployed.longitude}"
    facts = {"@type": "GeoCoordinates", "latitude": deployed.latitude, "longitude": deployed.longitude}
    if deployed.depth_m is not None:
        where, facts = f"{where},{-deployed.depth_m:g}", facts | {"elevation": -deployed.depth_m}
    crate.add(ContextEntity(crate, where, facts))
    name = f"{instrument}, {deployed.name} from {deployed.begin}"
    place = {"@type": "Place", "name": name, "geo": {"@id": where}}
    return crate.add(ContextEntity(crate, f"#{instrument}-{deployed.begin}", place))


def _add_creator(crate: ROCrate, creator) -> Person:
    identifier = f"https://orcid.org/{creator.orcid}" if creator.orcid else f"#{creator.name.replace(' ', '-')}"
    facts = {"name": creator.name}
    if creator.affiliation:
        place = f"#{creator.affiliation.replace(' ', '-')}"
        facts["affiliation"] = {"@id": place}
        crate.add(ContextEntity(crate, place, {"@type": "Organization", "name": creator.affiliation}))
    return crate.add(Person(crate, identifier, facts))


def _add_file(crate: ROCrate, folder: Path, name: str, digest: str) -> None:
    path = folder / name
    kind = MEDIA_TYPES.get(path.suffix, PLAIN_TEXT)
    facts = {
        "name": path.name,
        "encodingFormat": kind,
        "contentSize": str(path.stat().st_size),
        "sha256": digest,
    }
    crate.add_file(dest_path=name, properties=facts)


def _add_workflow(crate: ROCrate, about: AboutSupplement, folder: Path) -> None:
    """Add the workflow, its language and its authors."""
    software = about.software
    language = ComputerLanguage(
        crate, "#snakemake", {"name": "Snakemake", "url": {"@id": SNAKEMAKE}, "identifier": {"@id": SNAKEMAKE}}
    )
    crate.add(language)
    facts = {"@type": "Organization", "name": "; ".join(software.authors)}
    author = crate.add(ContextEntity(crate, "#plumbline-authors", facts))
    licence = f"https://spdx.org/licenses/{software.licence}"
    crate.add(ContextEntity(crate, licence, {"@type": "CreativeWork", "name": software.licence}))
    workflow = crate.add_workflow(
        dest_path=WORKFLOW,
        main=True,
        lang=language,
        properties={
            "name": software.title,
            "version": f"{software.version} (commit {software.commit})",
            "citation": citation_of_software(software),
            "license": {"@id": licence},
            "encodingFormat": PLAIN_TEXT,
        },
    )
    workflow["creator"] = author
    crate.root_dataset["mainEntity"] = workflow


def _add_run(crate: ROCrate, about: AboutSupplement, sums: dict[str, str]) -> None:
    """Add the run: from streams and configuration to tables and figures."""
    sources = [_add_source(crate, record) for record in about.streams]
    made = [crate.dereference(name) for name in sorted(sums) if name.startswith(("data/", "figures/"))]
    facts = {
        "name": f"{'Synthetic data: ' if about.synthetic else ''}Plumbline made tables, products and figures",
        "description": "Ordered, downloaded, binned and reduced as the configuration says.",
    }
    ends = [chunk["completed_at"] for record in about.streams for chunk in record["chunks"] if "completed_at" in chunk]
    begins = [chunk["ordered_at"] for record in about.streams for chunk in record["chunks"] if "ordered_at" in chunk]
    if ends:
        facts |= {"startTime": min(begins), "endTime": max(ends)}
    action = crate.add_action(
        crate.mainEntity,
        identifier=RUN,
        object=[crate.dereference(CONFIGURATION), *sources],
        result=made,
        properties=facts,
    )
    if about.creators:
        action["agent"] = crate.root_dataset["author"]
    crate.root_dataset["mentions"] = action


def _add_source(crate: ROCrate, record: dict) -> ContextEntity:
    facts = {
        "@type": "Dataset",
        "name": f"{record['reference_designator']} {record['method']} {record['stream']}",
        "description": f"{'Synthetic data. ' if record['synthetic'] else ''}{record['data_origin']}",
        "temporalCoverage": f"{record['window']['begin']}/{record['window']['end']}",
        "citation": citation_of_stream(record),
    }
    return crate.add(ContextEntity(crate, f"#stream-{record['name']}", facts))


def _in_order(metadata: dict) -> dict:
    """Return metadata of which the order follows from the contents."""
    graph = sorted(metadata["@graph"], key=lambda entity: (entity["@id"] not in (CRATE, "./"), entity["@id"]))
    return metadata | {"@graph": [dict(sorted(entity.items())) for entity in graph]}
