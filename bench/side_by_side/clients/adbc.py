"""Kinds of clients that speak Flight SQL with ADBC."""

import contextlib

from clients.measurement import begin, repeat


def adbc_ingest(uri, path, table):
    """A Parquet file into a new table."""
    import adbc_driver_flightsql.dbapi
    import pyarrow.parquet

    data = pyarrow.parquet.read_table(path)
    with adbc_driver_flightsql.dbapi.connect(uri, autocommit=True) as connection:
        with connection.cursor() as cursor:
            start = begin()
            rows = cursor.adbc_ingest(table, data.to_reader(64 * 1024), mode="replace")
            return start, {"rows": rows, "bytes": data.nbytes}


def repeat_literal(uri, query, keys, times):
    """A query with another number in the place of its question mark each time.

    Not by way of a cursor: that prepares every statement and keeps it for the next call.
    """
    with connected(uri) as connection:

        def call(number):
            with new_statement(connection) as statement:
                statement.set_sql_query(query.replace("?", key(number, keys)))
                read(statement)

        return repeat(call, int(times))


def repeat_prepared(uri, query, keys, times):
    """The same, prepared once, with the number as its parameter."""
    import pyarrow as pa

    with connected(uri) as connection, new_statement(connection) as statement:
        statement.set_sql_query(query)
        statement.prepare()

        def call(number):
            values = pa.record_batch([pa.array([int(key(number, keys))])], ["0"])
            statement.bind(values)
            read(statement)

        return repeat(call, int(times))


def key(number, keys):
    """A number from 1 to `keys`, all over the place."""
    return str(1 + number * 7919 % int(keys))


@contextlib.contextmanager
def connected(uri):
    import adbc_driver_flightsql
    import adbc_driver_manager

    with adbc_driver_flightsql.connect(uri) as database:
        with adbc_driver_manager.AdbcConnection(database) as connection:
            yield connection


def new_statement(connection):
    import adbc_driver_manager

    return adbc_driver_manager.AdbcStatement(connection)


def read(statement):
    import pyarrow as pa

    stream, _ = statement.execute_query()
    with pa.RecordBatchReader.from_stream(stream) as reader:
        reader.read_all()


KINDS = {
    function.__name__: function
    for function in (adbc_ingest, repeat_literal, repeat_prepared)
}
