"""What OOI's streams hold: every variable with its type, unit, fill value and PD number.

Source: OOI's preload database (ParameterDefs, ParameterDictionary) and files as delivered. The
numbers of the derived CTD parameters other than PD908 and PD911 are not certain.
"""

from dataclasses import dataclass, field, replace

EPOCH_UNITS = "seconds since 1900-01-01"
FILL = -9999999.0


@dataclass(frozen=True)
class Parameter:
    """A variable of a stream.

    Attributes
    ----------
    name : str
        In the netCDF file and in the M2M answers.
    pd : int or None
        OOI's parameter number; None for what the server adds by itself (deployment, id).
    dtype : str
        As numpy writes it; ``S23`` is a text of 23 characters.
    units, long_name : str
    fill : float, int, str or None
        Fill value; None where the files have none.
    attributes : dict
        Further attributes of the variable in the file, in order.
    computed : bool
        True for data products that OOI derives by a function.
    """

    name: str
    pd: int | None
    dtype: str
    units: str | None
    long_name: str
    fill: float | int | str | None = FILL
    attributes: dict = field(default_factory=dict, hash=False)
    computed: bool = False

    @property
    def uframe_type(self) -> str:
        """Type as the inventory names it."""
        names = {"f8": "DOUBLE", "f4": "FLOAT", "i4": "INT", "u1": "BYTE", "i2": "SHORT"}
        return names.get(self.dtype, "STRING")


def _stamp(name: str, pd: int, long_name: str, fill: float = FILL) -> Parameter:
    return Parameter(name, pd, "f8", EPOCH_UNITS, long_name, fill)


TIME = Parameter(
    "time",
    7,
    "f8",
    "seconds since 1900-01-01 0:0:0",
    "time",
    attributes={"standard_name": "time", "axis": "T", "calendar": "gregorian"},
)
DEPLOYMENT = Parameter("deployment", None, "i4", "1", "Deployment Number", None)
SAMPLE_ID = Parameter("id", None, "S36", None, "Unique Identifier", None)
PROVENANCE = Parameter("provenance", None, "S36", None, "Provenance", None)

# What the particles of every streamed instrument carry.
PARTICLE = (
    _stamp("internal_timestamp", 12, "Internal Timestamp, UTC"),
    _stamp("driver_timestamp", 11, "Driver Timestamp, UTC"),
    _stamp("port_timestamp", 10, "Port Timestamp, UTC"),
    _stamp("ingestion_timestamp", 863, "Ingestion Timestamp, UTC", -9999.0),
    Parameter("preferred_timestamp", 16, "S18", "1", "Preferred Timestamp", ""),
)


def _coordinated(**attributes: object) -> dict:
    return {**attributes, "coordinates": "time lat lon"}


def _qartod(variable: str) -> tuple[Parameter, Parameter]:
    """Return the two variables in which QARTOD's verdict on a variable stands."""
    results = {
        "standard_name": "aggregate_quality_flag",
        "flag_values": [1, 2, 3, 4, 9],
        "flag_meanings": "pass not_evaluated suspect_or_of_high_interest fail missing_data",
    }
    executed = {"tests_executed": "gross_range_test"}
    return (
        Parameter(f"{variable}_qartod_results", None, "u1", "1", f"{variable} QARTOD results", None, results),
        Parameter(f"{variable}_qartod_executed", None, "S1", "1", f"{variable} QARTOD tests", None, executed),
    )


NANO = (
    Parameter(
        "bottom_pressure",
        848,
        "f4",
        "psi",
        "Bottom Pressure",
        attributes=_coordinated(precision=4, data_product_identifier="BOTPRES_L1"),
    ),
    Parameter(
        "press_trans_temp",
        843,
        "f8",
        "degrees_Celsius",
        "Nano-Resolution Pressure Transducer Temperature",
        attributes=_coordinated(data_product_identifier="NPTTEMP"),
    ),
    Parameter("sensor_id", 837, "S4", "1", "Sensor ID", "", _coordinated()),
    Parameter("time_sync_flag", 838, "S1", "1", "Time Sync Flag", "", _coordinated()),
    Parameter("date_time_string", 93, "S23", "1", "Date and Time String", "", _coordinated()),
    *PARTICLE,
    *_qartod("bottom_pressure"),
)


def _botsflu(name: str, pd: int, units: str, long_name: str, product: str) -> Parameter:
    attributes = _coordinated(precision=4, data_product_identifier=product)
    return Parameter(f"botsflu_{name}", pd, "f4", units, long_name, FILL, attributes, computed=True)


