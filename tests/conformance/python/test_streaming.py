"""A result is a stream: the server holds a few batches of it, whatever its size.

The figures are the server's anonymous memory: pages of a mapped file are not its own. A
sanitizer's allocator keeps what was freed, so its builds are left out here.
"""

import arrow_cases
import data_files
import os
import pyarrow as pa
import pyarrow.flight as flight
import pytest
import server_process

pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server holds everything in memory"
)

MIB = 1 << 20
BATCH_ROWS = 65_536
# What a few batches, on their way through buffers of both sides, may come to.
ALLOWED = 160 * MIB


def write_wide(kind, path, batches):
    """So many batches of 2 MiB that no compression makes smaller."""
    values = pa.Array.from_buffers(
        pa.int64(), 4 * BATCH_ROWS, [None, pa.py_buffer(os.urandom(4 * BATCH_ROWS * 8))]
    )
    columns = [values.slice(place * BATCH_ROWS, BATCH_ROWS) for place in range(4)]
    batch = pa.RecordBatch.from_arrays(columns, list("abcd"))
    data_files.write(kind, path, arrow_cases.Batches([batch] * batches, batch.schema))
    return batches * BATCH_ROWS


def skip_if_sanitized(server):
    if server.is_sanitized():
        pytest.skip("NOT TESTED with a sanitizer: run this against a release build too")


def peak_while_reading(server, ticket):
    """(rows, the largest of the server's memory as of each batch read)"""
    rows, peak = 0, server.anonymous_bytes()
    with server.connect() as client:
        for chunk in client.do_get(flight.Ticket(ticket)):
            rows += chunk.data.num_rows
            peak = max(peak, server.anonymous_bytes())
    return rows, peak


@pytest.mark.memory
@pytest.mark.parametrize("kind", ["feather", "feather_lz4", "stream", "parquet", "csv"])
def test_memory_does_not_grow_with_the_file(tmp_path, serve, kind):
    extension = data_files.EXTENSIONS[kind]
    counts = (8, 64) if kind == "csv" else (8, 256)
    rows = {
        size: write_wide(kind, tmp_path / f"{size}{extension}", batches)
        for size, batches in zip(("small", "large"), counts, strict=True)
    }
    server = serve({size: tmp_path / f"{size}{extension}" for size in rows})
    skip_if_sanitized(server)
    got, before = peak_while_reading(server, b"small")
    assert got == rows["small"]
    got, after = peak_while_reading(server, b"large")
    assert got == rows["large"]
    assert after < before + ALLOWED


@pytest.mark.memory
def test_a_mapped_file_is_not_in_the_servers_own_memory(tmp_path, serve):
    rows = write_wide("feather", tmp_path / "t.feather", 256)
    server = serve([tmp_path / "t.feather"])
    skip_if_sanitized(server)
    assert peak_while_reading(server, b"t")[0] == rows
    assert server.anonymous_bytes() < 128 * MIB


@pytest.mark.memory
def test_memory_does_not_grow_with_the_result(serve):
    server = serve()
    skip_if_sanitized(server)

    def query(rows):
        return f"SELECT range AS a, hash(range) AS b, hash(range + 1) AS c FROM range({rows})"

    got, before = peak_while_reading(server, query(2_000_000))
    assert got == 2_000_000
    got, after = peak_while_reading(server, query(40_000_000))
    assert got == 40_000_000
    assert after < before + ALLOWED


@pytest.mark.memory
@pytest.mark.parametrize("source", ["feather", "parquet", "sql"])
def test_a_slow_reader_holds_the_server_back(tmp_path, serve, source):
    """It reads one batch and then nothing until the server has nothing left to do."""
    if source == "sql":
        server = serve()
        ticket, rows = "SELECT range AS a, hash(range) AS b FROM range(50000000)", 50_000_000
    else:
        path = tmp_path / f"t.{source}"
        rows = write_wide(source, path, 256)
        server = serve([path])
        ticket = "t"
    skip_if_sanitized(server)
    before = server.anonymous_bytes()
    with server.connect() as client:
        reader = client.do_get(flight.Ticket(ticket))
        got = reader.read_chunk().data.num_rows
        server.wait_until_idle()
        assert server.anonymous_bytes() < before + ALLOWED
        for chunk in reader:
            got += chunk.data.num_rows
    assert got == rows


def test_the_first_batch_comes_before_the_last_is_made(serve):
    """The result is endless as far as a test can tell: only a stream has a first batch."""
    server = serve()
    query = "SELECT a.range AS a, b.range AS b FROM range(10000000) a, range(10000000) b"
    with server.connect() as client:
        reader = client.do_get(flight.Ticket(query))
        assert reader.read_chunk().data.num_rows > 0
        reader.cancel()
    server.wait_until_idle()


def test_a_batch_fits_in_the_message_that_other_clients_allow(tmp_path, serve):
    """Go and Rust take 4 MiB a message unless told otherwise."""
    wide = ", ".join(f"hash(range + {number}) AS c{number}" for number in range(40))
    limit = [("grpc.max_receive_message_length", 4 * MIB)]
    with flight.connect(serve().uri, generic_options=limit) as client:
        table = client.do_get(flight.Ticket(f"SELECT {wide} FROM range(200000)")).read_all()
    assert table.num_rows == 200_000
