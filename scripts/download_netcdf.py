"""Download the netCDF files of a complete order and write their manifest.

Reads a completion marker; writes the files, SHA256SUMS beside them, and the manifest, JSON. What is
there already and unharmed is kept; what broke off is gone on with.
"""

import argparse
from pathlib import Path

from plumbline.reporting import reported
from plumbline.retrieval.downloads import download


def main() -> None:
    """Read the command line and download."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--completion", required=True, type=Path, help="the completion marker")
    parser.add_argument("--record", required=True, type=Path, help="the request record, told if the results are gone")
    parser.add_argument("--folder", required=True, type=Path, help="where the netCDF files go")
    parser.add_argument("--manifest", required=True, type=Path, help="the manifest to write")
    parser.add_argument("--connections", type=int, default=4, help="files fetched at once")
    parser.add_argument("--unreadable", choices=("stop", "skip"), default="stop", help="a file that cannot be read")
    parser.add_argument("--variables", default="", help="what is needed beside time, with commas between")
    parser.add_argument("--mode", choices=("whole", "subset"), default="whole", help="whole files, or what is needed")
    parser.add_argument("--label", default="order", help="stream and chunk, for the messages")
    parser.add_argument("--log", help="a log file")
    args = parser.parse_args()
    variables = [name for name in args.variables.split(",") if name]
    with reported(args.log, args.label):
        download(
            args.completion,
            args.record,
            args.folder,
            args.manifest,
            args.connections,
            skip=args.unreadable == "skip",
            variables=variables,
            in_parts=args.mode == "subset",
        )


if __name__ == "__main__":
    main()
