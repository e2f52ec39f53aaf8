"""What people use above ADBC: DB-API fetches, pandas, Polars, Ibis, partitions, metadata."""

import decimal
import urllib.parse

import adbc_client
import adbc_driver_flightsql.dbapi
import adbc_driver_manager
import data_files
import flightsql
import ibis
import pandas
import polars
import polars.testing
import pyarrow as pa
import pytest
import server_process
from flightsql.client import TableRef

pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server does not speak Flight SQL"
)
QUERY = "SELECT id, age, city, is_active, name FROM sample ORDER BY id"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "sample.feather"
    table = data_files.write_sample(path, 5_000)
    with server_process.ServerProcess([path]) as server:
        yield server, table


@pytest.fixture
def connection(served):
    with adbc_client.connect(served[0].uri) as connection:
        yield connection


@pytest.fixture
def expected(served):
    return served[1].drop_columns(["metadata"])


def test_rows_by_the_db_api(connection, served):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM sample ORDER BY id")
        assert [column[0] for column in cursor.description] == served[1].schema.names
        rows = [tuple(row.values()) for row in served[1].to_pylist()]
        assert cursor.fetchone() == rows[0]
        assert cursor.fetchmany(10) == rows[1:11]
        assert cursor.fetchall() == rows[11:]


def test_pandas_reads_a_query(connection, expected):
    frame = pandas.read_sql(QUERY, connection)
    pandas.testing.assert_frame_equal(frame, expected.to_pandas())


def test_pandas_writes_a_table(connection):
    frame = pandas.DataFrame({"n": [1, 2, 3], "word": ["a", None, "c"]})
    assert frame.to_sql("from_pandas", connection, index=False) == 3
    again = pandas.read_sql("SELECT * FROM from_pandas ORDER BY n", connection)
    pandas.testing.assert_frame_equal(again, frame)


def test_polars_reads_a_query(connection, expected):
    frame = polars.read_database(QUERY, connection)
    polars.testing.assert_frame_equal(frame, polars.from_arrow(expected))


def test_polars_writes_a_table(connection):
    frame = polars.DataFrame({"n": [1, 2, 3], "word": ["a", None, "c"]})
    frame.write_database("from_polars", connection, engine="adbc")
    again = polars.read_database("SELECT * FROM from_polars ORDER BY n", connection)
    polars.testing.assert_frame_equal(again, frame)


def test_ibis_goes_on_from_a_query(connection, expected):
    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        table = ibis.memtable(cursor.fetch_arrow_table())
    counts = table.group_by("city").agg(n=table.count()).order_by("city").to_pyarrow()
    by_arrow = expected.group_by("city").aggregate([([], "count_all")]).sort_by("city")
    assert counts.to_pydict() == {
        "city": by_arrow.column("city").to_pylist(),
        "n": by_arrow.column("count_all").to_pylist(),
    }


def test_partitions_are_read_by_another_connection(served, connection):
    with connection.cursor() as cursor:
        partitions, schema = cursor.adbc_execute_partitions("SELECT id FROM sample")
        assert schema.names == ["id"]
    ids = []
    for partition in partitions:
        with adbc_client.connect(served[0].uri) as other, other.cursor() as cursor:
            cursor.adbc_read_partition(partition)
            ids += [row[0] for row in cursor.fetchall()]
    assert sorted(ids) == list(range(1, 5_001))


def test_an_ingested_stream_of_batches_arrives_exactly(connection):
    schema = pa.schema(
        [
            ("id", pa.int64()),
            ("price", pa.decimal128(38, 10)),
            ("at", pa.timestamp("us")),
            ("tags", pa.list_(pa.utf8())),
            ("raw", pa.binary()),
        ]
    )

    def batches():
        for first in range(0, 200_000, 10_000):
            ids = range(first, first + 10_000)
            yield pa.RecordBatch.from_pydict(
                {
                    "id": ids,
                    "price": [decimal.Decimal(n).scaleb(-10) if n % 7 else None for n in ids],
                    "at": [n * 1_000_003 for n in ids],
                    "tags": [[str(n), None] if n % 5 else [] for n in ids],
                    "raw": [bytes([n % 256]) * (n % 4) for n in ids],
                },
                schema=schema,
            )

    with connection.cursor() as cursor:
        reader = pa.RecordBatchReader.from_batches(schema, batches())
        assert cursor.adbc_ingest("exactly", reader, mode="create") == 200_000
        cursor.execute("SELECT * FROM exactly ORDER BY id")
        actual = cursor.fetch_arrow_table()
    expected = pa.Table.from_batches(batches())
    assert actual.schema.types == expected.schema.types
    assert actual.equals(expected.cast(actual.schema))


