"""Numbers in what OOI's interfaces answer, which may be anything."""

import math


def finite(value: object) -> float | None:
    """Return a number of JSON as a float; None where it is none, or has no finite value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
