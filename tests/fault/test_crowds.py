"""Many clients that do nothing, or read slowly: what they hold is bounded, and another one
is answered."""

import contextlib

import data_files
import pyarrow.flight as flight
import pytest
import server_process
from server_process import eventually

IDLE = 200
SLOW = 64
# A result that is computed, and larger than what fits between server and client.
COMPUTED = "SELECT range AS n, hash(range) AS h, 'text ' || range AS s FROM range(100000000)"
# Of the decoded and computed streams: 16 read ahead, 16 MB each; each of the others has a
# batch at hand, and the engine some of a result that nobody takes.
MAX_BYTES = 16 * (16 << 20) + SLOW * (24 << 20)

pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server does not promise it"
)


@pytest.fixture
def server(tmp_path, serve):
    batches = data_files.sample_batches(20_000, 20_000) * 100
    data_files.write("feather", tmp_path / "mapped.feather", batches)
    data_files.write("parquet", tmp_path / "decoded.parquet", batches)
    return serve([tmp_path / "mapped.feather", tmp_path / "decoded.parquet"])


def answer(server):
    with server.connect() as client:
        return client.do_get(flight.Ticket("SELECT 42 AS a")).read_all().to_pydict()


def test_idle_connections_take_no_threads(server):
    assert answer(server) == {"a": [42]}
    server.wait_until_idle()
    threads = server.threads()
    with contextlib.ExitStack() as stack:
        for _ in range(IDLE):
            client = stack.enter_context(server.connect())
            assert list(client.list_actions())
        server.wait_until_idle()
        assert server.threads() <= threads + 10
        assert answer(server) == {"a": [42]}


@pytest.mark.parametrize("ticket", ["mapped", "decoded", COMPUTED])
def test_slow_readers_hold_no_more_than_a_thread_and_a_batch_each(server, ticket):
    assert answer(server) == {"a": [42]}
    threads = server.threads()
    with contextlib.ExitStack() as stack:
        readers = []
        for _ in range(SLOW):
            client = stack.enter_context(server.connect())
            readers.append(client.do_get(flight.Ticket(ticket)))
            stack.callback(readers[-1].cancel)
            assert readers[-1].read_chunk().data.num_rows > 0
        server.wait_until_idle()
        # Each call's, the readers-ahead, and some of gRPC's.
        assert server.threads() <= threads + SLOW + 16 + 10
        assert answer(server) == {"a": [42]}
        if not server.is_sanitized():
            assert server.anonymous_bytes() < MAX_BYTES
        for reader in readers:
            assert reader.read_chunk().data.num_rows > 0
    eventually(lambda: server.threads() <= threads + 10, "the threads have ended")


@pytest.mark.memory
def test_what_slow_readers_held_goes_back(server):
    assert answer(server) == {"a": [42]}
    server.wait_until_idle()
    at_rest = server.anonymous_bytes()
    with contextlib.ExitStack() as stack:
        for _ in range(SLOW):
            client = stack.enter_context(server.connect())
            reader = client.do_get(flight.Ticket(COMPUTED))
            stack.callback(reader.cancel)
            assert reader.read_chunk().data.num_rows > 0
        server.wait_until_idle()
        held = server.anonymous_bytes() - at_rest
    eventually(
        lambda: server.anonymous_bytes() - at_rest < held / 2, "most of the memory is given back"
    )
