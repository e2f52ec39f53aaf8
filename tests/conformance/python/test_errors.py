"""Each class of errors by a real client: ADBC's status, and the SQLSTATE among its details.

Which status belongs to a class stands in docs/sql_support.md, and is read from there.
"""

import pathlib
import re
import threading

import adbc_client
import adbc_driver_flightsql
import adbc_driver_manager
import data_files
import pyarrow as pa
import pytest
import server_process

pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server does not speak Flight SQL"
)
DOCUMENT = pathlib.Path(__file__).parents[3] / "docs" / "sql_support.md"
ENDLESS = """SELECT count(*) FROM range(10000000) a, range(10000000) b
    WHERE hash(a.range, b.range) = 42"""
# Rows without end, of which the first is there at once.
ENDLESS_ROWS = "SELECT a.range AS n FROM range(10000000) a, range(10000000) b"


def documented():
    """{class of errors: (ADBC's status, SQLSTATE)}"""
    rows = re.findall(r"^\| ([\w/ ]+) \| [A-Z_]+ \| ([A-Z_]+) \| (\w{5}) \|$",
                      DOCUMENT.read_text(), re.MULTILINE)  # fmt: skip
    assert len(rows) > 10
    return {kind: (status, state) for kind, status, state in rows}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "sample.feather"
    data_files.write_sample(path, 5_000)
    with server_process.ServerProcess([path], options=["--memory-limit", "200MB"]) as server:
        yield server


@pytest.fixture
def connection(served):
    with adbc_client.connect(served.uri) as connection:
        yield connection


@pytest.fixture
def table(connection):
    """A table with constraints and one row."""
    execute(connection, "CREATE TABLE errors (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)")
    execute(connection, "INSERT INTO errors VALUES (1, 1)")
    yield "errors"
    execute(connection, "DROP TABLE errors")


def execute(connection, sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def check(error, kind, state=None):
    status, documented_state = documented()[kind]
    assert error.status_code.name == status, error
    states = [value.decode() for key, value in error.details if key == b"x-pinion-sqlstate"]
    # Of a class, a SQLSTATE may be more exact than its first.
    assert states == [state or documented_state], error


# (class, SQL, what is named in the message, SQLSTATE where it is not the class's)
STATEMENTS = [
    ("syntax error", "SELEC 1", "SELEC", None),
    ("syntax error", "SELECT (1", "line 1", None),
    ("binding error", "SELECT sum(name) FROM sample", "sum", None),
    ("binding error", "SELECT id FROM sample GROUP BY name", "id", None),
    ("missing object", "SELECT * FROM sampel", "sample", None),
    ("missing object", "SELECT nmae FROM sample", "name", "42S22"),
    ("missing object", "SELECT no_such_function(1)", "no_such_function", "42883"),
    ("missing object", "DROP TABLE sampel", "sampel", None),
    ("already exists", "CREATE TABLE errors (n BIGINT)", "errors", None),
    ("constraint violated", "INSERT INTO errors VALUES (1, 2)", "key", "23505"),
    ("constraint violated", "INSERT INTO errors VALUES (2, NULL)", "n", "23502"),
    ("type error", "SELECT 'abc'::INTEGER", "abc", "22018"),
    ("type error", "SELECT 9223372036854775807 + 1", "9223372036854775807", "22003"),
    ("type error", "INSERT INTO errors VALUES ('abc', 1)", "abc", "22018"),
    ("wrong parameters", "SELECT ?::BIGINT", "1 parameter", None),
    ("transaction error", "COMMIT", "transaction", None),
    ("not supported", "PREPARE p AS SELECT 1", "PREPARE", None),
    ("not permitted", "SELECT * FROM read_text('/etc/hostname')", "hostname", None),
    ("not permitted", "COPY (SELECT 1) TO '/tmp/pinion_must_not_write.csv'", "", None),
    ("not permitted", "INSTALL httpfs", "extensions", None),
    ("not permitted", "ATTACH ':memory:' AS other", "databases", None),
    ("not permitted", "SET memory_limit = '1TB'", "memory_limit", None),
]


@pytest.mark.parametrize("kind, sql, word, state", STATEMENTS, ids=[row[1] for row in STATEMENTS])
def test_a_statement_fails_with_its_class(connection, table, kind, sql, word, state):
    with pytest.raises(adbc_driver_manager.Error) as caught:
        execute(connection, sql)
    check(caught.value, kind, state)
    assert word in str(caught.value)
    assert execute(connection, "SELECT 42") == [(42,)]


def test_an_ingest_fails_with_its_class(connection, table):
    batch = pa.RecordBatch.from_pydict({"id": [5, 1], "n": [1, 1]})
    cases = [
        ("missing object", "no_such_table", "append", None),
        ("already exists", table, "create", None),
        ("constraint violated", table, "append", "23505"),
    ]
    for kind, name, mode, state in cases:
        with connection.cursor() as cursor, pytest.raises(adbc_driver_manager.Error) as caught:
            cursor.adbc_ingest(name, batch, mode=mode)
        check(caught.value, kind, state)
    assert execute(connection, f"SELECT id FROM {table}") == [(1,)]


def test_a_type_error_in_the_middle_of_a_result_arrives_with_its_class(connection):
    sql = "SELECT (CASE WHEN n = 900000 THEN 'x' ELSE '1' END)::INTEGER FROM range(1000000) t(n)"
    with connection.cursor() as cursor:
        with pytest.raises(adbc_driver_manager.Error) as caught:
            cursor.execute(sql)
            cursor.fetch_arrow_table()
    check(caught.value, "type error", "22018")


@pytest.mark.parametrize("sql", [ENDLESS, ENDLESS_ROWS], ids=["before a row", "between rows"])
def test_what_is_cancelled_says_so(served, connection, sql):
    with connection.cursor() as cursor:
        ended = threading.Event()

        def cancel():
            # As often as needed: an early call finds nothing to cancel yet.
            while not ended.wait(0.1):
                cursor.adbc_cancel()

        canceller = threading.Thread(target=cancel)
        canceller.start()
        try:
            with pytest.raises(adbc_driver_manager.Error) as caught:
                cursor.execute(sql)
                cursor.fetchall()
        finally:
            ended.set()
            canceller.join()
    assert caught.value.status_code.name == documented()["cancelled"][0]
    assert execute(connection, "SELECT 42") == [(42,)]
    served.wait_until_idle()


def run_with_a_deadline(connection, sql):
    limits = {
        adbc_driver_flightsql.ConnectionOptions.TIMEOUT_QUERY.value: 1.0,
        adbc_driver_flightsql.ConnectionOptions.TIMEOUT_FETCH.value: 1.0,
    }
    with connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**limits)
        cursor.execute(sql)
        while cursor.fetchmany(100_000):
            pass


