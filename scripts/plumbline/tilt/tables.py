"""Tables of tilt: hours and days of a tiltmeter's record, from its bins."""

from pathlib import Path

import numpy as np

from plumbline.errors import PlumblineError
from plumbline.products.tilt import MICRORADIANS_PER_DEGREE, tilt_direction, tilt_magnitude
from plumbline.samples.binned import read_units
from plumbline.samples.bins import grid
from plumbline.samples.directions import DEGREES, mean_direction
from plumbline.tables.about_products import About
from plumbline.tables.csvw import Column
from plumbline.tables.product import product_table
from plumbline.tables.resampling import resample, resample_direction

MICRORADIANS = ("urad", "µrad", "μrad", "microradian", "microradians")

MEANS = {"1h": "hour", "1D": "UTC day"}
COMPASS_OF = "the stream's corrected compass, averaged over each row as vectors"


def columns(interval: str) -> list[Column]:
    """Return the columns of a table of tilt, ``1h`` or ``1D``."""
    of = MEANS[interval]
    return [
        Column("time", f"start of the {of}, UTC", "datetime", required=True),
        Column("x_tilt_urad", f"mean tilt about x of the {of}, microradians", "double", "urad", decimals=4),
        Column("y_tilt_urad", f"mean tilt about y of the {of}, microradians", "double", "urad", decimals=4),
        Column("tilt_magnitude_urad", "magnitude of the mean tilt, microradians", "double", "urad", decimals=4),
        Column(
            "tilt_direction_deg",
            "direction of the mean tilt, whole degrees clockwise from north, 0 to 359; empty where the compass is",
            "double",
            "degree",
            decimals=0,
        ),
        Column("compass_deg", "corrected direction of the compass; see the method", "double", "degree", decimals=4),
        Column("n", "number of samples used, the fewer of x and y", "nonNegativeInteger", "1", required=True),
        Column(
            "coverage", f"n over the number of samples in a whole {of}; empty if the rate is not known", "double", "1"
        ),
    ]


def compass_method(compass: str | None, compass_deg: float | None) -> str:
    """Return in words where the compass direction comes from: a variable, the configuration, or nowhere."""
    if compass:
        return COMPASS_OF
    return "none: directions are empty" if compass_deg is None else f"{compass_deg:g} degrees, as configured"


def write_tilt(
    bins_paths: list[Path],
    axes: tuple[str, str],
    compass: str | None,
    compass_deg: float | None,
    interval: str,
    interval_ms: int,
    window_ms: tuple[int, int],
    rate_hz: float | None,
    about: About,
    csv_path: Path,
    netcdf_path: Path,
) -> None:
    """Write a table of tilt, CSV and CF-netCDF of the same rows.

    Parameters
    ----------
    bins_paths : list of Path
        Bins files of consecutive chunks, in time order.
    axes : (str, str)
        Variables with the tilt about x and y.
    compass : str or None
        Variable, a direction, with the corrected compass.
    compass_deg : float or None
        Where the compass points, if there is no such variable; None: not known, and tilts have no direction.
    interval : str
        ``1h`` or ``1D``.
    interval_ms : int
    window_ms : (int, int)
        [begin, end), milliseconds since 1970.
    rate_hz : float or None
    about : About
    csv_path, netcdf_path : Path

    Raises
    ------
    PlumblineError
        If the tilts are in other units than microradians or degrees, or the bins do not cover the window.
    """
    factor = _to_microradians(bins_paths, axes)
    _, rows = grid(*window_ms, interval_ms)
    expected = rate_hz * interval_ms / 1000 if rate_hz else np.nan
    span = (interval_ms, *window_ms)
    both = [resample(bins_paths, axis, *span) for axis in axes]
    turns = resample_direction(bins_paths, compass, *span) if compass else None
    with product_table(csv_path, netcdf_path, columns(interval), rows, about.attributes()) as table:
        for (starts, one), (_, other) in zip(*both, strict=True):
            x, y = one.mean * factor, other.mean * factor
            heading = mean_direction(*next(turns)[1:])[0] if turns else np.full(x.size, np.nan)
            if compass is None and compass_deg is not None:
                heading = np.where(one.n > 0, compass_deg, np.nan)
            n = np.minimum(one.n, other.n)
            direction = tilt_direction(x, y, heading) % 360
            table.append(starts, x, y, tilt_magnitude(x, y), direction, heading, n, n / expected)


def _to_microradians(bins_paths: list[Path], axes: tuple[str, str]) -> float:
    """Return by what the tilts are multiplied to be in microradians."""
    units = {read_units(path, axis) for path in bins_paths for axis in axes} - {""}
    if units and units <= set(MICRORADIANS):
        return 1.0
    if units and units <= set(DEGREES):
        return MICRORADIANS_PER_DEGREE
    if not units and axes[0].startswith("lily"):
        return 1.0  # bins without samples, or files that take the unit as read
    if not units:
        return MICRORADIANS_PER_DEGREE
    found = ", ".join(f"'{unit}'" for unit in sorted(units))
    raise PlumblineError(
        f"'{axes[0]}' and '{axes[1]}' are in {found}, but a tilt is made of microradians or degrees; "
        "set 'products: false' for this stream."
    )
