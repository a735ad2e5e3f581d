"""netCDF to a 1 min CSV as the workflow does it: ``plumbline_job.py OUTPUT BEGIN_MS END_MS FILES...``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "scripts"))

from plumbline.samples.binning import bin_files
from plumbline.tables.csv_table import write_table

output, begin_ms, end_ms, *paths = sys.argv[1:]
window = int(begin_ms), int(end_ms)
bins = Path(output).with_suffix(".nc")
bin_files([Path(path) for path in paths], *window, 7_500, ["bottom_pressure"], bins, {})
write_table([bins], "bottom_pressure", 60_000, *window, 20.0, Path(output))
