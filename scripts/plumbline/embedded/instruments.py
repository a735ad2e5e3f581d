"""The instruments that the embedded server knows: where they stand, and what they deliver.

Positions, depths, deployments and assets: OOI's asset management and vocabulary. Serial numbers
of the LILY tiltmeters: comments in the programs of the group that runs them, N9658 and those of
the IRIS tiltmeters alone are made up.
"""

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from plumbline.chunks import unix_ms
from plumbline.embedded.streams import MOORED_CTD_STREAMS, OPTODE, Stream, botpt_streams
from plumbline.ooi.names import split_reference_designator


def _ms(text: str) -> int:
    return unix_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


@dataclass(frozen=True)
class Deployment:
    """A time during which an instrument stood at a place.

    Attributes
    ----------
    number : int
    begin_ms : int
        When it was set down, milliseconds since 1970.
    end_ms : int or None
        When it was taken up; None: it is still there.
    latitude, longitude : float
        Degrees.
    depth_m, water_depth_m : float
    cruise, recovery_cruise : (str, str)
        Name of the cruise and of its ship.
    asset, serial : str
        Which one it was.
    """

    number: int
    begin_ms: int
    end_ms: int | None
    latitude: float
    longitude: float
    depth_m: float
    water_depth_m: float
    cruise: tuple[str, str]
    recovery_cruise: tuple[str, str] | None
    asset: str
    serial: str


@dataclass(frozen=True)
class Instrument:
    """An instrument with its deployments, oldest first; `begin_ms` is when its data begin."""

    designator: str
    place: str
    junction: str
    array: str
    kind: str
    manufacturer: str
    model: str
    vocabulary_depth_m: float
    begin_ms: int
    deployments: tuple[Deployment, ...]
    streams: tuple[Stream, ...]

    @property
    def path(self) -> tuple[str, str, str]:
        """Site, node, sensor."""
        return split_reference_designator(self.designator)

    @property
    def methods(self) -> list[str]:
        """How its data come ashore."""
        return sorted({stream.method for stream in self.streams})

    @property
    def deployed_ms(self) -> int:
        """When it was first set down, milliseconds since 1970."""
        return self.deployments[0].begin_ms

    @property
    def deployment(self) -> int:
        """Number of the first deployment."""
        return self.deployments[0].number

    @property
    def latitude(self) -> float:
        """Latitude of the first deployment, degrees."""
        return self.deployments[0].latitude

    @property
    def longitude(self) -> float:
        """Longitude of the first deployment, degrees."""
        return self.deployments[0].longitude

    @property
    def asset(self) -> str:
        """Which one was deployed first."""
        return self.deployments[0].asset

    @property
    def serial(self) -> str:
        """Serial number of the one that was deployed first."""
        return self.deployments[0].serial

    def stream(self, name: str) -> Stream | None:
        """Return the stream of exactly this name, if there is one."""
        return next((stream for stream in self.streams if stream.name == name), None)

    def deployed_at(self, time_ms: int) -> Deployment:
        """Return the deployment that has last begun at a time, the first where none has."""
        begun = [one for one in self.deployments if one.begin_ms <= time_ms]
        return begun[-1] if begun else self.deployments[0]

    def during(self, time_ms: int) -> "Instrument":
        """Return this instrument as it stood at a time: with that deployment alone."""
        return replace(self, deployments=(self.deployed_at(time_ms),))

    def spans(self, begin_ms: int, end_ms: int) -> list[tuple[int, int]]:
        """Cut a half-open window where a deployment begins: of one that has ended nothing comes before the next."""
        inner = [one.begin_ms for one in self.deployments[1:] if begin_ms < one.begin_ms < end_ms]
        return list(itertools.pairwise([begin_ms, *inner, end_ms]))


def _botpt(designator: str, place: str, depths: tuple, where: tuple, when: tuple, asset: tuple, tilt: tuple):
    junction = designator.split("-")[1]
    deployment = Deployment(1, _ms(when[0]), None, *where, depths[0], depths[0], asset[:2], None, *asset[2:])
    return Instrument(
        designator=designator,
        place=place,
        junction=f"Medium-Power JBox ({junction})",
        array="Cabled Axial Seamount",
        kind="Bottom Pressure and Tilt",
        manufacturer="PMEL/Chadwick",
        model="PMELcabled BPR/Tilt",
        vocabulary_depth_m=depths[1],
        begin_ms=_ms(when[1]),
        deployments=(deployment,),
        streams=botpt_streams(*tilt),
    )


