"""OOI's names: reference designators, methods, streams, and what is known of the streams."""

import re
from dataclasses import dataclass

# subsite (8), node (5), port (2) and instrument (9), as in OOI's vocabulary
REFERENCE_DESIGNATOR = re.compile(r"[A-Z]{2}[A-Z0-9]{6}-[A-Z0-9]{5}-[A-Z0-9]{2}-[A-Z0-9]{9}")


@dataclass(frozen=True)
class KnownStream:
    """What OOI's documents say of a stream.

    Attributes
    ----------
    rate_hz : float
        Nominal sampling rate, Hz.
    bytes_per_sample : float
        Size of a sample in the netCDF files as delivered, for estimates.
    """

    rate_hz: float
    bytes_per_sample: float


# Rates: OOI stream descriptions (NANO 20 Hz, LILY and IRIS 1 Hz, BOTSFLU products 15 s and 1 day,
# profiler CTD 1 Hz). Bytes: stream_engine's config/stream_nc_sizes.cfg, or measured listings.
STREAMS = {
    "botpt_nano_sample": KnownStream(20.0, 40.0),
    "botpt_nano_sample_15s": KnownStream(1 / 15, 60.0),
    "botpt_nano_sample_15sec": KnownStream(1 / 15, 60.0),
    "botpt_nano_sample_24hr": KnownStream(1 / 86400, 60.0),
    "botpt_nano_sample_24hour": KnownStream(1 / 86400, 60.0),
    "botpt_lily_sample": KnownStream(1.0, 39.5),
    "botpt_iris_sample": KnownStream(1.0, 32.7),
    "ctdpf_optode_sample": KnownStream(1.0, 100.0),
    "ctdpf_sbe43_sample": KnownStream(1.0, 100.0),
}

# OOI's fill value for floats. Newer files declare NaN, older ones this; it is no measurement in either.
OOI_FILL = -9999999.0

# Variables that hold the pressure at the seafloor, psia.
PRESSURES = ("bottom_pressure", "botsflu_meanpres")

# Variables that hold a tiltmeter's tilt about x and about y: of the LILY in microradians, of the IRIS in degrees.
TILT_AXES = (("lily_x_tilt", "lily_y_tilt"), ("iris_x_tilt", "iris_y_tilt"))
# Where a LILY's compass points, corrected by OOI.
CORRECTED_COMPASS = "corrected_compass_direction"

# Variables that are directions, angles from 0 to 360 degrees: 359 and 1 have the mean 0. OOI has compass_direction,
# corrected_compass_direction and seafloor_tilt_direction (BOTPT); the other words are those of its other instruments.
DIRECTION = re.compile(r"(.*_)?(direction|heading|bearing|azimuth)(_[a-z0-9]+)?")

# What has no mean, by the ends of OOI's names.
WITHOUT_MEAN = {
    r".*_(qartod|qc)_(results|executed|agg|tests|flags?|rollup)(_[a-z0-9]+)?|.*_flags?": "holds flags",
    r".*_timestamp|time|.*_time_string": "holds times",
    r"deployment": "holds the number of the deployment",
    r"id|.*_id|provenance|serial_number": "names something",
}

# Who publishes OOI's data; what says that it comes from elsewhere does not.
OOI_PUBLISHER = "NSF Ocean Observatories Initiative"

# How OOI calls instruments, by the first letters of their part of a reference designator.
INSTRUMENTS = {"BOTPT": "Bottom Pressure and Tilt", "PRESF": "Seafloor Pressure", "CTDPF": "CTD", "CTDBP": "CTD"}

# Of a 20 Hz file as OOI writes it, `time` and the file's structure take 1 % of the bytes, and a variable such as
# bottom_pressure takes 3 % (docs/retrieval.md).
TIME_SHARE, VARIABLE_SHARE = 0.01, 0.03


def subset_share(variables: int) -> float:
    """Return about which share of a file's bytes its time and so many variables take."""
    return min(1.0, TIME_SHARE + VARIABLE_SHARE * variables)


def is_direction(variable: str) -> bool:
    """Tell by its name whether a variable is a direction."""
    return DIRECTION.fullmatch(variable) is not None and why_no_mean(variable) is None


def why_no_mean(variable: str) -> str | None:
    """Return why there is no mean of a variable, as far as its name tells; None where there may be one."""
    return next((why for pattern, why in WITHOUT_MEAN.items() if re.fullmatch(pattern, variable)), None)


def instrument_of(designator: str) -> str:
    """Return an instrument's name and reference designator, as OOI wants it cited."""
    name = INSTRUMENTS.get(designator.rpartition("-")[2][:5], "Instrument")
    return f"{name} ({designator})"


def split_reference_designator(designator: str) -> tuple[str, str, str]:
    """Return (site, node, sensor): ``RS03CCAL``, ``MJ03F``, ``05-BOTPTA301``."""
    site, node, sensor = designator.split("-", 2)
    return site, node, sensor
