"""java.sql.Connection, Statement, PreparedStatement and ResultSet, as a BI tool calls them.
Where the published driver has a limit of its own, the test says which."""

import data_files
import pytest
import server_process
from jdbc import (
    JavaError, byte, calendar, date, decimal, double, long, raw, short, single, time, timestamp,
)  # fmt: skip

pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server does not speak Flight SQL"
)
ENDLESS = """SELECT count(*) AS n FROM range(10000000) a, range(10000000) b
    WHERE hash(a.range, b.range) = 42"""
FORWARD_ONLY, READ_ONLY = 1003, 1007


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "sample.feather"
    data_files.write_sample(path, 5_000)
    with server_process.ServerProcess([path]) as server:
        yield server


@pytest.fixture
def connection(jdbc, served):
    connection = jdbc.connect(served.uri)
    yield connection
    connection.close()


@pytest.fixture
def forgetful_connection(jdbc, served):
    """For parameters that cannot be bound: the driver forgets the memory of the others."""
    connection = jdbc.connect(served.uri)
    yield connection
    assert "Memory was leaked" in str(fails(connection.close))


@pytest.fixture
def statement(connection):
    statement = connection.createStatement()
    yield statement
    statement.close()


@pytest.fixture
def session(jdbc, served, statement):
    """A connection that has a session: the driver asks for one if a catalog is named."""
    (row,) = statement.executeQuery("SELECT current_catalog() AS name").all()
    connection = jdbc.connect(served.uri, catalog=row["name"])
    yield connection
    # The driver ends a session twice, and the second time it has no channel left.
    with pytest.raises(JavaError, match="Channel shutdown invoked"):
        connection.close()


@pytest.fixture
def table(statement):
    """A table that is empty at first, and gone at the end."""
    statement.executeUpdate("CREATE TABLE jdbc_rows (id BIGINT PRIMARY KEY, name VARCHAR)")
    yield "jdbc_rows"
    statement.executeUpdate("DROP TABLE jdbc_rows")


def rows_of(connection, sql):
    statement = connection.createStatement()
    rows = [tuple(row.values()) for row in statement.executeQuery(sql).all()]
    statement.close()
    return rows


def fails(call, *arguments):
    with pytest.raises(JavaError) as caught:
        call(*arguments)
    return caught.value


# Connections.


def test_a_connection_is_valid_until_it_is_closed(jdbc, served):
    connection = jdbc.connect(served.uri)
    assert connection.isValid(5)
    assert not connection.isClosed()
    assert connection.getWarnings() is None
    connection.close()
    assert connection.isClosed()
    assert "closed" in str(fails(connection.createStatement))


def test_a_statement_commits_by_itself(jdbc, served, connection, statement, table):
    assert connection.getAutoCommit()
    statement.executeUpdate(f"INSERT INTO {table} VALUES (1, 'a')")
    other = jdbc.connect(served.uri)
    assert rows_of(other, f"SELECT id FROM {table}") == [(1,)]
    other.close()


def test_the_drivers_transactions_are_none(connection, statement, table):
    """A limit of the driver: it takes setAutoCommit(false) and rollback(), and does nothing."""
    connection.setAutoCommit(False)
    statement.executeUpdate(f"INSERT INTO {table} VALUES (1, 'a')")
    connection.rollback()
    connection.setAutoCommit(True)
    assert rows_of(connection, f"SELECT id FROM {table}") == [(1,)]


def test_transactions_are_sql_in_a_session(session, connection, table):
    inside = session.createStatement()
    for end, expected in [("ROLLBACK", []), ("COMMIT", [(1,)])]:
        inside.execute("BEGIN")
        assert inside.executeUpdate(f"INSERT INTO {table} VALUES (1, 'a')") == 1
        assert rows_of(session, f"SELECT id FROM {table}") == [(1,)]
        assert rows_of(connection, f"SELECT id FROM {table}") == []
        inside.execute(end)
        assert rows_of(connection, f"SELECT id FROM {table}") == expected


