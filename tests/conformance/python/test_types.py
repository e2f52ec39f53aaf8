"""Every Arrow type in every format that has a place for it, against pyarrow and DuckDB."""

import arrow_cases
import data_files
import duckdb
import exact_values
import pyarrow as pa
import pyarrow.flight as flight
import pytest
import server_process

IPC_KINDS = list(data_files.IPC_KINDS)
CASES = arrow_cases.CASES
# What only Arrow's stream format can hold: dictionaries that are replaced half way.
STREAM_ONLY = {"dictionary_replaced"}


def replaced_dictionary():
    batches = []
    for words in (["a", "b"], ["c"], ["b", "a", "d"]):
        codes = pa.array([None, *range(len(words))], pa.int8())
        array = pa.DictionaryArray.from_arrays(codes, pa.array(words))
        batches.append(pa.RecordBatch.from_arrays([array], ["word"]))
    return batches


def make(case):
    return replaced_dictionary() if case in STREAM_ONLY else CASES[case]()


class TypeServer:
    """One server of one file per case, in one format. `left_out` has the cases that
    pyarrow cannot write in it, or cannot read back."""

    def __init__(self, kind, folder):
        self.kind = kind
        self.paths = {}
        self.left_out = {}
        for case in [*CASES, *STREAM_ONLY]:
            path = folder / f"{case}{data_files.EXTENSIONS[kind]}"
            try:
                data_files.write(kind, path, make(case))
                data_files.read(kind, path)
                self.paths[case] = path
            except (pa.ArrowException, OSError, KeyError) as error:
                path.unlink(missing_ok=True)
                self.left_out[case] = str(error)
        self.process = server_process.ServerProcess(self.paths)


@pytest.fixture(scope="session")
def type_servers(tmp_path_factory):
    servers = {}

    def get(kind):
        if kind not in servers:
            servers[kind] = TypeServer(kind, tmp_path_factory.mktemp(kind))
        return servers[kind]

    yield get
    for server in servers.values():
        server.process.stop()


def fetch(client, descriptor):
    """What an ordinary client does. Returns (FlightInfo, table)."""
    info = client.get_flight_info(descriptor)
    parts = [client.do_get(endpoint.ticket).read_all() for endpoint in info.endpoints]
    for part in parts:
        exact_values.assert_same_schema(part.schema, info.schema)
    return info, pa.concat_tables(parts)


# What pyarrow cannot write in a format, or not read back. A test looks whether it is so.
IPC_CANNOT = {
    kind: set() if kind.startswith("stream") else {"dictionary_replaced", "dictionary_growing"}
    for kind in IPC_KINDS
}
IPC_CANNOT["feather_deltas"] = {"dictionary_replaced"}
PARQUET_CANNOT = {
    "dense_union",
    "sparse_union",
    "sparse_union_of_codes",
    "list_of_union",
    "interval_month_day_nano",
    "interval_year_month",
    "interval_day_time",
    "struct_without_fields",
    "run_end_encoded_16",
    "run_end_encoded_32",
    "run_end_encoded_64",
    "fixed_size_binary_of_none",
    "dictionary_of_struct",
    "dictionary_in_dictionary",
    "dictionary_of_null",
}
CANNOT = {**IPC_CANNOT, "parquet": PARQUET_CANNOT}


def possible(*kinds, but=()):
    """All (kind, case) that there are files of."""
    return [
        pytest.param(kind, case, id=f"{kind}-{case}")
        for kind in kinds
        for case in [*CASES, *STREAM_ONLY]
        if case not in CANNOT[kind] and case not in but
    ]


@pytest.mark.parametrize("kind", CANNOT)
def test_every_case_is_written_but_those_known_to_be_impossible(type_servers, kind):
    assert set(type_servers(kind).left_out) == CANNOT[kind]


@pytest.mark.parametrize("kind, case", possible(*IPC_KINDS))
def test_an_ipc_file_arrives_as_pyarrow_reads_it(type_servers, kind, case):
    path = type_servers(kind).paths[case]
    expected = data_files.read(kind, path)
    exact_values.assert_same(expected, data_files.table_of(make(case)))
    with type_servers(kind).process.connect() as client:
        info, actual = fetch(client, flight.FlightDescriptor.for_path(case))
        described = client.get_schema(flight.FlightDescriptor.for_path(case)).schema
    exact_values.assert_same_schema(described, expected.schema)
    assert info.total_records == expected.num_rows
    assert info.total_bytes == path.stat().st_size
    exact_values.assert_same(actual, expected)


@pytest.fixture(scope="module")
def preloading_servers(type_servers):
    processes = {}

    def get(kind):
        if kind not in processes:
            paths = type_servers(kind).paths
            processes[kind] = server_process.ServerProcess(paths, options=("--preload",))
        return processes[kind]

    yield get
    for process in processes.values():
        process.stop()


