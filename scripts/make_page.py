"""Make the interactive page: the record of every station from years down to 15 s, for a browser without a server.

Reads products, bins, coverage, gaps, events and forecasts; writes one HTML file, and beside it the finer levels in
pieces.
"""

from pathlib import Path

from plumbline.page.making import make_page
from plumbline.reporting import human_bytes, log, reported


def main(job) -> None:
    """Map the job's files and parameters to one call."""
    with reported(job.log[0], "interactive page"):
        page, pieces = Path(job.output.page), Path(job.output.pieces)
        make_page(
            Path("results"),
            page,
            pieces,
            job.params.streams,
            job.params.pairs,
            job.params.api,
            job.params.eruptions,
            job.params.levels,
        )
        beside = [path.stat().st_size for path in pieces.rglob("*.js")]
        size, around = human_bytes(page.stat().st_size), human_bytes(sum(beside))
        log.info("a page of %s, and beside it %s in %d pieces", size, around, len(beside))


main(snakemake)