FIFTEEN_SECONDS = (
    Parameter("botsflu_time15s", 8058, "f8", EPOCH_UNITS, "Time of 15-second Bins, UTC", computed=True),
    _botsflu("meanpres", 8059, "psi", "Mean Bottom Pressure, 15 s", "BOTSFLU-MEANPRES_L2"),
    _botsflu("predtide", 8060, "m", "Predicted Tide", "BOTSFLU-PREDTIDE_L2"),
    _botsflu("meandepth", 8061, "m", "Mean Seafloor Depth, 15 s", "BOTSFLU-MEANDEPTH_L2"),
    _botsflu("5minrate", 8062, "cm min-1", "Uplift Rate over 5 Minutes", "BOTSFLU-5MINRATE_L2"),
    _botsflu("10minrate", 8067, "cm hr-1", "Uplift Rate over 10 Minutes", "BOTSFLU-10MINRATE_L2"),
    *PARTICLE,
)


ONE_DAY = (
    Parameter("botsflu_time24h", 8063, "f8", EPOCH_UNITS, "Time of One-day Bins, UTC", computed=True),
    _botsflu("daydepth", 8064, "m", "Daily Mean Seafloor Depth", "BOTSFLU-DAYDEPTH_L2"),
    _botsflu("4wkrate", 8065, "cm yr-1", "Mean Rate of Seafloor Uplift over 4 Weeks", "BOTSFLU-4WKRATE_L2"),
    _botsflu("8wkrate", 8066, "cm yr-1", "Mean Rate of Seafloor Uplift over 8 Weeks", "BOTSFLU-8WKRATE_L2"),
    *PARTICLE,
)


def _tilt(name: str, pd: int, units: str, long_name: str, product: str, **more: object) -> Parameter:
    """Return a variable of a tiltmeter: float32 unless it is said."""
    attributes = _coordinated(data_product_identifier=product)
    given = {"dtype": "f4", "fill": FILL} | more
    return Parameter(name, pd, units=units, long_name=long_name, attributes=attributes, **given)


# What every line of a tiltmeter begins with; there is no fraction of a second in it.
_LINE = (
    Parameter("sensor_id", 837, "S4", "1", "Sensor ID", "", _coordinated()),
    Parameter("date_time_string", 93, "S19", "1", "Date and Time String", "", _coordinated()),
)
_SERIAL = Parameter("serial_number", 312, "S5", "1", "Serial Number", "", _coordinated())

LILY = (
    _tilt("lily_x_tilt", 839, "urad", "High-Resolution X-Tilt", "BOTTILT-XTLT_L0"),
    _tilt("lily_y_tilt", 840, "urad", "High-Resolution Y-Tilt", "BOTTILT-YTLT_L0"),
    _tilt("compass_direction", 841, "degrees", "High-Resolution Compass Direction", "BOTTILT-SCMP_L0"),
    _tilt("lily_temp", 849, "degrees_Celsius", "High-Resolution Tiltmeter Temperature", "TLTTEMP"),
    _tilt("supply_voltage", 842, "V", "High-Resolution Tiltmeter Voltage", "TLTVOLT"),
    _SERIAL,
    _tilt(
        "corrected_compass_direction",
        1133,
        "degrees",
        "Seafloor High-Resolution Corrected Compass Direction",
        "BOTTILT-CCMP",
        computed=True,
    ),
    _tilt(
        "seafloor_tilt_magnitude",
        1134,
        "urad",
        "Seafloor High-Resolution Tilt Magnitude",
        "BOTTILT-TMAG_L1",
        computed=True,
    ),
    _tilt(
        "seafloor_tilt_direction",
        1135,
        "degrees",
        "Seafloor High-Resolution Tilt Direction",
        "BOTTILT-TDIR_L1",
        computed=True,
    ),
    *_LINE,
    *PARTICLE,
)

IRIS = (
    _tilt("iris_x_tilt", 846, "degrees", "Low-Resolution X-Tilt", "LRTTILT-XTLT"),
    _tilt("iris_y_tilt", 847, "degrees", "Low-Resolution Y-Tilt", "LRTTILT-YTLT"),
    _tilt("iris_temp", 850, "degrees_Celsius", "Low-Resolution Tiltmeter Temperature", "LRTTEMP"),
    _SERIAL,
    *_LINE,
    *PARTICLE,
)

