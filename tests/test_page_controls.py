"""Moving about in the interactive page: keys, fingers, the order of the focus, what is typed."""

import pytest

from browser import CHROMIUM
from page_files import BEGIN_MS, DAYS, HOUR_MS
from page_shown import settle, show, text, view
from plumbline.intervals import DAY_MS

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not there (Debian: apt-get install chromium)")


def test_keys_pan_zoom_and_read(page):
    show(page, BEGIN_MS + 5 * DAY_MS, BEGIN_MS + 6 * DAY_MS)
    page.evaluate("document.querySelector('#plots').focus()")
    begin, end = view(page)
    page.key("ArrowRight")
    assert view(page) == (begin + DAY_MS // 10, end + DAY_MS // 10)
    page.key("ArrowLeft")
    assert view(page) == (begin, end)
    page.key("+")
    assert view(page)[1] - view(page)[0] == pytest.approx(DAY_MS / 1.6, abs=2)
    page.key("-")
    assert view(page)[1] - view(page)[0] == pytest.approx(DAY_MS, abs=2)
    page.key("Home")
    assert view(page)[0] == BEGIN_MS
    page.key("End")
    assert view(page)[1] == BEGIN_MS + DAYS * DAY_MS
    settle(page)
    page.key("ArrowRight", shift=True)
    first = text(page, "#cursor-time")
    page.key("ArrowRight", shift=True)
    assert first < text(page, "#cursor-time")
    assert "central 22" in text(page, "#live")
    page.key("0")
    assert view(page) == (BEGIN_MS, BEGIN_MS + DAYS * DAY_MS)


def test_tab_goes_through_all_controls_in_order_with_the_focus_seen(page):
    page.evaluate("document.activeElement.blur()")
    passed = []
    for _ in range(24):
        page.key("Tab")
        passed.append(
            page.evaluate(
                "(() => { const e = document.activeElement; return [e.id || e.dataset.preset || e.dataset.step ||"
                " e.name || e.type || e.tagName, getComputedStyle(e.name === 'quantity' ? e.nextSibling : e)"
                ".outlineStyle, e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText]; })()"
            )
        )
    names = [name for name, _, _ in passed]
    wanted = ["quantity", "week", "months", "eruption", "all", "from", "to", "back", "on", "out", "in", "csv", "events"]
    assert names[: len(wanted) + 1] == [*wanted, "plots"]
    for name, outline, label in passed[: len(wanted) + 1]:
        assert outline == "solid", name
        assert label, name


def test_a_typed_window_is_shown_and_a_mistyped_one_is_marked(page):
    for field, typed in (("from", "2015-04-22"), ("to", "2015-04-23 12:30")):
        page.evaluate(
            f"(() => {{ const e = document.querySelector('#{field}'); e.focus(); e.value = '{typed}'; e.blur();"
            " e.dispatchEvent(new Event('change')); })()"
        )
    assert view(page) == (BEGIN_MS + 2 * DAY_MS, BEGIN_MS + 3 * DAY_MS + 12 * HOUR_MS + 30 * 60_000)
    page.evaluate(
        "(() => { const e = document.querySelector('#to'); e.value = '30 April'; "
        "e.dispatchEvent(new Event('change')); })()"
    )
    assert page.evaluate("document.querySelector('#to').getAttribute('aria-invalid')") == "true"


def test_a_line_can_be_left_out(page):
    page.click("#quantities label:nth-of-type(3)")
    settle(page)
    assert page.evaluate("plumbline.app.panels[0].chart.series.length") == 1 + 2 * 3
    page.click(".lines li:nth-of-type(2) input")
    settle(page)
    assert page.evaluate("plumbline.app.panels[0].chart.series.length") == 1 + 3
    assert page.evaluate("plumbline.app.strips.map(({strip}) => strip.name)") == ["central"]


def test_on_a_phone_fingers_pan_and_pinch_and_nothing_is_cut_off(chromium, page_results):
    page = chromium.page(390, 844, phone=True)
    page.open(page_results / "supplement" / "index.html")
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    x, y, width = page.place(".u-over")
    before = view(page)
    spread = [[(x - reach, y), (x + reach, y)] for reach in (30, 45, 60, 75, 90)]
    page.touch(*spread)
    begin, end = view(page)
    assert (end - begin) == pytest.approx((before[1] - before[0]) / 3, rel=0.05)
    page.touch([(x, y)])
    page.wait("document.querySelector('#cursor-time').innerText.includes('UTC')")
    page.touch(*([(x + move, y)] for move in (0, 20, 40, 60)))
    assert view(page)[0] == pytest.approx(begin - 60 / width * (end - begin), abs=0.03 * (end - begin))
    assert page.complaints == []
    page.close()


def test_an_address_brings_back_what_was_shown(page, chromium):
    page.evaluate("plumbline.app.use('uplift')")
    show(page, BEGIN_MS + DAY_MS, BEGIN_MS + 2 * DAY_MS)
    page.wait("location.hash.includes('uplift')")
    other = chromium.page()
    other.open(page.evaluate("location.href"))
    settle(other)
    assert view(other) == view(page)
    assert other.evaluate("plumbline.app.quantity") == "uplift"
    other.close()
