"""Show the newest minutes of the configured streams: a look at the present, of which nothing is kept.

One synchronous request to OOI's API for each stream; nothing is ordered, and nothing is written under results/.
By itself it reads a configuration file, and can print CSV.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from plumbline import configuration
from plumbline.configuration import Configuration
from plumbline.configuration.looking import LEAST_MINUTES, MOST_MINUTES
from plumbline.embedded import USERNAME
from plumbline.errors import PlumblineError
from plumbline.ooi.session import api_session, api_url
from plumbline.overview.tables import console
from plumbline.present.newest import newest_of
from plumbline.present.showing import show_live, write_csv
from plumbline.reporting import reported

DEFAULT = Path(__file__).parent.parent / "config" / "config.yaml"


def look(config: Configuration, minutes: int, names: list[str], as_csv: bool) -> None:
    """Ask for the newest minutes of some streams, or of all, and print them."""
    api = config.ooi.api
    session, url = api_session(api), api_url(api)
    wanted = [stream for stream in config.streams if not names or stream.name in names]
    streams = [newest_of(session, url, stream, minutes, datetime.now(UTC)) for stream in wanted]
    server = "the embedded server" if api == "embedded" else urlsplit(api).hostname
    # An embedded server that was started by itself has a URL as any other has; its account tells it.
    synthetic = session.auth[0] == USERNAME
    if as_csv:
        write_csv(sys.stdout, streams, server, synthetic)
    else:
        show_live(console(), streams, server, synthetic, minutes, datetime.now(UTC))


def of_workflow(job) -> None:
    """Map the job's configuration to tables."""
    with reported(job.log[0], "live"):
        config = configuration.read(job.params.config)
        look(config, config.live.minutes, [], as_csv=False)


def read(path: Path | None) -> Configuration:
    """Read a configuration file, laid over the default one as the workflow does it."""
    try:
        default = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
        own = yaml.safe_load(path.read_text(encoding="utf-8")) if path else {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PlumblineError(f"{path} is no YAML: {str(error).splitlines()[0]}.") from None
    if not isinstance(own, dict):
        raise PlumblineError(f"{path} is no configuration: it must be a mapping of keys and values.")
    return configuration.read(configuration.without_foreign_pairs(default | own, default))


def main() -> None:
    """Read the command line and look."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("streams", nargs="*", help="names of streams in the configuration (default: all)")
    parser.add_argument("--configfile", type=Path, help="the configuration (default: config/config.yaml)")
    allowed = f"{LEAST_MINUTES} to {MOST_MINUTES}"
    parser.add_argument("--minutes", type=int, help=f"how many, {allowed} (default: the configuration's, 5)")
    parser.add_argument("--csv", action="store_true", help="print CSV in place of tables")
    args = parser.parse_args()
    with reported(None, "live"):
        config = read(args.configfile)
        minutes = config.live.minutes if args.minutes is None else args.minutes
        if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
            raise PlumblineError(f"{minutes} minutes are not shown; allowed are {allowed}.")
        known = [stream.name for stream in config.streams]
        for name in args.streams:
            if name not in known:
                raise PlumblineError(f"'{name}' is no stream of the configuration; it has {', '.join(known)}.")
        look(config, minutes, args.streams, args.csv)


if "snakemake" in globals():
    of_workflow(snakemake)
elif __name__ == "__main__":
    main()