@pytest.mark.skipif(server_process.is_plain_server(), reason="it has everything in memory")
@pytest.mark.parametrize("kind, case", possible("feather_lz4", "stream"))
def test_an_ipc_file_in_memory_arrives_as_pyarrow_reads_it(
    type_servers, preloading_servers, kind, case
):
    expected = data_files.read(kind, type_servers(kind).paths[case])
    with preloading_servers(kind).connect() as client:
        info, actual = fetch(client, flight.FlightDescriptor.for_path(case))
    assert info.total_records == expected.num_rows
    exact_values.assert_same(actual, expected)


# The C++ reader of Arrow 25 cannot read a null of these from Parquet; that of 26 can.
PARQUET_REFUSED = {"fixed_size_list", "fixed_size_list_of_struct", "extension_tensor"}


@pytest.mark.parametrize("case", sorted(PARQUET_REFUSED))
def test_a_parquet_file_that_arrow_cannot_read_is_a_clear_error(type_servers, case):
    if server_process.is_plain_server():
        pytest.skip("the plain server has a newer Arrow")
    with type_servers("parquet").process.connect() as client:
        for ticket in (case, f"SELECT * FROM {case}"):
            with pytest.raises(pa.ArrowException, match=f"{case}.*all lists to be of size"):
                client.do_get(flight.Ticket(ticket)).read_all()
        client.do_get(flight.Ticket(b"SELECT 42")).read_all()


@pytest.mark.parametrize("kind, case", possible("parquet", but=PARQUET_REFUSED))
def test_a_parquet_file_arrives_as_pyarrow_reads_it(type_servers, kind, case):
    path = type_servers(kind).paths[case]
    expected = data_files.read(kind, path)
    with type_servers(kind).process.connect() as client:
        info, actual = fetch(client, flight.FlightDescriptor.for_path(case))
    assert info.total_records == expected.num_rows
    assert info.total_bytes == path.stat().st_size
    exact_values.assert_same(actual, expected)


CSV_CASES = [
    "bool",
    "int8",
    "int64",
    "float64",
    "date32",
    "timestamp_s",
    "timestamp_s_utc",
    "utf8",
    "null",
    "odd_column_names",
    "wide",
]


@pytest.mark.parametrize("case", CSV_CASES)
def test_a_csv_file_arrives_as_pyarrow_reads_it(type_servers, case):
    path = type_servers("csv").paths[case]
    expected = data_files.read("csv", path)
    with type_servers("csv").process.connect() as client:
        info, actual = fetch(client, flight.FlightDescriptor.for_path(case))
    assert info.total_records in (-1, expected.num_rows)
    assert info.total_bytes == path.stat().st_size
    exact_values.assert_same(actual, expected)


def in_process(table):
    """SELECT * of the table by DuckDB in this process."""
    database = duckdb.connect()
    database.register("t", table)
    return database.sql("SELECT * FROM t").to_arrow_table()


def unzoned(kind):
    """The type, without the zone: DuckDB writes that of the session."""
    return pa.timestamp(kind.unit, "UTC") if pa.types.is_timestamp(kind) and kind.tz else kind


@pytest.mark.parametrize(
    "kind, case",
    possible("feather", "feather_lz4", "feather_deltas", "stream")
    + possible("parquet", but=PARQUET_REFUSED),
)
def test_sql_reads_what_duckdb_reads(type_servers, kind, case):
    path = type_servers(kind).paths[case]
    whole = data_files.read(kind, path)
    query = f'SELECT * FROM "{case}"'
    with type_servers(kind).process.connect() as client:
        try:
            _, actual = fetch(client, flight.FlightDescriptor.for_command(query))
        except pa.ArrowException as error:
            message = str(error)
            # One bad dataset must not take the engine with it.
            client.do_get(flight.Ticket(b"SELECT 42")).read_all()
        else:
            message = None
    try:
        expected = in_process(whole)
    except (duckdb.Error, pa.ArrowException):
        if message is None:
            # It can do more than DuckDB by itself: the values are then those of the file.
            assert repr(actual.to_pylist()) == repr(whole.to_pylist())
        elif not server_process.is_plain_server():
            assert case in message, f"it does not name the dataset: {message}"
            assert type_names(whole) & words_of(message), f"nor the type: {message}"
        return
    assert message is None, f"DuckDB can read this: {message}"
    assert actual.schema.names == expected.schema.names
    assert [unzoned(kind) for kind in actual.schema.types] == [
        unzoned(kind) for kind in expected.schema.types
    ]
    assert exact_values.of_table(actual) == exact_values.of_table(expected)


def type_names(table):
    return {word for field in table.schema for word in words_of(str(field.type))}


def words_of(text):
    return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())
