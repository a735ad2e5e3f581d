"""Tell what a run would order, before it does: chunks, bytes, time, room on the disk.

Reads what is there, and asks OOI's inventory and estimates; orders nothing. Writes results/plan.csv, a
row for each chunk, and results/plan.json, the sums as well.
"""

import csv
import shutil
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path

from plumbline import configuration
from plumbline.atomic import replacing, write_json
from plumbline.ooi.places import M2M
from plumbline.ooi.session import api_session, api_url
from plumbline.overview.planning import ChunkPlan, StreamPlan, plan_found, plan_stream
from plumbline.overview.states import states_of
from plumbline.overview.tables import console, show_plan
from plumbline.reporting import reported


def main(job) -> None:
    """Map the job's configuration to one table."""
    with reported(job.log[0], "plan"):
        config = configuration.read(job.params.config)
        as_of = datetime.fromisoformat(job.params.as_of)
        results = Path("results")
        results.mkdir(exist_ok=True)
        asked = any(stream.source == M2M for stream in config.streams)
        session, url = (api_session(config.ooi.api), api_url(config.ooi.api)) if asked else (None, "")
        plans, needed = [], 0.0
        for stream in config.streams:
            # What is binned is not looked into: how much of it was used changes no plan.
            states = states_of(results, Path("logs"), stream, as_of, lambda bins: 0)
            share, place = config.share_of(stream), config.place_of(stream)
            ordered = place.source == M2M
            plan = (
                plan_stream(session, url, stream, states, share)
                if ordered
                else plan_found(place, stream, states, share)
            )
            largest = max((chunk.bytes for chunk in plan.chunks), default=0.0)
            kept = plan.bytes_to_come if config.keeps_netcdf(stream) else largest
            needed += kept + plan.bins_to_come
            plans.append(plan)
        free = shutil.disk_usage(results).free
        show_plan(console(), plans, free, needed)
        write(plans, config.ooi.api, free, needed, results)


def write(plans: list[StreamPlan], api: str, free: int, needed: float, results: Path) -> None:
    """Write the plan for machines: CSV with a row for each chunk, JSON with the sums."""
    columns = ["stream", *(field.name for field in fields(ChunkPlan))]
    with replacing(results / "plan.csv") as scratch, open(scratch, "w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, columns, lineterminator="\n")
        rows.writeheader()
        rows.writerows({"stream": plan.name, **asdict(chunk)} for plan in plans for chunk in plan.chunks)
    names = ("chunks", "there", "no_data", "to_order", "under_way")
    streams = {
        plan.name: dict(zip(names, plan.numbers(), strict=True))
        | {
            "bytes_to_download": round(plan.bytes_to_come),
            "share_of_files": plan.share,
            "server_bytes": round(plan.server_bytes),
            "server_s": round(plan.server_s),
            "data_begin": plan.range.begin.isoformat() if plan.range else None,
            "data_end": plan.range.end.isoformat() if plan.range else None,
            "remarks": plan.remarks,
        }
        for plan in plans
    }
    disk = {"disk_bytes_needed": round(needed), "disk_bytes_free": free}
    write_json(results / "plan.json", {"server": api} | disk | {"streams": streams})


main(snakemake)
