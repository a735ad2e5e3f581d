"""What ten years of four instruments cost, reckoned from what was measured: bytes, hours, memory."""

import statistics

INSTRUMENTS, YEARS = 4, 10
DAYS = INSTRUMENTS * 3652
CHUNKS = INSTRUMENTS * YEARS * 12
# OOI's own estimate for botpt_nano_sample: 33.03 bytes a sample (stream_nc_sizes.cfg).
WHOLE_MB_A_DAY = 57.1
# Until it is measured (part `subset`): reference/performance.md, HTTP ranges in pages of 64 KiB.
SUBSET_SHARE = 0.04
MB_PER_S, CONNECTIONS = 20.0, 4
CORES = {"laptop": 4, "cluster": 32}


def table(results: dict) -> tuple[list[str], list[list[str]]] | None:
    """Return the head and the lines of the table; None where the parts that it rests on are missing."""
    if not {"bin", "day", "memory"} <= results.keys():
        return None
    rates = Rates(results)
    head = ["", *(f"{files}, {place}" for files in ("whole files", "subset") for place in CORES)]
    lines = [
        ["over the wire, GB", *_each(rates, lambda wire, _: wire / 1e3)],
        [f"hours of wire, {CONNECTIONS} connections of {MB_PER_S:g} MB/s", *_each(rates, _wire_h)],
        ["hours of wire, 1 connection", *_each(rates, lambda wire, _: wire / MB_PER_S / 3600)],
        ["cores at work", *_each(rates, lambda _, place: CORES[place])],
        ["hours of binning", *_each(rates, lambda _, place: rates.bin_h / CORES[place])],
        [
            "hours of tables (a 1 min table of each stream)",
            *_each(rates, lambda _, place: rates.table_h / min(CORES[place], INSTRUMENTS)),
        ],
        ["memory of the largest job, MB", *_each(rates, lambda *_: rates.peak_mb)],
        ["memory with a bin job on each core, GB", *_each(rates, lambda _, place: rates.bin_mb * CORES[place] / 1e3)],
        ["disk: netCDF, unless freed, GB", *_each(rates, lambda wire, _: wire / 1e3)],
        ["disk: bins of 7.5 s, GB", *_each(rates, lambda *_: rates.bins_gb)],
        ["disk: 1 min tables, GB", *_each(rates, lambda *_: rates.csv_gb)],
    ]
    return head, lines


class Rates:
    """What the measured rates come to.

    Attributes
    ----------
    bin_h, table_h : float
        Hours of CPU for all chunks, with the start of a process for each, and for all tables.
    peak_mb, bin_mb : float
        The largest memory of any step, and of the bin step, for an ordinary record (base 7.5 s, tables of
        1 min, files that overlap).
    bins_gb, csv_gb : float
        What is kept.
    wire_mb : dict
        What is fetched, by the way of fetching.
    """

    def __init__(self, results: dict) -> None:
        bins = [row["detail"] for row in results["bin"]["rows"] if row["detail"].get("kind") == "defective"]
        a_day_s = statistics.median(next(row for row in bins if row["base_ms"] == 7_500)["bin_s"])
        job = results["day"]["rows"][0]["detail"]["plumbline"]
        start_s = max(0.0, statistics.median(cost["cpu_s"] for cost in job) - a_day_s)
        self.bin_h = (DAYS * a_day_s + CHUNKS * start_s) / 3600
        memory = {row["what"]: row for row in results["memory"]["rows"]}
        ordinary = [row for what, row in memory.items() if "7.5 s" in what or "1 min" in what]
        self.peak_mb = max(row["value"] for row in ordinary)
        self.bin_mb = max(row["value"] for row in ordinary if "bin step" in row["what"])
        of_bins = next(row["detail"] for row in ordinary if "clean file" in row["what"])
        self.bins_gb = of_bins["bins_bytes"] / of_bins["days"] * DAYS / 1e9
        year = next(row["detail"] for row in ordinary if "table step" in row["what"])
        self.table_h = year["cpu_s"] / year["days"] * DAYS / 3600
        self.csv_gb = year["csv_bytes"] / year["days"] * DAYS / 1e9
        self.wire_mb = {"whole files": WHOLE_MB_A_DAY * DAYS, "subset": WHOLE_MB_A_DAY * DAYS * _share(results)}


def _share(results: dict) -> float:
    """Return the share of the bytes that a subset takes, measured or assumed."""
    rows = results.get("subset", {}).get("rows", [])
    return rows[0]["value"] / 100 if rows and rows[0]["value"] else SUBSET_SHARE


def _wire_h(wire_mb: float, _: str) -> float:
    return wire_mb / (MB_PER_S * CONNECTIONS) / 3600


def _each(rates: Rates, quantity) -> list[str]:
    """Return a quantity for each way of fetching and each place, as text."""
    return [f"{quantity(wire, place):.3g}" for wire in rates.wire_mb.values() for place in CORES]
