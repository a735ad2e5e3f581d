"""What the files of a station's uplift say about how it was made."""

from plumbline.pressure.sensor_drift import SensorDrift
from plumbline.pressure.uplift_tables import Station
from plumbline.products.tide_fit import Fit
from plumbline.tables.lists import iso

METHODS = {
    "ooi": "ooi: 0.67 m/psi, the atmosphere not removed",
    "teos10": "teos10: TEOS-10 at the station's latitude (GSW), one standard atmosphere removed",
}
FILTERS = {
    "none": "none",
    "godin": "running means of 24, 24 and 25 hours (Godin 1972); none within 36 hours of a gap; eruptions are smeared",
    "butterworth": "Butterworth, 40 hours, order 4, forwards and backwards; none within 75 hours of a gap; eruptions "
    "are smeared",
}


def methods_of(
    method: str,
    tide: str,
    lowpass: str,
    station: Station,
    drift: SensorDrift,
    starts: list[tuple[int, int]],
    reference_ms: int,
) -> dict[str, str]:
    """Return how uplift was made, as every file of it says.

    Parameters
    ----------
    method : str
        Of the depth.
    tide : str
        The predicted tide.
    lowpass : str
        Of `FILTERS`.
    station : Station
    drift : SensorDrift
    starts : list of (int, int)
        Number of each deployment and when it began, milliseconds since 1970.
    reference_ms : int
        Start of the reference day.
    """
    return {
        "depth method": METHODS[method],
        "predicted tide": tide,
        "fitted tide": fit_in_words(station.fit),
        "low-pass filter": FILTERS[lowpass],
        "drift": drift.text,
        "deployments": deployments_in_words(station, starts),
        "reference day": iso(reference_ms)[:10],
    }


def fit_in_words(fit: Fit | None) -> str:
    """Return what was fitted to the residual tide."""
    if fit is None:
        return "none"
    if not fit.constituents.names:
        return f"none: {next(iter(fit.dropped.values()), 'no constituents')}"
    tide = fit.constituents
    terms = ", ".join(
        f"{name} {1000 * amplitude:.1f} mm {phase:.1f} deg"
        for name, amplitude, phase in zip(tide.names, tide.amplitude_m, tide.greenwich_phase_deg, strict=True)
    )
    return f"{terms}; from {fit.days:.1f} days of data, which leaves {1000 * fit.std_m:.1f} mm (standard deviation)"


def deployments_in_words(station: Station, starts: list[tuple[int, int]]) -> str:
    """Return how deployments were joined."""
    if len(starts) < 2:
        return f"one: {starts[0][0]}" if starts else "not known"
    told = [
        f"{number} from {iso(join.begin_ms)}: "
        + (f"not joined: {join.reason}" if join.reason
           else f"offset {join.offset_m:+.4f} m (sigma {join.sigma_m:.4f} m) taken off")
        for (number, _), join in zip(starts[1:], station.joins, strict=False)
    ]  # fmt: skip
    return f"{starts[0][0]} from the beginning; " + "; ".join(told)