# When data begin is known for Central Caldera alone; elsewhere it is taken as the deployment.
ALL = (
    _botpt(
        "RS03CCAL-MJ03F-05-BOTPTA301",
        "Central Caldera",
        (1526.0, 1526.0),
        (45.954850, -130.008772),
        ("2014-07-25T21:05:00", "2014-08-29T20:59:50"),
        ("TN313", "Thomas G. Thompson", "ATAPL-58316-00003", "5"),
        ("N9676", "N3615"),
    ),
    _botpt(
        "RS03ECAL-MJ03E-06-BOTPTA302",
        "Eastern Caldera",
        (1519.0, 1516.0),
        (45.939888, -129.974113),
        ("2014-09-03T21:00:01", "2014-09-03T21:00:01"),
        ("TN299", "Thomas G. Thompson", "ATAPL-58316-00004", "6"),
        ("N9652", "N3616"),
    ),
    _botpt(
        "RS03INT2-MJ03D-06-BOTPTA303",
        "International District Vent Field 2",
        (1529.0, 1527.0),
        (45.925824, -129.977440),
        ("2014-07-24T22:28:00", "2014-08-29T21:00:00"),
        ("TN313", "Thomas G. Thompson", "ATAPL-58316-00002", "4"),
        ("N9655", "N3617"),
    ),
    _botpt(
        "RS03ASHS-MJ03B-09-BOTPTA304",
        "ASHES Vent Field",
        (1541.0, 1552.0),
        (45.933585, -130.013857),
        ("2017-08-15T00:00:00", "2017-08-15T00:00:00"),
        ("RR1714", "Roger Revelle", "ATAPL-58316-00001", "3"),
        ("N9658", "N3618"),
    ),
    Instrument(
        designator="RS03AXPS-PC03A-4A-CTDPFA303",
        place="Axial Base Shallow Profiler Mooring",
        junction="200m Platform (PC03A)",
        array="Cabled Axial Seamount",
        kind="CTD",
        manufacturer="Sea-Bird",
        model="SBE 16plus V2",
        vocabulary_depth_m=200.0,
        begin_ms=_ms("2014-10-06T22:05:00"),
        deployments=(
            Deployment(
                1,
                _ms("2014-10-06T22:05:00"),
                None,
                45.830489,
                -129.753469,
                200.0,
                200.0,
                ("TN313", "Thomas G. Thompson"),
                None,
                "ATOSU-66662-00013",
                "16-50161",
            ),
        ),
        streams=(OPTODE,),
    ),
    # Its first two deployments are kept here, with the fortnight between them.
    Instrument(
        designator="CE02SHSM-RID27-03-CTDBPC000",
        place="Oregon Shelf Surface Mooring",
        junction="Near Surface Instrument Frame (RID27)",
        array="Coastal Endurance",
        kind="CTD",
        manufacturer="Sea-Bird",
        model="SBE 16plus V2",
        vocabulary_depth_m=7.0,
        begin_ms=_ms("2015-04-02T20:15:00"),
        deployments=(
            Deployment(
                1,
                _ms("2015-04-02T20:15:00"),
                _ms("2015-09-22T07:48:00"),
                44.63833,
                -124.30388,
                7.0,
                80.0,
                ("OC1503D", "Oceanus"),
                ("TN330", "Thomas G. Thompson"),
                "CGINS-CTDBPC-50012",
                "16-50012",
            ),
            Deployment(
                2,
                _ms("2015-10-07T21:10:00"),
                _ms("2016-05-16T21:09:00"),
                44.63538,
                -124.30252,
                7.0,
                82.0,
                ("OC1510A", "Oceanus"),
                ("TN342", "Thomas G. Thompson"),
                "CGINS-CTDBPC-07243",
                "16-07243",
            ),
        ),
        streams=MOORED_CTD_STREAMS,
    ),
)

BY_DESIGNATOR = {instrument.designator: instrument for instrument in ALL}


def find(designator: str, method: str, stream: str) -> tuple[Instrument, Stream] | None:
    """Return the instrument and its stream, or None where a name does not exist exactly."""
    instrument = BY_DESIGNATOR.get(designator)
    found = instrument.stream(stream) if instrument else None
    return (instrument, found) if found and found.method == method else None
