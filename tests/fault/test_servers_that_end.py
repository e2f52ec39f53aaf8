"""A server that is killed, or asked to end, in the middle of a stream."""

import signal

import data_files
import pyarrow as pa
import pyarrow.flight as flight
import pytest
import server_process
from server_process import eventually

ERRORS = (pa.ArrowException, OSError)
ENDLESS_RESULT = "SELECT a.range AS a, b.range AS b FROM range(10000000) a, range(10000000) b"
ENDLESS_WORK = (
    "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE hash(a.range, b.range) = 42"
)
ROWS = 2_000_000


@pytest.fixture
def server(tmp_path, serve):
    batches = data_files.sample_batches(20_000, 20_000) * (ROWS // 20_000)
    data_files.write("feather", tmp_path / "large.feather", batches)
    return serve([tmp_path / "large.feather"])


def begin(client, ticket):
    """(reader, rows read): a stream that has begun."""
    reader = client.do_get(flight.Ticket(ticket))
    return reader, reader.read_chunk().data.num_rows


@pytest.mark.parametrize("ticket", ["large", "SELECT * FROM large"])
def test_a_server_killed_in_the_middle_of_a_stream_is_an_error(server, ticket):
    with server.connect(buffering=False) as client:
        reader, rows = begin(client, ticket)
        server.kill()
        with pytest.raises(ERRORS):
            rows += reader.read_all().num_rows


beyond_plain = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server does not promise it"
)


def refuses(uri):
    """Whether a new client is turned away."""
    with flight.connect(uri) as client:
        try:
            list(client.list_flights(options=flight.FlightCallOptions(timeout=5)))
        except ERRORS:
            return True
    return False


@beyond_plain
@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("ticket", ["large", "SELECT * FROM large"])
def test_a_server_asked_to_end_finishes_the_stream_and_takes_no_new_client(
    server, ticket, signal_number
):
    with server.connect(buffering=False) as client:
        reader, rows = begin(client, ticket)
        server.terminate(signal_number)
        eventually(lambda: refuses(server.uri), "new clients are turned away", seconds=8)
        rows += reader.read_all().num_rows
    assert rows == ROWS
    assert server.wait() == 0


@beyond_plain
@pytest.mark.parametrize("ticket", ["large", ENDLESS_RESULT])
def test_a_stream_that_nobody_reads_does_not_keep_a_server_for_ever(server, ticket):
    with server.connect(buffering=False) as client:
        reader, _ = begin(client, ticket)
        server.terminate()
        assert server.wait() == 0
        with pytest.raises(ERRORS):
            reader.read_all()


@beyond_plain
def test_work_that_takes_for_ever_does_not_keep_a_server(server):
    """Here it is the engine that is busy, and nothing was sent yet."""
    with server.connect() as client:
        before = server.cpu_seconds()
        reader = client.do_get(flight.Ticket(ENDLESS_WORK))
        eventually(lambda: server.cpu_seconds() > before + 0.5, "the engine works")
        server.terminate()
        assert server.wait() == 0
        with pytest.raises(ERRORS):
            reader.read_all()


@beyond_plain
@pytest.mark.parametrize("again", [signal.SIGTERM, signal.SIGINT])
def test_the_second_signal_ends_a_waiting_server_at_once(server, again):
    with server.connect(buffering=False) as client:
        reader, _ = begin(client, "large")
        server.terminate()
        eventually(lambda: refuses(server.uri), "new clients are turned away", seconds=8)
        server.terminate(again)
        server.wait()
        with pytest.raises(ERRORS):
            reader.read_all()


def test_an_idle_connection_does_not_keep_a_server(server):
    with server.connect() as client:
        list(client.list_flights())
        server.terminate()
        assert server.wait() == 0
