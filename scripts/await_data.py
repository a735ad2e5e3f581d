"""Wait until an order is complete and write its completion marker.

Reads a request record; writes the marker, JSON: what the server said, and its files with sizes.
"""

import argparse

from plumbline.reporting import reported
from plumbline.retrieval.waiting import wait


def main() -> None:
    """Read the command line and wait."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", required=True, help="the request record")
    parser.add_argument("--deadline", type=float, default=48 * 3600.0, help="how long to wait, seconds")
    parser.add_argument("--completion", required=True, help="the completion marker to write")
    parser.add_argument("--label", default="order", help="stream and chunk, for the messages")
    parser.add_argument("--email", choices=("account", "none"), default="account", help="mail when an order is ready")
    parser.add_argument("--log", help="a log file")
    args = parser.parse_args()
    with reported(args.log, args.label):
        wait(args.record, args.deadline, args.completion, mail=args.email == "account")


if __name__ == "__main__":
    main()
