"""What strikes when: the faults that are switched on, and how often each has struck.

Nothing here is random. Whether a fault with a `rate` strikes is a hash of its mode, of what it
strikes at, and of how many occasions there were before, so that a run can be repeated.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from plumbline.embedded.faultmodes import API_MODES, ORDER_MODES, Fault
from plumbline.embedded.hashing import key_of
from plumbline.embedded.orders import Order, isoformat

# This machine's two names; who is sent to the other one is at another host.
OTHER_NAME = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


@dataclass(frozen=True)
class Occasion:
    """Something at which a fault can strike.

    Attributes
    ----------
    designator, stream : str or None
        Whose data it is about, where it is about any.
    begin_ms : int or None
        Begin of the window that was asked for, milliseconds since 1970.
    key : str
        What strikes are counted for.
    fate : str
        What chance depends on; it names no directory, whose name differs from run to run.
    """

    designator: str | None
    stream: str | None
    begin_ms: int | None
    key: str
    fate: str


def question(designator: str, stream: str, begin_ms: int | None) -> str:
    """Return what an order asks about: two orders of the same question share it."""
    return f"{designator}-{stream}-{begin_ms}"


def asking(designator: str, stream: str, begin_ms: int | None) -> Occasion:
    """Return the occasion of a data request."""
    key = question(designator, stream, begin_ms)
    return Occasion(designator, stream, begin_ms, key, key)


def fetching(order: Order, what: str) -> Occasion:
    """Return the occasion of a call for something in an order's result directory."""
    begin_ms = order.begin_ms if order.asked_begin_ms is None else order.asked_begin_ms
    fate = f"{question(order.designator, order.stream, begin_ms)}/{what}"
    return Occasion(order.designator, order.stream, begin_ms, f"{order.directory}/{what}", fate)


def concerns(fault: Fault, occasion: Occasion) -> bool:
    """Tell whether a fault is meant for such an occasion.

    Plumbline asks from one millisecond before its window, which is the day before: the
    millisecond after the asked begin is what counts.
    """
    if fault.reference_designator not in (None, occasion.designator) or fault.stream not in (None, occasion.stream):
        return False
    if fault.on is None:
        return True
    return occasion.begin_ms is not None and isoformat(occasion.begin_ms + 1).startswith(fault.on)


class Faults:
    """The faults that are switched on, and the counts of their strikes; both die with the server.

    Parameters
    ----------
    switched_on : iterable of Fault
    """

    def __init__(self, switched_on: Iterable[Fault] = ()) -> None:
        self.switched_on = tuple(switched_on)
        self._occasions: Counter[tuple[int, str]] = Counter()
        self._strikes: Counter[tuple[int, str]] = Counter()
        self._homes: dict[str, str] = {}

    def strikes(self, place: int, occasion: Occasion, count: bool = True) -> bool:
        """Tell whether a fault strikes now.

        Parameters
        ----------
        place : int
            Its place in the settings.
        occasion : Occasion
        count : bool
            False: only look what the next occasion will bring.
        """
        fault, counted = self.switched_on[place], (place, occasion.key)
        if not concerns(fault, occasion):
            return False
        number = self._occasions[counted]
        if count:
            self._occasions[counted] += 1
        if fault.times is not None and self._strikes[counted] >= fault.times:
            return False
        if fault.rate < 1 and key_of(fault.mode, occasion.fate, number) / 2.0**64 >= fault.rate:
            return False
        if count:
            self._strikes[counted] += 1
        return True

    def struck(self, modes: tuple[str, ...], occasion: Occasion, count: bool = True) -> list[Fault]:
        """Return those faults of some modes that strike, each mode once, in the order of the settings."""
        found: dict[str, Fault] = {}
        for place, fault in enumerate(self.switched_on):
            if fault.mode in modes and fault.mode not in found and self.strikes(place, occasion, count):
                found[fault.mode] = fault
        return list(found.values())

    def at_request(self, occasion: Occasion, host: str) -> list[Fault]:
        """Return what strikes at a data request: delays, and the first that spoils the answer."""
        found = []
        for place, fault in enumerate(self.switched_on):
            if fault.mode not in API_MODES or (fault.mode == "redirect_api" and self._at_home(occasion, host)):
                continue
            if self.strikes(place, occasion):
                found.append(fault)
                if fault.mode == "redirect_api":
                    self._homes[occasion.key] = OTHER_NAME[host]
                if fault.mode != "slow_answer":
                    break
        return found

    def at_order(self, occasion: Occasion) -> list[dict]:
        """Return what an order will suffer, as the ledger keeps it."""
        return [self._kept(fault, occasion) for fault in self.struck(ORDER_MODES, occasion)]

    def _kept(self, fault: Fault, occasion: Occasion) -> dict:
        kept = {"mode": fault.mode, "seconds": fault.seconds, "after_files": fault.after_files}
        if fault.mode == "deployment_changes":
            kept["strike"] = self._strikes[self.switched_on.index(fault), occasion.key]
        return kept

    def one_of(self, mode: str, choices: tuple, occasion: Occasion) -> object | None:
        """Return one of some choices if a mode strikes, by hash; else None."""
        for place, fault in enumerate(self.switched_on):
            if fault.mode == mode and self.strikes(place, occasion):
                number = self._occasions[place, occasion.key]
                return choices[key_of("choice", mode, occasion.fate, number) % len(choices)]
        return None

    def sends_away(self, occasion: Occasion, host: str) -> bool:
        """Tell whether a call for a data file must go to the other host name."""
        if self._at_home(occasion, host) or not self.struck(("redirect_results",), occasion):
            return False
        self._homes[occasion.key] = OTHER_NAME[host]
        return True

    def _at_home(self, occasion: Occasion, host: str) -> bool:
        """Tell whether a call comes at the host name to which it was sent, or at one without another.

        Who was sent there once is answered there: two names that send to each other would be a
        loop, which no server means.
        """
        return host not in OTHER_NAME or self._homes.get(occasion.key) == host