def test_a_session_keeps_its_schema_settings_and_temporary_tables(session, connection):
    inside = session.createStatement()
    inside.execute("CREATE SCHEMA jdbc_schema")
    inside.execute("SET schema = 'jdbc_schema'")
    inside.execute("CREATE TEMP TABLE jdbc_temporary AS SELECT 1 AS n")
    assert rows_of(session, "SELECT current_schema()") == [("jdbc_schema",)]
    assert rows_of(connection, "SELECT current_schema()") == [("main",)]
    assert rows_of(session, "SELECT n FROM jdbc_temporary") == [(1,)]
    assert fails(rows_of, connection, "SELECT n FROM jdbc_temporary").grpc == "NOT_FOUND"
    inside.execute("SET schema = 'main'")
    inside.execute("DROP SCHEMA jdbc_schema")


def test_a_connection_without_a_catalog_gets_a_session_with_its_second_call(jdbc, served):
    """The first brings the cookie by which the server sees that the driver keeps cookies."""
    connection = jdbc.connect(served.uri)
    assert rows_of(connection, "SELECT current_schema()") == [("main",)]
    inside = connection.createStatement()
    inside.execute("CREATE TEMP TABLE jdbc_second AS SELECT 1 AS n")
    inside.execute("BEGIN")
    inside.execute("INSERT INTO jdbc_second VALUES (2)")
    inside.execute("ROLLBACK")
    assert rows_of(connection, "SELECT n FROM jdbc_second") == [(1,)]
    inside.close()
    connection.close()


def test_a_catalog_that_is_missing_is_refused(jdbc, served):
    assert "nowhere" in str(fails(lambda: jdbc.connect(served.uri, catalog="nowhere")))


@pytest.mark.parametrize(
    "call, arguments",
    [
        ("createBlob", ()),
        ("getTypeMap", ()),
        ("nativeSQL", ("SELECT 1",)),
        ("prepareCall", ("SELECT 1",)),
        ("setSavepoint", ()),
    ],
)
def test_what_the_driver_has_not_it_says(connection, call, arguments):
    error = fails(getattr(connection, call), *arguments)
    assert error.java_class == "SQLFeatureNotSupportedException"


# Statements.


def test_execute_tells_a_result_from_a_count(statement, table):
    assert not statement.execute(f"INSERT INTO {table} VALUES (1, 'a'), (2, 'b')")
    assert statement.getUpdateCount() == 2
    assert statement.getResultSet() is None
    assert not statement.getMoreResults()
    assert statement.getUpdateCount() == -1
    assert statement.execute(f"SELECT id FROM {table} ORDER BY id")
    assert statement.getUpdateCount() == -1
    assert statement.getResultSet().all() == [{"id": 1}, {"id": 2}]


def test_an_update_tells_how_many_rows(statement, table):
    assert statement.executeUpdate(f"INSERT INTO {table} SELECT range, 'x' FROM range(5)") == 5
    assert statement.executeLargeUpdate(f"UPDATE {table} SET name = 'y' WHERE id > 2") == 2
    assert statement.executeUpdate(f"DELETE FROM {table} WHERE id = 0") == 1
    assert statement.executeUpdate("CREATE VIEW jdbc_view AS SELECT 1") == 0
    assert statement.executeUpdate("DROP VIEW jdbc_view") == 0


def test_a_change_runs_exactly_once(connection, statement, table):
    """By each of the driver's ways to a statement."""
    statement.execute("CREATE SEQUENCE jdbc_sequence")
    insert = f"INSERT INTO {table} SELECT nextval('jdbc_sequence'), 'x'"
    statement.executeUpdate(insert)
    statement.execute(insert)
    prepared = connection.prepareStatement(insert)
    prepared.executeUpdate()
    prepared.execute()
    prepared.close()
    returned = statement.executeQuery(f"{insert} RETURNING id").all()
    assert returned == [{"id": 5}]
    assert rows_of(connection, f"SELECT id FROM {table} ORDER BY id") == [
        (n,) for n in range(1, 6)
    ]
    statement.execute("DROP SEQUENCE jdbc_sequence")


