"""Tell what OOI has: streams found by words, with their time ranges, as a table and as YAML for a configuration.

Asks OOI's inventory and vocabulary, or reads what they told not long ago, kept in .snakemake/plumbline/catalog/.
Orders nothing. In a workflow it writes results/catalog.yaml; by itself it prints the YAML with --yaml.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from plumbline import configuration
from plumbline.atomic import replacing
from plumbline.catalog.details import details_of
from plumbline.catalog.finding import Catalog, Server, find
from plumbline.catalog.kept import Kept
from plumbline.catalog.pasting import as_yaml
from plumbline.catalog.showing import show_catalog, show_details
from plumbline.configuration.looking import Catalog as Wanted
from plumbline.configuration.values import OOI_API, api_url
from plumbline.errors import PlumblineError
from plumbline.overview.tables import console
from plumbline.reporting import reported

KEPT = Path(".snakemake") / "plumbline" / "catalog"
YAML = Path("results") / "catalog.yaml"
# Of so few streams everything is told that is known.
FEW = 4


def look(api: str, wanted: Wanted, now: datetime, printed: bool = True) -> tuple[Catalog, str]:
    """Find streams, print them, and return them, as YAML too."""
    server, kept = Server(api), Kept(KEPT, api, wanted.max_age, now)
    catalog = find(server, kept, wanted.find)
    if printed:
        out = console()
        show_catalog(out, catalog, api, now)
        few = 0 < len(catalog.streams) <= FEW
        if wanted.details or (wanted.details is None and few):
            for found in catalog.streams:
                show_details(out, found, details_of(server, kept, found))
    return catalog, as_yaml(catalog.streams, catalog.words, api, catalog.asked_at, now)


def of_workflow(job) -> None:
    """Map the job's configuration to one table and one file."""
    with reported(job.log[0], "catalog"):
        config = configuration.read(job.params.config)
        catalog, text = look(config.ooi.api, config.catalog, datetime.now(UTC))
        with replacing(YAML) as scratch:
            scratch.write_text(text, encoding="utf-8")
        if catalog.streams:
            print(f"To be pasted into a configuration: {YAML}", flush=True)


def main() -> None:
    """Read the command line and look."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="all must be found: axial BOTPT; none: everything")
    parser.add_argument("--api", default=OOI_API, help="'embedded', or the API's URL (default: OOI's)")
    parser.add_argument("--max-age", default="1d", help="what was told is used so long (default 1d)")
    parser.add_argument("--details", action="store_true", default=None, help="tell everything, however many are found")
    parser.add_argument("--yaml", action="store_true", help="print YAML for a configuration in place of the table")
    args = parser.parse_args()
    with reported(None, "catalog"):
        try:
            api = api_url(args.api)
            wanted = Wanted(find=" ".join(args.words), max_age=args.max_age, details=args.details)
        except ValidationError as error:
            raise PlumblineError(f"{error.errors()[0]['ctx']['error']}.") from None
        except ValueError as error:
            raise PlumblineError(f"{error}.") from None
        _, text = look(api, wanted, datetime.now(UTC), printed=not args.yaml)
        if args.yaml:
            sys.stdout.write(text)


if "snakemake" in globals():
    of_workflow(snakemake)
elif __name__ == "__main__":
    main()
