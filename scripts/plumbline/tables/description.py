"""What the metadata of a resampled table say."""

from pathlib import Path

from plumbline.samples.bins import STANDARD_NAMES
from plumbline.samples.directions import LEAST_RESULTANT
from plumbline.samples.marks import DIRECTIONS, STATISTICS
from plumbline.tables.csvw import Column, rate_told, subject_of, write_metadata
from plumbline.tables.places import Deployment


def describe_table(
    origins: list[str],
    units: str,
    variable: str,
    interval: str,
    interval_ms: int,
    begin_ms: int,
    end_ms: int,
    rate_hz: float | None,
    stream: dict[str, str],
    server: str,
    metadata_path: Path,
    deployments: tuple[Deployment, ...] = (),
    estimated: bool = False,
    direction: bool = False,
) -> None:
    """Write the CSVW metadata of a table.

    Parameters
    ----------
    origins : list of str
        Where the samples say that they come from; empty for OOI's own.
    units : str
        Of the variable; "" if they are not known.
    variable, interval : str
    interval_ms, begin_ms, end_ms : int
        Length of a bin and the window, milliseconds (since 1970).
    rate_hz : float or None
        Sampling rate: nominal, or `estimated`.
    stream : dict
        ``name``, ``reference_designator``, ``method``, ``stream``.
    server : str
        ``embedded`` or the API's URL.
    metadata_path : Path
        The CSV's name with ``-metadata.json`` behind it.
    estimated : bool
        Whether the rate is estimated from the data.
    direction : bool
        Whether the variable is a direction, whose mean and standard deviation are those of unit vectors.
    deployments : tuple of Deployment
        Of the instrument in the window, as far as they are known.
    """
    subject = subject_of(origins, begin_ms, end_ms, stream, server, deployments)
    measured = {
        "schema:name": variable,
        "schema:alternateName": STANDARD_NAMES.get(variable, variable),
        "schema:unitText": units,
    }
    write_metadata(
        metadata_path,
        subject,
        title=f"{variable} of {stream['reference_designator']} ({stream['stream']}), {interval} bins",
        description=(
            f"Every bin of {interval} that overlaps the window from {subject.begin} to {subject.end} (exclusive) has "
            "a row; `time` labels the start of the bin, which holds samples from its start up to, not including, the "
            "next. Used are finite samples inside the window that are not fill values, one for each time rounded to "
            "the millisecond. Bins without samples have n = 0 and empty values."
        ),
        columns=_columns(variable, units, interval, _rate(rate_hz, estimated), direction),
        primary_key="time",
        properties={
            "interval": interval,
            "interval in seconds": interval_ms / 1000,
            "label of time": "start of the bin",
            **rate_told(rate_hz, estimated),
            **({STATISTICS: DIRECTIONS} if direction else {}),
        },
        more={"schema:variableMeasured": measured},
    )


def _columns(variable: str, units: str, interval: str, rate: str, direction: bool) -> list[Column]:
    return [
        Column("time", "start of the bin, UTC", "datetime", required=True),
        *(_of_directions(variable, units) if direction else _of_numbers(variable, units)),
        Column("n", "number of samples used", "nonNegativeInteger", "1", required=True),
        Column("coverage", f"n over the number of samples in a whole bin of {interval} at {rate}", "double", unit="1"),
    ]


def _rate(rate_hz: float | None, estimated: bool) -> str:
    if not rate_hz:
        return "an unknown rate, hence empty"
    return f"{rate_hz:g} Hz{', estimated from the data' if estimated else ''}"


def _of_numbers(variable: str, units: str) -> list[Column]:
    return [
        Column("mean", f"arithmetic mean of {variable}", "double", units),
        Column("std", f"sample standard deviation of {variable} (n - 1); empty for n < 2", "double", units),
        Column("min", f"least {variable}", "double", units),
        Column("max", f"greatest {variable}", "double", units),
    ]


def _of_directions(variable: str, units: str) -> list[Column]:
    nowhere = f"where R, the length of the mean of the unit vectors, is below {LEAST_RESULTANT:g}"
    return [
        Column(
            "mean",
            f"mean direction of {variable}: where the mean of unit vectors points, from 0 to 360; empty {nowhere}",
            "double",
            units,
        ),
        Column(
            "std",
            f"circular standard deviation of {variable}, sqrt(-2 ln R) (Mardia and Jupp 2000); empty for n < 2 and "
            f"{nowhere}",
            "double",
            units,
        ),
        Column("min", "empty: a direction has no least value", "double", units),
        Column("max", "empty: a direction has no greatest value", "double", units),
    ]
