"""Tables as Python values that compare exactly.

Arrow's own equality asks for the same dictionaries and says that NaN is unequal to itself;
Python's values lose nanoseconds and the sign of NaN. Here a value is a plain Python object
that is equal if and only if the value is the same: a float is its bits, a timestamp its
count, a dictionary or run-end encoded value what it stands for, a struct its fields in
order.
"""

import struct

import pyarrow as pa
import pyarrow.types as is_type

# pyarrow can carry these two types, but makes no arrays of them: their values are read as
# the integers that they are stored as.
STORAGE = {21: pa.int32(), 22: pa.int64()}  # Interval in months; in days and milliseconds.


def of_table(table):
    """{column's position and name: list of values}"""
    table = _with_storage(table)
    return {
        (position, field.name): of_chunks(table.column(position))
        for position, field in enumerate(table.schema)
    }


def of_chunks(chunked):
    return [value for chunk in chunked.chunks for value in of_array(chunk)]


def of_array(array):
    return [of_scalar(scalar) for scalar in array]


def reinterpret(batch, schema):
    """The same buffers under another schema. Nothing is checked."""
    return pa.RecordBatch._import_from_c_capsule(
        schema.__arrow_c_schema__(), batch.__arrow_c_array__()[1]
    )


def _with_storage(table):
    if not any(field.type.id in STORAGE for field in table.schema):
        return table
    schema = pa.schema(
        [field.with_type(STORAGE.get(field.type.id, field.type)) for field in table.schema]
    )
    batches = [
        reinterpret(batch, schema) for batch in table.to_batches() if batch.num_rows
    ]
    return pa.Table.from_batches(batches, schema)


def of_scalar(scalar):
    kind = scalar.type
    # A union or a run is valid or not by what is inside of it.
    if isinstance(kind, (pa.DenseUnionType, pa.SparseUnionType)):
        return (scalar.type_code, None if scalar.value is None else of_scalar(scalar.value))
    if is_type.is_run_end_encoded(kind):
        return None if scalar.value is None else of_scalar(scalar.value)
    if not scalar.is_valid:
        return None
    if isinstance(kind, pa.BaseExtensionType) or is_type.is_dictionary(kind):
        return of_scalar(scalar.value)
    if is_type.is_map(kind) or _is_list(kind):
        return of_array(scalar.values)
    if is_type.is_struct(kind):
        # By position: names may repeat.
        return tuple(
            (field.name, of_scalar(scalar[position])) for position, field in enumerate(kind)
        )
    if is_type.is_float16(kind):
        return struct.pack("<e", scalar.as_py())
    if is_type.is_float32(kind):
        return struct.pack("<f", scalar.as_py())
    if is_type.is_float64(kind):
        return struct.pack("<d", scalar.as_py())
    if is_type.is_timestamp(kind) or is_type.is_duration(kind) or is_type.is_time(kind):
        return scalar.value
    if is_type.is_date(kind):
        return scalar.value
    return scalar.as_py()


def _is_list(kind):
    return (
        is_type.is_list(kind)
        or is_type.is_large_list(kind)
        or is_type.is_fixed_size_list(kind)
        or is_type.is_list_view(kind)
        or is_type.is_large_list_view(kind)
    )


def assert_same(actual, expected):
    """Same schema, metadata included; same values, in order."""
    assert_same_schema(actual.schema, expected.schema)
    assert actual.num_rows == expected.num_rows
    actual.validate(full=True)
    assert of_table(actual) == of_table(expected)


def assert_same_schema(actual, expected):
    # Arrow counts the field names inside of a map as metadata, and writes its own: so the
    # metadata is compared by itself.
    assert actual.equals(expected) and metadata_of(actual) == metadata_of(expected), (
        f"schema\n{actual.to_string()}\nis not\n{expected.to_string()}"
    )


def metadata_of(schema):
    return [schema.metadata or {}, *(_field_metadata(field) for field in schema)]


def _field_metadata(field):
    kind = field.type
    children = [kind.field(position) for position in range(kind.num_fields)]
    if is_type.is_map(kind):
        children = [kind.key_field, kind.item_field]
    return [field.metadata or {}, *map(_field_metadata, children)]
