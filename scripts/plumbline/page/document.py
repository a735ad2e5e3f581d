"""The page itself: one HTML file that holds its style, its scripts, the library that draws, and its overview."""

import re
from html import escape
from pathlib import Path

from plumbline.atomic import replacing
from plumbline.page.assets import SCRIPTS, STYLES, TEMPLATE
from plumbline.page.pieces import compact


def write_page(path: Path, title: str, content: dict) -> None:
    """Write the page.

    Parameters
    ----------
    path : Path
    title : str
    content : dict
        What its scripts read: lines, quantities, coverage, events.
    """
    parts = {
        "title": escape(title),
        "style": "\n".join(style.read_text(encoding="utf-8") for style in STYLES),
        "content": compact(content),
        "script": "\n".join(script.read_text(encoding="utf-8") for script in SCRIPTS),
    }
    # In one pass: what was put in is not looked at again.
    text = re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], TEMPLATE.read_text(encoding="utf-8"))
    with replacing(path) as scratch:
        scratch.write_text(text, encoding="utf-8")


def write_empty(path: Path, title: str) -> None:
    """Write a page of streams of which it draws nothing, and say so."""
    text = (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f"<h1>{escape(title)}</h1>\n<p>The streams have nothing but directions, which are not drawn here; see their "
        "figures and tables.</p>\n</html>\n"
    )
    with replacing(path) as scratch:
        scratch.write_text(text, encoding="utf-8")
