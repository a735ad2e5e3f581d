"""Give orders up, so that the next run of the workflow makes them anew.

For what the server delivered badly: slices that it failed on, files that hold nonsense. Reads and
rewrites request records; asks no server. What was downloaded stays until the new order has arrived.

    uv run python scripts/order_anew.py results/central-caldera/requests/2015-04.json
"""

import argparse
from pathlib import Path

from plumbline.reporting import log, reported
from plumbline.retrieval import records


def main() -> None:
    """Read the command line and give up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", nargs="+", type=Path, help="request records: results/{stream}/requests/{chunk}.json")
    args = parser.parse_args()
    with reported(None, "order anew"):
        for path in args.records:
            records.give_up(path, records.BY_HAND)
            log.info("%s: the next run orders anew.", path)


if __name__ == "__main__":
    main()
