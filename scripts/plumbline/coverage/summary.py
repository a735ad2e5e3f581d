"""The coverage of a stream: its two tables and their metadata, from its bins."""

import csv
from collections.abc import Iterable
from pathlib import Path

from plumbline.atomic import replacing
from plumbline.chunks import from_unix_ms, isoformat
from plumbline.coverage import days
from plumbline.coverage.gaps import Gap, find_gaps
from plumbline.coverage.stretches import consecutive
from plumbline.reporting import counted, log
from plumbline.tables.csvw import Column, origins_of, rate_told, subject_of, write_metadata
from plumbline.tables.places import Deployment

GAP_COLUMNS = ("begin", "end", "missing", "reason")


def write_coverage(
    bins_paths: list[Path],
    variables: list[str],
    begin_ms: int,
    end_ms: int,
    rate_hz: float | None,
    coverage_path: Path,
    gaps_path: Path,
    within_ms: int | None = None,
) -> None:
    """Write the coverage of each day, and the gaps.

    Parameters
    ----------
    bins_paths : list of Path
        Bins files of consecutive chunks, in time order. Request records and completion markers are
        looked for beside them; where they are missing, no reason of the server's is known.
    variables : list of str
    begin_ms, end_ms : int
        The window, milliseconds since 1970.
    rate_hz : float or None
        Nominal sampling rate, Hz; None: what is expected and missing is left empty.
    coverage_path, gaps_path : Path
        The CSV files.
    within_ms : int, optional
        Time within which there usually is a sample, where the rate does not tell that.

    Raises
    ------
    PlumblineError
        If the bins do not cover the window one after the other, or lack a variable.
    """
    chunks = consecutive(bins_paths, begin_ms, end_ms)
    gaps = find_gaps(chunks, variables, rate_hz, within_ms)
    _write_csv(coverage_path, days.COLUMNS, days.day_rows(chunks, variables, gaps, rate_hz))
    _write_csv(gaps_path, GAP_COLUMNS, (_gap_row(gap, rate_hz) for gap in gaps))
    log.info("%s.", counted(len(gaps), "gap") if gaps else "No gaps")


def describe_coverage(
    bins_paths: list[Path],
    variables: list[str],
    begin_ms: int,
    end_ms: int,
    rate_hz: float | None,
    stream: dict[str, str],
    server: str,
    coverage_metadata_path: Path,
    gaps_metadata_path: Path,
    deployments: tuple[Deployment, ...] = (),
    estimated: bool = False,
    within_ms: int | None = None,
) -> None:
    """Write the CSVW metadata of both tables; parameters as in `write_coverage` and `describe_table`."""
    subject = subject_of(origins_of(bins_paths), begin_ms, end_ms, stream, server, deployments)
    whose = f"{stream['reference_designator']} ({stream['stream']})"
    window = f"the window from {subject.begin} to {subject.end} (exclusive)"
    properties = {"variables": ", ".join(variables), **rate_told(rate_hz, estimated)}
    pause = f"{within_ms / 1000:g} s, within which there usually is one," if within_ms else "the time between two"
    remark = "; estimated from the data" if estimated else "" if rate_hz else "; empty, for the rate is not known"
    least = "; the least of several variables" if len(variables) > 1 else ""
    write_metadata(
        coverage_metadata_path,
        subject,
        title=f"Coverage of {whose}, day by day",
        description=f"Every UTC day that overlaps {window} has a row, which accounts for each sample expected or "
        "received in it. A sample is used if it is finite, no fill value, and the first of its time (rounded to the "
        "millisecond).",
        columns=_coverage_columns(remark, least, least.replace("least", "most")),
        primary_key="date",
        properties=properties,
    )
    write_metadata(
        gaps_metadata_path,
        subject,
        title=f"Gaps of {whose}",
        description=f"Every stretch inside {window} without samples for longer than {pause} has a row, "
        "to the resolution of the bins; one whose reason changes has several. Of several variables, one that alone "
        "has no samples is named in the reason.",
        columns=_gap_columns(remark),
        primary_key=["begin", "end", "reason"],
        properties=properties,
    )


def _coverage_columns(rate: str, least: str, most: str) -> list[Column]:
    number = "nonNegativeInteger"
    return [
        Column("date", "UTC day", "date", required=True),
        Column("expected", f"samples that the rate gives in the day's part of the window{rate}", number, "1"),
        Column("received", "rows in the files that lie inside the window", number, "1", required=True),
        Column("used", f"samples used{least}", number, "1", required=True),
        Column("duplicate", f"samples left out because their time was there already{most}", number, "1", required=True),
        Column("conflicting", f"of the duplicates, those with another value{most}", number, "1", required=True),
        Column("rejected", f"samples left out as fill values or no number{most}", number, "1", required=True),
        Column("reason", "why fewer were used than expected; empty where they were not", "string"),
    ]


def _gap_columns(rate: str) -> list[Column]:
    return [
        Column("begin", "begin of the gap, UTC, inclusive", "datetime", required=True),
        Column("end", "end of the gap, UTC, exclusive", "datetime", required=True),
        Column("missing", f"about how many samples: rate times length{rate}", "nonNegativeInteger", "1"),
        Column("reason", "why, as far as the server or the files tell", "string", required=True),
    ]


def _gap_row(gap: Gap, rate_hz: float | None) -> list[object]:
    begin, end = (isoformat(from_unix_ms(ms)) for ms in (gap.begin_ms, gap.end_ms))
    return [begin, end, round(gap.missing(rate_hz)) if rate_hz else "", gap.reason]


def _write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[list[object]]) -> None:
    with replacing(path) as scratch, open(scratch, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
