"""What can be said of a found stream: variables, deployments, annotations."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from plumbline.catalog.finding import Found, Server
from plumbline.catalog.kept import Kept
from plumbline.ooi.annotations import annotations
from plumbline.ooi.deployments import deployments
from plumbline.ooi.parameters import Parameter, parameters_of

# Where the inventory does not tell a stream's time range, annotations are asked for over OOI's life.
FIRST = datetime(2010, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Details:
    """What is known of a stream; None where the server did not tell it.

    Attributes
    ----------
    parameters : list of Parameter or None
    deployments, annotations : list of dict or None
        As `plumbline.ooi.deployments` and `plumbline.ooi.annotations` give them.
    overdue : bool
        Whether a part of it is older than allowed.
    """

    parameters: list[Parameter] | None
    deployments: list[dict] | None
    annotations: list[dict] | None
    overdue: bool


def details_of(server: Server, kept: Kept, found: Found) -> Details:
    """Return what the server tells of a stream, or told not long ago."""
    designator = found.designator
    window = (found.begin or FIRST, max(found.end or kept.now, found.begin or FIRST))
    told = {
        "parameters": kept.told(f"parameters {designator}", lambda: _parameters(server, designator)),
        "deployments": kept.told(f"deployments {designator}", lambda: server.asked(deployments, designator)),
        "annotations": kept.told(
            f"annotations {designator} {found.method} {found.stream}",
            lambda: server.asked(annotations, designator, found.method, found.stream, *window),
        ),
    }
    lists = {
        key: [row for row in one.content if isinstance(row, dict)] if one and isinstance(one.content, list) else None
        for key, one in told.items()
    }
    own = lists["parameters"]
    parameters = [Parameter(**row) for row in own or () if row.get("stream") == found.stream]
    # The table of contents has the same, without what an instrument has of its own.
    parameters = parameters or list(found.parameters) or None
    overdue = any(one and one.overdue for one in told.values())
    return Details(parameters, lists["deployments"], lists["annotations"], overdue)


def _parameters(server: Server, designator: str) -> list[dict] | None:
    listed = server.asked(parameters_of, designator)
    return [asdict(one) for one in listed] if listed is not None else None
