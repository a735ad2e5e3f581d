"""What the interactive page shows, asked of the browser."""

import json


def settle(page):
    """Wait until everything that the page asked for is there and drawn."""
    page.frame()
    page.wait("!plumbline.isLoading()")
    page.frame()


def show(page, begin_ms, end_ms):
    """Show a window, as zooming does."""
    page.evaluate(f"plumbline.app.show({begin_ms}, {end_ms})")
    settle(page)


def view(page):
    """Return the window that is shown, ms since 1970."""
    seen = page.evaluate("plumbline.app.view")
    return seen["from"], seen["to"]


def text(page, selector):
    return page.evaluate(f"document.querySelector({json.dumps(selector)}).innerText")


def pieces_asked_for(page, level):
    return [address for address in page.requests if f"/{level}/" in address]
