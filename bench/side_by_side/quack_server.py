"""DuckDB serving a database over Quack: quack_server.py DATABASE URI [STATEMENT…]."""

import signal
import sys

import duckdb

from clients.duck import TOKEN, load


def main():
    path, uri, *statements = sys.argv[1:]
    database = duckdb.connect(path, read_only=path != ":memory:")
    load(database)
    for statement in statements:
        database.execute(statement)
    database.execute(f"CALL quack_serve('{uri}', token='{TOKEN}')")
    print(f"listening on {uri}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main()
