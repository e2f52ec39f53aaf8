"""Kinds of clients that are DuckDB: in this process, and over its own protocol, Quack."""

import importlib.util
import pathlib

from clients.measurement import begin, count, repeat

TOKEN = "side-by-side"
BATCH_ROWS = 32 * 1024


def duckdb_fetch(path, query):
    """DuckDB in this process, to Arrow batches."""
    import duckdb

    database = duckdb.connect(path, read_only=True)
    start = begin()
    return start, count(database.sql(query).to_arrow_reader(BATCH_ROWS), start)


def quack_fetch(uri, query):
    """DuckDB's own protocol, to Arrow."""
    database = attach(uri)
    start = begin()
    return start, count(database.execute(query).to_arrow_reader(BATCH_ROWS), start)


def repeat_quack(uri, statement, times):
    database = attach(uri)
    return repeat(lambda _: database.execute(statement).fetchall(), int(times))


def attach(uri):
    """A DuckDB that has the server's database as `remote`."""
    import duckdb

    database = duckdb.connect()
    load(database)
    database.execute(f"CREATE SECRET (TYPE quack, TOKEN '{TOKEN}')")
    database.execute(f"ATTACH '{uri}' AS remote")
    return database


def load(database):
    """Loads the extensions from the packages that pip has installed."""
    for name in ("httpfs", "quack"):
        package = importlib.util.find_spec(f"duckdb_extension_{name}")
        folder = pathlib.Path(package.submodule_search_locations[0])
        database.execute(f"LOAD '{next(folder.rglob(name + '.duckdb_extension'))}'")


KINDS = {
    function.__name__: function
    for function in (duckdb_fetch, quack_fetch, repeat_quack)
}
