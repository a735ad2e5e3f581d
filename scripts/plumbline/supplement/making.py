"""Making a supplement: its files laid, described and listed, in an order in which each step knows what it needs."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from plumbline.atomic import replacing, write_json
from plumbline.chunks import Chunk
from plumbline.configuration import Configuration
from plumbline.errors import PlumblineError
from plumbline.reporting import counted, human_bytes, log
from plumbline.retrieval.integrity import sha256
from plumbline.supplement import citation, configured, contents, datapackage, plan_record, readme
from plumbline.supplement.about import AboutSupplement, about_supplement
from plumbline.supplement.checksums import write_checksums
from plumbline.supplement.crate import write_crate
from plumbline.supplement.workflow_record import ARCHIVED, archived


def make_supplement(
    folder: Path,
    results: Iterable[Path],
    configuration: Configuration,
    configuration_text: str,
    chunks: Mapping[str, Iterable[Chunk]],
    workflow: Path,
    workflow_record: dict,
    page: Iterable[str] = (),
    volatile_path: Path | None = None,
) -> None:
    """Make a supplement of finished results.

    Parameters
    ----------
    folder : Path
        The supplement, ``results/supplement``; what does not belong there is removed.
    results : iterable of Path
        Tables, metadata, products and figures, in the folders of their streams and pairs.
    configuration : Configuration
    configuration_text : str
        The same as it will stand in the supplement.
    chunks : mapping
        Of each stream, in time order.
    workflow : Path
        The folder of the Snakefile.
    workflow_record : dict
        Of `workflow_record`.
    page : iterable of str
        Files and folders of the supplement that the interactive page consists of.
    volatile_path : Path, optional
        Where to write what of the embedded server's orders is another in every run.

    Raises
    ------
    PlumblineError
        If a record is missing, or two files have one name.
    """
    root = folder.parent
    laid = {contents.place_of(path.relative_to(root).as_posix()): path for path in results}
    inputs = configured.inputs_of(configuration)
    copies = configured.names(inputs)
    if len(copies) < len(inputs):
        raise PlumblineError("Calibrations and tidal constituents are files of one name; rename one of them.")
    copies |= {f"workflow/{name}": workflow / name for name in contents.code_files(workflow)}
    streams = []
    for stream in configuration.streams:
        server = configuration.place_of(stream).server
        streams.append(plan_record.record_of_stream(stream, chunks[stream.name], server, root / stream.name))
    about = about_supplement(configuration, streams, workflow, workflow_record)
    records = {contents.record_of(record["name"]): record for record in streams}
    records[contents.WORKFLOW_RECORD] = workflow_record | {"synthetic": about.synthetic}
    texts = {name: json.dumps(record, indent=2, ensure_ascii=False) + "\n" for name, record in records.items()}
    texts[contents.CONFIGURATION] = configuration_text
    texts[f"workflow/{ARCHIVED}"] = archived(workflow_record)
    texts |= {contents.CITATION: citation.text(about), contents.BIBTEX: citation.bibtex(about)}
    files = sorted({*laid, *copies, *texts, *page})
    texts[contents.README] = readme.text(about, files)

    folder.mkdir(parents=True, exist_ok=True)
    contents.sweep(folder, belonging=[*laid, *copies, *texts], left_alone=page)
    contents.lay_all(folder, laid, copies)
    for name, text in texts.items():
        with replacing(folder / name) as beside:
            beside.write_text(text, encoding="utf-8")
    _describe(folder, about)
    if volatile_path and about.has_embedded:
        told = [plan_record.volatile_of_stream(name, chunks[name], root / name) for name in chunks]
        write_json(volatile_path, {"streams": told})


def _describe(folder: Path, about: AboutSupplement) -> None:
    """Write the metadata for machines, and the checksums of everything."""
    sums = {name: sha256(folder / name) for name in contents.files_in(folder)}
    write_json(folder / contents.DATAPACKAGE, datapackage.data_package(about, folder, sums))
    sums[contents.DATAPACKAGE] = sha256(folder / contents.DATAPACKAGE)
    write_crate(about, folder, sums)
    listed = write_checksums(folder)
    size = sum((folder / name).stat().st_size for name in listed)
    log.info("The supplement has %s, %s.", counted(len(listed), "file"), human_bytes(size))