def test_a_temporary_table_is_ingested_for_its_session_alone(served, connection):
    batch = pa.RecordBatch.from_pydict({"n": [1, 2]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # By whose answer the server sees that it keeps cookies.
        cursor.fetchall()
        cursor.adbc_ingest("only_mine", batch, mode="create", temporary=True)
        cursor.execute("SELECT count(*) FROM only_mine")
        assert cursor.fetchone() == (2,)
    with adbc_client.connect(served[0].uri) as other, other.cursor() as cursor:
        with pytest.raises(adbc_driver_manager.Error, match="only_mine"):
            cursor.execute("SELECT count(*) FROM only_mine")


def test_an_ingest_into_a_schema_goes_there(connection):
    batch = pa.RecordBatch.from_pydict({"n": [1, 2]})
    with connection.cursor() as cursor:
        cursor.adbc_statement.set_sql_query("CREATE SCHEMA elsewhere")
        cursor.adbc_statement.execute_update()
        cursor.adbc_ingest("put_there", batch, mode="create", db_schema_name="elsewhere")
        cursor.execute("SELECT sum(n) FROM elsewhere.put_there")
        assert cursor.fetchone()[0] == 3


def test_get_info_is_answered_in_full(connection):
    info = connection.adbc_get_info()
    assert info["vendor_name"] and info["vendor_version"]
    assert info["vendor_arrow_version"] and info["driver_arrow_version"]


@pytest.fixture
def related(connection):
    """Of two tables, one refers to the other."""
    statements = (
        "CREATE OR REPLACE TABLE parent (id BIGINT PRIMARY KEY, code VARCHAR UNIQUE)",
        "CREATE OR REPLACE TABLE child"
        " (n INTEGER NOT NULL, parent_id BIGINT REFERENCES parent (id))",
    )
    for sql in ("DROP TABLE IF EXISTS child", *statements):
        with connection.cursor() as cursor:
            cursor.adbc_statement.set_sql_query(sql)
            cursor.adbc_statement.execute_update()


def test_all_objects_are_listed_with_their_columns(connection, related):
    """Without constraints: the driver does not ask for any."""
    objects = connection.adbc_get_objects(depth="all").read_all().to_pylist()
    tables = {
        table["table_name"]: [column["column_name"] for column in table["table_columns"]]
        for catalog in objects
        for schema in catalog["catalog_db_schemas"]
        for table in schema["db_schema_tables"]
    }
    assert tables["sample"] == ["id", "age", "city", "is_active", "name", "metadata"]
    assert tables["parent"] == ["id", "code"]
    assert tables["child"] == ["n", "parent_id"]


def test_keys_are_listed(served, related):
    """By flightsql-dbapi, whose client has the calls for it."""
    address = urllib.parse.urlsplit(served[0].uri)
    client = flightsql.FlightSQLClient(
        host=address.hostname, port=address.port, insecure=True
    )
    parent, child = (TableRef(table=name) for name in ("parent", "child"))

    def rows(info):
        return client.do_get(info.endpoints[0].ticket).read_all().to_pylist()

    (primary,) = rows(client.get_primary_keys(parent))
    assert (primary["table_name"], primary["column_name"]) == ("parent", "id")
    assert primary["key_sequence"] == 1
    assert rows(client.get_primary_keys(child)) == []
    for info in (
        client.get_exported_keys(parent),
        client.get_imported_keys(child),
        client.get_cross_reference(parent, child),
    ):
        (key,) = rows(info)
        assert (key["pk_table_name"], key["pk_column_name"]) == ("parent", "id")
        assert (key["fk_table_name"], key["fk_column_name"]) == ("child", "parent_id")
    assert rows(client.get_exported_keys(child)) == []
    assert rows(client.get_imported_keys(parent)) == []
    client.close()


def test_a_view_and_a_table_have_their_types(connection):
    types = connection.adbc_get_table_types()
    assert {"BASE TABLE", "VIEW"} <= set(types) or {"TABLE", "VIEW"} <= set(types)


def test_autocommit_off_is_a_transaction(served):
    with adbc_client.connect(served[0].uri) as watcher, watcher.cursor() as seen:
        with adbc_client.connect(served[0].uri, autocommit=False) as connection:
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE in_one (n BIGINT)")
                cursor.execute("INSERT INTO in_one VALUES (1)")
                cursor.execute("SELECT count(*) FROM in_one")
                assert cursor.fetchone() == (1,)
                with pytest.raises(adbc_driver_manager.Error, match="in_one"):
                    seen.execute("SELECT count(*) FROM in_one")
            connection.commit()
        seen.execute("SELECT count(*) FROM in_one")
        assert seen.fetchone() == (1,)


def test_results_that_are_read_side_by_side_do_not_mix(connection):
    cursors = [connection.cursor() for _ in range(8)]
    for number, cursor in enumerate(cursors):
        cursor.execute(f"SELECT range * 8 + {number} FROM range(100000)")
    for row in range(0, 1_000):
        for number, cursor in enumerate(cursors):
            assert cursor.fetchone() == (row * 8 + number,)
    for cursor in cursors:
        assert len(cursor.fetchall()) == 99_000
        cursor.close()


def test_a_large_result_arrives_whole(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT range AS n, 'word ' || range AS w FROM range(2000000)")
        table = cursor.fetch_arrow_table()
    assert table.num_rows == 2_000_000
    assert table.column("n").to_pylist()[-1] == 1_999_999
    middle = range(1_000_000, 1_000_005)
    assert table.slice(1_000_000, 5).to_pydict() == {
        "n": list(middle),
        "w": [f"word {n}" for n in middle],
    }
