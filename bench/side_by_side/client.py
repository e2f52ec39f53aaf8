"""One measurement: does one thing once and prints, as one line of JSON, what it took.

    client.py KIND TARGET [ARGUMENT…]

The clock begins when the client is connected: starting Python is not measured. For
`repeat` kinds the first call is a warm-up, and the latencies of all others are given.
"""

import json
import resource
import sys
import time


def flight_get(uri, *path):
    """Every batch of a dataset, one stream, with pyarrow."""
    import pyarrow.flight as flight

    client = flight.connect(uri)
    descriptor = flight.FlightDescriptor.for_path(*path)
    client.get_flight_info(descriptor)
    start = begin()
    info = client.get_flight_info(descriptor)
    return start, drain(client.do_get(info.endpoints[0].ticket), start)


def flight_columns(uri, name, columns):
    """Some columns of a dataset; a server without that is asked for all of them."""
    import pyarrow.flight as flight

    client = flight.connect(uri)
    command = json.dumps({"dataset": name, "columns": columns.split(",")})
    start = begin()
    try:
        info = client.get_flight_info(flight.FlightDescriptor.for_command(command))
    except Exception:
        info = client.get_flight_info(flight.FlightDescriptor.for_path(name))
    return start, drain(client.do_get(info.endpoints[0].ticket), start)


def flight_sql(uri, query):
    """A query over plain Flight, fetched with pyarrow."""
    import pyarrow.flight as flight

    client = flight.connect(uri)
    start = begin()
    return start, drain(client.do_get(flight.Ticket(query.encode())), start)


def repeat_flight_sql(uri, query, count):
    """A query's latency, over and over on one connection."""
    import pyarrow.flight as flight

    client = flight.connect(uri)

    def call():
        client.do_get(flight.Ticket(query.encode())).read_all()

    return repeat(call, int(count))


def repeat_adbc(uri, query, parameter, count):
    """A prepared statement, executed over and over."""
    import adbc_driver_flightsql.dbapi

    with adbc_driver_flightsql.dbapi.connect(uri) as connection:
        with connection.cursor() as cursor:
            if parameter != "-":
                cursor.adbc_prepare(query)

            def call():
                values = [int(parameter)] if parameter != "-" else None
                cursor.execute(query, values)
                cursor.fetchall()

            return repeat(call, int(count))


def adbc_ingest(uri, path, table):
    """A Parquet file into a new table, with ADBC."""
    import adbc_driver_flightsql.dbapi
    import pyarrow.parquet

    data = pyarrow.parquet.read_table(path)
    with adbc_driver_flightsql.dbapi.connect(uri, autocommit=True) as connection:
        with connection.cursor() as cursor:
            start = begin()
            cursor.adbc_ingest(table, data.to_reader(64 * 1024), mode="replace")
            return start, {"rows": data.num_rows, "bytes": data.nbytes}


def duckdb_fetch(path, query):
    """DuckDB in this process, to Arrow batches."""
    import duckdb

    database = duckdb.connect(path, read_only=True)
    start = begin()
    reader = database.sql(query).to_arrow_reader(32 * 1024)
    return start, count(reader, start)


def quack_fetch(uri, token, query):
    """DuckDB's own protocol, to Arrow."""
    import duckdb

    database = duckdb.connect()
    database.execute("LOAD quack")
    database.execute(f"CREATE SECRET (TYPE quack, TOKEN '{token}')")
    database.execute(f"ATTACH '{uri}' AS remote")
    start = begin()
    reader = database.execute(query).to_arrow_reader(32 * 1024)
    return start, count(reader, start)


def drain(reader, start):
    return count((chunk.data for chunk in reader), start)


def count(batches, start):
    rows = size = 0
    first = None
    for batch in batches:
        if first is None:
            first = time.perf_counter() - start["clock"]
        rows += batch.num_rows
        size += batch.nbytes
    return {"rows": rows, "bytes": size, "first_batch": first}


def repeat(call, times):
    call()
    start = begin()
    latencies = []
    for _ in range(times):
        before = time.perf_counter()
        call()
        latencies.append(time.perf_counter() - before)
    return start, {"rows": times, "bytes": 0, "latencies": latencies}


def begin():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {"clock": time.perf_counter(), "cpu": usage.ru_utime + usage.ru_stime}


KINDS = {
    function.__name__: function
    for function in (flight_get, flight_columns, flight_sql, repeat_flight_sql, repeat_adbc,
                     adbc_ingest, duckdb_fetch, quack_fetch)
}


def main():
    start, result = KINDS[sys.argv[1]](*sys.argv[2:])
    usage = resource.getrusage(resource.RUSAGE_SELF)
    result["seconds"] = time.perf_counter() - start["clock"]
    result["cpu"] = usage.ru_utime + usage.ru_stime - start["cpu"]
    result["peak_rss"] = usage.ru_maxrss * 1024
    print(json.dumps(result))


if __name__ == "__main__":
    main()
