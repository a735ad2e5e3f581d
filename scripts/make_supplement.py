"""Make the supplement: the folder that goes with a paper.

Reads finished tables, products and figures, the records of orders, and the workflow itself; writes
results/supplement/.
"""

from datetime import datetime
from pathlib import Path

from plumbline import configuration
from plumbline.reporting import reported
from plumbline.retrieval import records
from plumbline.supplement import configured
from plumbline.supplement.making import make_supplement


def main(job) -> None:
    """Map the job's files and parameters to one call."""
    with reported(job.log[0], "supplement"):
        config = configuration.read(job.params.config)
        as_of = datetime.fromisoformat(job.params.as_of)
        chunks = {
            stream.name: list(stream.chunks(as_of, records.names_of_requests(Path("results") / stream.name)).values())
            for stream in config.streams
        }
        make_supplement(
            Path(job.output.checksums).parent,
            [Path(path) for path in job.input.results],
            config,
            configured.effective(config, as_of),
            chunks,
            Path(job.scriptdir).parent,
            job.params.record,
            page=job.params.page,
            volatile_path=Path(job.params.volatile),
        )


main(snakemake)
