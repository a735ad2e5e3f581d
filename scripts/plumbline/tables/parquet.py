"""A table as Parquet: the same rows and values as the CSV, with its metadata inside."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from plumbline.atomic import replacing
from plumbline.errors import PlumblineError

# Rows of one row group; a reader can leave out the groups that do not hold its window. A day and a half of 1 s rows.
ROWS_OF_A_GROUP = 131_072

# The types of CSVW that our tables use. No table holds times finer than a millisecond.
TYPES = {
    "datetime": pa.timestamp("ms", tz="UTC"),
    "date": pa.date32(),
    "double": pa.float64(),
    "nonNegativeInteger": pa.int64(),
    "integer": pa.int64(),
    "string": pa.string(),
}

METADATA_KEY = "csvw"


def write_parquet(csv_path: Path, metadata_path: Path, parquet_path: Path) -> None:
    """Write a CSV table as Parquet, in one pass and in bounded memory.

    Every value is what the CSV's text says, so both files hold the same numbers; an empty field is null. The
    CSVW metadata stand in the file's own metadata under the key ``csvw``, and give the columns their types.

    Parameters
    ----------
    csv_path, metadata_path : Path
        The table and the metadata beside it.
    parquet_path : Path
        The file to write.

    Raises
    ------
    PlumblineError
        If the table does not hold what its metadata say.
    """
    try:
        _write(csv_path, metadata_path, parquet_path)
    except pa.ArrowInvalid as error:
        raise PlumblineError(
            f"{csv_path} does not hold what {metadata_path.name} says ({error}); remove it and run again."
        ) from None


def _write(csv_path: Path, metadata_path: Path, parquet_path: Path) -> None:
    metadata = json.loads(metadata_path.read_text(encoding="utf-8"))
    columns = {column["name"]: TYPES[column["datatype"]] for column in metadata["tableSchema"]["columns"]}
    schema = pa.schema(columns, metadata={METADATA_KEY: json.dumps(metadata, ensure_ascii=False)})
    regular = [name for name, kind in columns.items() if pa.types.is_timestamp(kind)]
    with (
        replacing(parquet_path) as beside,
        # Times of a grid differ by the same step: as differences they take next to nothing.
        pyarrow.parquet.ParquetWriter(
            beside,
            schema,
            compression="zstd",
            use_dictionary=[name for name in columns if name not in regular],
            column_encoding=dict.fromkeys(regular, "DELTA_BINARY_PACKED"),
        ) as writer,
    ):
        for group in _groups(csv_path, schema):
            writer.write_table(group, row_group_size=ROWS_OF_A_GROUP)


def _groups(csv_path: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    """Return the rows of a table, so many at a time, whatever the blocks in which its text is read."""
    options = pyarrow.csv.ConvertOptions(
        column_types=schema, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    # One thread: a job has one core.
    with pyarrow.csv.open_csv(
        csv_path, read_options=pyarrow.csv.ReadOptions(use_threads=False), convert_options=options
    ) as reader:
        rest = schema.empty_table()
        for batch in reader:
            rest = pa.concat_tables([rest, pa.Table.from_batches([batch]).cast(schema)])
            while rest.num_rows >= ROWS_OF_A_GROUP:
                yield rest.slice(0, ROWS_OF_A_GROUP)
                rest = rest.slice(ROWS_OF_A_GROUP)
        if rest.num_rows:
            yield rest
