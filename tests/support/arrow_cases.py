"""Every Arrow type, as small record batches with nulls, empty, sliced and odd ones.

CASES: {name: function that makes the list of record batches of one file}
"""

import ctypes
import decimal

import exact_values
import pyarrow as pa

ROWS = 23


def c_data_type(format_string):
    """A type that pyarrow can carry, but has no function for, by its C data format."""

    class ArrowSchema(ctypes.Structure):
        pass

    release_type = ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowSchema))
    ArrowSchema._fields_ = [
        ("format", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("metadata", ctypes.c_char_p),
        ("flags", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", release_type),
        ("private_data", ctypes.c_void_p),
    ]

    @release_type
    def release(schema):
        schema.contents.release = release_type()

    schema = ArrowSchema(format=format_string.encode(), name=b"", flags=2, release=release)
    return pa.DataType._import_from_c(ctypes.addressof(schema))


def cycle(values, rows=ROWS):
    """The values over and over, with a null at every fourth place."""
    return [None if row % 4 == 3 else values[row % len(values)] for row in range(rows)]


def batches_of(*columns):
    """A whole batch, a slice that starts in the middle of a byte, none, one row."""
    columns = [column if isinstance(column, tuple) else (None, column) for column in columns]
    names = [name or f"v{position}" for position, (name, _) in enumerate(columns)]
    row = pa.array(range(ROWS), pa.int32())
    batch = pa.RecordBatch.from_arrays([row, *(array for _, array in columns)], ["row", *names])
    return slices_of(batch)


def slices_of(batch):
    return [batch, batch.slice(3, 11), batch.slice(5, 0), batch.slice(ROWS - 1, 1)]


def column(values, kind):
    return lambda: batches_of(pa.array(cycle(values), kind))


def integers(bits, signed):
    low = -(2 ** (bits - 1)) if signed else 0
    high = low + 2**bits - 1
    return [low, high, 0, 1, high // 3]


def floats():
    return [0.0, -0.0, 1.5, -2.25, float("inf"), float("-inf"), float("nan")]


def decimals(precision, scale):
    nines = "9" * precision
    return [
        decimal.Decimal(text).scaleb(-scale, decimal.Context(prec=80))
        for text in ("0", "1", "-1", nines, "-" + nines)
    ]


def timestamps():
    return [0, 1, -1, 1_234_567_890_123, -86_400_000]


TEXT = ["", "a", "plain words", "Zürich 東京 🚲", "a text of more than twelve bytes", "\x00nul"]
BYTES = [b"", b"\x00", b"\xff\xfe", b"some bytes that are longer than twelve"]


def primitive_cases():
    cases = {"null": lambda: batches_of(pa.nulls(ROWS))}
    cases["bool"] = column([True, False, True], pa.bool_())
    for bits in (8, 16, 32, 64):
        signed, unsigned = f"int{bits}", f"uint{bits}"
        cases[signed] = column(integers(bits, True), getattr(pa, signed)())
        cases[unsigned] = column(integers(bits, False), getattr(pa, unsigned)())
    for bits in (16, 32, 64):
        cases[f"float{bits}"] = column(floats(), getattr(pa, f"float{bits}")())
    for bits, digits in ((32, 9), (64, 18), (128, 38), (256, 76)):
        make = getattr(pa, f"decimal{bits}")
        cases[f"decimal{bits}"] = column(decimals(digits, 2), make(digits, 2))
        cases[f"decimal{bits}_whole"] = column(decimals(digits, 0), make(digits, 0))
        cases[f"decimal{bits}_small"] = column(decimals(4, 4), make(4, 4))
    return cases


def time_cases():
    days = [0, 1, -1, 19_000, -25_567]
    cases = {
        "date32": column(days, pa.date32()),
        "date64": column([day * 86_400_000 for day in days], pa.date64()),
        "time32_s": column([0, 1, 86_399], pa.time32("s")),
        "time32_ms": column([0, 1, 86_399_999], pa.time32("ms")),
        "time64_us": column([0, 1, 86_399_999_999], pa.time64("us")),
        "time64_ns": column([0, 1_000, 86_399_999_999_000], pa.time64("ns")),
        "time64_ns_exact": column([0, 1, 86_399_999_999_999], pa.time64("ns")),
        "interval_month_day_nano": column(
            [pa.MonthDayNano([1, -2, 3_000]), pa.MonthDayNano([0, 0, 0])],
            pa.month_day_nano_interval(),
        ),
        "interval_year_month": lambda: interval("tiM", pa.int32(), [0, 14, -1]),
        "interval_day_time": lambda: interval("tiD", pa.int64(), [0, 5, (7 << 32) + 9]),
    }
    for unit in ("s", "ms", "us", "ns"):
        cases[f"timestamp_{unit}"] = column(timestamps(), pa.timestamp(unit))
        cases[f"timestamp_{unit}_utc"] = column(timestamps(), pa.timestamp(unit, "UTC"))
        # In seconds within 292 years: more are refused by SQL, as they fit no nanoseconds.
        cases[f"duration_{unit}"] = column([0, 1, -1, 9_000_000_000], pa.duration(unit))
    cases["timestamp_us_zurich"] = column(timestamps(), pa.timestamp("us", "Europe/Zurich"))
    cases["timestamp_ms_offset"] = column(timestamps(), pa.timestamp("ms", "+05:30"))
    return cases


def interval(format_string, storage, values):
    stored = batches_of(pa.array(cycle(values), storage))[0]
    schema = pa.schema([stored.schema.field(0), pa.field("v0", c_data_type(format_string))])
    return slices_of(exact_values.reinterpret(stored, schema))


def text_cases():
    return {
        "utf8": column(TEXT, pa.utf8()),
        "large_utf8": column(TEXT, pa.large_utf8()),
        "utf8_view": column(TEXT, pa.string_view()),
        "binary": column(BYTES, pa.binary()),
        "large_binary": column(BYTES, pa.large_binary()),
        "binary_view": column(BYTES, pa.binary_view()),
        "fixed_size_binary": column([b"0123456789abcdef", b"\x00" * 16], pa.binary(16)),
        "fixed_size_binary_of_none": column([b""], pa.binary(0)),
    }


LISTS = [[], [1], [None], [1, None, 3], [7] * 9]
STRUCTS = [{"a": 1, "b": "x"}, {"a": None, "b": None}, {"a": 3, "b": ""}]
MAPS = [[], [("a", 1)], [("b", None), ("c", 3)]]


def nested_cases():
    int32, text = pa.int32(), pa.utf8()
    pair = pa.struct([("a", int32), ("b", text)])
    deep = pa.struct([("l", pa.list_(pair)), ("m", pa.map_(text, pa.list_(pa.float64())))])
    deep_values = [
        {"l": [{"a": 1, "b": "x"}, None], "m": [("k", [1.5, None])]},
        {"l": None, "m": []},
        {"l": [], "m": None},
    ]
    return {
        "list": column(LISTS, pa.list_(int32)),
        "large_list": column(LISTS, pa.large_list(int32)),
        "list_view": column(LISTS, pa.list_view(int32)),
        "large_list_view": column(LISTS, pa.large_list_view(int32)),
        "fixed_size_list": column([[1, 2], [None, 4]], pa.list_(int32, 2)),
        "list_of_not_null": column(
            [[], [1, 2]], pa.list_(pa.field("item", int32, nullable=False))
        ),
        "list_of_list": column([[[1], None], [], [[], [2, 3]]], pa.list_(pa.list_(int32))),
        "list_of_text_view": column([["a", None], []], pa.list_(pa.string_view())),
        "struct": column(STRUCTS, pair),
        "struct_of_struct": column(
            [{"s": {"a": 1, "b": "x"}}, {"s": None}], pa.struct([("s", pair)])
        ),
        "struct_without_fields": column([{}], pa.struct([])),
        "map": column(MAPS, pa.map_(text, int32)),
        "map_sorted": column(MAPS, pa.map_(text, int32, keys_sorted=True)),
        "deep": column(deep_values, deep),
        "fixed_size_list_of_struct": column([STRUCTS[:2], STRUCTS[1:]], pa.list_(pair, 2)),
        "dense_union": lambda: batches_of(union(dense=True)),
        "sparse_union": lambda: batches_of(union(dense=False)),
        "sparse_union_of_codes": lambda: batches_of(union(dense=False, second_code=5)),
        "list_of_union": lambda: batches_of(
            pa.ListArray.from_arrays(
                pa.array(range(ROWS + 1), pa.int32()),
                union(dense=True),
            )
        ),
    }


def union(dense, second_code=1):
    codes = pa.array([row % 2 * second_code for row in range(ROWS)], pa.int8())
    if dense:
        half = (ROWS + 1) // 2
        offsets = pa.array([row // 2 for row in range(ROWS)], pa.int32())
        children = [pa.array(cycle([1, 2], half)), pa.array(cycle(["x", "y"], half))]
        return pa.UnionArray.from_dense(codes, offsets, children, ["number", "word"], [0, second_code])
    children = [pa.array(cycle([1, 2])), pa.array(cycle(["x", "y"]))]
    return pa.UnionArray.from_sparse(codes, children, ["number", "word"], [0, second_code])


def dictionary(index, values, kind, ordered=False):
    codes = [None if row % 4 == 3 else row % len(values) for row in range(ROWS)]
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, index), pa.array(values, kind), ordered=ordered
    )


def dictionary_cases():
    cases = {}
    for bits in (8, 16, 32, 64):
        for kind in (f"int{bits}", f"uint{bits}"):
            index = getattr(pa, kind)()
            cases[f"dictionary_{kind}"] = lambda index=index: batches_of(
                dictionary(index, ["a", "b", "Zürich"], pa.utf8())
            )
    int8, text = pa.int8(), pa.utf8()
    pair = pa.struct([("a", pa.int32()), ("b", text)])
    cases |= {
        "dictionary_ordered": lambda: batches_of(dictionary(int8, ["x", "y"], text, True)),
        "dictionary_of_numbers": lambda: batches_of(dictionary(int8, [7, 1], pa.int64())),
        "dictionary_of_large_text": lambda: batches_of(
            dictionary(int8, ["x", "y"], pa.large_utf8())
        ),
        "dictionary_of_null": lambda: batches_of(dictionary(int8, ["x", None], text)),
        "dictionary_of_struct": lambda: batches_of(dictionary(int8, STRUCTS, pair)),
        "dictionary_in_dictionary": lambda: batches_of(
            pa.DictionaryArray.from_arrays(
                pa.array([row % 2 for row in range(ROWS)], int8),
                pa.StructArray.from_arrays([dictionary(int8, ["x", "y"], text).slice(0, 2)], ["d"]),
            )
        ),
        "dictionary_in_list": lambda: batches_of(
            pa.ListArray.from_arrays(
                pa.array(range(ROWS + 1), pa.int32()), dictionary(int8, ["x", "y"], text)
            )
        ),
        "dictionary_in_struct": lambda: batches_of(
            pa.StructArray.from_arrays([dictionary(int8, ["x", "y"], text)], ["d"])
        ),
        "dictionary_shared": shared_dictionary,
        "dictionary_empty": lambda: batches_of(
            pa.DictionaryArray.from_arrays(pa.nulls(ROWS, int8), pa.array([], text))
        ),
        "dictionary_growing": growing_dictionary,
    }
    return cases


def shared_dictionary():
    one = dictionary(pa.int16(), ["x", "y", "z"], pa.utf8())
    other = pa.DictionaryArray.from_arrays(one.indices.take(pa.array(range(ROWS))), one.dictionary)
    return batches_of(one, other)


def growing_dictionary():
    """Each batch adds words to the one before: a writer can send that as deltas."""
    words = ["a", "b", "c", "d", "e", "f"]
    batches = []
    for size in (1, 3, 6):
        codes = pa.array([None, *range(size)], pa.int8())
        array = pa.DictionaryArray.from_arrays(codes, pa.array(words[:size]))
        batches.append(pa.RecordBatch.from_arrays([array], ["word"]))
    return batches


def run_end_cases():
    def runs(index):
        ends = pa.array([1, 4, 9, ROWS], index)
        return pa.RunEndEncodedArray.from_arrays(ends, pa.array(["x", None, "y", ""]))

    return {
        f"run_end_encoded_{bits}": lambda index=index: batches_of(runs(index))
        for bits, index in ((16, pa.int16()), (32, pa.int32()), (64, pa.int64()))
    }


def extension_cases():
    def extension(kind, values):
        return lambda: batches_of(
            pa.ExtensionArray.from_storage(kind, pa.array(cycle(values), kind.storage_type))
        )

    return {
        "extension_uuid": extension(pa.uuid(), [b"0123456789abcdef", b"\xff" * 16]),
        "extension_json": extension(pa.json_(), ['{"a": 1}', "[]"]),
        "extension_bool8": extension(pa.bool8(), [0, 1]),
        "extension_opaque": extension(pa.opaque(pa.binary(), "shape", "atlas"), [b"x", b""]),
        "extension_tensor": extension(
            pa.fixed_shape_tensor(pa.int32(), [2, 2]), [[1, 2, 3, 4], [5, 6, 7, 8]]
        ),
        "extension_unregistered": unregistered_extension,
    }


def unregistered_extension():
    field = pa.field(
        "v0",
        pa.int64(),
        metadata={"ARROW:extension:name": "atlas.point", "ARROW:extension:metadata": "m"},
    )
    schema = pa.schema([field])
    return [pa.RecordBatch.from_arrays([pa.array(cycle([1, 2]))], schema=schema)]


def shape_cases():
    schema = pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False, metadata={"unit": "none"}),
            pa.field("name", pa.utf8()),
        ],
        metadata={"owner": "café", b"\xff": b"\xfe\x00"},
    )
    rows = pa.RecordBatch.from_pylist(
        [{"id": number, "name": f"n{number}"} for number in range(9)], schema=schema
    )
    return {
        "no_batches": lambda: Batches([], schema),
        "empty_batches_only": lambda: [rows.slice(0, 0)] * 3,
        "empty_batches_between": lambda: [rows.slice(0, 0), rows, rows.slice(9, 0), rows],
        "schema_metadata": lambda: [rows, rows.slice(4)],
        "all_null": lambda: batches_of(pa.nulls(ROWS, pa.int64()), pa.nulls(ROWS, pa.utf8())),
        "odd_column_names": lambda: [
            pa.RecordBatch.from_arrays(
                [pa.array([1, None])] * 6, ["", " ", "a b", "select", 'quo"te', "Zürich"]
            )
        ],
        "wide": lambda: [
            pa.RecordBatch.from_arrays(
                [pa.array([number, None, -number]) for number in range(600)],
                [f"c{number}" for number in range(600)],
            )
        ],
    }


class Batches(list):
    """Record batches whose schema must be told, as there is none."""

    def __init__(self, batches, schema):
        super().__init__(batches)
        self.schema = schema


def schema_of(batches):
    return batches.schema if isinstance(batches, Batches) else batches[0].schema


CASES = {
    **primitive_cases(),
    **time_cases(),
    **text_cases(),
    **nested_cases(),
    **dictionary_cases(),
    **run_end_cases(),
    **extension_cases(),
    **shape_cases(),
}
