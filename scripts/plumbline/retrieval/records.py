"""What retrieval writes down: request records, completion markers, manifests.

All three are JSON. The request record says what was asked and answered, and keeps every earlier
attempt; the completion marker lists the files of a finished order with their sizes; the manifest
proves with a SHA-256 what was downloaded.
"""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from plumbline.atomic import write_json
from plumbline.errors import PlumblineError

ACCEPTED, NO_DATA = "accepted", "no data"
COMPLETE = "complete"
# Why a record is given up that a person wants to have made anew.
BY_HAND = "asked for anew by hand"


def now() -> str:
    """Return the present as ISO 8601 with ``Z``."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def read(path: str | Path, what: str) -> dict:
    """Read a record.

    Parameters
    ----------
    path : str or Path
    what : str
        Its name in an error, such as ``request record``.

    Raises
    ------
    PlumblineError
        If it is missing or is not a JSON object.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlumblineError(f"The {what} {path} is missing; run the workflow again to make it.") from None
    except (ValueError, UnicodeDecodeError):
        content = None
    if not isinstance(content, dict):
        raise PlumblineError(f"The {what} {path} is damaged; remove it and run the workflow again.")
    return content


def read_if_there(path: str | Path) -> dict | None:
    """Return an earlier record, or None where there is none that can be read."""
    try:
        return read(path, "record")
    except PlumblineError:
        return None


def names_of_requests(stream_folder: Path) -> set[str]:
    """Return the names of a stream's chunks that have a request record."""
    folder = stream_folder / "requests"
    return {path.stem for path in folder.glob("*.json")} if folder.is_dir() else set()


def answered(asked: dict, answer: dict, outcome: str, earlier: dict) -> dict:
    """Return the request record of a new answer.

    Parameters
    ----------
    asked : dict
        Stream, chunk, window, server and query.
    answer : dict
        The server's JSON, as it came.
    outcome : str
        `ACCEPTED` or `NO_DATA`.
    earlier : dict
        The record before this one, or an empty one; what it held moves to ``attempts``.
    """
    attempts = list(earlier.get("attempts", []))
    if "outcome" in earlier:
        attempts.append({key: value for key, value in earlier.items() if key != "attempts"})
    return asked | {"ordered_at": now(), "outcome": outcome, "answer": answer, "attempts": attempts}


def give_up(path: str | Path, reason: str) -> None:
    """Note in a request record that its order will not be waited for again, and why."""
    record = read(path, "request record")
    write_json(path, record | {"given_up": reason})


def source_of(record: dict) -> str:
    """Return by which source a request record's files were found; "" for those that were ordered."""
    asked = record.get("query")
    return str(asked.get("source", "")) if isinstance(asked, dict) else ""


def times_anew(record: dict) -> int:
    """Return how often a person has asked for a record anew."""
    attempts = record.get("attempts")
    attempts = attempts if isinstance(attempts, list) else []
    return sum(isinstance(one, dict) and one.get("given_up") == BY_HAND for one in attempts)


def order_id(record: dict) -> str:
    """Return what tells one order from another: the server's UUID with its folder's name.

    Where nothing was ordered, what was found for which window: other files, or another version of one, are another
    order; so is what was asked for anew by hand.
    """
    answer = record.get("answer", {})
    if source := source_of(record):
        found = json.dumps([answer, record.get("window"), times_anew(record)], sort_keys=True)
        return f"{source}/{hashlib.sha256(found.encode()).hexdigest()[:16]}"
    urls = answer.get("allURLs", [])
    folder = next((url for url in urls if "/async_results/" in url), "")
    if not folder:  # the folder of a catalog has the same name
        folder = next((url.rpartition("/")[0] for url in urls if "/thredds/" in url), "")
    return f"{answer.get('requestUUID', '')}/{folder.rstrip('/').rpartition('/')[2]}"