def test_a_result_is_demanded_of_a_query(statement, table):
    error = fails(statement.executeQuery, f"UPDATE {table} SET name = 'x'")
    assert "did not return a result set" in str(error)


def test_as_many_rows_as_are_wanted(statement):
    statement.setMaxRows(3)
    assert statement.getMaxRows() == 3
    assert len(statement.executeQuery("SELECT range FROM range(10)").all()) == 3
    statement.setLargeMaxRows(long(2))
    assert len(statement.executeQuery("SELECT range FROM range(10)").all()) == 2
    statement.setMaxRows(0)
    assert len(statement.executeQuery("SELECT range FROM range(10)").all()) == 10


def test_hints_are_kept(statement):
    statement.setFetchSize(10)
    assert statement.getFetchSize() == 10
    statement.setQueryTimeout(30)
    assert statement.getQueryTimeout() == 30
    assert statement.getResultSetType() == FORWARD_ONLY
    assert statement.getResultSetConcurrency() == READ_ONLY
    assert statement.getWarnings() is None


def test_a_timeout_ends_the_statement_and_the_connection_goes_on(connection, statement):
    statement.setQueryTimeout(1)
    error = fails(statement.executeQuery, ENDLESS)
    assert error.grpc == "DEADLINE_EXCEEDED"
    statement.close()  # it is this that ends the work: the driver fetches with one thread
    assert rows_of(connection, "SELECT 42") == [(42,)]


def test_a_cancelled_result_ends_and_the_connection_goes_on(connection, statement):
    rows = statement.executeQuery(
        "SELECT a.range AS n FROM range(10000000) a, range(10000000) b"
    )
    assert rows.next()
    statement.cancel()
    assert rows_of(connection, "SELECT 42") == [(42,)]


def test_a_closed_statement_says_so(connection):
    statement = connection.createStatement()
    statement.close()
    assert statement.isClosed()
    assert "closed" in str(fails(statement.executeQuery, "SELECT 1"))


def test_a_statement_closes_with_its_result_if_told_to(connection):
    statement = connection.createStatement()
    statement.closeOnCompletion()
    assert statement.isCloseOnCompletion()
    assert len(statement.executeQuery("SELECT range FROM range(3)").all()) == 3
    assert statement.isClosed()


def test_a_batch_of_sql_is_beyond_the_driver(statement, table):
    """A limit of the driver: it sends nothing, and fails over its own answer."""
    statement.addBatch(f"INSERT INTO {table} VALUES (1, 'a')")
    assert fails(statement.executeBatch).java_class == "NullPointerException"
    statement.clearBatch()
    assert statement.executeQuery(f"SELECT * FROM {table}").all() == []


def test_errors_have_their_cause(connection, statement, table):
    """The driver has no SQLSTATE to tell, but the status beneath."""
    statement.executeUpdate(f"INSERT INTO {table} VALUES (1, 'a')")
    for sql, code, word in [
        ("SELEC 1", "INVALID_ARGUMENT", "SELEC"),
        ("SELECT * FROM jdbc_missing", "NOT_FOUND", "jdbc_missing"),
        (f"CREATE TABLE {table} (n BIGINT)", "ALREADY_EXISTS", table),
        (f"INSERT INTO {table} VALUES (1, 'b')", "INVALID_ARGUMENT", "key"),
        ("SELECT 'abc'::INTEGER", "INVALID_ARGUMENT", "abc"),
        ("INSTALL httpfs", "PERMISSION_DENIED", ""),
    ]:
        error = fails(lambda text: statement.executeQuery(text).all(), sql)
        assert (error.java_class, error.grpc, error.sqlstate) == ("SQLException", code, None), sql
        assert word in str(error)
        assert rows_of(connection, "SELECT 42") == [(42,)]


