"""Deployments, as the request records of a stream's chunks keep them: where the instrument stood, and when not."""

from collections.abc import Iterable
from pathlib import Path

from plumbline.chunks import milliseconds
from plumbline.coverage.annotated import record_beside
from plumbline.coverage.told import Span
from plumbline.ooi.moments import from_text
from plumbline.ooi.numbers import finite
from plumbline.tables.places import Deployment

NUMBERS = ("latitude", "longitude", "depth_m", "water_depth_m")
TEXTS = ("sensor_uid", "sensor_serial")


def deployments_in(record: dict) -> list[Deployment] | None:
    """Return the deployments in a request record; None in one that does not know of any.

    Records of an earlier Plumbline have none; what is not as it should be is passed over.
    """
    listed = record.get("deployments")
    if not isinstance(listed, list):
        return None
    found = []
    for one in listed:
        if not isinstance(one, dict) or not _is_time(one.get("begin")):
            continue
        end, number = one.get("end"), one.get("number")
        if end is not None and (not _is_time(end) or milliseconds(end) <= milliseconds(one["begin"])):
            continue
        numbers = [finite(one.get(key)) for key in NUMBERS]
        texts = [value if isinstance(value := one.get(key), str) else None for key in TEXTS]
        whole = number if isinstance(number, int) and not isinstance(number, bool) else None
        found.append(Deployment(whole, one["begin"], end, *numbers, *texts))
    return found


def _is_time(text: object) -> bool:
    return isinstance(text, str) and text.endswith("Z") and from_text(text) is not None


def deployments_of(bins: Iterable[Path]) -> tuple[Deployment, ...]:
    """Return the deployments of a stream, in time order.

    One deployment stands in the records of every chunk that it overlaps: how a window is cut makes no difference. What
    was asked last is taken, for a deployment that went on may have ended since.

    Parameters
    ----------
    bins : iterable of Path
        Bins files of its chunks, with the request records beside them where they are there.
    """
    newest: dict[tuple, tuple[str, Deployment]] = {}
    for path in bins:
        record = record_beside(path, "requests")
        asked = str(record.get("ordered_at", ""))
        for one in deployments_in(record) or ():
            key = (one.number, one.begin)
            if key not in newest or asked >= newest[key][0]:
                newest[key] = asked, one
    return tuple(sorted((one for _, one in newest.values()), key=_order))


def _order(one: Deployment) -> tuple:
    return milliseconds(one.begin), one.number is None, one.number or 0


def undeployed(deployments: Iterable[Deployment], begin_ms: int, end_ms: int) -> list[Span]:
    """Return where in a window [begin, end) the instrument was not deployed, and what came before and after.

    Parameters
    ----------
    deployments : iterable of Deployment
        All that are known of the stream, so that the words are the same in each of its chunks; without any,
        nothing is known.
    begin_ms, end_ms : int
        Milliseconds since 1970.
    """
    spans, last, last_ms = [], None, None
    for one in sorted(deployments, key=_order):
        start_ms = milliseconds(one.begin)
        if last_ms is None or start_ms > last_ms:
            spans.append(Span(begin_ms if last_ms is None else last_ms, start_ms, _words(last, one)))
        stop_ms = milliseconds(one.end) if one.end else float("inf")
        if last_ms is None or stop_ms > last_ms:
            last, last_ms = one, stop_ms
    if last and last_ms != float("inf"):
        spans.append(Span(last_ms, end_ms, _words(last, None)))
    cut = [Span(max(one.begin_ms, begin_ms), min(one.end_ms, end_ms), one.reason) for one in spans]
    return [one for one in cut if one.begin_ms < one.end_ms]


def _words(before: Deployment | None, after: Deployment | None) -> str:
    ended = f"{before.name} ended {before.end}" if before else ""
    began = f"{after.name} began {after.begin}" if after else ""
    return f"not deployed: {', '.join(filter(None, (ended, began)))}"
