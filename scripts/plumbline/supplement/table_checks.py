"""Whether a table holds what its schema says: columns, types, required values, keys and number of rows."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from plumbline.supplement import datapackage
from plumbline.tables import parquet

# Frictionless's types as Arrow reads them; whatever does not convert is an error.
ARROW_TYPES = {frictionless: parquet.TYPES[csvw] for csvw, (frictionless, _) in datapackage.TYPES.items()}


def faults_of_table(path: Path, resource: dict) -> list[str]:
    """Return what is wrong with a table, a sentence each.

    Parameters
    ----------
    path : Path
        The CSV.
    resource : dict
        What `datapackage.json` says of it.
    """
    name, fields = resource["path"], resource["schema"]["fields"]
    columns = [field["name"] for field in fields]
    with path.open(encoding="utf-8", errors="replace") as file:
        header = file.readline().rstrip("\n").split(",")
    if header != columns:
        return [f"{name} has the columns {', '.join(header)}, and its metadata say {', '.join(columns)}"]
    faults: dict[str, None] = {}
    rows, keys = 0, Keys(resource["schema"]["primaryKey"])
    try:
        for batch in _batches(path, fields):
            faults |= dict.fromkeys(_faults_of_batch(name, batch, fields, rows))
            if not keys.differ(batch):
                faults[f"{name} has rows of which the key ({', '.join(keys.names)}) repeats or is out of order"] = None
            rows += batch.num_rows
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        return [f"{name} cannot be read by its metadata: {str(error).splitlines()[0]}"]
    if rows != resource["rows"]:
        faults[f"{name} has {rows} rows, and its metadata say {resource['rows']}"] = None
    return list(faults)


class Keys:
    """The keys of a table's rows, as they come: whether each is another than those before."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self._last = None
        self._seen: set[tuple] = set()

    def differ(self, batch: pa.RecordBatch) -> bool:
        """Take the next rows. A single key, such as the time, has to grow, so that not all need to be kept."""
        if batch.num_rows == 0:
            return True
        if len(self.names) > 1:
            rows = list(zip(*(batch.column(name).to_pylist() for name in self.names), strict=True))
            fresh = set(rows)
            good = len(fresh) == len(rows) and not fresh & self._seen
            self._seen |= fresh
            return good
        column = batch.column(self.names[0])
        grows = pc.all(pc.greater(column[1:], column[:-1]), min_count=0).as_py()
        first, before = column[0].as_py(), self._last
        self._last = column[-1].as_py()
        return bool(grows) and first is not None and (before is None or first > before)


def _batches(path: Path, fields: list[dict]) -> Iterator[pa.RecordBatch]:
    types = {field["name"]: ARROW_TYPES[field["type"]] for field in fields}
    options = csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True)
    try:
        yield from csv.open_csv(path, convert_options=options)
    except pa.ArrowInvalid as error:
        # A table without rows is one, too.
        if "Empty CSV" not in str(error):
            raise


def _faults_of_batch(name: str, batch: pa.RecordBatch, fields: list[dict], before: int) -> Iterator[str]:
    for field in fields:
        column, constraints = batch.column(field["name"]), field.get("constraints", {})
        if constraints.get("required") and column.null_count:
            yield f"{name} has rows without '{field['name']}', which every row must have"
        if "minimum" in constraints and column.null_count < len(column):
            least = pc.min(column).as_py()
            if least < constraints["minimum"]:
                yield f"{name} has {least} as '{field['name']}', which is never below {constraints['minimum']}"
