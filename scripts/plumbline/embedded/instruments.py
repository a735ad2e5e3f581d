"""The instruments that the embedded server knows: where they stand, and what they deliver.

Positions, depths, deployments and assets: OOI's asset management and vocabulary.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from plumbline.chunks import unix_ms
from plumbline.embedded.parameters import CTD, FIFTEEN_SECONDS, NANO, Parameter
from plumbline.ooi.names import split_reference_designator

METHOD = "streamed"


def _ms(text: str) -> int:
    return unix_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


@dataclass(frozen=True)
class Stream:
    """A stream of an instrument.

    Attributes
    ----------
    name : str
    number : int
        OOI's stream number.
    period_ms : int
        Nominal time between samples.
    partition_minutes : int
        Length of the bins in which OOI stores it; estimates count whole bins.
    estimate_bytes : float
        Bytes per sample in ``sizeCalculation`` (stream_engine's stream_nc_sizes.cfg).
    file_bytes : float
        Bytes per sample of the files that this server writes, as measured; files are split by it.
    parameters : tuple of Parameter
        Without time, deployment and id, which every stream has.
    """

    name: str
    number: int
    period_ms: int
    partition_minutes: int
    estimate_bytes: float
    file_bytes: float
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Instrument:
    """An instrument at its place; `begin_ms` is when its data begin, `deployed_ms` when it was set down."""

    designator: str
    place: str
    junction: str
    array: str
    kind: str
    manufacturer: str
    model: str
    latitude: float
    longitude: float
    depth_m: float
    vocabulary_depth_m: float
    deployment: int
    deployed_ms: int
    begin_ms: int
    cruise: str
    ship: str
    asset: str
    serial: str
    streams: tuple[Stream, ...]

    @property
    def path(self) -> tuple[str, str, str]:
        """Site, node, sensor."""
        return split_reference_designator(self.designator)

    def stream(self, name: str) -> Stream | None:
        """Return the stream of exactly this name, if there is one."""
        return next((stream for stream in self.streams if stream.name == name), None)


NANO_SAMPLE = Stream("botpt_nano_sample", 87, 50, 60, 33.028, 31.0, NANO)
NANO_15S = Stream("botpt_nano_sample_15sec", 771, 15_000, 80_640, 1000.0, 45.0, FIFTEEN_SECONDS)
OPTODE = Stream("ctdpf_optode_sample", 331, 1_000, 1_440, 64.76, 60.0, CTD)
BOTPT_STREAMS = (NANO_SAMPLE, NANO_15S)


def _botpt(designator: str, place: str, junction: str, depths: tuple, where: tuple, when: tuple, asset: tuple):
    return Instrument(
        designator=designator,
        place=place,
        junction=f"Medium-Power JBox ({junction})",
        array="Cabled Axial Seamount",
        kind="Bottom Pressure and Tilt",
        manufacturer="PMEL/Chadwick",
        model="PMELcabled BPR/Tilt",
        latitude=where[0],
        longitude=where[1],
        depth_m=depths[0],
        vocabulary_depth_m=depths[1],
        deployment=1,
        deployed_ms=_ms(when[0]),
        begin_ms=_ms(when[1]),
        cruise=asset[0],
        ship=asset[1],
        asset=asset[2],
        serial=asset[3],
        streams=BOTPT_STREAMS,
    )


# When data begin is known for Central Caldera alone; elsewhere it is taken as the deployment.
ALL = (
    _botpt(
        "RS03CCAL-MJ03F-05-BOTPTA301",
        "Central Caldera",
        "MJ03F",
        (1526.0, 1526.0),
        (45.954850, -130.008772),
        ("2014-07-25T21:05:00", "2014-08-29T20:59:50"),
        ("TN313", "Thomas G. Thompson", "ATAPL-58316-00003", "5"),
    ),
    _botpt(
        "RS03ECAL-MJ03E-06-BOTPTA302",
        "Eastern Caldera",
        "MJ03E",
        (1519.0, 1516.0),
        (45.939888, -129.974113),
        ("2014-09-03T21:00:01", "2014-09-03T21:00:01"),
        ("TN299", "Thomas G. Thompson", "ATAPL-58316-00004", "6"),
    ),
    _botpt(
        "RS03INT2-MJ03D-06-BOTPTA303",
        "International District Vent Field 2",
        "MJ03D",
        (1529.0, 1527.0),
        (45.925824, -129.977440),
        ("2014-07-24T22:28:00", "2014-08-29T21:00:00"),
        ("TN313", "Thomas G. Thompson", "ATAPL-58316-00002", "4"),
    ),
    _botpt(
        "RS03ASHS-MJ03B-09-BOTPTA304",
        "ASHES Vent Field",
        "MJ03B",
        (1541.0, 1552.0),
        (45.933585, -130.013857),
        ("2017-08-15T00:00:00", "2017-08-15T00:00:00"),
        ("RR1714", "Roger Revelle", "ATAPL-58316-00001", "3"),
    ),
    Instrument(
        designator="RS03AXPS-PC03A-4A-CTDPFA303",
        place="Axial Base Shallow Profiler Mooring",
        junction="200m Platform (PC03A)",
        array="Cabled Axial Seamount",
        kind="CTD",
        manufacturer="Sea-Bird",
        model="SBE 16plus V2",
        latitude=45.830489,
        longitude=-129.753469,
        depth_m=200.0,
        vocabulary_depth_m=200.0,
        deployment=1,
        deployed_ms=_ms("2014-10-06T22:05:00"),
        begin_ms=_ms("2014-10-06T22:05:00"),
        cruise="TN313",
        ship="Thomas G. Thompson",
        asset="ATOSU-66662-00013",
        serial="16-50161",
        streams=(OPTODE,),
    ),
)

BY_DESIGNATOR = {instrument.designator: instrument for instrument in ALL}


def find(designator: str, method: str, stream: str) -> tuple[Instrument, Stream] | None:
    """Return the instrument and its stream, or None where a name does not exist exactly."""
    instrument = BY_DESIGNATOR.get(designator)
    found = instrument.stream(stream) if instrument and method == METHOD else None
    return (instrument, found) if found else None
