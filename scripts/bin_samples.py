"""Reduce the samples of one chunk to bins.

Reads the manifest and the netCDF files that it names; writes the bins, CF-netCDF: n, mean, M2, min
and max of every base interval.
"""

import argparse
from pathlib import Path

from plumbline.reporting import reported
from plumbline.retrieval import records
from plumbline.samples.binning import bin_files


def main() -> None:
    """Read the command line and bin."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifest", required=True, type=Path, help="the manifest of the chunk's files")
    parser.add_argument("--folder", required=True, type=Path, help="where the files are")
    parser.add_argument("--begin-ms", required=True, type=int, help="begin of the window, milliseconds since 1970")
    parser.add_argument("--end-ms", required=True, type=int, help="end of the window, exclusive")
    parser.add_argument("--base-ms", required=True, type=int, help="length of a bin, milliseconds")
    parser.add_argument("--variables", required=True, nargs="+", help="variables to reduce")
    parser.add_argument("--output", required=True, type=Path, help="the bins to write")
    parser.add_argument("--label", default="chunk", help="stream and chunk, for the messages")
    parser.add_argument("--log", help="a log file")
    args = parser.parse_args()
    with reported(args.log, args.label):
        manifest = records.read(args.manifest, "manifest")
        bin_files(
            paths=[args.folder / file["name"] for file in manifest["files"]],
            begin_ms=args.begin_ms,
            end_ms=args.end_ms,
            base_ms=args.base_ms,
            variables=args.variables,
            output=args.output,
            attributes={"source_server": manifest["server"]},
        )


if __name__ == "__main__":
    main()
