#!/usr/bin/env python3
"""The plain server: the two Python servers of the original example, in one program.

It answers plain Flight with pyarrow and DuckDB in the simplest way there is: a file is a
table in memory, a query's result is collected into a table before the first byte is sent
(or streamed, with --sql reader). It is the peer that the pipeline examples are tested
against and the benchmarks measure, and the server that the conformance tests are
themselves tested with. Its command line is a part of pinion's:

    plain_server.py serve [NAME=]PATH… [--listen URI]… [--sql table|reader]
"""

import argparse
import contextlib
import difflib
import json
import pathlib
import signal
import socket

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.flight as flight
import pyarrow.parquet

MAX_BATCH_ROWS = 64 * 1024


def read_table(path):
    """The whole file as a table, whatever of the four formats it is in."""
    with open(path, "rb") as file:
        magic = file.read(6)
    if magic == b"ARROW1":
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).read_all()
    if magic[:4] == b"PAR1":
        return pa.parquet.read_table(path)
    if magic[:4] == b"\xff\xff\xff\xff" or pathlib.Path(path).suffix == ".arrows":
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_stream(source).read_all()
    return pa.csv.read_csv(path)


class PlainServer(flight.FlightServerBase):
    """Serves tables by name, and SQL over them. Every table is held in memory."""

    def __init__(self, location, tables, sizes, sql="table"):
        super().__init__(location)
        self._tables = tables
        self._sizes = sizes
        self._sql = sql
        self._idle = []

    def list_flights(self, context, criteria):
        wanted = criteria.decode()
        for name in self._tables:
            if wanted in name:
                yield self._dataset_info(name)

    def get_flight_info(self, context, descriptor):
        if descriptor.descriptor_type == flight.DescriptorType.PATH:
            return self._dataset_info(self._known(descriptor.path))
        query = self._query(descriptor.command)
        with self._database() as database:
            with run(database, query).to_arrow_reader(1) as reader:
                schema = reader.schema
        endpoint = flight.FlightEndpoint(flight.Ticket(query.encode()), [])
        return flight.FlightInfo(schema, descriptor, [endpoint], -1, -1)

    def get_schema(self, context, descriptor):
        return flight.SchemaResult(self.get_flight_info(context, descriptor).schema)

    def do_get(self, context, ticket):
        try:
            text = ticket.ticket.decode()
        except UnicodeDecodeError:
            raise pa.ArrowInvalid("the ticket is neither of this server nor text") from None
        for name in (text, text.removesuffix("_ticket")):
            if name in self._tables:
                return flight.RecordBatchStream(self._tables[name])
        if not text:
            raise pa.ArrowInvalid("the ticket is empty")
        if self._sql == "reader":
            stream = self._stream(text)
            return flight.GeneratorStream(next(stream), stream)
        with self._database() as database:
            return flight.RecordBatchStream(run(database, text).to_arrow_table())

    @contextlib.contextmanager
    def _database(self):
        """A connection of one's own, used before or new: what is registered is seen by its
        own connection alone."""
        try:
            database = self._idle.pop()
        except IndexError:
            database = self._new_database()
        try:
            yield database
        except duckdb.Error as error:
            raise pa.ArrowInvalid(str(error)) from None  # Not used again: it may be broken.
        self._idle.append(database)

    def _new_database(self):
        database = duckdb.connect()
        for position, (name, table) in enumerate(self._tables.items()):
            source, view = f"dataset_{position}", name.replace('"', '""')
            try:
                database.register(source, table)
                database.execute(f'CREATE TEMP VIEW "{view}" AS SELECT * FROM {source}')
            except duckdb.Error:
                pass  # A type that DuckDB has no word for: not to be had by SQL.
        return database

    def _dataset_info(self, name):
        table = self._tables[name]
        descriptor = flight.FlightDescriptor.for_path(name)
        endpoint = flight.FlightEndpoint(flight.Ticket(f"{name}_ticket".encode()), [])
        return flight.FlightInfo(
            table.schema, descriptor, [endpoint], table.num_rows, self._sizes[name]
        )

    def _known(self, path):
        name = "/".join(part.decode() for part in path)
        if name in self._tables:
            return name
        near = difflib.get_close_matches(name, self._tables) or sorted(self._tables)
        raise KeyError(f"there is no dataset '{name}'; there is: {', '.join(near)}")

    def _query(self, command):
        text = command.decode()
        if not text.lstrip().startswith("{"):
            return text
        try:
            return str(json.loads(text)["query"])
        except (ValueError, KeyError, TypeError):
            raise pa.ArrowInvalid('a JSON command is {"query": "SELECT …"}') from None

    def _stream(self, query):
        """The schema, then the batches."""
        with self._database() as database:
            with run(database, query).to_arrow_reader(MAX_BATCH_ROWS) as reader:
                yield reader.schema
                yield from reader


def run(database, query):
    relation = database.sql(query)
    if relation is None:
        raise pa.ArrowInvalid(f"no result: {query}")
    return relation


def parse_arguments():
    parser = argparse.ArgumentParser(prog="plain_server.py")
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("datasets", nargs="*", metavar="[NAME=]PATH")
    parser.add_argument("--listen", action="append", metavar="URI")
    parser.add_argument("--sql", choices=["table", "reader"], default="table")
    return parser.parse_args()


def notice_signals():
    """A socket that has a byte to read once SIGINT or SIGTERM has reached any thread."""
    ended, wakeup = socket.socketpair()
    wakeup.setblocking(False)
    signal.set_wakeup_fd(wakeup.detach())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return ended


def main():
    arguments = parse_arguments()
    tables, sizes = {}, {}
    for word in arguments.datasets:
        name, equals, path = word.rpartition("=")
        name = name if equals else pathlib.Path(path).stem
        tables[name], sizes[name] = read_table(path), pathlib.Path(path).stat().st_size
    ended = notice_signals()
    servers = []
    for uri in arguments.listen or ["grpc://127.0.0.1:8815"]:
        server = PlainServer(uri, tables, sizes, arguments.sql)
        servers.append(server)
        shown = uri if uri.startswith("grpc+unix") else f"{uri.rpartition(':')[0]}:{server.port}"
        print(f"listening on {shown}", flush=True)
    ended.recv(1)
    for server in servers:
        server.shutdown()


if __name__ == "__main__":
    main()
