"""Answers of the ports beside the inventory: deployments (12587), vocabulary (12586)."""

from dataclasses import replace
from datetime import UTC, datetime

from plumbline.chunks import unix_ms
from plumbline.embedded.instruments import ALL, BY_DESIGNATOR, Deployment, Instrument

LOADED_MS = 1_653_401_676_847  # when the real records were last loaded, in the recorded answers
YEAR_MS = 31_557_600_000


def names_below(prefix: tuple[str, ...]) -> list[str] | None:
    """Return the sorted names under a site, a node or nothing; None where a name does not exist."""
    depth = len(prefix)
    below = {one.path[depth] for one in ALL if one.path[:depth] == prefix} if depth < 3 else set()
    return sorted(below) or None


def deployment_records(instrument: Instrument, begun_ms: dict[str, int]) -> list[dict]:
    """Return the deployments of an instrument, in the shape of the asset management.

    The first begins no later than the data: a record that is replayed may be older.
    """
    first = instrument.deployments[0]
    begin_ms = min(first.begin_ms, begun_ms.get(instrument.designator, first.begin_ms))
    deployments = (replace(first, begin_ms=begin_ms), *instrument.deployments[1:])
    return [_deployment_record(instrument, one) for one in deployments]


def _deployment_record(instrument: Instrument, deployment: Deployment) -> dict:
    site, node, _ = instrument.path
    return {
        "@class": ".XDeployment",
        "lastModifiedTimestamp": LOADED_MS,
        "dataSource": f"Load from [{site}_Deploy.xlsx]",
        "eventName": instrument.designator,
        "eventType": "DEPLOYMENT",
        "eventStartTime": deployment.begin_ms,
        "eventStopTime": deployment.end_ms,
        "notes": None,
        "eventId": 9000 + ALL.index(BY_DESIGNATOR[instrument.designator]) + 100 * (deployment.number - 1),
        "assetUid": None,
        "deployCruiseInfo": _cruise(*deployment.cruise, deployment.begin_ms),
        "recoverCruiseInfo": (
            _cruise(*deployment.recovery_cruise, deployment.end_ms) if deployment.recovery_cruise else None
        ),
        "deployedBy": None,
        "recoveredBy": None,
        "referenceDesignator": instrument.designator,
        "deploymentNumber": deployment.number,
        "versionNumber": 1,
        "inductiveId": None,
        "waterDepth": deployment.water_depth_m,
        "mooring": {"@class": ".XMooring", "name": f"{site}-{node}", "uid": f"{site}-{node}"},
        "node": None,
        "sensor": asset_record(instrument, deployment),
        "location": {
            "depth": deployment.depth_m,
            "location": [deployment.longitude, deployment.latitude],
            "latitude": deployment.latitude,
            "longitude": deployment.longitude,
            "orbitRadius": None,
        },
    }


def _cruise(name: str, ship: str, time_ms: int) -> dict:
    """Return the cruise on which an instrument was set down or taken up."""
    return {
        "@class": ".CruiseInfo",
        "lastModifiedTimestamp": LOADED_MS,
        "dataSource": "Load from [CruiseInformation.xlsx]",
        "eventName": name,
        "eventType": "CRUISE_INFO",
        "eventStartTime": time_ms - 864_000_000,
        "eventStopTime": time_ms + 864_000_000,
        "notes": None,
        "eventId": 100,
        "assetUid": None,
        "uniqueCruiseIdentifier": name,
        "shipName": ship,
        "editPhase": "OPERATIONAL",
        "cruiseIdentifier": None,
        "tense": "UNKNOWN",
    }


def asset_record(instrument: Instrument, deployment: Deployment) -> dict:
    """Return the instrument of a deployment as an asset."""
    return {
        "@class": ".XInstrument",
        "lastModifiedTimestamp": LOADED_MS,
        "dataSource": "BulkLoad from [sensor_bulk_load-AssetRecord.csv]",
        "name": deployment.serial,
        "uid": deployment.asset,
        "assetId": 3000 + ALL.index(BY_DESIGNATOR[instrument.designator]) + 100 * (deployment.number - 1),
        "assetType": "Sensor",
        "mobile": False,
        "manufacturer": instrument.manufacturer,
        "modelNumber": instrument.model,
        "serialNumber": deployment.serial,
        "depthRating": None,
        "firmwareVersion": None,
        "owner": None,
        "location": None,
        "events": [],
        "remoteResources": [],
        "calibration": [],
    }


