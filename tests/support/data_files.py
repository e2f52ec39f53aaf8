"""Writes record batches in the formats that are served, and reads them back with pyarrow."""

import pathlib

import arrow_cases
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

# name: (extension, options of the IPC writer)
IPC_KINDS = {
    "feather": (".feather", {}),
    "feather_lz4": (".feather", {"compression": "lz4"}),
    "feather_zstd": (".feather", {"compression": "zstd"}),
    "feather_deltas": (".feather", {"emit_dictionary_deltas": True}),
    "feather_v4": (".feather", {"metadata_version": pa.ipc.MetadataVersion.V4}),
    "stream": (".arrows", {}),
    "stream_lz4": (".arrows", {"compression": "lz4"}),
    "stream_deltas": (".arrows", {"emit_dictionary_deltas": True}),
}
EXTENSIONS = {kind: extension for kind, (extension, _) in IPC_KINDS.items()}
EXTENSIONS |= {"parquet": ".parquet", "csv": ".csv"}


def write(kind, path, batches):
    """Raises what pyarrow raises where the format has no place for a type."""
    schema = arrow_cases.schema_of(batches)
    path = pathlib.Path(path)
    try:
        if kind == "parquet":
            with pa.parquet.ParquetWriter(path, schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)
        elif kind == "csv":
            with pa.csv.CSVWriter(path, schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)
        else:
            extension, options = IPC_KINDS[kind]
            make = pa.ipc.new_stream if extension == ".arrows" else pa.ipc.new_file
            with make(str(path), schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
                for batch in batches:
                    writer.write_batch(batch)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def read(kind, path):
    """pyarrow's own reading of the whole file."""
    if kind == "parquet":
        return pa.parquet.read_table(path)
    if kind == "csv":
        return pa.csv.read_csv(path)
    with pa.memory_map(str(path)) as source:
        opener = pa.ipc.open_stream if kind.startswith("stream") else pa.ipc.open_file
        return opener(source).read_all()


def table_of(batches):
    return pa.Table.from_batches(batches, arrow_cases.schema_of(batches))


def sample_batches(rows, batch_rows=1000, seed=1):
    """The sample table of the original example, in batches."""
    cities = (
        "New York,Los Angeles,Chicago,Houston,Phoenix,Philadelphia,San Antonio,San Diego,"
        "Dallas,San Jose"
    ).split(",")
    departments = "IT,HR,Sales,Marketing,Finance,Legal,Operations,Engineering".split(",")
    schema = pa.schema(
        {
            "id": pa.int64(),
            "age": pa.int64(),
            "city": pa.utf8(),
            "is_active": pa.bool_(),
            "name": pa.utf8(),
            "metadata": pa.struct([("dept", pa.utf8())]),
        }
    )
    batches = []
    for first in range(1, rows + 1, batch_rows):
        ids = range(first, min(first + batch_rows, rows + 1))
        mixed = [(number * 2_654_435_761 + seed) % 2**32 >> 7 for number in ids]
        batches.append(
            pa.RecordBatch.from_pydict(
                {
                    "id": list(ids),
                    "age": [18 + value % 48 for value in mixed],
                    "city": [cities[value % 10] for value in mixed],
                    "is_active": [(True, False, None)[value % 3] for value in mixed],
                    "name": [f"n{value % 10**9}" for value in mixed],
                    "metadata": [
                        {"dept": departments[value % 8]} if value % 9 else None for value in mixed
                    ],
                },
                schema=schema,
            )
        )
    return batches


def write_sample(path, rows, **options):
    """Writes the sample table as an LZ4 Feather file, and returns it as a table."""
    batches = sample_batches(rows, **options)
    write("feather_lz4", path, batches)
    return table_of(batches)
