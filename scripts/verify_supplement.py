"""Check a supplement: every byte, its metadata, and what can be made again.

With the folder alone, bytes and metadata are checked. Beside the results of a run, bins are made again of the raw
files and tables of the bins, as far as these are at hand, and compared byte by byte. Exit code 0: all is well.
"""

import argparse
import sys
from pathlib import Path

# This script may lie in the very folder that it checks, and nothing may appear there.
sys.dont_write_bytecode = True

from plumbline.reporting import counted, log, reported  # noqa: E402
from plumbline.supplement.verification import verify  # noqa: E402


def main() -> None:
    """Read the command line and check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the supplement")
    parser.add_argument("--results", type=Path, help="the results of a run, with a folder for each stream")
    parser.add_argument("--log", help="a log file")
    args = parser.parse_args()
    with reported(args.log, "verify"):
        faults = verify(args.folder, args.results)
        for fault in faults:
            log.error("%s.", fault)
        if faults:
            log.error("%s: %s found.", args.folder, counted(len(faults), "fault"))
            raise SystemExit(1)
        log.info("%s is whole and right.", args.folder)


if __name__ == "__main__":
    main()
