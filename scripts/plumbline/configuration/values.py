"""Single values of the configuration: how each is read, and the sentence for what is not allowed."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    WithJsonSchema,
)

from plumbline.errors import PlumblineError
from plumbline.intervals import ALLOWED as ALLOWED_INTERVALS
from plumbline.intervals import interval_ms
from plumbline.mistakes import shown
from plumbline.ooi.names import why_no_mean

# Folders under results/ that are not streams, and names that file systems keep for themselves.
RESERVED_NAMES = {"supplement", "report", "con", "nul", "aux", "prn"}
DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)")
OOI_API = "https://ooinet.oceanobservatories.org/api/m2m"
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def matching(pattern: str, allowed: str) -> Any:
    """Return a text type that must match a pattern whole, with words for what is allowed."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(f"{shown(value)} is not allowed; allowed is {allowed}")
        return value

    return Annotated[str, BeforeValidator(check), WithJsonSchema({"type": "string", "pattern": f"^({pattern})$"})]


def stream_name(value: Any) -> str:
    allowed = "letters, digits, '-', '_' and '.', beginning with a letter or digit, at most 64 characters"
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", value):
        raise ValueError(f"{shown(value)} cannot name a folder; allowed are {allowed}")
    if value.lower() in RESERVED_NAMES or value.endswith("."):
        raise ValueError(f"'{value}' cannot name a stream's folder; choose another name")
    return value


def moment(value: Any) -> datetime:
    """Read a date or a time as UTC."""
    allowed = "a date such as 2015-04-23 or a UTC time such as 2015-04-23T12:00:00Z"
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{shown(value)} is not a time; allowed is {allowed}") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise ValueError(f"{shown(value)} is not a time; allowed is {allowed}")
    value = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if value.microsecond % 1000:
        raise ValueError(f"{shown(value)} is finer than a millisecond; allowed is {allowed}")
    if not 1970 < value.year < 2200:
        raise ValueError(f"{shown(value)} is out of reach; allowed are the years 1971 to 2199")
    return value


def duration_s(value: Any) -> float:
    """Read a duration such as 48h, in seconds."""
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if not match or float(match[1]) <= 0:
        raise ValueError(f"{shown(value)} is not a duration; allowed is a number with s, min, h or d: 48h")
    return float(match[1]) * SECONDS[match[2]]


def api_url(value: Any) -> str:
    if value == "embedded":
        return value
    allowed = f"'embedded' or a URL such as {OOI_API}"
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{shown(value)} is not an API; allowed is {allowed}")
    if parts.username or parts.password:
        raise ValueError("the URL holds a user name or password; credentials go into OOI_USERNAME and OOI_TOKEN")
    return value.rstrip("/")


def _address(value: Any) -> str:
    allowed = "a URL, or a path at the embedded server that begins with /"
    if isinstance(value, str) and value.startswith("/") and not value.startswith("//"):
        return value
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{shown(value)} is no address; allowed is {allowed}")
    if parts.username or parts.password:
        raise ValueError("the URL holds a user name or password; what lies there is read without an account")
    return value


def _interval(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not an interval; allowed are {ALLOWED_INTERVALS}")
    try:
        interval_ms(value)
    except PlumblineError as error:
        raise ValueError(str(error)) from None
    if not re.fullmatch(r"[0-9A-Za-z.]+", value):
        raise ValueError(f"{shown(value)} cannot be part of a file name; write it like 1min, without spaces")
    return value


def without_repeats(values: list) -> list:
    repeated = [value for place, value in enumerate(values) if value in values[:place]]
    if repeated:
        raise ValueError(f"'{repeated[0]}' stands there twice; once is enough")
    return values


def with_mean(variables: list[str]) -> list[str]:
    """Refuse variables of which there is no mean."""
    for name in variables:
        why = why_no_mean(name)
        if why:
            raise ValueError(f"'{name}' {why}, of which there is no mean; take it out of the list")
    return variables


def with_csv(formats: list) -> list:
    if "csv" not in formats:
        raise ValueError("csv is missing: the other formats are made from it; allowed are [csv] and [csv, parquet]")
    return formats


Interval = Annotated[str, BeforeValidator(_interval)]
Address = Annotated[str, BeforeValidator(_address), WithJsonSchema({"type": "string", "pattern": "^(https?://|/)"})]
Moment = Annotated[datetime, BeforeValidator(moment), WithJsonSchema({"type": "string"})]
Duration = Annotated[
    float, BeforeValidator(duration_s), WithJsonSchema({"type": "string", "pattern": f"^{DURATION.pattern}$"})
]
Variable = matching(r"[A-Za-z][A-Za-z0-9_]*", "a variable of the netCDF files, such as bottom_pressure")


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)
