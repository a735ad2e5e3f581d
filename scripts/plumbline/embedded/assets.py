"""Answers of the ports beside the inventory: deployments (12587), vocabulary (12586), annotations (12580)."""

from plumbline.embedded.instruments import ALL, BY_DESIGNATOR, Instrument

LOADED_MS = 1_653_401_676_847  # when the real records were last loaded, in the recorded answers
YEAR_MS = 31_557_600_000

# What a scientist would note; the embedded server's only annotation names its data as synthetic.
NOTE = "Data of this server come from a signal model or from a replayed record; they are not OOI's."


def names_below(prefix: tuple[str, ...]) -> list[str] | None:
    """Return the sorted names under a site, a node or nothing; None where a name does not exist."""
    depth = len(prefix)
    below = {one.path[depth] for one in ALL if one.path[:depth] == prefix} if depth < 3 else set()
    return sorted(below) or None


def deployment_record(instrument: Instrument, begun_ms: dict[str, int]) -> dict:
    """Return a deployment in the shape of the asset management; it begins no later than the data."""
    deployed_ms = min(instrument.deployed_ms, begun_ms.get(instrument.designator, instrument.deployed_ms))
    cruise = {
        "@class": ".CruiseInfo",
        "lastModifiedTimestamp": LOADED_MS,
        "dataSource": "Load from [CruiseInformation.xlsx]",
        "eventName": instrument.cruise,
        "eventType": "CRUISE_INFO",
        "eventStartTime": deployed_ms - 864_000_000,
        "eventStopTime": deployed_ms + 864_000_000,
        "notes": None,
        "eventId": 100,
        "assetUid": None,
        "uniqueCruiseIdentifier": instrument.cruise,
        "shipName": instrument.ship,
        "editPhase": "OPERATIONAL",
        "cruiseIdentifier": None,
        "tense": "UNKNOWN",
    }
    site, node, _ = instrument.path
    return {
        "@class": ".XDeployment",
        "lastModifiedTimestamp": LOADED_MS,
        "dataSource": f"Load from [{site}_Deploy.xlsx]",
        "eventName": instrument.designator,
        "eventType": "DEPLOYMENT",
        "eventStartTime": deployed_ms,
        "eventStopTime": None,
        "notes": None,
        "eventId": 9000 + ALL.index(instrument),
        "assetUid": None,
        "deployCruiseInfo": cruise,
        "recoverCruiseInfo": None,
        "deployedBy": None,
        "recoveredBy": None,
        "referenceDesignator": instrument.designator,
        "deploymentNumber": instrument.deployment,
        "versionNumber": 1,
        "inductiveId": None,
        "waterDepth": instrument.depth_m,
        "mooring": {"@class": ".XMooring", "name": f"{site}-{node}", "uid": f"{site}-{node}"},
        "node": None,
        "sensor": asset_record(instrument),
        "location": {
            "depth": instrument.depth_m,
            "location": [instrument.longitude, instrument.latitude],
            "latitude": instrument.latitude,
            "longitude": instrument.longitude,
            "orbitRadius": None,
        },
    }


def asset_record(instrument: Instrument) -> dict:
    """Return the instrument as an asset."""
    return {
        "@class": ".XInstrument",
        "lastModifiedTimestamp": LOADED_MS,
        "dataSource": "BulkLoad from [sensor_bulk_load-AssetRecord.csv]",
        "name": instrument.serial,
        "uid": instrument.asset,
        "assetId": 3000 + ALL.index(instrument),
        "assetType": "Sensor",
        "mobile": False,
        "manufacturer": instrument.manufacturer,
        "modelNumber": instrument.model,
        "serialNumber": instrument.serial,
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


def annotations(designator: str, begin_ms: int, end_ms: int) -> list[dict]:
    """Return the annotations of an instrument that touch a window, milliseconds since 1970."""
    instrument = BY_DESIGNATOR.get(designator)
    if instrument is None or end_ms <= instrument.deployed_ms or end_ms < begin_ms:
        return []
    site, node, sensor = instrument.path
    return [
        {
            "@class": ".AnnotationRecord",
            "id": 1 + ALL.index(instrument),
            "subsite": site,
            "node": node,
            "sensor": sensor,
            "stream": None,
            "method": None,
            "parameters": [],
            "beginDT": instrument.deployed_ms,
            "endDT": None,
            "annotation": NOTE,
            "exclusionFlag": False,
            "source": "user@example.org",
            "qcFlag": None,
        }
    ]


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
        instrument = BY_DESIGNATOR.get(query.get("refdes", ""))
        number = int(query.get("deploymentnum", -1))
        if instrument is None or number not in (-1, instrument.deployment):
            return []
        return [deployment_record(instrument, begun_ms)]
    if parts == ("events", "cruise", "inv"):
        return sorted({one.cruise for one in ALL})
    if parts == ("asset",):
        wanted = {"uid": query.get("uid"), "serialNumber": query.get("serialnumber")}
        wanted["assetId"] = int(query["assetid"]) if "assetid" in query else None
        records = [asset_record(one) for one in ALL]
        if not any(wanted.values()):
            return records
        found = [r for r in records if all(v is None or r[k] == v for k, v in wanted.items())]
        return found[0] if found else None
    if parts == ("asset", "cal"):
        chosen = (query.get("uid"), query.get("refdes"))
        return next((asset_record(one) for one in ALL if one.asset in chosen or one.designator in chosen), None)
    if parts[:2] == ("asset", "deployments") and len(parts) == 3:
        return [deployment_record(one, begun_ms) for one in ALL if one.asset == parts[2]] or None
    return None


def _deployment_inventory(names: tuple[str, ...], begun_ms: dict[str, int]) -> object | None:
    if len(names) < 3:
        return names_below(names)
    instrument = BY_DESIGNATOR.get("-".join(names[:3]))
    if instrument is None or len(names) > 4:
        return None
    if len(names) == 3:
        return [instrument.deployment]
    return [deployment_record(instrument, begun_ms)] if names[3] in ("-1", str(instrument.deployment)) else None


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


def annotation_answer(parts: tuple[str, ...], query: dict[str, str]) -> object | None:
    """Return the answer of port 12580 for a path and its query, or None where there is nothing.

    Raises
    ------
    ValueError
        If a date is not a number of milliseconds.
    """
    if parts == ("anno", "find"):
        begin_ms = int(query.get("beginDT") or 0)
        end_ms = int(query.get("endDT") or 4_102_444_800_000)
        return annotations(query.get("refdes", ""), begin_ms, end_ms)
    if parts[:1] == ("anno",) and len(parts) == 2 and parts[1].isdigit() and 1 <= int(parts[1]) <= len(ALL):
        return annotations(ALL[int(parts[1]) - 1].designator, 0, 4_102_444_800_000)[0]
    return None