# Prepared statements.

# (SQL type, setter, argument, what comes back)
SETTERS = [
    ("TINYINT", "setByte", byte(-128), -128),
    ("SMALLINT", "setShort", short(-32768), -32768),
    ("INTEGER", "setInt", -2147483648, -2147483648),
    ("BIGINT", "setLong", long(9223372036854775807), 9223372036854775807),
    ("FLOAT", "setFloat", single(1.5), 1.5),
    ("DOUBLE", "setDouble", double(0.1), 0.1),
    ("DECIMAL(38, 10)", "setBigDecimal", decimal("1234567890123456789012345678.0123456789"),
     "1234567890123456789012345678.0123456789"),
    ("VARCHAR", "setString", "O'Hara; DROP TABLE x -- 🚲", "O'Hara; DROP TABLE x -- 🚲"),
    ("VARCHAR", "setNString", "Zürich", "Zürich"),
    ("BLOB", "setBytes", raw(b"\x00\xff'"), "0x00ff27"),
    ("BOOLEAN", "setBoolean", True, True),
    ("DATE", "setDate", date("2020-02-29"), "2020-02-29"),
    ("TIME", "setTime", time("23:59:58"), "23:59:58"),
    ("TIMESTAMP", "setTimestamp", timestamp("1969-12-31T23:59:59.999"), "1969-12-31T23:59:59.999"),
    ("TIMESTAMPTZ", "setTimestamp", timestamp("2020-02-29T12:30:00.5"), "2020-02-29T12:30:00.5Z"),
]  # fmt: skip
NAMES = [f"{setter} of a {kind}" for kind, setter, _, _ in SETTERS]


def only(rows):
    ((value,),) = [row.values() for row in rows.all()]
    return value


@pytest.mark.parametrize("kind, setter, argument, expected", SETTERS, ids=NAMES)
def test_a_parameter_arrives_with_its_type(connection, kind, setter, argument, expected):
    prepared = connection.prepareStatement(f"SELECT ?::{kind} AS v")
    getattr(prepared, setter)(1, argument)
    assert only(prepared.executeQuery()) == expected
    prepared.setObject(1, argument)
    assert only(prepared.executeQuery()) == expected
    prepared.close()


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _, _ in SETTERS}))
def test_a_null_is_a_parameter_of_every_type(connection, kind):
    prepared = connection.prepareStatement(f"SELECT ?::{kind} AS v")
    prepared.setNull(1, 12)  # java.sql.Types.VARCHAR, whatever it is
    assert only(prepared.executeQuery()) is None
    prepared.setObject(1, None)
    assert only(prepared.executeQuery()) is None
    prepared.close()


def test_a_timestamp_is_set_in_a_calendars_zone(connection):
    prepared = connection.prepareStatement("SELECT ?::TIMESTAMP AS v")
    prepared.setTimestamp(1, timestamp("2020-02-29T12:00:00"), calendar("GMT+05:30"))
    assert only(prepared.executeQuery()) == "2020-02-29T17:30:00"
    prepared.close()


def test_a_decimal_is_set_with_the_scale_that_is_declared(forgetful_connection):
    """A limit of the driver: it refuses another scale, though nothing would be lost."""
    prepared = forgetful_connection.prepareStatement("SELECT ?::DECIMAL(10, 2) AS v")
    prepared.setBigDecimal(1, decimal("1.50"))
    assert only(prepared.executeQuery()) == "1.50"
    prepared.setBigDecimal(1, decimal("1.5"))
    assert "scale" in str(fails(prepared.executeQuery))
    prepared.close()


