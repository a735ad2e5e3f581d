"""The faults that can be switched on: their names, their keys, and one sentence for every mistake.

Only light modules are imported here, because the configuration imports this one.
"""

import difflib
import re
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

# Ways in which the API fails to answer a data request; in the order of the settings one of them strikes.
API_MODES = (
    "busy",
    "timeout",
    "down",
    "bad_gateway",
    "unavailable",
    "maintenance",
    "error_inside",
    "truncated_json",
    "no_data",
    "slow_answer",
    "cut_answer",
    "lost_answer",
    "redirect_api",
)
# Struck on every kind of call, data request or not.
API_EVERYWHERE = ("api_errors",)
# Drawn once for an order, when it is accepted, and kept with it: oddities of the answer...
ANSWER_MODES = ("swap_urls", "foreign_host", "old_stamp", "no_apache_url")
# ... and of the result directory.
DIRECTORY_MODES = (
    "never_complete",
    "failed_status",
    "no_files",
    "failed_slices",
    "partial_visible",
    "empty_directory",
    "whole_seconds",
    "deployment_zero",
    "ancillary",
    "extras",
    "overlap",
    "deployment_changes",
    "variables_differ",
    "unaggregated",
    "empty_catalog",
    "empty_index",
    "thredds5",
    "vanish",
)
# Struck when a data file is fetched.
TRANSFER_MODES = (
    "cut_download",
    "stalled_download",
    "wrong_length",
    "short_file",
    "corrupt_file",
    "html_file",
    "no_range",
    "no_head",
    "no_length",
    "redirect_results",
)
# Struck on every kind of call for results.
RESULT_EVERYWHERE = ("result_errors",)
# Of the gold copy...
GOLDCOPY_MODES = ("goldcopy_missing", "goldcopy_empty", "goldcopy_overlap", "goldcopy_replaced")
# ... of OPeNDAP ...
DAP_MODES = ("dap_fill_mismatch", "dap_truncated", "dap_down")
# ... and of the raw archive.
RAW_MODES = ("raw_truncated_lines", "raw_missing_day")
SOURCE_MODES = GOLDCOPY_MODES + DAP_MODES + RAW_MODES
ORDER_MODES = ANSWER_MODES + DIRECTORY_MODES
MODES = API_MODES + API_EVERYWHERE + ORDER_MODES + TRANSFER_MODES + RESULT_EVERYWHERE + SOURCE_MODES

# The beginning of 2015-04-23T12:00:00
_MOMENT = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d)?)?)?)?)?")


@dataclass(frozen=True)
class Fault:
    """A fault that is switched on.

    Attributes
    ----------
    mode : str
        One of `MODES`.
    on : str or None
        Date, or the beginning of a UTC time: only windows that begin then.
    stream, reference_designator : str or None
        Only those.
    times : int or None
        How often it strikes for each question, or each file; None: always.
    rate : float
        Probability of a strike at each occasion.
    seconds : float or None
        How long it lasts, where it lasts.
    after_files : int or None
        `vanish` alone: after so many data files were fetched whole.
    """

    mode: str
    on: str | None = None
    stream: str | None = None
    reference_designator: str | None = None
    times: int | None = None
    rate: float = 1.0
    seconds: float | None = None
    after_files: int | None = None

    def plain(self) -> dict:
        """Return the keys that say something, as JSON can hold them."""
        return {name: value for name, value in asdict(self).items() if value is not None and (name, value) != _SURE}


_SURE = ("rate", 1.0)


def fault_from(row: object) -> Fault:
    """Check one entry of the list of faults.

    Raises
    ------
    ValueError
        With a sentence, less its full stop, about the first mistake.
    """
    if not isinstance(row, dict):
        raise ValueError(f"a mapping is needed, not {row!r}")
    # YAML 1.1 reads a bare `on` as true.
    row = {"on" if key is True else key: value for key, value in row.items()}
    allowed = Fault.__dataclass_fields__
    unknown = [key for key in row if key not in allowed]
    if unknown:
        raise ValueError(f"unknown key '{unknown[0]}'; allowed are {', '.join(allowed)}")
    mode = row.get("mode")
    if mode not in MODES:
        if mode is None:
            raise ValueError("each fault needs a 'mode'")
        close = difflib.get_close_matches(str(mode), MODES, n=1)
        hint = f"did you mean '{close[0]}'? " if close else ""
        raise ValueError(f"unknown mode '{mode}'; {hint}allowed are {', '.join(MODES)}")
    _check_values(row)
    given = {key: value for key, value in row.items() if value is not None}
    return Fault(**given | ({"on": _moment(given["on"])} if "on" in given else {}))


def _check_values(row: dict) -> None:
    for name in ("stream", "reference_designator"):
        if not isinstance(row.get(name), str | None):
            raise ValueError(f"'{name}' must be a text")
    for name in ("times", "after_files"):
        value = row.get(name)
        if value is not None and (type(value) is not int or value < 1):
            raise ValueError(f"'{name}' must be a whole number from 1 up")
    if row.get("after_files") is not None and row["mode"] != "vanish":
        raise ValueError("'after_files' belongs to mode 'vanish' alone")
    rate = row.get("rate")
    if rate is not None and (type(rate) not in (int, float) or not 0 < rate <= 1):
        raise ValueError("'rate' must be a number above 0 and up to 1")
    seconds = row.get("seconds")
    # A bound on both sides also keeps NaN and infinity out.
    if seconds is not None and (type(seconds) not in (int, float) or not 0 <= seconds <= 1e9):
        raise ValueError("'seconds' must be a number from 0 up")


def _moment(value: object) -> str:
    """Return `on` as text; YAML may have made a date or a time of it."""
    if isinstance(value, datetime):
        utc = value.astimezone(UTC) if value.tzinfo else value
        value = f"{utc:%Y-%m-%dT%H:%M:%S}"
    elif isinstance(value, date):
        value = value.isoformat()
    text = value.removesuffix("Z") if isinstance(value, str) else ""
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError
        datetime.fromisoformat(text + "2000-01-01T00:00:00"[len(text) :])
    except ValueError:
        raise ValueError(
            f"'on' must be a date such as 2015-04-23, or the beginning of a UTC time, not {value!r}"
        ) from None
    return text
