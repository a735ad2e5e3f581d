"""Turns samples into full particles: the times, texts and identifiers that OOI keeps with each."""

from functools import lru_cache

import numpy as np

from plumbline.embedded.hashing import key_of, uniform, uuid_characters
from plumbline.embedded.instruments import Instrument
from plumbline.embedded.parameters import DEPLOYMENT, PROVENANCE, SAMPLE_ID, TIME, Parameter
from plumbline.embedded.signal import sample_key
from plumbline.embedded.streams import Stream

UNIX_OF_1900_S = 2_208_988_800.0
HOUR_MS = 3_600_000

TEXTS = {"sensor_id": "NANO", "time_sync_flag": "P", "preferred_timestamp": "internal_timestamp"}
QARTOD_PASS, QARTOD_FAIL, QARTOD_MISSING = 1, 4, 9
QC_MASKS = {"executed": 29, "results": 13}
GROSS_RANGE_PSI = (1500.0, 3200.0)  # oceanobservatories/qc-lookup, B. Chadwick


def variables_of(stream: Stream, with_provenance: bool = False) -> tuple[Parameter, ...]:
    """Return all the variables of a stream's files, in their order."""
    provenance = (PROVENANCE,) if with_provenance else ()
    return (TIME, DEPLOYMENT, SAMPLE_ID, *provenance, *stream.parameters)


class Completer:
    """Completes the samples of a stream; texts are the same everywhere and are made once."""

    def __init__(self, instrument: Instrument, stream: Stream, deployment: int) -> None:
        self.deployment, self.place = deployment, {"lat": instrument.latitude, "lon": instrument.longitude}
        self.key = sample_key(instrument.designator, stream.name)
        self.delay_key = key_of("port agent", instrument.designator)
        self.provenance = uuid_characters(key_of("provenance", instrument.designator), np.zeros(1, np.int64))
        texts = TEXTS | dict(stream.texts)
        self.texts = {name: np.array([list(text)], dtype="S1") for name, text in texts.items()}

    def column(self, parameter: Parameter, time_ms: np.ndarray, known: dict[str, np.ndarray]) -> np.ndarray:
        """Return a variable for some samples that follow each other.

        Parameters
        ----------
        parameter : Parameter
            The variable.
        time_ms : ndarray of int64, shape (n,)
            Milliseconds since 1970, ascending; at least one.
        known : dict of str to ndarray, shape (n,)
            What the source gives.

        Returns
        -------
        ndarray, shape (n,), or (n, characters) of S1 for texts
            What neither the source nor a rule gives is filled with the fill value.
        """
        name, count = parameter.name, len(time_ms)
        if name in known:
            return known[name].astype(parameter.dtype, copy=False)
        if name in ("time", "internal_timestamp", "botsflu_time15s", "botsflu_time24h"):
            return time_ms / 1000.0 + UNIX_OF_1900_S
        if name.endswith("_timestamp") and parameter.dtype == "f8":
            return self._machine_time(name, time_ms)
        if name in self.place:
            return np.full(count, self.place[name])
        if name.endswith(("_qc_executed", "_qc_results")):  # bit masks, as recorded in 2017
            return np.full(count, QC_MASKS[name.rpartition("_")[2]], dtype=np.uint8)
        if name == "deployment":
            return np.full(count, self.deployment, dtype=np.int32)
        if name == "id":
            return uuid_characters(self.key, time_ms)
        if name == "provenance":
            return np.broadcast_to(self.provenance, (count, 36))
        if name in ("date_time_string", "dcl_controller_timestamp"):
            return written_times(time_ms)[:, : int(parameter.dtype[1:])]
        if name.endswith("_qartod_results"):
            return _gross_range(known[name.removesuffix("_qartod_results")])
        if name.endswith("_qartod_executed"):
            return np.full((count, 1), b"1", dtype="S1")
        if name in self.texts:  # those of the stream, or those that are the same everywhere
            return np.broadcast_to(self.texts[name], (count, self.texts[name].shape[1]))
        return np.full(count, parameter.fill, dtype=parameter.dtype)

    def _machine_time(self, name: str, time_ms: np.ndarray) -> np.ndarray:
        """Return when a machine on the way had the sample; a second's samples travel in one packet."""
        first = int(time_ms[0]) // 1000
        second = np.arange(first, int(time_ms[-1]) // 1000 + 1)
        chance = uniform(self.delay_key, second)
        port = second + UNIX_OF_1900_S + 1.0 + np.round(0.05 + 0.2 * chance, 6)
        stamps = {"port_timestamp": port, "driver_timestamp": port + 0.033595}
        chosen = stamps.get(name, np.round(port + 5.2, 3))
        return chosen[time_ms // 1000 - first]


def _gross_range(pressure: np.ndarray) -> np.ndarray:
    low, high = GROSS_RANGE_PSI
    good = (pressure >= low) & (pressure <= high)
    flags = np.where(good, QARTOD_PASS, QARTOD_FAIL).astype(np.uint8)
    flags[~np.isfinite(pressure) | (pressure < -9e6)] = QARTOD_MISSING
    return flags


def written_times(time_ms: np.ndarray) -> np.ndarray:
    """Return ``2017/07/04 17:54:58.000`` for each time, S1 of shape (n, 23)."""
    written = np.empty((len(time_ms), 23), dtype="S1")
    hours, within = np.divmod(time_ms, HOUR_MS)
    seconds, thousandths = np.divmod(within, 1000)
    for hour in np.unique(hours).tolist():
        head = str(np.datetime64(hour, "h")).replace("-", "/").replace("T", " ") + ":"
        written[hours == hour, :14] = np.array(list(head), dtype="S1")
    written[:, 14:19] = _minutes_and_seconds()[seconds]
    written[:, 19] = b"."
    written[:, 20:] = _thousandths()[thousandths]
    return written


@lru_cache(maxsize=1)
def _minutes_and_seconds() -> np.ndarray:
    texts = [f"{second // 60:02d}:{second % 60:02d}" for second in range(3600)]
    return np.array(texts, dtype="S5").view("S1").reshape(3600, 5)


@lru_cache(maxsize=1)
def _thousandths() -> np.ndarray:
    return np.array([f"{number:03d}" for number in range(1000)], dtype="S3").view("S1").reshape(1000, 3)
