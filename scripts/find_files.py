"""Find the files that one chunk of a stream needs, where they need not be ordered, and write its request record.

Sources are OOI's gold copy and other THREDDS catalogs (for download, or over OPeNDAP), the raw archive, and files that
are here already. Reads an earlier record of the same name; one that says the same is kept.
"""

import argparse

from plumbline.ooi.arguments import add_question, query_of
from plumbline.ooi.places import SOURCES, Place
from plumbline.reporting import reported
from plumbline.sources.finding import find


def main() -> None:
    """Read the command line and find."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api", required=True, help="'embedded', or the API's URL, which is asked for annotations")
    parser.add_argument("--source", required=True, choices=SOURCES[1:], help="where the files come from")
    parser.add_argument("--server", required=True, help="as the record names it: 'embedded', 'files' or a URL")
    parser.add_argument("--place", required=True, help="a catalog, a folder of the raw archive, or a pattern of files")
    add_question(parser)
    args = parser.parse_args()
    with reported(args.log, f"{args.name} {args.chunk}"):
        place = Place(args.source, args.server, args.place)
        find(args.api, place, args.name, args.chunk, query_of(args), args.record)


if __name__ == "__main__":
    main()
