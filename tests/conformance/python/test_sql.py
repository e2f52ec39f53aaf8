"""SQL by CMD, JSON and ticket, against DuckDB in this process; and errors for people."""

import json

import duckdb
import exact_values
import pyarrow as pa
import pyarrow.flight as flight
import pytest
import server_process

ERRORS = (pa.ArrowException, OSError)


def command(text):
    return flight.FlightDescriptor.for_command(text)


def fetch(client, text):
    info = client.get_flight_info(command(text))
    table = client.do_get(info.endpoints[0].ticket).read_all()
    exact_values.assert_same_schema(table.schema, info.schema)
    return table


QUERIES = [
    "SELECT * FROM feather_table",
    "SELECT name, is_active FROM feather_table WHERE id > 1",
    "SELECT name, metadata FROM feather_table WHERE is_active = true",
    "SELECT count(*) as total_count FROM feather_table",
    "SELECT city, count(*) AS n, avg(age) AS mean FROM large_table GROUP BY city ORDER BY city",
    "SELECT metadata.dept AS dept, max(id) FROM large_table GROUP BY dept ORDER BY dept",
    "SELECT a.id FROM large_table a JOIN feather_table b USING (id) WHERE a.age = 18 ORDER BY 1",
    "SELECT id, sum(age) OVER (ORDER BY id) AS running FROM large_table ORDER BY id",
    "SELECT * FROM large_table WHERE false",
    "SELECT * FROM large_table ORDER BY id DESC LIMIT 10",
    "SELECT 1 AS a, 1 AS a",
    "SELECT NULL AS nothing",
    "WITH w AS (SELECT id FROM large_table WHERE id % 2 = 0) SELECT count(*) FROM w",
    "FROM large_table SELECT id, age LIMIT 3",
    "VALUES (1, 'x'), (2, NULL)",
    "SELECT 'Zürich 東京 🚲' AS \"spalte ü\"",
    "SELECT DATE '2020-02-29' AS d, TIMESTAMP '2020-02-29 12:30:00.123456' AS t",
    "SELECT [1, 2, NULL] AS l, {'a': 1, 'b': [2]} AS s, MAP {'k': 1} AS m",
    "SELECT 123456789012345678901234567890.12345678::DECIMAL(38, 8) AS d",
    "SELECT range AS n FROM range(300000)",
    "  \n SELECT 1 -- and a remark",
    "SELECT 1;",
]


@pytest.fixture(scope="module")
def database(sample):
    """DuckDB in this process, over pyarrow's own reading of the same file."""
    with duckdb.connect() as database:
        database.register("large_table", sample[1])
        database.register("feather_table", sample[1])
        yield database


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_gives_what_duckdb_gives(client, database, query):
    actual, expected = fetch(client, query), database.sql(query).to_arrow_table()
    assert actual.schema.names == expected.schema.names
    assert actual.schema.types == expected.schema.types
    assert exact_values.of_table(actual) == exact_values.of_table(expected)


@pytest.mark.parametrize("query", QUERIES[:4])
def test_text_json_and_ticket_are_the_same_query(client, query):
    expected = fetch(client, query)
    exact_values.assert_same(fetch(client, json.dumps({"query": query})), expected)
    exact_values.assert_same(client.do_get(flight.Ticket(query)).read_all(), expected)


def test_the_totals_of_a_query_are_unknown(client):
    info = client.get_flight_info(command("SELECT * FROM feather_table"))
    assert (info.total_records, info.total_bytes) == (-1, -1)
    assert info.descriptor.command == b"SELECT * FROM feather_table"


def test_the_schema_of_a_query_is_known_without_its_result(client):
    query = "SELECT id, name FROM large_table"
    schema = client.get_schema(command(query)).schema
    assert schema.equals(fetch(client, query).schema, check_metadata=True)


def test_a_ticket_of_a_query_can_be_fetched_twice(client):
    info = client.get_flight_info(command("SELECT count(*) AS n FROM large_table"))
    for _ in range(2):
        assert client.do_get(info.endpoints[0].ticket).read_all().to_pydict() == {"n": [5000]}


def test_many_results_can_be_open_at_once(client):
    readers = [
        client.do_get(flight.Ticket(f"SELECT range + {number} AS n FROM range(200000)"))
        for number in range(8)
    ]
    first = [reader.read_chunk().data.column(0)[0].as_py() for reader in readers]
    assert first == list(range(8))
    for number, reader in enumerate(readers):
        rest = reader.read_all().column(0)
        assert rest[-1].as_py() == 199_999 + number


# Errors. Each must leave the server as it was.


def message_of(client, text):
    """The error's kind and text: the same of GetFlightInfo and of DoGet."""
    with pytest.raises(ERRORS) as of_info:
        client.get_flight_info(command(text))
    with pytest.raises(ERRORS) as of_get:
        client.do_get(flight.Ticket(text)).read_all()
    assert type(of_info.value) is type(of_get.value)
    assert fetch(client, "SELECT 42 AS n").to_pydict() == {"n": [42]}
    return of_info.value, str(of_info.value)


def test_a_syntax_error_tells_where(client):
    error, message = message_of(client, "SELECT id,\n       nam FRM feather_table x y")
    assert isinstance(error, pa.ArrowInvalid)
    assert "feather_table" in message or "FRM" in message
    if server_process.is_plain_server():
        assert "LINE 2" in message
    else:
        assert "line 2" in message.lower()


def test_a_missing_table_is_told_with_a_near_one(client):
    error, message = message_of(client, "SELECT * FROM feather_tabel")
    assert isinstance(error, KeyError) or server_process.is_plain_server()
    assert "feather_tabel" in message and "feather_table" in message


def test_a_missing_column_is_told_with_a_near_one(client):
    _, message = message_of(client, "SELECT nmae FROM feather_table")
    assert "nmae" in message and "name" in message


@pytest.mark.parametrize("query", ["", " ", "-- nothing", ";", "{", '{"query": 5}', '{"sql": "x"}'])
def test_no_query_at_all_is_refused(client, query):
    with pytest.raises(ERRORS):
        client.get_flight_info(command(query))
    assert fetch(client, "SELECT 42 AS n").to_pydict() == {"n": [42]}


@pytest.mark.parametrize("query", ["{", '{"query": 5}', '{"sql": "SELECT 1"}', '{"query": ""}'])
def test_a_json_command_without_a_query_says_what_is_right(client, query):
    with pytest.raises(ERRORS) as caught:
        client.get_flight_info(command(query))
    if not server_process.is_plain_server():
        assert "query" in str(caught.value) or "statement" in str(caught.value)


def test_an_error_in_the_middle_of_a_result_is_an_error(client):
    query = "SELECT CASE WHEN range = 900000 THEN error('too far') ELSE 1 END FROM range(1000000)"
    with pytest.raises(ERRORS, match="too far"):
        client.do_get(flight.Ticket(query)).read_all()
    assert fetch(client, "SELECT 42 AS n").to_pydict() == {"n": [42]}


def test_a_value_that_does_not_fit_is_an_error(client):
    with pytest.raises(ERRORS, match="abc"):
        client.do_get(flight.Ticket("SELECT CAST(name || 'abc' AS INT) FROM large_table")).read_all()


@pytest.mark.skipif(server_process.is_plain_server(), reason="it does not promise it")
def test_a_long_message_arrives_short(client):
    name = "n" * 50_000
    _, message = message_of(client, f'SELECT "{name}" FROM feather_table')
    assert len(message) < 3_000
    assert "RESOURCE_EXHAUSTED" not in message
