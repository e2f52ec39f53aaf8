"""DuckDB serving a database over Quack: quack_server.py DATABASE TOKEN."""

import signal
import sys

import duckdb


def main():
    path, token = sys.argv[1:]
    database = duckdb.connect(path, read_only=path != ":memory:")
    database.execute("LOAD quack")
    database.execute(f"CALL quack_serve('quack:localhost', token='{token}')")
    print("listening on quack:localhost", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main()
