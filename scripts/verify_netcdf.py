"""Compare a chunk's netCDF files with their manifest; fetch again what is missing or altered.

Reads the manifest, the completion marker and the files; writes a note that all is well.
"""

import argparse
from pathlib import Path

from plumbline.reporting import reported
from plumbline.retrieval.downloads import verify


def main() -> None:
    """Read the command line and verify."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--completion", required=True, type=Path, help="the completion marker")
    parser.add_argument("--record", required=True, type=Path, help="the request record, told if the results are gone")
    parser.add_argument("--folder", required=True, type=Path, help="where the netCDF files are")
    parser.add_argument("--manifest", required=True, type=Path, help="the manifest")
    parser.add_argument("--output", required=True, type=Path, help="the note to write")
    parser.add_argument("--unreadable", choices=("stop", "skip"), default="stop", help="a file that cannot be read")
    parser.add_argument("--variables", default="", help="what is needed beside time, with commas between")
    parser.add_argument("--mode", choices=("whole", "subset"), default="whole", help="whole files, or what is needed")
    parser.add_argument("--label", default="order", help="stream and chunk, for the messages")
    parser.add_argument("--log", help="a log file")
    args = parser.parse_args()
    variables = [name for name in args.variables.split(",") if name]
    with reported(args.log, args.label):
        verify(
            args.completion,
            args.record,
            args.folder,
            args.manifest,
            skip=args.unreadable == "skip",
            variables=variables,
            in_parts=args.mode == "subset",
        )
        args.output.write_text("every file is as the manifest says\n", encoding="utf-8")


if __name__ == "__main__":
    main()
