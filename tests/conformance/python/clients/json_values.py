"""Arrow values and types as the JSON of the scenarios, and back. See ../README.md."""

import datetime
import decimal
import math

import pyarrow as pa
import pyarrow.types as is_type

NAMES = {
    "string": "utf8",
    "large_string": "large_utf8",
    "string_view": "utf8_view",
    "float": "float32",
    "double": "float64",
    "halffloat": "float16",
    "date32[day]": "date32",
    "date64[ms]": "date64",
}


def name_of(kind):
    if is_type.is_timestamp(kind):
        return f"timestamp_{kind.unit}" + ("_tz" if kind.tz else "")
    return NAMES.get(str(kind), str(kind)).replace(", ", ",")


def type_of(name):
    if name.startswith("decimal128("):
        precision, scale = name.removeprefix("decimal128(").removesuffix(")").split(",")
        return pa.decimal128(int(precision), int(scale))
    if name.startswith("timestamp_"):
        return pa.timestamp(name.removeprefix("timestamp_"))
    return getattr(pa, name)() if name != "bool" else pa.bool_()


def to_json(value):
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        return value
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, datetime.datetime):
        zone = "" if value.tzinfo is None else "Z"
        if zone:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return trimmed(value.isoformat()) + zone
    if isinstance(value, datetime.time):
        return trimmed(value.isoformat())
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return str(value)


def trimmed(text):
    """Without the zeros at the end of a fraction of a second."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def from_json(value, name):
    """The Python value that pyarrow makes an array of this type from."""
    if value is None:
        return None
    if name.startswith("decimal"):
        return decimal.Decimal(value)
    if name == "binary":
        return bytes.fromhex(value.removeprefix("0x"))
    if name == "date32":
        return datetime.date.fromisoformat(value)
    if name.startswith("timestamp"):
        return datetime.datetime.fromisoformat(value)
    return value


def batch_of(columns, rows):
    """A record batch of [[name, type], …] and rows of JSON values."""
    schema = pa.schema([(name, type_of(kind)) for name, kind in columns])
    arrays = [
        pa.array([from_json(row[place], kind) for row in rows], schema.field(place).type)
        for place, (_, kind) in enumerate(columns)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def parameters_of(step, rows):
    columns = [[str(place), kind] for place, kind in enumerate(step["parameter_types"])]
    return batch_of(columns, rows)


def answer_of(table):
    """The answer to a query. Columns may share a name: by position."""
    columns = [column.to_pylist() for column in table.columns]
    rows = zip(*columns, strict=True) if columns else []
    return {
        "columns": table.schema.names,
        "types": [name_of(kind) for kind in table.schema.types],
        "rows": [[to_json(value) for value in row] for row in rows],
    }


def fields_of(schema):
    return [[field.name, name_of(field.type)] for field in schema]
