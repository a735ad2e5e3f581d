"""Runs a command and prints, as its last line of output, what it cost: ``measured.py COMMAND...``.

A small process between: what the kernel tells of a child's memory includes that of the process from
which it was forked, and the benchmarks themselves hold arrays.
"""

import json
import os
import subprocess
import sys
import time

start = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
cost = {
    "code": os.waitstatus_to_exitcode(status),
    "wall_s": time.perf_counter() - start,
    "cpu_s": usage.ru_utime + usage.ru_stime,
    # Linux counts in 1024 bytes, macOS in bytes
    "peak_mb": usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024),
}
print(json.dumps(cost))
