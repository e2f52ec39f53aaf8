"""Kinds of clients that run many queries, one after the other."""

import json
import pathlib
import time

from clients.flight import batches, connect
from clients.measurement import begin


def duckdb_queries(folder, path):
    """Queries over a folder of Parquet files in this process, after one round of them."""
    import duckdb

    database = duckdb.connect()
    for file in pathlib.Path(folder).glob("*.parquet"):
        database.execute(f"CREATE VIEW {file.stem} AS FROM '{file}'")

    def run(query):
        return sum(batch.num_rows for batch in database.sql(query).to_arrow_reader(32 * 1024))

    queries = json.loads(pathlib.Path(path).read_text())
    for query in queries:
        run(query)
    return each(run, queries)


def flight_queries(uri, path):
    """The same queries over plain Flight, all of them on one connection."""
    import pyarrow.flight as flight

    client = connect(uri)

    def run(query):
        ticket = flight.Ticket(query.encode())
        return sum(batch.num_rows for batch in batches(client, ticket))

    return each(run, json.loads(pathlib.Path(path).read_text()))


def each(run, queries):
    start = begin()
    rows, seconds = 0, {}
    for number, query in enumerate(queries, 1):
        before = time.perf_counter()
        rows += run(query)
        seconds[f"Q{number}"] = time.perf_counter() - before
    return start, {"rows": rows, "each": seconds}


KINDS = {function.__name__: function for function in (duckdb_queries, flight_queries)}
