"""Figure of the spectrum: what is left of the tide, and at which frequencies the noise lies."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.signal import welch

from plumbline.figures.style import BLUE, COLUMN_CM, SKY, Labels, share_of_points, sheet
from plumbline.products.uplift import DAY_MS, HOUR_MS, SETTLED_DAYS

HOURS_PER_DAY = 24

# Cycles per day of the four greatest tides at Axial (Doodson; as in UTide's table).
TIDES = {"O1": 0.9295357, "K1": 1.0027379, "M2": 1.9322736, "S2": 2.0}

# Hours of a segment: 85 d tell M2 from S2 and O1 from K1 through a Hann window; 21 d no longer do.
MOST_SEGMENT, LEAST_SEGMENT = 2048, 256


def plot_spectrum(
    labels: Labels,
    time_ms: np.ndarray,
    depth_m: np.ndarray,
    detided_depth_m: np.ndarray,
    paths: Sequence[Path],
    onsets_ms: Sequence[int] = (),
) -> None:
    """Draw the power spectrum of hourly depth with and without tide, and name the great tides.

    Parameters
    ----------
    labels : Labels
        Words of the figure.
    time_ms : ndarray of int64, shape (n,)
        Hours, milliseconds since 1970, increasing.
    depth_m, detided_depth_m : ndarray of float64, shape (n,)
        m; NaN where missing.
    paths : sequence of Path
        Files to write: .png, .svg or .pdf. Without a stretch of 256 hours the panel says so.
    onsets_ms : sequence of int
        Onsets of eruptions: the falls and the week after each are left out, for a step has power everywhere.
    """
    calm = np.ones(time_ms.size, bool)
    for onset in onsets_ms:
        calm &= (time_ms + HOUR_MS <= onset) | (time_ms >= onset + SETTLED_DAYS * DAY_MS)
    with sheet(labels, paths, COLUMN_CM, 10) as (figure, (axes,)):
        drawn = ((depth_m, SKY, "with tide"), (detided_depth_m, BLUE, labels.tide))
        for values, colour, name in drawn:
            frequency, power, days = power_spectrum(time_ms, np.where(calm, values, np.nan))
            # A stuck sensor has no power anywhere, of which there is no logarithm.
            if power.any():
                step = -(-frequency.size // share_of_points(2))
                label = f"{name} ({days:.0f} d of data)"
                axes.loglog(frequency[::step], power[::step], color=colour, label=label)
        if axes.lines:
            _name_tides(axes)
            axes.set_xlim(right=HOURS_PER_DAY / 2)
            axes.xaxis.set_major_formatter("{x:g}")
            figure.legend(loc="outside upper left", frameon=False)
        else:
            axes.text(0.5, 0.5, "no stretch of 256 hours without a gap", transform=axes.transAxes, ha="center")
        axes.set(xlabel="Frequency (cycles per day)", ylabel="Power spectral density (cm²/cpd)")
        axes.set_title(f"{labels.station}\n{labels.stream}", loc="left", pad=20)


def power_spectrum(time_ms: np.ndarray, values_m: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the spectrum of hourly values over all stretches without a gap that are long enough.

    Welch's method (Hann window, half overlap, a line removed from each segment); segments are the longest power
    of two that the longest stretch holds, up to 2048 hours. Stretches count by their number of segments.
    Nothing is filled in: an interpolated gap would be a smooth piece, and lower the noise.

    Parameters
    ----------
    time_ms : ndarray of int64, shape (n,)
        Hours, milliseconds since 1970, increasing.
    values_m : ndarray of float64, shape (n,)
        m; NaN where missing.

    Returns
    -------
    frequency_cpd : ndarray of float64, shape (k,)
        Cycles per day, above zero. Empty if no stretch holds 256 hours.
    power : ndarray of float64, shape (k,)
        One-sided power spectral density, cm^2 per cycle per day.
    days : float
        Length of the stretches that are in it.
    """
    there = np.flatnonzero(np.isfinite(values_m))
    stretches = np.split(there, np.flatnonzero(np.diff(time_ms[there]) != HOUR_MS) + 1)
    longest = max(map(len, stretches))
    if longest < LEAST_SEGMENT:
        return np.empty(0), np.empty(0), 0.0
    segment = min(MOST_SEGMENT, 1 << (longest.bit_length() - 1))
    used = [stretch for stretch in stretches if len(stretch) >= segment]
    total, segments = 0.0, 0
    for stretch in used:
        count = (len(stretch) - segment) // (segment // 2) + 1
        values_cm = (values_m[stretch] - values_m[stretch[0]]) * 100
        frequency, power = welch(values_cm, fs=HOURS_PER_DAY, nperseg=segment, detrend="linear")
        total, segments = total + count * power, segments + count
    # Neither zero nor the last, which holds half a bin.
    return frequency[1:-1], total[1:-1] / segments, sum(map(len, used)) / HOURS_PER_DAY


def _name_tides(axes) -> None:
    """Draw the tides as lines with their names above; neighbours' on either side, twice a day higher up."""
    for name, frequency in TIDES.items():
        axes.axvline(frequency, color="0.6", linewidth=0.5, zorder=1)
        side = "right" if name in ("O1", "M2") else "left"
        axes.annotate(
            name,
            (frequency, 1),
            xytext=(0, 2 if frequency < 1.5 else 10),
            xycoords=axes.get_xaxis_transform(),
            textcoords="offset points",
            ha=side,
            va="bottom",
            fontsize=7,
            color="0.3",
        )
