"""Runs a script and writes down its largest memory: ``measured.py PEAK SCRIPT ARGUMENTS``.

What the parent is told of a child's memory includes the parent's own, which it had for an instant.
"""

import resource
import runpy
import sys
from pathlib import Path


def peak_mb():
    """Return the largest memory of this process so far, MB."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1e3
    except FileNotFoundError:  # macOS: bytes, and its children start from nothing
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


peak, script, *arguments = sys.argv[1:]
sys.argv = [script, *arguments]
sys.path.insert(0, str(Path(script).parent))
try:
    runpy.run_path(script, run_name="__main__")
finally:
    Path(peak).write_text(str(peak_mb()))
