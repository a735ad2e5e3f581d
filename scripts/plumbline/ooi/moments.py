"""Times as OOI's interfaces write them: ISO text, or milliseconds since 1970."""

from datetime import UTC, datetime


def moment(text: str) -> datetime:
    """Read an ISO 8601 time of a command line; one without a zone is UTC.

    Raises
    ------
    ValueError
        If it is none.
    """
    when = datetime.fromisoformat(text)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def from_text(text: object) -> datetime | None:
    """Read a time such as ``2014-08-29T20:59:49.975Z`` as UTC; None where it is none."""
    try:
        return moment(str(text))
    except ValueError:
        return None


def from_milliseconds(value: object) -> datetime | None:
    """Read milliseconds since 1970 as UTC; None where they are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
