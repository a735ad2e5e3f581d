"""Tell how far every stream and chunk is: a table on the terminal, and JSON for machines.

Reads the files that the steps leave; asks no server. Writes results/status.json.
"""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from plumbline import configuration
from plumbline.atomic import write_json
from plumbline.coverage.days import counts_of
from plumbline.folder_lock import is_locked
from plumbline.overview.counted import counted_once
from plumbline.overview.states import estimated_rate, states_of
from plumbline.overview.tables import console, show_status
from plumbline.reporting import reported

NOTES = Path(".snakemake") / "plumbline" / "used.json"


def main(job) -> None:
    """Map the job's configuration to one table."""
    with reported(job.log[0], "status"):
        config = configuration.read(job.params.config)
        as_of = datetime.fromisoformat(job.params.as_of)
        with counted_once(NOTES, lambda bins: counts_of(bins)["used"]) as count_used:
            streams = {
                stream.name: states_of(
                    Path("results"), Path("logs"), stream, as_of, count_used, config.share_of(stream)
                )
                for stream in config.streams
            }
        running = is_locked(Path(".snakemake") / "plumbline.lock")
        found = {stream.name: estimated_rate(Path("results"), stream) for stream in config.streams}
        estimated = {name: rate for name, rate in found.items() if rate}
        show_status(console(), streams, running, estimated)
        chunks = {name: [asdict(one) | {"coverage": one.coverage} for one in rows] for name, rows in streams.items()}
        about = {"as_of": job.params.as_of, "running": running, "estimated_rates_hz": estimated}
        write_json("results/status.json", about | {"streams": chunks})


def _used(bins: Path) -> int:
    return counts_of(bins)["used"]


main(snakemake)
