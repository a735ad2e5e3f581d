"""What can be set on the embedded server, with one sentence for every mistake."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from plumbline.embedded.faultmodes import Fault, fault_from
from plumbline.errors import PlumblineError

# stream_engine's MAX_AGGREGATION_SIZE (500e6) less AGGREGATION_RANGE (50e6)
MAX_FILE_BYTES = 450_000_000


@dataclass(frozen=True)
class Delays:
    """Pauses in the life of a result directory, seconds.

    Attributes
    ----------
    hidden_s : float
        From the answer until the directory can be seen.
    empty_s : float
        While it is there and empty.
    step_s : float
        Before every further file.
    """

    hidden_s: float = 0.05
    empty_s: float = 0.05
    step_s: float = 0.01


@dataclass(frozen=True)
class Replay:
    """A record that is served in place of the signal model."""

    file: str
    reference_designator: str
    stream: str
    method: str = "streamed"


@dataclass(frozen=True)
class Settings:
    """Everything that can be set.

    Attributes
    ----------
    replay : tuple of Replay
    max_file_bytes : int
        A new file is begun when the estimated size passes this.
    delays : Delays
    padding_samples : int
        Samples outside the window at both ends, as results of 2017 to 2019 have them.
    swap_urls : bool
        Give Apache's URL first and THREDDS' second.
    workers : int
        Processes that write files.
    faults : tuple of Fault
        What goes wrong, and when.
    dap_limit_mbytes : float
        A longer answer of OPeNDAP is refused, as THREDDS does; its own default is 500.
    """

    replay: tuple[Replay, ...] = ()
    max_file_bytes: int = MAX_FILE_BYTES
    delays: Delays = field(default_factory=Delays)
    padding_samples: int = 0
    swap_urls: bool = False
    workers: int = 2
    faults: tuple[Fault, ...] = ()
    dap_limit_mbytes: float = 500.0


def read_settings(text: str) -> Settings:
    """Read settings from JSON text, or from the file that it names.

    Raises
    ------
    PlumblineError
        If it is no JSON, or a key or value is not allowed.
    """
    try:
        if not text.lstrip().startswith("{"):
            text = Path(text).read_text(encoding="utf-8")
        content = json.loads(text)
    except (OSError, ValueError) as error:
        raise PlumblineError(f"The embedded server's settings cannot be read: {error}.") from None
    return settings_from(content)


def settings_from(content: dict) -> Settings:
    """Check settings that came as a mapping.

    Raises
    ------
    PlumblineError
        If a key or value is not allowed.
    """
    known = dict(_checked(content, "settings", Settings))
    known["delays"] = Delays(**_checked(content.get("delays", {}), "settings, key 'delays'", Delays))
    for name in ("hidden_s", "empty_s", "step_s"):
        _at_least(getattr(known["delays"], name), 0, name, (int, float))
    for name, read in (("replay", _replay), ("faults", _fault)):
        rows = content.get(name, [])
        if not isinstance(rows, list | tuple):
            raise PlumblineError(f"The embedded server's settings: key '{name}' must be a list.")
        known[name] = tuple(read(row) for row in rows)
    settings = Settings(**known)
    _at_least(settings.max_file_bytes, 1, "max_file_bytes", int)
    _at_least(settings.padding_samples, 0, "padding_samples", int)
    _at_least(settings.workers, 1, "workers", int)
    _at_least(settings.dap_limit_mbytes, 0, "dap_limit_mbytes", (int, float))
    if not isinstance(settings.swap_urls, bool):
        raise PlumblineError("The embedded server's settings: key 'swap_urls' must be true or false.")
    return settings


def _replay(row: object) -> Replay:
    checked = _checked(row, "settings, key 'replay'", Replay)
    for name in ("file", "reference_designator", "stream"):
        if not isinstance(checked.get(name), str):
            raise PlumblineError(f"The embedded server's settings: each entry of 'replay' needs '{name}'.")
    return Replay(**checked)


def _fault(row: object) -> Fault:
    try:
        return fault_from(row)
    except ValueError as error:
        raise PlumblineError(f"The embedded server's settings, key 'faults': {error}.") from None


def _checked(content: object, where: str, kind: type) -> dict:
    """Return a mapping after a look at its keys."""
    if not isinstance(content, dict):
        raise PlumblineError(f"The embedded server's {where}: a mapping is needed, not {content!r}.")
    allowed = kind.__dataclass_fields__
    unknown = [key for key in content if key not in allowed]
    if unknown:
        raise PlumblineError(
            f"The embedded server's {where}: unknown key '{unknown[0]}'; allowed are {', '.join(allowed)}."
        )
    return content


def _at_least(value: object, least: float, name: str, kind: type | tuple) -> None:
    if isinstance(value, bool) or not isinstance(value, kind) or value < least:
        raise PlumblineError(f"The embedded server's settings: '{name}' must be a number from {least} up.")