def vocabulary_record(instrument: Instrument) -> dict:
    """Return what the vocabulary says of an instrument."""
    return {
        "@class": ".VocabRecord",
        "vocabId": 1000 + ALL.index(instrument),
        "refdes": instrument.designator,
        "instrument": instrument.kind,
        "tocL1": instrument.array,
        "tocL2": instrument.place,
        "tocL3": instrument.junction,
        "manufacturer": instrument.manufacturer,
        "model": instrument.model,
        "mindepth": instrument.vocabulary_depth_m,
        "maxdepth": instrument.vocabulary_depth_m,
    }


def assets_answer(parts: tuple[str, ...], query: dict[str, str], begun_ms: dict[str, int]) -> object | None:
    """Return the answer of port 12587 for a path and its query, or None where there is nothing.

    Parameters
    ----------
    parts, query
        Of the call.
    begun_ms : dict of str to int
        When the data of each instrument begin, milliseconds since 1970.

    Raises
    ------
    ValueError
        If a number in the query is none.
    """
    if parts[:3] == ("events", "deployment", "inv"):
        return _deployment_inventory(parts[3:], begun_ms)
    if parts == ("events", "deployment", "query"):
        return _queried(query, begun_ms)
    if parts == ("events", "cruise", "inv"):
        cruises = {cruise for one in _each_deployment() for cruise in (one.cruise, one.recovery_cruise) if cruise}
        return sorted({name for name, _ in cruises})
    if parts == ("asset",):
        wanted = {"uid": query.get("uid"), "serialNumber": query.get("serialnumber")}
        wanted["assetId"] = int(query["assetid"]) if "assetid" in query else None
        records = [asset_record(one, deployment) for one in ALL for deployment in one.deployments]
        if not any(wanted.values()):
            return records
        found = [r for r in records if all(v is None or r[k] == v for k, v in wanted.items())]
        return found[0] if found else None
    if parts == ("asset", "cal"):
        chosen = (query.get("uid"), query.get("refdes"))
        found = ((one, deployment) for one in ALL for deployment in one.deployments)
        return next(
            (asset_record(one, it) for one, it in found if it.asset in chosen or one.designator in chosen), None
        )
    if parts[:2] == ("asset", "deployments") and len(parts) == 3:
        records = [record for one in ALL for record in deployment_records(one, begun_ms)]
        return [record for record in records if record["sensor"]["uid"] == parts[2]] or None
    return None


def _deployment_inventory(names: tuple[str, ...], begun_ms: dict[str, int]) -> object | None:
    if len(names) < 3:
        return names_below(names)
    instrument = BY_DESIGNATOR.get("-".join(names[:3]))
    if instrument is None or len(names) > 4:
        return None
    if len(names) == 3:
        return [deployment.number for deployment in instrument.deployments]
    records = deployment_records(instrument, begun_ms)
    return [one for one in records if names[3] in ("-1", str(one["deploymentNumber"]))] or None


def _queried(query: dict[str, str], begun_ms: dict[str, int]) -> list[dict]:
    """Return the deployments of an instrument that touch a window, or the one of a number.

    Raises
    ------
    ValueError
        If a number or a date is none.
    """
    instrument = BY_DESIGNATOR.get(query.get("refdes", ""))
    number = int(query.get("deploymentnum", -1))
    begin_ms, end_ms = (_moment_ms(query.get(name)) for name in ("beginDT", "endDT"))
    return [
        record
        for record in (deployment_records(instrument, begun_ms) if instrument else [])
        if number in (-1, record["deploymentNumber"])
        and (end_ms is None or record["eventStartTime"] <= end_ms)
        and (begin_ms is None or record["eventStopTime"] is None or record["eventStopTime"] >= begin_ms)
    ]


def _moment_ms(text: str | None) -> int | None:
    """Return a time that is given as ISO 8601 or as milliseconds since 1970."""
    if not text or text.lstrip("-").isdigit():
        return int(text) if text else None
    moment = datetime.fromisoformat(text)
    return unix_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _each_deployment() -> list[Deployment]:
    return [deployment for one in ALL for deployment in one.deployments]


def vocabulary_answer(parts: tuple[str, ...]) -> object | None:
    """Return the answer of port 12586 for a path, or None where there is nothing."""
    if parts == ("vocab",):
        return [vocabulary_record(one) for one in ALL]
    if parts[:2] != ("vocab", "inv"):
        return None
    if len(parts) < 5:
        return names_below(parts[2:])
    instrument = BY_DESIGNATOR.get("-".join(parts[2:]))
    return [vocabulary_record(instrument)] if instrument else None
