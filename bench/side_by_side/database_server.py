"""The Python server of the original over a DuckDB database, and one that takes rows:

    database_server.py DATABASE [--sql table|reader] [--read-only]

A DoPut inserts what arrives into a table that is made anew: the one that the descriptor
names, or `ingested` for a client that names it in a command of Flight SQL.
"""

import argparse
import pathlib
import sys

import duckdb

sys.path.append(str(pathlib.Path(__file__).parents[2] / "tests" / "support"))
import plain_server  # noqa: E402


class DatabaseServer(plain_server.PlainServer):
    def __init__(self, location, database, sql):
        super().__init__(location, {}, {}, sql)
        self._connection = database

    def _new_database(self):
        return self._connection.cursor()

    def do_put(self, context, descriptor, reader, writer):
        name = descriptor.path[0].decode() if descriptor.path else "ingested"
        with self._database() as database:
            arriving = reader.to_reader()
            database.register("arriving", arriving)
            database.execute(f'CREATE OR REPLACE TABLE "{name}" AS FROM arriving')
            database.unregister("arriving")
            ((rows,),) = database.execute(f'SELECT count(*) FROM "{name}"').fetchall()
        writer.write(b"\x08" + varint(rows))  # a DoPutUpdateResult


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def main():
    parser = argparse.ArgumentParser(prog="database_server.py")
    parser.add_argument("database")
    parser.add_argument("--sql", choices=["table", "reader"], default="table")
    parser.add_argument("--read-only", action="store_true")
    arguments = parser.parse_args()
    database = duckdb.connect(arguments.database, read_only=arguments.read_only)
    ended = plain_server.notice_signals()
    server = DatabaseServer("grpc://127.0.0.1:0", database, arguments.sql)
    print(f"listening on grpc://127.0.0.1:{server.port}", flush=True)
    ended.recv(1)
    server.shutdown()


if __name__ == "__main__":
    main()
