"""Find the files that one chunk of a stream needs, where they need not be ordered, and write its request record.

Sources are OOI's gold copy and other THREDDS catalogs (for download, or over OPeNDAP), the raw archive, and files that
are here already. Reads an earlier record of the same name; one that says the same is kept.
"""

import argparse

from plumbline.ooi.moments import moment
from plumbline.ooi.orders import Query
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
    parser.add_argument("--reference-designator", required=True, help="such as RS03CCAL-MJ03F-05-BOTPTA301")
    parser.add_argument("--method", required=True, help="such as streamed")
    parser.add_argument("--stream", required=True, help="OOI's name, such as botpt_nano_sample")
    parser.add_argument("--begin", required=True, type=moment, help="UTC, inclusive")
    parser.add_argument("--end", required=True, type=moment, help="UTC, exclusive")
    parser.add_argument("--name", default="stream", help="the stream's short name, for the record")
    parser.add_argument("--chunk", default="whole", help="the chunk's name, for the record")
    parser.add_argument("--record", required=True, help="the request record to write")
    parser.add_argument("--log", help="a log file")
    args = parser.parse_args()
    with reported(args.log, f"{args.name} {args.chunk}"):
        query = Query(args.reference_designator, args.method, args.stream, args.begin, args.end)
        find(args.api, Place(args.source, args.server, args.place), args.name, args.chunk, query, args.record)


if __name__ == "__main__":
    main()
