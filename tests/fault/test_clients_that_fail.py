"""Clients that vanish, give up, or talk nonsense: the server frees what they held."""

import concurrent.futures
import pathlib
import socket
import subprocess
import sys
import urllib.parse

import data_files
import pyarrow as pa
import pyarrow.flight as flight
import pytest
import server_process
from server_process import eventually

ERRORS = (pa.ArrowException, OSError)
READING_CLIENT = pathlib.Path(__file__).parent.parent / "support" / "reading_client.py"
# A result and a computation that outlast any test, should nobody stop them.
ENDLESS_RESULT = "SELECT a.range AS a, b.range AS b FROM range(10000000) a, range(10000000) b"
ENDLESS_WORK = (
    "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE hash(a.range, b.range) = 42"
)
pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server does not promise it"
)


@pytest.fixture
def server(tmp_path, serve):
    """A server with a dataset that is much larger than what fits into the sockets."""
    batches = data_files.sample_batches(20_000, 20_000) * 100
    data_files.write("feather", tmp_path / "large.feather", batches)
    data_files.write("feather", tmp_path / "small.feather", batches[:1])
    return serve([tmp_path / "large.feather", tmp_path / "small.feather"])


def assert_serves(server):
    with server.connect() as client:
        assert client.do_get(flight.Ticket("small")).read_all().num_rows == 20_000
        result = client.do_get(flight.Ticket("SELECT count(*) AS n FROM small")).read_all()
        assert result.to_pydict() == {"n": [20_000]}


def address(server):
    parts = urllib.parse.urlsplit(server.uri)
    return parts.hostname, parts.port


def sockets_at_rest(server):
    """How many sockets an idle server has, after it had a client."""
    assert_serves(server)
    server.wait_until_idle()
    return server.open_sockets()


@pytest.mark.parametrize("ticket", ["large", ENDLESS_RESULT])
def test_a_client_killed_in_the_middle_of_a_stream_is_forgotten(server, ticket):
    at_rest = sockets_at_rest(server)
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, READING_CLIENT, server.uri, ticket],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert int(child.stdout.readline()) > 0
        child.kill()
        child.communicate()
    eventually(lambda: server.open_sockets() <= at_rest, "the sockets are closed")
    server.wait_until_idle()
    assert_serves(server)


def test_a_stream_that_the_client_cancels_is_freed(server):
    sockets_at_rest(server)
    with server.connect(buffering=False) as client:
        for ticket in ("large", ENDLESS_RESULT):
            reader = client.do_get(flight.Ticket(ticket))
            reader.read_chunk()
            reader.cancel()
            server.wait_until_idle()
    assert_serves(server)


def test_a_deadline_stops_the_work_before_the_first_batch(server):
    with server.connect() as client:
        options = flight.FlightCallOptions(timeout=2)
        with pytest.raises(flight.FlightTimedOutError):
            client.do_get(flight.Ticket(ENDLESS_WORK), options).read_all()
        server.wait_until_idle()
    assert_serves(server)


def test_a_deadline_stops_a_stream(server):
    with server.connect() as client:
        options = flight.FlightCallOptions(timeout=3)
        reader = client.do_get(flight.Ticket(ENDLESS_RESULT), options)
        with pytest.raises(flight.FlightTimedOutError):
            while True:
                reader.read_chunk()
        server.wait_until_idle()
    assert_serves(server)


def test_a_deadline_stops_the_work_of_get_flight_info(server):
    """Whether the schema takes long or no time at all: nothing goes on afterwards."""
    with server.connect() as client:
        options = flight.FlightCallOptions(timeout=2)
        descriptor = flight.FlightDescriptor.for_command(ENDLESS_WORK)
        try:
            client.get_flight_info(descriptor, options)
        except flight.FlightTimedOutError:
            pass
        server.wait_until_idle()
    assert_serves(server)


def test_cancelling_a_query_leaves_the_others_alone(server):
    with server.connect() as client:
        other = client.do_get(flight.Ticket("SELECT range AS n FROM range(3000000)"))
        first = other.read_chunk().data.num_rows
        with server.connect() as second:
            reader = second.do_get(flight.Ticket(ENDLESS_RESULT))
            reader.read_chunk()
            reader.cancel()
        assert first + other.read_all().num_rows == 3_000_000


def test_many_clients_at_once_are_all_served(server):
    at_rest = sockets_at_rest(server)

    def one(number):
        with server.connect() as client:
            assert len(list(client.list_flights())) == 2
            query = f"SELECT {number} AS n, count(*) AS rows FROM small"
            result = client.do_get(flight.Ticket(query)).read_all().to_pydict()
            assert result == {"n": [number], "rows": [20_000]}
            return client.do_get(flight.Ticket("small")).read_all().num_rows

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        assert list(pool.map(one, range(200))) == [20_000] * 200
    eventually(lambda: server.open_sockets() <= at_rest, "the sockets are closed")
    assert_serves(server)


def test_idle_connections_and_slow_readers_do_not_keep_others_waiting(server):
    clients = [server.connect(buffering=False) for _ in range(64)]
    readers = []
    for position, client in enumerate(clients):
        client.list_flights()
        ticket = "large" if position % 2 else "SELECT range AS n FROM range(5000000)"
        if position < 24:
            readers.append(client.do_get(flight.Ticket(ticket)))
            readers[-1].read_chunk()
    assert_serves(server)
    for reader in readers:
        reader.cancel()
    for client in clients:
        client.close()
    assert_serves(server)


NONSENSE = {
    "text": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "zeros": bytes(10_000),
    "half a preface": b"PRI * HTTP/2.0\r\n",
    "a preface and rubbish": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 5_000,
    "a frame of 16 MiB": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01",
    "nothing": b"",
}


@pytest.mark.parametrize("words", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_on_the_socket_harms_nobody(server, words):
    at_rest = sockets_at_rest(server)
    for _ in range(20):
        with socket.create_connection(address(server)) as connection:
            try:
                connection.sendall(words)
            except OSError:
                pass  # It may hang up before it has heard all.
    eventually(lambda: server.open_sockets() <= at_rest, "the sockets are closed")
    assert_serves(server)
