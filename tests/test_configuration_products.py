"""The configuration of products: what it accepts, and the sentence for what it does not."""

import pytest

from plumbline import configuration
from plumbline.configuration import read
from plumbline.errors import PlumblineError
from test_configuration import GOOD, changed


def test_products_are_named_or_given_options_or_switched_off():
    assert read(GOOD).products.botsflu.day_coverage == 0.9
    named = read(changed(products=["uplift"])).products
    assert named.uplift is not None
    assert named.botsflu is named.events is named.forecast is None
    chosen = read(changed(products={"events": False, "botsflu": {"day_coverage": 0.5}})).products
    assert chosen.events is None
    assert chosen.botsflu.day_coverage == 0.5
    assert chosen.forecast is not None


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("products", ["tides"], "'tides' is no product; allowed are botsflu, uplift, events, forecast, tilt."),
        ("products", {"botsflu": {"day_coverage": 2}}, "allowed is a number up to 1."),
        ("products", ["events"], "'events' is made of 'botsflu', which is switched off; ask for both."),
        ("products", {"forecast": {}, "uplift": False}, "'forecast' is made of 'uplift', which is switched off"),
        ("products", {"quality": {"gross_range": [3200, 1500]}}, "the first of two limits has to be below the second"),
        ("products", {"quality": {"flat_line": [10, 5]}}, "the first of two limits has to be below the second"),
        ("products", {"forecast": {"level_m": float("nan")}}, "products.forecast.level_m"),
        ("products", {"depth": {"method": "unesco"}}, "'unesco' is not allowed; allowed are ooi, teos10."),
        ("products", {"forecastt": {}}, "unknown key 'products.forecastt'; did you mean 'forecast'?"),
        (
            "pairs",
            [{"name": "p", "centre": "central", "reference": "east"}],
            "'east' is no stream; allowed are central.",
        ),
        ("pairs", [{"name": "p", "centre": "central", "reference": "central"}], "centre and reference must differ."),
        ("pairs", [{"name": "central", "centre": "central", "reference": "central"}], "choose another."),
    ],
)
def test_mistakes_in_products_get_one_sentence(key, value, words):
    with pytest.raises(PlumblineError) as error:
        read(changed(**{key: value}))
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_pairs_of_the_default_go_with_its_streams():
    default = {"streams": GOOD["streams"], "pairs": [{"name": "p", "centre": "central", "reference": "east"}]}
    own = default | {"streams": []}
    assert "pairs" not in configuration.without_foreign_pairs(own, default)
    assert configuration.without_foreign_pairs(default, default) == default
    own["pairs"] = [{"name": "q", "centre": "a", "reference": "b"}]
    assert configuration.without_foreign_pairs(own, default) == own


def test_products_are_made_of_pressure_of_every_hour_at_least():
    for rate, made in ((1 / 3600, True), (0.000278, True), (1 / 86400, False)):
        config = read(changed(stream0__sample_rate_hz=rate))
        assert (config.pressure_of(config.streams[0]) is not None) == made


def test_a_pair_needs_pressure_at_both_stations():
    pair = {"name": "p", "centre": "central", "reference": "east"}
    east = GOOD["streams"][0] | {"name": "east"}
    for changed_by, works in (({}, True), ({"products": False}, False), ({"variables": ["press_trans_temp"]}, False)):
        config = GOOD | {"streams": [GOOD["streams"][0], east | changed_by], "pairs": [pair]}
        if works:
            assert read(config).pairs[0].reference == "east"
        else:
            with pytest.raises(PlumblineError, match="'east' has no pressure that products are made of"):
                read(config)


def test_bins_of_slow_pressure_tell_the_minute_of_a_sample():
    hourly = read(changed(resample=["1h", "1D"], stream0__sample_rate_hz=1 / 3600))
    assert hourly.base_ms(hourly.streams[0]) == 60_000
    ten_seconds = read(changed(resample=["1min"], stream0__sample_rate_hz=0.1))
    assert 7500 % ten_seconds.base_ms(ten_seconds.streams[0]) == 0


def test_bins_serve_oois_centred_means_where_these_are_made():
    fine = read(changed(resample=["1s", "1min"]))
    assert fine.base_ms(fine.streams[0]) == 500
    without = read(changed(resample=["1s", "1min"], products=["uplift"]))
    assert without.base_ms(without.streams[0]) == 1000
