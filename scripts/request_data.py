"""Order one chunk of a stream from OOI's M2M API and write its request record.

Reads nothing but an earlier record of the same name; writes the record, JSON. An order that the
server accepted before is not sent again. Credentials come from OOI_USERNAME and OOI_TOKEN, or from
``~/.netrc``.
"""

import argparse

from plumbline.ooi.moments import moment
from plumbline.ooi.orders import Query
from plumbline.reporting import reported
from plumbline.retrieval.ordering import order


def main() -> None:
    """Read the command line and order."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api", required=True, help="'embedded', or the API's URL")
    parser.add_argument("--reference-designator", required=True, help="such as RS03CCAL-MJ03F-05-BOTPTA301")
    parser.add_argument("--method", required=True, help="such as streamed")
    parser.add_argument("--stream", required=True, help="OOI's name, such as botpt_nano_sample")
    parser.add_argument("--begin", required=True, type=moment, help="UTC, inclusive")
    parser.add_argument("--end", required=True, type=moment, help="UTC, exclusive")
    parser.add_argument("--name", default="stream", help="the stream's short name, for the record")
    parser.add_argument("--chunk", default="whole", help="the chunk's name, for the record")
    parser.add_argument("--record", required=True, help="the request record to write")
    parser.add_argument("--email", choices=("account", "none"), default="account", help="mail when an order is ready")
    parser.add_argument("--log", help="a log file")
    args = parser.parse_args()
    with reported(args.log, f"{args.name} {args.chunk}"):
        query = Query(args.reference_designator, args.method, args.stream, args.begin, args.end)
        order(args.api, args.name, args.chunk, query, args.record, mail=args.email == "account")


if __name__ == "__main__":
    main()