def test_parameters_are_described(connection):
    prepared = connection.prepareStatement("SELECT ?::BIGINT, ?::VARCHAR, ?::DECIMAL(10, 2)")
    parameters = prepared.getParameterMetaData()
    assert parameters.getParameterCount() == 3
    # java.sql.Types: BIGINT, VARCHAR, DECIMAL.
    assert [parameters.getParameterType(place) for place in (1, 2, 3)] == [-5, 12, 3]
    assert parameters.getParameterMode(1) == 1
    assert [parameters.isSigned(place) for place in (1, 2, 3)] == [True, False, True]
    prepared.close()


def test_columns_are_described_before_and_after_execution(connection):
    prepared = connection.prepareStatement(
        "SELECT id, name AS who, 1.25::DECIMAL(10, 2) AS price, is_active, [1] AS list FROM sample"
    )
    for columns in (prepared.getMetaData(), prepared.executeQuery().getMetaData()):
        places = range(1, columns.getColumnCount() + 1)
        assert [columns.getColumnLabel(place) for place in places] == [
            "id", "who", "price", "is_active", "list",
        ]  # fmt: skip
        # java.sql.Types: BIGINT, VARCHAR, DECIMAL, BOOLEAN, ARRAY.
        assert [columns.getColumnType(place) for place in places] == [-5, 12, 3, 16, 2003]
        assert [columns.getColumnTypeName(place) for place in places] == [
            "BIGINT", "VARCHAR", "DECIMAL", "BOOLEAN", "ARRAY",
        ]  # fmt: skip
        assert (columns.getPrecision(3), columns.getScale(3)) == (10, 2)
        assert columns.getColumnName(2) == "who"
    prepared.close()


def test_a_prepared_statement_runs_often_and_keeps_its_parameters(connection):
    prepared = connection.prepareStatement("SELECT id FROM sample WHERE id > ? AND id <= ?")
    prepared.setLong(1, long(10))
    for last, expected in [(12, [11, 12]), (10, []), (11, [11])]:
        prepared.setLong(2, long(last))
        assert [row["id"] for row in prepared.executeQuery().all()] == expected
    prepared.close()


def test_wrong_numbers_of_parameters_are_errors(forgetful_connection):
    prepared = forgetful_connection.prepareStatement("SELECT ?::BIGINT + ?::BIGINT AS v")
    prepared.setLong(1, long(1))
    fails(prepared.executeQuery)
    fails(prepared.setLong, 3, long(1))
    prepared.setLong(2, long(2))
    assert only(prepared.executeQuery()) == 3
    prepared.close()


def add_rows(prepared, rows):
    for number, name in rows:
        prepared.setLong(1, long(number))
        prepared.setString(2, name)
        prepared.addBatch()


def test_a_batch_runs_once_a_row(connection, table):
    """In one call: the driver tells the sum of the counts, not each."""
    prepared = connection.prepareStatement(f"INSERT INTO {table} VALUES (?, ?)")
    add_rows(prepared, [(number, f"name {number}") for number in range(1000)])
    assert prepared.executeBatch() == [1000]
    prepared.close()
    expected = [(1000, 499500, "name 999")]
    assert rows_of(connection, f"SELECT count(*), sum(id)::BIGINT, max(name) FROM {table}") == expected


def test_a_batch_with_an_error_leaves_nothing(connection, table):
    prepared = connection.prepareStatement(f"INSERT INTO {table} VALUES (?, ?)")
    add_rows(prepared, [(1, "a"), (2, "b"), (1, "c")])
    assert fails(prepared.executeBatch).grpc == "INVALID_ARGUMENT"
    prepared.close()
    assert rows_of(connection, f"SELECT * FROM {table}") == []


# Results.


