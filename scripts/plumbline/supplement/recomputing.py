"""Making bins and tables again, where what they are made of is at hand, and comparing them byte by byte."""

import filecmp
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from plumbline.chunks import milliseconds
from plumbline.configuration import Configuration
from plumbline.configuration.streams import Stream
from plumbline.coverage.deployed import deployments_in
from plumbline.coverage.notes import write_notes
from plumbline.coverage.orders import write_orders
from plumbline.coverage.rates import Rate, estimate_rate
from plumbline.coverage.summary import describe_coverage, write_coverage
from plumbline.errors import PlumblineError
from plumbline.reporting import log
from plumbline.retrieval import records
from plumbline.retrieval.integrity import sha256
from plumbline.samples.binned import is_direction
from plumbline.samples.binning import bin_files
from plumbline.supplement import configured
from plumbline.supplement.contents import CONFIGURATION, METADATA_ENDING, record_of
from plumbline.tables.csv_table import write_table
from plumbline.tables.description import describe_table
from plumbline.tables.places import Deployment


@dataclass
class Recomputed:
    """What was made again: how many bins files of raw files, how many tables of bins, and what differs."""

    bins: int = 0
    tables: int = 0
    bins_without_raw: int = 0
    streams_without_bins: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def recompute(folder: Path, results: Path, done: Recomputed) -> list[str]:
    """Make bins and tables of a supplement again, where they can be, and return what differs, a sentence each.

    Parameters
    ----------
    folder : Path
        The supplement.
    results : Path
        The folder with a folder for each stream, in which raw files or bins may be.
    done : Recomputed
        Takes what was done.

    Raises
    ------
    PlumblineError
        If the configuration or a record in the supplement cannot be read.
    """
    try:
        configuration = configured.read((folder / CONFIGURATION).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise PlumblineError(f"{CONFIGURATION} is missing or damaged.") from None
    for stream in configuration.streams:
        record = records.read(folder / record_of(stream.name), "record")
        with tempfile.TemporaryDirectory() as scratch:
            _Stream(configuration, stream, record, folder, results / stream.name, Path(scratch), done).recompute()
    return done.faults


@dataclass
class _Stream:
    """A stream of a supplement beside its results."""

    configuration: Configuration
    stream: Stream
    record: dict
    supplement: Path
    folder: Path
    scratch: Path
    done: Recomputed

    def recompute(self) -> None:
        bins = [self._bins(chunk) for chunk in self.record["chunks"]]
        if None in bins:
            self.done.streams_without_bins.append(self.stream.name)
            return
        log.info("%s: making its tables again.", self.stream.name)
        for made, names in self._tables(bins):
            self.done.tables += 1
            for name in names:
                self._compare(made.with_name(name), f"data/{self.stream.name}/{name}")
                made.with_name(name).unlink()

    def _window_ms(self, of: dict) -> tuple[int, int]:
        return tuple(milliseconds(of[key]) for key in ("begin", "end"))

    def _bins(self, chunk: dict) -> Path | None:
        """Return the bins of a chunk, checked: those of the run, or made of its raw files, or None."""
        there, known = self.folder / chunk["bins"]["name"], chunk["bins"]["sha256"]
        what = f"{self.stream.name}/{chunk['bins']['name']}"
        if there.is_file() and sha256(there) != known:
            self.done.faults.append(f"the bins {what} are not those that the supplement was made of")
        made = self._bins_of_raw(chunk)
        if made is None:
            self.done.bins_without_raw += 1
            return there if there.is_file() else None
        self.done.bins += 1
        if sha256(made) != known:
            self.done.faults.append(
                f"bins made again of the raw files of {self.stream.name} {chunk['name']} are others"
            )
        # Beside the bins of the run lie the records that tell why samples are missing.
        return there if there.is_file() else made

    def _bins_of_raw(self, chunk: dict) -> Path | None:
        raw = self.folder / "netcdf" / chunk["name"]
        if not all((raw / file["name"]).is_file() for file in chunk["files"]):
            return None
        for file in self._hashed(chunk):
            if sha256(raw / file["name"]) != file["sha256"]:
                self.done.faults.append(f"the raw file {raw / file['name']} is not the one that was downloaded")
        log.info("%s %s: binning its raw files again.", self.stream.name, chunk["name"])
        made = self.scratch / f"{chunk['name']}.nc"
        begin_ms, end_ms = self._window_ms(chunk)
        bin_files(
            paths=[raw / file["name"] for file in chunk["files"]],
            begin_ms=begin_ms,
            end_ms=end_ms,
            base_ms=self.configuration.base_ms(self.stream),
            variables=self.stream.binned,
            output=made,
            attributes={"source_server": self.record["server"]},
        )
        return made

    def _hashed(self, chunk: dict) -> list[dict]:
        """Return a chunk's raw files with hashes; those of the embedded server are of the run alone."""
        if all("sha256" in file for file in chunk["files"]):
            return chunk["files"]
        manifest = records.read_if_there(self.folder / "netcdf" / f"{chunk['name']}.json") or {}
        names = {file["name"] for file in chunk["files"]}
        return [file for file in manifest.get("files", []) if file["name"] in names]

    def _tables(self, bins: list[Path]) -> Iterator[tuple[Path, list[str]]]:
        """Make every table of the stream's bins, one after the other; yield each with the names of its files."""
        begin_ms, end_ms = self._window_ms(self.record["window"])
        facts = self.stream.described()
        known = self.stream.rate_hz
        rate = Rate(known) if known else estimate_rate(bins, list(self.stream.variables))
        about = {"begin_ms": begin_ms, "end_ms": end_ms, "rate_hz": rate.hz}
        # Bins that were made of raw files have no records beside them; the supplement's own tells the same.
        deployments = tuple(deployments_in(self.record) or ())
        server = self.record["server"]
        for variable in self.stream.variables:
            for interval, interval_ms in self.configuration.intervals_ms().items():
                made = self.scratch / f"{variable}_{interval}.csv"
                units, origins = write_table(bins, variable, interval_ms, csv_path=made, **about)
                beside = made.with_name(made.name + METADATA_ENDING)
                describe_table(
                    origins,
                    units,
                    variable,
                    interval,
                    interval_ms,
                    stream=facts,
                    server=server,
                    metadata_path=beside,
                    deployments=deployments,
                    estimated=rate.estimated,
                    direction=is_direction(bins[0], variable),
                    **about,
                )
                yield made, [made.name, beside.name]
        # Without the records of the run it is not known why samples are missing.
        if all(path.is_relative_to(self.folder) for path in bins):
            yield self._coverage(bins, about, facts, server, rate, deployments)
            yield self._orders(bins, facts, server)
            yield self._notes(bins, facts, server)

    def _coverage(
        self, bins: list[Path], about: dict, facts: dict, server: str, rate: Rate, deployments: tuple[Deployment, ...]
    ) -> tuple[Path, list[str]]:
        coverage, gaps = self.scratch / "coverage.csv", self.scratch / "gaps.csv"
        variables = list(self.stream.variables)
        write_coverage(bins, variables, coverage_path=coverage, gaps_path=gaps, within_ms=rate.within_ms, **about)
        beside = [path.with_name(path.name + METADATA_ENDING) for path in (coverage, gaps)]
        describe_coverage(
            bins,
            variables,
            stream=facts,
            server=server,
            coverage_metadata_path=beside[0],
            gaps_metadata_path=beside[1],
            deployments=deployments,
            estimated=rate.estimated,
            within_ms=rate.within_ms,
            **about,
        )
        return coverage, [path.name for path in (coverage, gaps, *beside)]

    def _orders(self, bins: list[Path], facts: dict, server: str) -> tuple[Path, list[str]]:
        made = self.scratch / "orders.csv"
        write_orders(bins, [self._window_ms(chunk) for chunk in self.record["chunks"]], facts, server, made)
        return made, [made.name, made.name + METADATA_ENDING]

    def _notes(self, bins: list[Path], facts: dict, server: str) -> tuple[Path, list[str]]:
        made = self.scratch / "annotations.csv"
        write_notes(bins, self._window_ms(self.record["window"]), facts, server, made)
        return made, [made.name, made.name + METADATA_ENDING]

    def _compare(self, made: Path, name: str) -> None:
        there = self.supplement / name
        if there.is_file() and not filecmp.cmp(there, made, shallow=False):
            self.done.faults.append(f"{name} is another when it is made again: {_where(there, made)}")


def _where(there: Path, made: Path) -> str:
    """Tell the first line in which two texts differ."""
    with there.open("rb") as one, made.open("rb") as other:
        for number, (is_, should) in enumerate(zip(one, other, strict=False), start=1):
            if is_ != should:
                return f"line {number} is {_shown(is_)} and should be {_shown(should)}"
    return "one is longer than the other"


def _shown(line: bytes) -> str:
    return json.dumps(line.decode("utf-8", "replace").strip()[:120], ensure_ascii=False)