def test_what_takes_too_long_says_so(served, connection):
    with pytest.raises(adbc_driver_manager.Error) as caught:
        run_with_a_deadline(connection, ENDLESS)
    assert caught.value.status_code.name == documented()["timed out"][0]
    assert execute(connection, "SELECT 42") == [(42,)]
    served.wait_until_idle()


def test_rows_that_take_too_long_end(served, connection):
    """With the same status, or, where gRPC at the deadline cuts a message in two, with what
    grpc-go calls that: an unexpected EOF."""
    with pytest.raises(adbc_driver_manager.Error) as caught:
        run_with_a_deadline(connection, ENDLESS_ROWS)
    assert "deadline" in str(caught.value).lower() or "unexpected EOF" in str(caught.value)
    assert execute(connection, "SELECT 42") == [(42,)]
    served.wait_until_idle()


@pytest.mark.parametrize("sql", [ENDLESS, ENDLESS_ROWS], ids=["before a row", "between rows"])
def test_what_takes_longer_than_the_server_allows_says_so(serve, sql):
    server = serve(options=["--statement-timeout", "1"])
    with adbc_client.connect(server.uri) as connection:
        with connection.cursor() as cursor, pytest.raises(adbc_driver_manager.Error) as caught:
            cursor.execute(sql)
            while cursor.fetchmany(100_000):
                pass
        check(caught.value, "timed out")
        assert execute(connection, "SELECT 42") == [(42,)]


def test_memory_that_runs_out_is_an_error_and_the_server_goes_on(connection):
    with connection.cursor() as cursor, pytest.raises(adbc_driver_manager.Error) as caught:
        cursor.execute("SELECT list(range) AS l FROM range(1000000000)")
        cursor.fetchall()
    check(caught.value, "out of memory")
    assert execute(connection, "SELECT 42") == [(42,)]
