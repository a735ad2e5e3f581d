"""What stands under the lines of the page: coverage of each day, gaps, events and levels."""

import csv
from datetime import date
from pathlib import Path

from plumbline.chunks import milliseconds
from plumbline.intervals import DAY_MS

# Gaps that a page shows one by one; of more, the longest.
MOST_GAPS = 4000
# A configured eruption this near to a found one is the same.
SAME_ERUPTION_MS = 5 * DAY_MS


def coverage_of(coverage: Path, gaps: Path) -> dict:
    """Return the coverage of a stream as the page has it.

    Parameters
    ----------
    coverage, gaps : Path
        CSV tables of the stream.

    Returns
    -------
    dict
        ``first`` (day since 1970); ``used``, thousandths of the expected samples of each day, rounded down, None where
        it is not known what was expected; ``reasons``; ``gaps``, [begin, end, place in reasons] (ms since 1970), and
        ``gaps_in_all``, of which the longest are there.
    """
    days = _rows(coverage)
    found = [(milliseconds(row["begin"]), milliseconds(row["end"]), row["reason"]) for row in _rows(gaps)]
    kept = sorted(sorted(found, key=lambda gap: gap[0] - gap[1])[:MOST_GAPS])
    reasons = sorted({reason for _, _, reason in kept})
    return {
        "first": (date.fromisoformat(days[0]["date"]) - date(1970, 1, 1)).days if days else 0,
        "used": [_thousandths(row) for row in days],
        "reasons": reasons,
        "gaps": [[begin, end, reasons.index(reason)] for begin, end, reason in kept],
        "gaps_in_all": len(found),
    }


def events_of(tables: dict[str, Path], configured: list[str], begin_ms: int, end_ms: int) -> list[dict]:
    """Return the events that the page marks, in time order.

    Parameters
    ----------
    tables : dict
        Reference designator and table of events of each station where they were looked for.
    configured : list of str
        Onsets of eruptions in the configuration, ISO 8601. One that no station's record shows is marked, too, if it
        lies between the beginning and the end of all records.
    begin_ms, end_ms : int
        Milliseconds since 1970.
    """
    found = [
        {
            "kind": row["kind"],
            "onset": milliseconds(row["onset"]),
            "end": milliseconds(row["end"]) if row["end"] else None,
            "peak": f"{float(row['peak_value']):.3g} {row['unit']}" if row["peak_value"] else "",
            "station": station,
        }
        for station, path in tables.items()
        for row in _rows(path)
    ]
    for text in configured:
        onset = milliseconds(text)
        seen = any(one["kind"] == "eruption" and abs(one["onset"] - onset) < SAME_ERUPTION_MS for one in found)
        if begin_ms <= onset < end_ms and not seen:
            found.append({"kind": "eruption", "onset": onset, "end": None, "peak": "", "station": ""})
    return sorted(found, key=lambda one: (one["onset"], one["station"]))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _thousandths(row: dict[str, str]) -> int | None:
    expected = float(row["expected"] or 0)
    return min(1000, int(1000 * int(row["used"]) / expected)) if expected else None
