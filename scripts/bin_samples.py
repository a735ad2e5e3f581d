"""Reduce the samples of one chunk to bins.

Reads the completion marker, the manifest and the netCDF files that it names; writes the bins,
CF-netCDF: n, mean, M2, min and max of every base interval.
"""

from pathlib import Path

from plumbline.reporting import reported
from plumbline.retrieval import records
from plumbline.samples.binning import bin_files


def main(job) -> None:
    """Map the job's files and parameters to one call."""
    with reported(job.log[0], f"{job.wildcards.stream} {job.wildcards.chunk}"):
        manifest = records.read(job.input.manifest, "manifest")
        bin_files(
            paths=[Path(job.params.folder) / file["name"] for file in manifest["files"]],
            begin_ms=job.params.begin_ms,
            end_ms=job.params.end_ms,
            base_ms=job.params.base_ms,
            variables=job.params.variables,
            output=Path(job.output[0]),
            attributes={"source_server": manifest["server"]},
        )


main(snakemake)
