"""Order one chunk of a stream from OOI's M2M API and write its request record.

Reads nothing but an earlier record of the same name; writes the record, JSON. An order that the
server accepted before is not sent again. Credentials come from OOI_USERNAME and OOI_TOKEN, or from
``~/.netrc``.
"""

import argparse

from plumbline.ooi.arguments import add_question, query_of
from plumbline.reporting import reported
from plumbline.retrieval.ordering import order


def main() -> None:
    """Read the command line and order."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api", required=True, help="'embedded', or the API's URL")
    add_question(parser)
    parser.add_argument("--email", choices=("account", "none"), default="account", help="mail when an order is ready")
    args = parser.parse_args()
    with reported(args.log, f"{args.name} {args.chunk}"):
        order(args.api, args.name, args.chunk, query_of(args), args.record, mail=args.email == "account")


if __name__ == "__main__":
    main()
