"""Depth from pressure: OOI's convention, and the equation of state."""

import numpy as np
import pytest

from plumbline.errors import PlumblineError
from plumbline.products import depth as depths

CENTRAL = depths.POSITIONS["RS03CCAL-MJ03F-05-BOTPTA301"]


def test_the_two_methods_differ_by_fifteen_metres_at_axial():
    pressure = np.array([2254.0])
    assert depths.depth(pressure, "ooi", CENTRAL.latitude)[0] == pytest.approx(-1510.18, abs=0.005)
    assert depths.depth(pressure, "teos10", CENTRAL.latitude)[0] == pytest.approx(-1525.6, abs=0.05)


def test_a_psi_is_more_metres_than_ooi_says():
    step = np.diff(depths.depth_teos10(np.array([2253.5, 2254.5]), CENTRAL.latitude))[0]
    assert -step == pytest.approx(0.6788, abs=5e-5)
    assert np.diff(depths.depth_ooi(np.array([2253.5, 2254.5])))[0] == pytest.approx(-0.67)


def test_one_atmosphere_is_the_surface_for_teos10_alone():
    atmosphere_psi = 101.325 / depths.KPA_PER_PSI
    assert depths.depth_teos10(atmosphere_psi, CENTRAL.latitude) == pytest.approx(0.0, abs=1e-9)
    assert depths.depth_ooi(atmosphere_psi) == pytest.approx(-9.846, abs=1e-3)


@pytest.mark.parametrize("method", depths.METHODS)
def test_what_is_missing_stays_missing(method):
    found = depths.depth(np.array([2254.0, np.nan]), method, CENTRAL.latitude)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(np.isnan(found), [False, True])


def test_positions_are_known_by_reference_designator():
    assert depths.position_of("RS03ECAL-MJ03E-06-BOTPTA302") == (45.939888, -129.974113)
    with pytest.raises(PlumblineError, match=r"No position is known of 'RS03ECAL'; known are RS03CCAL-MJ03F-05"):
        depths.position_of("RS03ECAL")


def test_an_unknown_method_or_latitude_is_told_in_a_sentence():
    with pytest.raises(PlumblineError, match="'gsw'; allowed are ooi, teos10"):
        depths.depth(np.array([2254.0]), "gsw", 45.0)
    with pytest.raises(PlumblineError, match="latitude 130"):
        depths.depth(np.array([2254.0]), "ooi", 130.0)
