"""What is computed is compressed when the server or the client wants it, never for a client
that cannot read it."""

import threading
import socket

import adbc_driver_flightsql
import adbc_driver_flightsql.dbapi
import duckdb
import pyarrow.flight as flight
import pytest
import server_process

pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="what the plain server has not"
)

ROWS = 1_000_000
QUERY = f"SELECT 7::BIGINT AS x FROM range({ROWS})"
PLAIN_BYTES = 8 * ROWS


class Wire:
    """Stands between a client and a server, and counts what the server sends."""

    def __init__(self, uri):
        host, port = uri.removeprefix("grpc://").split(":")
        self._server = host, int(port)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.uri = f"grpc://127.0.0.1:{self._door.getsockname()[1]}"
        self.bytes = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._door.close()

    def _accept(self):
        while True:
            try:
                client = self._door.accept()[0]
            except OSError:
                return
            server = socket.create_connection(self._server)
            for ends in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._forward, args=ends, daemon=True).start()

    def _forward(self, source, target, counted):
        try:
            while data := source.recv(1 << 16):
                self.bytes += len(data) if counted else 0
                target.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, target):
                end.close()


@pytest.mark.parametrize(
    ("option", "header", "compressed"),
    [
        (None, None, False),
        (None, "lz4", True),
        (None, "zstd", True),
        ("lz4", None, True),
        ("zstd", "any", True),
        ("lz4", "none", False),
    ],
)
def test_results_are_compressed_as_wanted(serve, option, header, compressed):
    server = serve({}, options=["--compression", option] if option else [])
    headers = [(b"x-pinion-compression", header.encode())] if header else []
    with Wire(server.uri) as wire, flight.connect(wire.uri) as client:
        table = client.do_get(
            flight.Ticket(QUERY), flight.FlightCallOptions(headers=headers)
        ).read_all()
    assert table.column(0).unique().to_pylist() == [7]
    assert table.num_rows == ROWS
    assert (wire.bytes < PLAIN_BYTES / 10) == compressed


# Every shape of buffer: bits, numbers, text, offsets of lists, children, nulls, nothing at all.
VARIED = """
    SELECT i, i::DECIMAL(18, 2) / 4 AS price, i % 3 = 0 AS third, NULL::INTEGER AS nothing,
        CASE WHEN i % 7 <> 0 THEN 'row ' || i END AS text,
        [x FOR x IN [i, NULL, i + 1] IF i % 5 <> 0] AS list,
        {'day': DATE '2020-01-01' + (i % 400)::INTEGER, 'blob': ('b' || i)::BLOB} AS pair
    FROM range(200000) r(i) WHERE i >= ? ORDER BY i"""
FIRST_ROW = 1000


@pytest.mark.parametrize("compression", ["none", "lz4", "zstd"])
@pytest.mark.parametrize("prepared", [False, True])
def test_compressed_results_have_the_same_values_in_flight_sql(serve, compression, prepared):
    header = adbc_driver_flightsql.DatabaseOptions.RPC_CALL_HEADER_PREFIX.value
    options = {header + "x-pinion-compression": compression}
    expected = duckdb.sql(VARIED.replace("?", str(FIRST_ROW))).to_arrow_table()
    with (
        Wire(serve({}).uri) as wire,
        adbc_driver_flightsql.dbapi.connect(wire.uri, db_kwargs=options) as connection,
        connection.cursor() as cursor,
    ):
        if prepared:
            cursor.execute(VARIED, [FIRST_ROW])
        else:
            cursor.execute(VARIED.replace("?", str(FIRST_ROW)))
        table = cursor.fetch_arrow_table()
    assert table.to_pylist() == expected.to_pylist()
    assert (wire.bytes < expected.nbytes / 2) == (compression != "none")


def test_unknown_compression_is_wrong_usage(serve):
    with pytest.raises(server_process.ServerDidNotStart, match="none.*lz4.*zstd"):
        serve({}, options=["--compression", "gzip"])
