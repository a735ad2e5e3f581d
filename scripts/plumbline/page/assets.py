"""What goes into the page beside the data. It imports little: Snakemake reads it before every job."""

import hashlib
from pathlib import Path

HERE = Path(__file__).parent
TEMPLATE = HERE / "browser" / "page.html"
STYLES = [HERE / "vendor" / "uplot" / "uPlot.min.css", HERE / "browser" / "page.css"]
SCRIPTS = [
    HERE / "vendor" / "uplot" / "uPlot.iife.min.js",
    # Each uses those before it.
    *(
        HERE / "browser" / f"{name}.js"
        for name in ("unpack", "store", "words", "strip", "charts", "download", "movement", "page")
    ),
]


def digest() -> str:
    """Return a digest of these files, to which no Python import leads."""
    content = hashlib.sha256()
    for path in (TEMPLATE, *STYLES, *SCRIPTS):
        content.update(path.name.encode() + path.read_bytes())
    return content.hexdigest()[:16]
