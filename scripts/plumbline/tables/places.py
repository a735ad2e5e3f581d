"""Where and when an instrument stood, as metadata say it: CSVW with schema.org, ACDD in netCDF."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

# Uplift has `deployments`, which tells how it was joined.
ATTRIBUTE = "instrument_deployments"
DEGREES = {"lat": "degrees_north", "lon": "degrees_east"}


@dataclass(frozen=True)
class Deployment:
    """A deployment of an instrument.

    Attributes
    ----------
    number : int or None
        OOI's.
    begin : str
        ISO 8601, UTC.
    end : str or None
        None while it lasts, or where that is not known.
    latitude, longitude : float or None
        Degrees north and east.
    depth_m, water_depth_m : float or None
        Of the instrument, and of the sea there; positive down.
    sensor_uid, sensor_serial : str or None
        OOI's name of the very instrument, and its maker's number.
    """

    number: int | None
    begin: str
    end: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    depth_m: float | None = None
    water_depth_m: float | None = None
    sensor_uid: str | None = None
    sensor_serial: str | None = None

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return "a deployment" if self.number is None else f"deployment {self.number}"

    def __str__(self) -> str:
        parts = [f"{self.name} from {self.begin} {f'to {self.end}' if self.end else 'on'}"]
        if self.latitude is not None and self.longitude is not None:
            parts.append(f"at latitude {self.latitude}, longitude {self.longitude}")
        parts += [f"depth {self.depth_m:g} m"] if self.depth_m is not None else []
        parts += [f"water depth {self.water_depth_m:g} m"] if self.water_depth_m is not None else []
        parts += [f"sensor {self.sensor_uid}"] if self.sensor_uid else []
        parts += [f"serial number {self.sensor_serial}"] if self.sensor_serial else []
        return ", ".join(parts)


def in_words(deployments: Iterable[Deployment]) -> str:
    """Return deployments as one text."""
    return "; ".join(map(str, deployments))


def spatial_coverage(deployments: Iterable[Deployment]) -> list[dict]:
    """Return the places of deployments as schema.org has them; of those without a position there is none."""
    places = []
    for one in deployments:
        if one.latitude is None or one.longitude is None:
            continue
        point = {"@type": "schema:GeoCoordinates", "schema:latitude": one.latitude, "schema:longitude": one.longitude}
        if one.depth_m is not None:
            point["schema:elevation"] = -one.depth_m
        places.append({"@type": "schema:Place", "schema:name": f"{one.name} from {one.begin}", "schema:geo": point})
    return places


def geospatial_attributes(deployments: Iterable[Deployment]) -> dict[str, object]:
    """Return the attributes of ACDD-1.3 that tell where something was, and all deployments as JSON."""
    deployments = list(deployments)
    if not deployments:
        return {}
    about: dict[str, object] = {}
    for axis, name in (("lat", "latitude"), ("lon", "longitude"), ("vertical", "depth_m")):
        known = [value for one in deployments if (value := getattr(one, name)) is not None]
        if known:
            about |= {f"geospatial_{axis}_min": min(known), f"geospatial_{axis}_max": max(known)}
            about[f"geospatial_{axis}_units"] = DEGREES.get(axis, "m")
    if "geospatial_vertical_min" in about:
        about["geospatial_vertical_positive"] = "down"
    return about | {ATTRIBUTE: json.dumps([asdict(one) for one in deployments], ensure_ascii=False)}


def from_attribute(text: str) -> tuple[Deployment, ...]:
    """Return the deployments of an attribute that `geospatial_attributes` wrote."""
    return tuple(Deployment(**one) for one in json.loads(text))
