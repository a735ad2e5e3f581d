"""Remove the netCDF files of a chunk whose bins are written, and note that they were there.

Reads the bins, every one, and the manifest; writes the note, JSON. Manifest and SHA256SUMS stay.
"""

import argparse
from pathlib import Path

from plumbline.reporting import reported
from plumbline.retrieval.freeing import free


def main() -> None:
    """Read the command line and free."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bins", required=True, type=Path, help="the chunk's bins")
    parser.add_argument("--manifest", required=True, type=Path, help="the manifest of its files")
    parser.add_argument("--folder", required=True, type=Path, help="where the files are")
    parser.add_argument("--modules", required=True, help="digest of the code that made the bins")
    parser.add_argument("--output", required=True, type=Path, help="the note to write")
    parser.add_argument("--label", default="chunk", help="stream and chunk, for the messages")
    parser.add_argument("--log", help="a log file")
    args = parser.parse_args()
    with reported(args.log, args.label):
        free(args.bins, args.manifest, args.folder, args.modules, args.output)


if __name__ == "__main__":
    main()
