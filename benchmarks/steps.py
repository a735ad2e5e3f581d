"""The steps of the workflow that its `script:` rules do, as processes of their own, to be measured.

``steps.py table BINS CSV INTERVAL_MS BEGIN_MS END_MS``, ``steps.py figure CSV PNG``
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

import snakemake.script  # noqa: F401 (what Snakemake puts before every script loads it)


def table(bins: str, csv: str, interval_ms: str, begin_ms: str, end_ms: str) -> None:
    """Write a table and its metadata, as scripts/resample_bins.py does."""
    from plumbline.tables.csv_table import write_table
    from plumbline.tables.description import describe_table

    window, paths = (int(begin_ms), int(end_ms)), [Path(bins)]
    units, origins = write_table(paths, "bottom_pressure", int(interval_ms), *window, 20.0, Path(csv))
    stream = {
        "name": "benchmark",
        "reference_designator": "RS03CCAL-MJ03F-05-BOTPTA301",
        "method": "streamed",
        "stream": "botpt_nano_sample",
    }
    interval, metadata = f"{int(interval_ms) // 1000}s", Path(f"{csv}-metadata.json")
    describe_table(
        origins, units, "bottom_pressure", interval, int(interval_ms), *window, 20.0, stream, "embedded", metadata
    )


def figure(csv: str, png: str) -> None:
    """Draw a table, as scripts/plot_table.py does."""
    from plumbline.figures.tables import plot_table

    plot_table(Path(csv), Path(f"{csv}-metadata.json"), Path(png))


{"table": table, "figure": figure}[sys.argv[1]](*sys.argv[2:])
