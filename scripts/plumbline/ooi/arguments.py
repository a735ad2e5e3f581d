"""Arguments of the command lines that ask for a chunk: which stream, which window, which record."""

import argparse

from plumbline.ooi.moments import moment
from plumbline.ooi.orders import Query


def add_question(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that tell a chunk, and where its record and log go."""
    parser.add_argument("--reference-designator", required=True, help="such as RS03CCAL-MJ03F-05-BOTPTA301")
    parser.add_argument("--method", required=True, help="such as streamed")
    parser.add_argument("--stream", required=True, help="OOI's name, such as botpt_nano_sample")
    parser.add_argument("--begin", required=True, type=moment, help="UTC, inclusive")
    parser.add_argument("--end", required=True, type=moment, help="UTC, exclusive")
    parser.add_argument("--name", default="stream", help="the stream's short name, for the record")
    parser.add_argument("--chunk", default="whole", help="the chunk's name, for the record")
    parser.add_argument("--record", required=True, help="the request record to write")
    parser.add_argument("--log", help="a log file")


def query_of(args: argparse.Namespace) -> Query:
    """Return the question that they tell."""
    return Query(args.reference_designator, args.method, args.stream, args.begin, args.end)
