"""Which products the configuration asks for, as the names of files.

READS   the configuration
WRITES  nothing; gives the rules PRODUCTS, the lists of targets, and small look-ups
"""

PRODUCTS = CONFIGURATION.products
PAIRS = {pair.name: pair for pair in CONFIGURATION.pairs}
STATIONS = [name for name, stream in STREAMS.items() if CONFIGURATION.pressure_of(stream)]
WITH_BOTSFLU = [name for name in STATIONS if CONFIGURATION.has_botsflu(STREAMS[name])]
# Bins that are flagged, at the shortest.
FLAGGED_MS = 7500
UPLIFT_INTERVALS = ["1h", "1D"] if PRODUCTS.uplift else []
# Whatever product there is, its record is looked at.
FLAGGED = STATIONS if UPLIFT_INTERVALS or PRODUCTS.botsflu else []
# A pair needs pressure at both stations.
MEASURED_PAIRS = [
    name
    for name, pair in PAIRS.items()
    if UPLIFT_INTERVALS and {pair.centre, pair.reference} <= set(STATIONS)
]

STATION_TABLES = [
    f"results/{name}/botsflu_{interval}" for name in WITH_BOTSFLU for interval in ("15s", "24h")
]
STATION_TABLES += [
    f"results/{name}/uplift_{interval}" for name in STATIONS for interval in UPLIFT_INTERVALS
]
PAIR_TABLES = [
    f"results/{name}/differential_uplift_{interval}"
    for name in MEASURED_PAIRS
    for interval in UPLIFT_INTERVALS
]
LISTS = [f"results/{name}/events" for name in WITH_BOTSFLU if PRODUCTS.events]
LISTS += [f"results/{name}/forecast" for name in MEASURED_PAIRS if PRODUCTS.forecast]
PRODUCT_FILES = [
    f"{table}{ending}"
    for table in STATION_TABLES + PAIR_TABLES
    for ending in (".csv", ".csv-metadata.json", ".nc")
]
LISTS += [
    f"results/{name}/{table}"
    for name in STATIONS * bool(UPLIFT_INTERVALS) + MEASURED_PAIRS
    for table in ("eruptions", "yearly_rates")
]
if CONFIGURATION.calibrations:
    LISTS += [f"results/{name}/drift" for name in STATIONS if UPLIFT_INTERVALS]
# Rows shorter than the bins that are flagged have the flag of their bin.
LISTS += [
    f"results/{name}/quality_{interval}"
    for name in FLAGGED
    for interval, interval_ms in INTERVALS.items()
    if interval_ms >= FLAGGED_MS
]
PRODUCT_FILES += [
    f"{table}{ending}" for table in LISTS for ending in (".csv", ".csv-metadata.json")
]
PRODUCT_FILES += [f"results/{name}/quality.nc" for name in FLAGGED]


wildcard_constraints:
    pair="|".join(map(re.escape, PAIRS)) or "no-pair",
    record="|".join(map(re.escape, [*STREAMS, *PAIRS])),


def pressure_of(wildcards):
    """Return the name of the variable that holds a stream's pressure."""
    return CONFIGURATION.pressure_of(stream_of(wildcards))


def constituents_file(wildcards):
    """Return the user's file of tidal constituents, if there is one."""
    word = PRODUCTS.tide.constituents
    return [] if word in configuration.BUILT_IN_TIDES else [word]


def calibrations_file(wildcards):
    """Return the user's file of calibrations, if there is one."""
    return [CONFIGURATION.calibrations] if CONFIGURATION.calibrations else []


def manifests_of(wildcards, input):
    """Return the manifests of a stream's chunks, where the job finds them."""
    if STORED:
        return [path for path in input.records if Path(path).parent.name == "netcdf"]
    return [f"results/{wildcards.stream}/netcdf/{chunk}.json" for chunk in CHUNKS[wildcards.stream]]


def options_of(section):
    """Return the options of a product as plain values."""
    return section.model_dump(mode="json") if section else None


def both_of(pair):
    """Return the names of the two streams of a pair, the centre first."""
    return [PAIRS[pair].centre, PAIRS[pair].reference]


def streams_of_pair(wildcards):
    """Return what metadata say of the two streams of a pair."""
    return [described(STREAMS[name]) for name in both_of(wildcards.pair)]


def daily_uplift(wildcards):
    """Return the daily uplift of a station or of a pair."""
    of_pair = "differential_" * (wildcards.record in PAIRS)
    return f"results/{wildcards.record}/{of_pair}uplift_1D.nc"


def streams_of_record(wildcards):
    """Return what metadata say of the stream of a station, or of the two streams of a pair."""
    names = both_of(wildcards.record) if wildcards.record in PAIRS else [wildcards.record]
    return [described(STREAMS[name]) for name in names]


def hours_of_pair(wildcards):
    """Return the hourly uplift of both streams of a pair."""
    return [f"results/{name}/uplift_1h.nc" for name in both_of(wildcards.pair)]


# Names that a table of calibrations may have; without one nobody asks.
CALIBRATED = (
    [*STREAMS, *sorted({stream.reference_designator for stream in STREAMS.values()})]
    if CONFIGURATION.calibrations
    else []
)
# Onsets that no fit runs across.
ERUPTIONS = options_of(PRODUCTS.uplift)["eruptions"] if PRODUCTS.uplift else []
