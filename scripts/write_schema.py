"""Write config/schema.json from the models of the configuration, for editors that check YAML."""

from pathlib import Path

from plumbline.atomic import write_json
from plumbline.configuration import json_schema


def main() -> None:
    """Write the schema beside the configurations."""
    write_json(Path(__file__).parent.parent / "config" / "schema.json", json_schema())


if __name__ == "__main__":
    main()