def test_a_value_is_read_as_what_is_asked_for(statement):
    rows = statement.executeQuery("""
        SELECT 7::INTEGER AS n, 3000000000 AS big, 1.5::DOUBLE AS d, 12.25::DECIMAL(10, 2) AS g,
            true AS t, DATE '2020-02-29' AS k, TIMESTAMP '2020-02-29 12:30:00.5' AS m,
            TIME '01:02:03.456789' AS i, 'text' AS s, '\\x00\\xFF'::BLOB AS b,
            UUID '00000000-0000-0000-0000-000000000001' AS u, [1, NULL] AS l, {'a': 1} AS o
    """)
    assert rows.next()
    expected = {
        ("getInt", "n"): 7, ("getLong", "n"): 7, ("getDouble", "n"): 7, ("getString", "n"): "7",
        ("getShort", "n"): 7, ("getByte", "n"): 7, ("getBigDecimal", "n"): "7",
        ("getBoolean", "n"): True, ("getObject", "n"): 7, ("getLong", "big"): 3_000_000_000,
        ("getDouble", "d"): 1.5, ("getFloat", "d"): 1.5, ("getString", "d"): "1.5",
        ("getBigDecimal", "g"): "12.25", ("getDouble", "g"): 12.25, ("getString", "g"): "12.25",
        ("getBoolean", "t"): True, ("getInt", "t"): 1, ("getString", "t"): "true",
        ("getDate", "k"): "2020-02-29", ("getString", "k"): "2020-02-29",
        ("getTimestamp", "k"): "2020-02-29T00:00:00", ("getDate", "m"): "2020-02-29",
        ("getTimestamp", "m"): "2020-02-29T12:30:00.5", ("getTime", "m"): "12:30:00",
        ("getTime", "i"): "01:02:03.456", ("getString", "s"): "text",
        ("getBytes", "b"): "0x00ff", ("getString", "u"): "00000000-0000-0000-0000-000000000001",
        ("getArray", "l"): [1, None], ("getObject", "l"): [1, None], ("getObject", "o"): {"a": 1},
    }  # fmt: skip
    assert {call: getattr(rows, call[0])(call[1]) for call in expected} == expected


def test_null_is_told_from_zero(statement):
    rows = statement.executeQuery("SELECT NULL::INTEGER AS nothing, 0 AS zero, NULL::VARCHAR AS s")
    assert rows.next()
    assert (rows.getInt("nothing"), rows.wasNull()) == (0, True)
    assert (rows.getInt("zero"), rows.wasNull()) == (0, False)
    assert (rows.getString("s"), rows.wasNull()) == (None, True)
    assert rows.getObject("nothing") is None


def test_a_result_goes_forward_only(statement):
    rows = statement.executeQuery("SELECT range AS n FROM range(2)")
    assert (rows.getType(), rows.getConcurrency()) == (FORWARD_ONLY, READ_ONLY)
    assert rows.isBeforeFirst()
    assert rows.next()
    assert rows.isFirst()
    assert rows.getRow() == 1
    assert rows.findColumn("n") == 1
    for call, *arguments in [("previous",), ("first",), ("absolute", 1), ("updateInt", 1, 1)]:
        error = fails(getattr(rows, call), *arguments)
        assert error.java_class == "SQLFeatureNotSupportedException"
    assert rows.next()
    assert not rows.next()
    assert rows.isAfterLast()


def test_a_wrong_name_or_place_is_an_error(statement):
    rows = statement.executeQuery("SELECT 'x' AS a")
    assert rows.next()
    assert "nope" in str(fails(rows.getInt, "nope"))
    assert "99" in str(fails(rows.getInt, 99))
    assert "x" in str(fails(rows.getInt, "a"))
    rows.close()
    assert rows.isClosed()
    assert "closed" in str(fails(rows.next))


def test_results_are_open_side_by_side(connection):
    statements = [connection.createStatement() for _ in range(3)]
    results = [
        statement.executeQuery(f"SELECT range * 3 + {place} AS n FROM range(50000)")
        for place, statement in enumerate(statements)
    ]
    for row in range(20):
        for place, rows in enumerate(results):
            assert rows.next()
            assert rows.getLong(1) == row * 3 + place
    assert [len(rows.all()) for rows in results] == [49_980] * 3
    for statement in statements:
        statement.close()
