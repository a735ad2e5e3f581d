"""Answers that are kept as files, with the time of asking, so that a server is not asked again and again."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from plumbline.atomic import write_json
from plumbline.chunks import isoformat
from plumbline.ooi.moments import from_text

# Counted up when what is kept changes its shape: what an earlier Plumbline kept is then asked for anew.
SHAPE = 1


@dataclass(frozen=True)
class Told:
    """What a server told.

    Attributes
    ----------
    content : object
        JSON.
    asked_at : datetime
        When, UTC.
    overdue : bool
        Whether it is older than allowed, and shown for want of a newer one.
    """

    content: object
    asked_at: datetime
    overdue: bool = False


class Kept:
    """Answers of one server, kept in a folder.

    Parameters
    ----------
    folder : Path
        For the answers of all servers.
    api : str
        ``embedded``, or the API's URL.
    max_age_s : float
        Older ones are asked for anew.
    now : datetime, optional
        The present.
    """

    def __init__(self, folder: Path, api: str, max_age_s: float, now: datetime | None = None) -> None:
        self.folder = Path(folder) / _as_name(api)
        self.api, self.max_age = api, timedelta(seconds=max_age_s)
        self.now = now or datetime.now(UTC)

    def fresh(self, name: str) -> Told | None:
        """Return the answer of a name that is not older than allowed, or None."""
        told = self.any(name)
        # One from the future was written by a clock that was wrong.
        return told if told and timedelta(0) <= self.now - told.asked_at <= self.max_age else None

    def any(self, name: str) -> Told | None:
        """Return the answer of a name, however old, marked as overdue; None where there is none."""
        try:
            kept = json.loads(self._path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(kept, dict) or (kept.get("shape"), kept.get("server")) != (SHAPE, self.api):
            return None
        asked_at = from_text(kept.get("asked_at"))
        return Told(kept.get("content"), asked_at, overdue=True) if asked_at else None

    def keep(self, name: str, content: object) -> Told:
        """Keep an answer that has just come."""
        about = {"shape": SHAPE, "server": self.api, "asked_at": isoformat(self.now)}
        write_json(self._path(name), about | {"content": content})
        return Told(content, self.now)

    def told(self, name: str, ask: Callable[[], object | None]) -> Told | None:
        """Return an answer: a kept one that is fresh, else a new one, else an old one; None where there is none.

        Parameters
        ----------
        name : str
            Of the answer.
        ask : function
            Asks the server; None where it does not answer.
        """
        fresh = self.fresh(name)
        if fresh:
            return Told(fresh.content, fresh.asked_at)
        content = ask()
        return self.any(name) if content is None else self.keep(name, content)

    def _path(self, name: str) -> Path:
        return self.folder / f"{_as_name(name)}.json"


def _as_name(text: str) -> str:
    """Return a text as a file's name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", re.sub(r"^https?://", "", text)).strip("._")[:120] or "_"
