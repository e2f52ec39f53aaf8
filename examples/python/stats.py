"""Statistics of columns, batch by batch and merged: count, nulls, min, max, mean, stddev.

The fields of a struct are columns of their own, named "metadata.dept".
"""

import math

import pyarrow as pa
import pyarrow.compute as pc


def of(batch):
    columns = []
    for name, column in zip(batch.schema.names, batch.columns):
        _add(name, column, columns)
    return columns


def _add(name, column, columns):
    if pa.types.is_struct(column.type):
        for field, child in zip(column.type, column.flatten()):
            _add(f"{name}.{field.name}", child, columns)
        return
    one = {
        "name": name,
        "count": len(column) - column.null_count,
        "nulls": column.null_count,
        "min": None,
        "max": None,
        "mean": None,
        "squares": None,
    }
    if one["count"]:
        limits = pc.min_max(column)
        one["min"], one["max"] = limits["min"].as_py(), limits["max"].as_py()
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            one["mean"] = pc.mean(column).as_py()
            one["squares"] = pc.variance(column).as_py() * one["count"]
    columns.append(one)


def merge(into, columns):
    if into is None:
        return columns
    for mine, other in zip(into, columns):
        if other["count"]:
            if mine["count"] == 0:
                mine.update({k: other[k] for k in ("min", "max", "mean", "squares")})
            else:
                mine["min"] = min(mine["min"], other["min"])
                mine["max"] = max(mine["max"], other["max"])
                if mine["mean"] is not None:
                    total = mine["count"] + other["count"]
                    distance = other["mean"] - mine["mean"]
                    mine["mean"] += distance * other["count"] / total
                    mine["squares"] += other["squares"]
                    mine["squares"] += distance**2 * mine["count"] * other["count"] / total
        mine["count"] += other["count"]
        mine["nulls"] += other["nulls"]
    return into


def to_json(columns):
    result = []
    for one in columns:
        stddev = None
        if one["squares"] is not None and one["count"] > 1:
            stddev = math.sqrt(one["squares"] / (one["count"] - 1))
        result.append(
            {
                "name": one["name"],
                "count": one["count"],
                "nulls": one["nulls"],
                "min": _text(one["min"]),
                "max": _text(one["max"]),
                "mean": one["mean"],
                "stddev": stddev,
            }
        )
    return result


def _text(value):
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
