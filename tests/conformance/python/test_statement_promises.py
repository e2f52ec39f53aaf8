"""What other servers of Flight SQL over DuckDB have been seen to get wrong: each fault has a
test here that a server with it fails."""

import datetime
import decimal
import json
import pathlib
import urllib.parse
import uuid

import adbc_client
import adbc_driver_manager
import data_files
import flightsql
import pyarrow as pa
import pyarrow.flight as flight
import pytest
import server_process

pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server does not speak Flight SQL"
)
ERRORS = (pa.ArrowException, OSError, adbc_driver_manager.Error)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "sample.feather"
    data_files.write_sample(path, 5_000)
    with server_process.ServerProcess([path]) as server:
        yield server


@pytest.fixture
def connection(served):
    with adbc_client.connect(served.uri) as connection:
        yield connection


def execute(connection, sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


# A statement is prepared once: what GetFlightInfo promises, DoGet sends, though the table has
# changed between them; or it says that it cannot. (Of plain Flight, the ticket is SQL again.)


@pytest.mark.parametrize("change", ["ADD COLUMN name VARCHAR", "ALTER n TYPE VARCHAR", "DROP m"])
def test_a_result_has_the_schema_that_was_promised_or_is_an_error(served, connection, change):
    table = "promised_" + uuid.uuid4().hex
    execute(connection, f"CREATE TABLE {table} AS SELECT 1 AS n, 2 AS m")
    address = urllib.parse.urlsplit(served.uri)
    client = flightsql.FlightSQLClient(host=address.hostname, port=address.port, insecure=True)
    info = client.execute(f"SELECT * FROM {table}")
    execute(connection, f"ALTER TABLE {table} {change}")
    try:
        sent = client.do_get(info.endpoints[0].ticket).read_all()
    except ERRORS as error:
        assert "changed" in str(error)
    else:
        assert sent.schema.equals(info.schema)
        assert sent.to_pydict() == {"n": [1], "m": [2]}
    client.close()
    execute(connection, f"DROP TABLE {table}")


# Cancel and timeout hold while rows are fetched, not only until the first.


@pytest.mark.parametrize("rows_before", [1, 1_000_000])
def test_a_cancel_while_rows_are_fetched_stops_the_engine(served, rows_before):
    with served.connect() as client:
        sql = "SELECT a.range AS n FROM range(10000000) a, range(10000000) b"
        reader = client.do_get(flight.Ticket(sql))
        seen = 0
        while seen < rows_before:
            seen += reader.read_chunk().data.num_rows
        reader.cancel()
        served.wait_until_idle()
        assert client.do_get(flight.Ticket("SELECT 42 AS n")).read_all().to_pydict() == {"n": [42]}


def test_a_timeout_while_rows_are_fetched_stops_the_engine(serve):
    server = serve(options=["--statement-timeout", "2"])
    with server.connect() as client:
        sql = "SELECT a.range AS n FROM range(10000000) a, range(10000000) b"
        reader = client.do_get(flight.Ticket(sql))
        assert reader.read_chunk().data.num_rows > 0
        with pytest.raises(flight.FlightTimedOutError, match="ran out of time"):
            while True:
                reader.read_chunk()
        server.wait_until_idle()


# Parameters keep their type: they are bound, and never become text on the way.

PARAMETERS = [
    (pa.int8(), -128, "TINYINT"),
    (pa.int64(), 2**63 - 1, "BIGINT"),
    (pa.uint64(), 2**64 - 1, "UBIGINT"),
    (pa.float32(), 1.5, "FLOAT"),
    (pa.float64(), 0.1, "DOUBLE"),
    (pa.decimal128(38, 10), decimal.Decimal("-1234567890123456789012345678.0123456789"),
     "DECIMAL(38,10)"),
    (pa.utf8(), "O'Hara; DROP TABLE x -- 🚲", "VARCHAR"),
    (pa.binary(), b"\x00\xff'", "BLOB"),
    (pa.bool_(), True, "BOOLEAN"),
    (pa.date32(), datetime.date(1582, 10, 4), "DATE"),
    (pa.time64("us"), datetime.time(23, 59, 59, 999999), "TIME"),
    (pa.timestamp("us"), datetime.datetime(2020, 2, 29, 12, 30, 0, 123456), "TIMESTAMP"),
    (pa.list_(pa.int32()), [1, None], "INTEGER[]"),
    (pa.struct([("a", pa.int64())]), {"a": 1}, "STRUCT(a BIGINT)"),
]  # fmt: skip


@pytest.mark.parametrize("kind, value, name", PARAMETERS, ids=[row[2] for row in PARAMETERS])
def test_parameters_keep_their_type(connection, kind, value, name):
    row = pa.RecordBatch.from_arrays([pa.array([value], kind)], ["0"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT typeof($1) AS name, $1 AS value", row)
        table = cursor.fetch_arrow_table()
    assert table.schema.field("value").type == kind
    assert table.to_pylist() == [{"name": name, "value": value}]


# Decimals never go through a double.


def test_decimals_are_exact_on_ingest(connection):
    with decimal.localcontext(decimal.Context(prec=38)):
        numbers = [
            sign * decimal.Decimal(digits).scaleb(-18)
            for sign in (1, -1)
            for digits in ("9" * 38, "12345678901234567890123456789012345678", "1", "0")
        ]
    batch = pa.RecordBatch.from_arrays([pa.array(numbers, pa.decimal128(38, 18))], ["d"])
    with connection.cursor() as cursor:
        assert cursor.adbc_ingest("exact_decimals", batch, mode="create") == len(numbers)
        cursor.execute("SELECT d FROM exact_decimals ORDER BY rowid")
        table = cursor.fetch_arrow_table()
    assert table.schema.types == [pa.decimal128(38, 18)]
    assert table.column("d").to_pylist() == numbers
    execute(connection, "DROP TABLE exact_decimals")


# SQL of several statements runs once, whichever call carries it.


def by_query(connection, client, sql):
    return [row[0] for row in execute(connection, sql)]


def by_prepared_query(connection, client, sql):
    with connection.cursor() as cursor:
        cursor.adbc_prepare(sql)
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def by_update(connection, client, sql):
    with connection.cursor() as cursor:
        cursor.adbc_statement.set_sql_query(sql)
        cursor.adbc_statement.execute_update()
    return None


def by_ticket(connection, client, sql):
    return client.do_get(flight.Ticket(sql)).read_all().column(0).to_pylist()


def by_json(connection, client, sql):
    command = flight.FlightDescriptor.for_command(json.dumps({"query": sql}))
    info = client.get_flight_info(command)
    return client.do_get(info.endpoints[0].ticket).read_all().column(0).to_pylist()


CALLS = [by_query, by_prepared_query, by_update, by_ticket, by_json]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_multi_statement_sql_runs_once(served, connection, call):
    table = "several_" + uuid.uuid4().hex
    execute(connection, f"CREATE TABLE {table} (n BIGINT)")
    sql = f"INSERT INTO {table} VALUES (1); INSERT INTO {table} VALUES (2); SELECT n FROM {table}"
    with served.connect() as client:
        try:
            rows = call(connection, client, sql)
        except ERRORS:
            # Plain Flight promises nothing but queries; then it has done nothing.
            assert call in (by_ticket, by_json)
            assert execute(connection, f"SELECT n FROM {table}") == []
            return
    assert rows in ([1, 2], None)
    assert execute(connection, f"SELECT n FROM {table} ORDER BY n") == [(1,), (2,)]
    execute(connection, f"DROP TABLE {table}")


# One session may have several results open.


def test_two_results_open_at_once_in_a_session_do_not_break_each_other(connection):
    connection.adbc_current_db_schema = "main"  # from here on, there is a session
    with connection.cursor() as first, connection.cursor() as second:
        first.execute("SELECT range * 2 FROM range(300000)")
        assert first.fetchone() == (0,)
        second.execute("SELECT range * 2 + 1 FROM range(300000)")
        assert second.fetchone() == (1,)
        execute(connection, "CREATE TEMP TABLE between_them AS SELECT 1 AS n")
        assert execute(connection, "SELECT n FROM between_them") == [(1,)]
        assert first.fetchmany(3) == [(2,), (4,), (6,)]
        assert len(second.fetchall()) == 299_999
        assert len(first.fetchall()) == 299_996


# A server that is read-only refuses to write, whatever the path.


@pytest.fixture(scope="module")
def read_only(tmp_path_factory):
    folder = tmp_path_factory.mktemp("read_only")
    path = folder / "sample.feather"
    data_files.write_sample(path, 5_000)
    database = folder / "kept.duckdb"
    with server_process.ServerProcess([path], options=["--database", database]) as server:
        with adbc_client.connect(server.uri) as connection:
            execute(connection, "CREATE TABLE kept AS SELECT range AS id FROM range(3)")
            execute(connection, "CREATE SEQUENCE kept_sequence")
    uploads = tmp_path_factory.mktemp("uploads")
    options = ["--database", database, "--read-only", "--upload-dir", uploads]
    with server_process.ServerProcess([path], options=options) as server:
        yield server


WRITES = [
    "INSERT INTO kept VALUES (4)",
    "UPDATE kept SET id = 0",
    "DELETE FROM kept",
    "TRUNCATE kept",
    "MERGE INTO kept USING (SELECT 9 AS id) s ON kept.id = s.id "
    "WHEN NOT MATCHED THEN INSERT VALUES (s.id)",
    "WITH gone AS (SELECT 1) INSERT INTO kept SELECT * FROM gone",
    "INSERT INTO kept VALUES (4) RETURNING id",
    "EXPLAIN ANALYZE INSERT INTO kept VALUES (4)",
    "SELECT 1; INSERT INTO kept VALUES (4)",
    "INSERT INTO kept VALUES (4); SELECT 1",
    "BEGIN; INSERT INTO kept VALUES (4); COMMIT",
    "CREATE TABLE made (n BIGINT)",
    "CREATE TABLE made AS SELECT 1",
    "CREATE OR REPLACE VIEW made AS SELECT 1",
    "CREATE SCHEMA made",
    "CREATE INDEX made ON kept (id)",
    "CREATE MACRO made() AS 1",
    "ALTER TABLE kept ADD COLUMN n BIGINT",
    "DROP TABLE kept",
    "COMMENT ON TABLE kept IS 'x'",
    "SELECT nextval('kept_sequence')",
    "COPY kept TO '/tmp/pinion_must_not_write.csv'",
    "COPY kept FROM '/tmp/pinion_must_not_write.csv'",
    "EXPORT DATABASE '/tmp/pinion_must_not_write'",
    "ATTACH '/tmp/pinion_must_not_write.duckdb' AS other",
    "DETACH kept",
    "SET access_mode = 'read_write'",
    "PRAGMA force_checkpoint",
    "EXECUTE made",
    "PREPARE made AS INSERT INTO kept VALUES (4)",
]


def kept(server):
    with adbc_client.connect(server.uri) as connection:
        rows = execute(connection, "SELECT id FROM kept ORDER BY id")
        tables = execute(connection, "SELECT table_name FROM duckdb_tables() ORDER BY 1")
        return rows, tables


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_read_only_holds_for_sql_on_every_path(read_only, call):
    before = kept(read_only)
    assert before == ([(0,), (1,), (2,)], [("kept",)])
    written = []
    with adbc_client.connect(read_only.uri) as connection, read_only.connect() as client:
        for sql in WRITES:
            try:
                call(connection, client, sql)
                written.append(sql)
            except ERRORS:
                pass
    assert written == []
    assert kept(read_only) == before
    assert not list(pathlib.Path("/tmp").glob("pinion_must_not_write*"))


def test_read_only_holds_for_parameters_ingest_and_uploads(read_only):
    before = kept(read_only)
    batch = pa.RecordBatch.from_pydict({"id": [7]})
    with adbc_client.connect(read_only.uri) as connection, connection.cursor() as cursor:
        with pytest.raises(adbc_driver_manager.Error):
            cursor.executemany("INSERT INTO kept VALUES (?)", [[7], [8]])
        for mode in ("create", "append", "replace", "create_append"):
            for table in ("kept", "made"):
                with pytest.raises(adbc_driver_manager.Error) as caught:
                    cursor.adbc_ingest(table, batch, mode=mode)
                assert caught.value.status_code.name == "UNAUTHORIZED"
    with read_only.connect() as client:
        with pytest.raises(ERRORS):
            writer, _ = client.do_put(flight.FlightDescriptor.for_path("made"), batch.schema)
            with writer:
                writer.write_batch(batch)
        assert [info.descriptor.path for info in client.list_flights()].count([b"made"]) == 0
    assert kept(read_only) == before


def test_read_only_holds_inside_of_a_transaction_and_a_session(read_only):
    before = kept(read_only)
    with adbc_client.connect(read_only.uri, autocommit=False) as connection:
        connection.adbc_current_db_schema = "main"
        with pytest.raises(adbc_driver_manager.Error):
            execute(connection, "INSERT INTO kept VALUES (4)")
        connection.rollback()
        with pytest.raises(adbc_driver_manager.Error):
            execute(connection, "CREATE TABLE made (n BIGINT)")
        connection.rollback()
        assert execute(connection, "SELECT count(*) FROM kept") == [(3,)]
    assert kept(read_only) == before
