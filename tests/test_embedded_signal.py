"""The signal model: a function of instrument and time alone, and like Axial Seamount in what it shows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.embedded import signal

CENTRAL, EASTERN = "RS03CCAL-MJ03F-05-BOTPTA301", "RS03ECAL-MJ03E-06-BOTPTA302"
DISTRICT, ASHES = "RS03INT2-MJ03D-06-BOTPTA303", "RS03ASHS-MJ03B-09-BOTPTA304"
NANO, FIFTEEN = "botpt_nano_sample", "botpt_nano_sample_15sec"
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
APRIL_23_MS = 1_429_747_200_000
METRES_PER_PSI = 0.67


def series(designator, stream, begin_ms, end_ms):
    time_ms, variables = signal.samples(designator, stream, begin_ms, end_ms)
    return time_ms, variables["bottom_pressure" if stream == NANO else "botsflu_meanpres"]


@settings(max_examples=15)
@given(
    begin=st.integers(0, 3 * HOUR_MS),
    length=st.integers(1, 2 * HOUR_MS),
    cut=st.floats(0, 1),
    designator=st.sampled_from([CENTRAL, EASTERN, DISTRICT]),
    stream=st.sampled_from([NANO, FIFTEEN]),
)
def test_any_window_gives_the_same_samples(begin, length, cut, designator, stream):
    start, end = APRIL_23_MS + begin, APRIL_23_MS + begin + length
    middle = start + int(cut * length)
    time_ms, variables = signal.samples(designator, stream, start, end)
    parts = [signal.samples(designator, stream, start, middle), signal.samples(designator, stream, middle, end)]
    np.testing.assert_array_equal(time_ms, np.concatenate([part[0] for part in parts]))
    assert ((time_ms >= start) & (time_ms < end)).all()
    assert (np.diff(time_ms) > 0).all()
    for name, values in variables.items():
        np.testing.assert_array_equal(values, np.concatenate([part[1][name] for part in parts]))


def test_the_15_s_stream_is_the_centred_mean_of_the_20_hz_stream():
    """OOI's own product: bins centred on :00, :15, :30 and :45, 7.5 s to either side."""
    begin, end = APRIL_23_MS + HOUR_MS, APRIL_23_MS + 2 * HOUR_MS
    time_ms, pressure = series(CENTRAL, NANO, begin - 10_000, end + 10_000)
    centres, means = series(CENTRAL, FIFTEEN, begin, end)
    assert (centres % 15_000 == 0).all()
    assert len(centres) == 240
    for centre, mean in zip(centres, means, strict=True):
        inside = (time_ms >= centre - 7_500) & (time_ms < centre + 7_500)
        assert mean == pytest.approx(pressure[inside].astype(float).mean(), abs=4e-4)


def test_twenty_samples_a_second_with_single_ones_missing():
    time_ms, _ = series(CENTRAL, NANO, APRIL_23_MS, APRIL_23_MS + DAY_MS)
    assert (time_ms % 50 == 0).all()
    assert 0.99 * DAY_MS / 50 < len(time_ms) < DAY_MS / 50


def daily(designator, first, last):
    """Return daily means in psi; the tide's mean over a day is small."""
    means = []
    for day in range(first, last):
        _, pressure = series(designator, FIFTEEN, APRIL_23_MS + day * DAY_MS, APRIL_23_MS + (day + 1) * DAY_MS)
        means.append(pressure.astype(float).mean())
    return np.array(means)


def test_the_eruption_of_april_2015_is_2_4_m_at_the_centre_and_1_m_in_the_east():
    drop = {}
    for designator in (CENTRAL, EASTERN):
        before, after = daily(designator, -14, 1).mean(), daily(designator, 15, 30).mean()
        drop[designator] = (after - before) * METRES_PER_PSI
    assert drop[CENTRAL] == pytest.approx(2.4, abs=0.25)
    assert drop[EASTERN] == pytest.approx(1.0, abs=0.25)


def test_the_onset_is_on_24_april_at_6_o_clock():
    begin = APRIL_23_MS + DAY_MS + 5 * HOUR_MS
    (_, central), (_, eastern) = (series(one, FIFTEEN, begin, begin + 3 * HOUR_MS) for one in (CENTRAL, EASTERN))
    difference = (central - eastern).astype(float) * METRES_PER_PSI  # without the tide
    before, after = difference[:240], difference[240:]
    assert np.ptp(before) < 0.05
    assert after[-1] - before.mean() > 0.3


def test_tide_and_noise_have_the_size_of_the_place():
    _, hours = series(CENTRAL, FIFTEEN, APRIL_23_MS - 20 * DAY_MS, APRIL_23_MS - 5 * DAY_MS)
    metres = hours.astype(float) * METRES_PER_PSI
    assert 2.0 < np.ptp(metres) < 4.0
    _, quick = series(CENTRAL, NANO, APRIL_23_MS, APRIL_23_MS + 600_000)
    fast = np.diff(quick.astype(float))
    assert 0 < fast.std() < 0.05


def test_stations_differ_and_begin_when_they_were_set_down():
    _, central = series(CENTRAL, FIFTEEN, APRIL_23_MS, APRIL_23_MS + HOUR_MS)
    _, eastern = series(EASTERN, FIFTEEN, APRIL_23_MS, APRIL_23_MS + HOUR_MS)
    assert abs(central.mean() - eastern.mean()) > 1
    time_ms, ashes = series(ASHES, FIFTEEN, APRIL_23_MS + 1000 * DAY_MS, APRIL_23_MS + 1001 * DAY_MS)
    assert len(time_ms) > 5000
    assert 2200 < ashes.mean() < 2400


def test_the_record_has_gaps():
    lengths = []
    for month in range(6):
        begin = APRIL_23_MS + (month * 30 - 90) * DAY_MS
        time_ms, _ = series(CENTRAL, FIFTEEN, begin, begin + 30 * DAY_MS)
        lengths.append(np.diff(time_ms).max())
    assert max(lengths) > HOUR_MS
