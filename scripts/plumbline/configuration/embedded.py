"""Settings of the embedded server."""

from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
)

from plumbline.configuration.values import Section
from plumbline.embedded.faultmodes import fault_from


class Replay(Section):
    """A record that the embedded server serves in place of its signal model."""

    file: str = Field(min_length=1, description="an npz or netCDF file")
    reference_designator: str
    method: str = "streamed"
    stream: str


def _fault(value: Any) -> dict:
    """Check a fault by the embedded server's own code, and return it as JSON can hold it."""
    return fault_from(value).plain()


class Embedded(Section):
    """Settings of the embedded server; without effect on any other."""

    replay: list[Replay] = Field([], description="records to serve in place of the signal model")
    faults: list[Annotated[dict, BeforeValidator(_fault)]] = Field(
        [], description="faults to switch on, to see what becomes of them; docs/embedded-server.md lists them"
    )
