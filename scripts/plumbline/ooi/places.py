"""Where data lie beside the M2M interface: OOI's gold copy and its raw archive, and the same at the embedded server."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from plumbline.ooi.names import split_reference_designator

# As OOI's own clients have them (ooi-data-explorations, ooi-harvester).
GOLD_COPY = "https://thredds.dataexplorer.oceanobservatories.org/thredds"
RAW_ARCHIVE = "https://rawdata.oceanobservatories.org/files"
# Below the embedded server's root.
EMBEDDED_GOLD_COPY, EMBEDDED_RAW_ARCHIVE = "/thredds", "/files"

M2M, GOLDCOPY, THREDDS, OPENDAP, RAW, FILES = "m2m", "goldcopy", "thredds", "opendap", "raw", "files"
SOURCES = (M2M, GOLDCOPY, THREDDS, OPENDAP, RAW, FILES)
# Sources that are read from a THREDDS catalog.
CATALOGUED = (GOLDCOPY, THREDDS, OPENDAP)

# Streams whose samples are lines of the raw archive, and the word that those begin with.
RAW_STREAMS = {
    "botpt_nano_sample": "NANO",
    "botpt_lily_sample": "LILY",
    "botpt_iris_sample": "IRIS",
    "botpt_heat_sample": "HEAT",
}
# What a line holds behind its time, in its order, with units.
RAW_VARIABLES = {
    "NANO": {"bottom_pressure": "psi", "press_trans_temp": "degrees_Celsius"},
    "LILY": {
        "lily_x_tilt": "microradians",
        "lily_y_tilt": "microradians",
        "compass_direction": "degrees",
        "lily_temp": "degrees_Celsius",
        "supply_voltage": "V",
    },
    "IRIS": {"iris_x_tilt": "degrees", "iris_y_tilt": "degrees", "iris_temp": "degrees_Celsius"},
    "HEAT": {"heat_x_tilt": "degrees", "heat_y_tilt": "degrees", "heat_temp": "degrees_Celsius"},
}


@dataclass(frozen=True)
class Place:
    """Where a stream's files are looked for.

    Attributes
    ----------
    source : str
        One of `SOURCES`.
    server : str
        As records name it: ``embedded``, the URL of an API or of a host, or ``files``.
    address : str
        Of a catalog, or of a folder of the raw archive: a URL, or a path at the embedded server, which has another
        port in every run; of files, their path or pattern.
    """

    source: str
    server: str
    address: str


def gold_copy_catalog(root: str, designator: str, method: str, stream: str) -> str:
    """Return the address of a stream's catalog in the gold copy, below a THREDDS server's root."""
    return f"{root.rstrip('/')}/catalog/ooigoldcopy/public/{designator}-{method}-{stream}/catalog.xml"


def raw_folder(root: str, designator: str) -> str:
    """Return the address of a node's folder in the raw archive."""
    site, node, _ = split_reference_designator(designator)
    return f"{root.rstrip('/')}/{site}/{node}/"


def server_of(address: str) -> str:
    """Return what records call the server of an address: ``embedded``, or the root of its host."""
    if address.startswith("/"):
        return "embedded"
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
