"""Bring a chunk's records and netCDF files to where jobs find them that share no file system.

Reads the request record, the completion marker, the manifest and the files that it names; writes copies of the
records, and the files as one tar.
"""

import shutil
import tarfile
from pathlib import Path

from plumbline.atomic import replacing
from plumbline.reporting import reported
from plumbline.retrieval import records


def main(job) -> None:
    """Map the job's files to copies."""
    with reported(job.log[0], f"{job.wildcards.stream} {job.wildcards.chunk}"):
        for kind in ("record", "completion", "manifest"):
            shutil.copyfile(job.input[kind], job.output[kind])
        folder = Path(job.input.manifest).with_suffix("")
        with replacing(Path(job.output.samples)) as place, tarfile.open(place, "w") as tar:
            for file in records.read(job.input.manifest, "manifest")["files"]:
                # A file that was here already is a link.
                tar.add((folder / file["name"]).resolve(), file["name"])


main(snakemake)