_SHORT = {"dtype": "i2", "fill": -9999}
HEAT = (
    _tilt("heat_x_tilt", 844, "degrees", "Coarse-Resolution X-Tilt", "CRTTILT-XTLT", **_SHORT),
    _tilt("heat_y_tilt", 845, "degrees", "Coarse-Resolution Y-Tilt", "CRTTILT-YTLT", **_SHORT),
    _tilt("heat_temp", 851, "degrees_Celsius", "HEAT Tiltmeter Temperature", "CRTTEMP", **_SHORT),
    *_LINE,
    *PARTICLE,
)


def _seawater(name: str, pd: int, dtype: str, units: str, long_name: str, product: str) -> Parameter:
    attributes = _coordinated(standard_name=name, data_product_identifier=product)
    return Parameter(name, pd, dtype, units, long_name, FILL, attributes, computed=True)


CTD = (
    Parameter("conductivity", 194, "i4", "1", "Conductivity Measurement, counts", -9999999),
    Parameter("pressure", 195, "i4", "1", "Pressure Measurement, counts", -9999999),
    Parameter("temperature", 193, "i4", "1", "Temperature Measurement, counts", -9999999),
    _seawater("sea_water_temperature", 908, "f8", "degrees_Celsius", "Seawater Temperature", "TEMPWAT_L1"),
    _seawater("sea_water_pressure", 909, "f8", "dbar", "Seawater Pressure", "PRESWAT_L1"),
    _seawater("sea_water_electrical_conductivity", 910, "f8", "S m-1", "Seawater Conductivity", "CONDWAT_L1"),
    _seawater("sea_water_practical_salinity", 911, "f8", "1", "Practical Salinity", "PRACSAL_L2"),
    _seawater("sea_water_density", 912, "f8", "kg m-3", "Seawater Density", "DENSITY_L2"),
    *PARTICLE,
)


def _moored(*numbers: int, computed: bool) -> tuple[Parameter, ...]:
    """Return temperature, pressure and conductivity by their numbers, which depend on how they are had."""
    what = (
        ("sea_water_temperature", "degrees_Celsius", "Seawater Temperature", "TEMPWAT_L1"),
        ("sea_water_pressure", "dbar", "Seawater Pressure", "PRESWAT_L1"),
        ("sea_water_electrical_conductivity", "S m-1", "Seawater Conductivity", "CONDWAT_L1"),
    )
    found = zip(what, numbers, strict=True)
    return tuple(replace(_seawater(name, number, "f4", *words), computed=computed) for (name, *words), number in found)


_SALT = (
    _seawater("sea_water_practical_salinity", 13, "f4", "1", "Practical Salinity", "PRACSAL_L2"),
    _seawater("sea_water_density", 5, "f4", "kg m-3", "Seawater Density", "DENSITY_L2"),
)


def _depth(pd: int) -> Parameter:
    return Parameter("depth", pd, "f4", "m", "Depth calculated from pressure", FILL, _coordinated(), computed=True)


# A CTD whose logger on the mooring writes what it hears; names are those of the netCDF files, as everywhere here.
MOORED_CTD = (
    *_moored(6, 2, 1, computed=False),
    *_SALT,
    _depth(8100),
    Parameter("dcl_controller_timestamp", 2605, "S23", "1", "DCL Controller Timestamp", "", _coordinated()),
    Parameter("date_time_string", 93, "S19", "1", "Date and Time String", "", _coordinated()),
    *PARTICLE,
)

# The same instrument's own memory: counts, and what OOI computes from them.
MOORED_CTD_COUNTS = (
    Parameter("temperature", 193, "i4", "counts", "Unprocessed (L0) Seawater Temperature", -9999999),
    Parameter("conductivity", 194, "i4", "counts", "Unprocessed (L0) Seawater Conductivity", -9999999),
    Parameter("pressure", 195, "i4", "counts", "Unprocessed (L0) Seawater Pressure", -9999999),
    Parameter("pressure_temp", 196, "i4", "counts", "Internal Pressure Sensor Temperature", -9999999),
    Parameter("ctd_time", 198, "i4", "seconds since 2000-01-01", "Time, UTC", -9999999),
    *_moored(2819, 2820, 2821, computed=True),
    *_SALT,
    _depth(8104),
    *PARTICLE,
)

# Variables that stay in a file whichever parameters were asked for.
ALWAYS = ("time", "deployment", "id", "provenance", "preferred_timestamp", "internal_timestamp")
