"""The streams that the embedded server delivers, with OOI's numbers.

Stream numbers, parameters and lengths of bins: OOI's preload database (ParameterDictionary, BinSizes).
Bytes per sample: stream_engine's stream_nc_sizes.cfg.
"""

from dataclasses import dataclass

from plumbline.embedded.parameters import (
    CTD,
    FIFTEEN_SECONDS,
    HEAT,
    IRIS,
    LILY,
    MOORED_CTD,
    MOORED_CTD_COUNTS,
    NANO,
    ONE_DAY,
    Parameter,
)

STREAMED, TELEMETERED = "streamed", "telemetered"
RECOVERED_HOST, RECOVERED_INST = "recovered_host", "recovered_inst"


@dataclass(frozen=True)
class Stream:
    """A stream of an instrument.

    Attributes
    ----------
    name : str
    number : int
        OOI's stream number.
    period_ms : int
        Nominal time between samples; of a stream that comes in bursts, the mean time.
    partition_minutes : int
        Length of the bins in which OOI stores it; estimates count whole bins.
    estimate_bytes : float
        Bytes per sample in ``sizeCalculation`` (stream_engine's stream_nc_sizes.cfg).
    file_bytes : float
        Bytes per sample of the files that this server writes, as measured; files are split by it.
    parameters : tuple of Parameter
        Without time, deployment and id, which every stream has.
    method : str
        How the data came ashore.
    texts : tuple of (str, str)
        Name and value of the texts that are the same in every sample.
    """

    name: str
    number: int
    period_ms: int
    partition_minutes: int
    estimate_bytes: float
    file_bytes: float
    parameters: tuple[Parameter, ...]
    method: str = STREAMED
    texts: tuple[tuple[str, str], ...] = ()


NANO_SAMPLE = Stream("botpt_nano_sample", 87, 50, 60, 33.028, 31.0, NANO)
NANO_15S = Stream("botpt_nano_sample_15sec", 771, 15_000, 80_640, 1000.0, 45.0, FIFTEEN_SECONDS)
NANO_24H = Stream("botpt_nano_sample_24hour", 772, 86_400_000, 525_600, 1000.0, 200.0, ONE_DAY)
OPTODE = Stream("ctdpf_optode_sample", 331, 1_000, 1_440, 64.76, 60.0, CTD)

LILY_SAMPLE, IRIS_SAMPLE, HEAT_SAMPLE = "botpt_lily_sample", "botpt_iris_sample", "botpt_heat_sample"


def botpt_streams(lily: str, iris: str) -> tuple[Stream, ...]:
    """Return the streams of a bottom pressure and tilt instrument, by the serial numbers of its tiltmeters."""
    lily_texts = (("sensor_id", "LILY"), ("serial_number", lily))
    iris_texts = (("sensor_id", "IRIS"), ("serial_number", iris))
    heat_texts = (("sensor_id", "HEAT"),)
    return (
        NANO_SAMPLE,
        NANO_15S,
        NANO_24H,
        Stream(LILY_SAMPLE, 88, 1_000, 720, 39.519, 51.0, LILY, texts=lily_texts),
        Stream(IRIS_SAMPLE, 89, 1_000, 720, 32.734, 40.5, IRIS, texts=iris_texts),
        Stream(HEAT_SAMPLE, 90, 3_000, 2_880, 30.312, 38.0, HEAT, texts=heat_texts),
    )


MOORED_BIN = 20_160
MOORED_CTD_STREAMS = (
    Stream("ctdbp_cdef_dcl_instrument", 700, 1_200_000, MOORED_BIN, 262.576, 110.0, MOORED_CTD, method=TELEMETERED),
    Stream(
        "ctdbp_cdef_dcl_instrument_recovered",
        701,
        90_000,
        MOORED_BIN,
        93.627,
        66.0,
        MOORED_CTD,
        method=RECOVERED_HOST,
    ),
    Stream(
        "ctdbp_cdef_instrument_recovered",
        704,
        90_000,
        MOORED_BIN,
        60.157,
        60.0,
        MOORED_CTD_COUNTS,
        method=RECOVERED_INST,
    ),
)
