"""A file that is cut or changed while it is served: an error to the streams of that file."""

import os

import data_files
import pyarrow as pa
import pyarrow.flight as flight
import pytest
import server_process

ERRORS = (pa.ArrowException, OSError)
KINDS = ["feather", "feather_lz4", "stream", "parquet", "csv"]
ROWS = 20_000
REPEATED = 60
pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server has the file in memory"
)


@pytest.fixture
def served(tmp_path, serve, request):
    """(server, path of the file to be spoilt). Another dataset is there to look after."""
    kind = request.param
    batches = data_files.sample_batches(ROWS, ROWS)
    if kind == "csv":
        batches = [batch.drop_columns(["metadata"]) for batch in batches]
    path = tmp_path / f"spoilt{data_files.EXTENSIONS[kind]}"
    data_files.write(kind, path, batches * REPEATED)
    data_files.write("feather", tmp_path / "other.feather", data_files.sample_batches(100))
    # Little is made ahead, so that the file is still read when it is spoilt.
    ahead = ["--result-buffer", "1MB", "--read-ahead", "1MB"]
    return serve([path, tmp_path / "other.feather"], options=ahead), path


each_kind = pytest.mark.parametrize("served", KINDS, indirect=True)


def assert_serves(server):
    assert server.is_running(), server.stderr
    with server.connect() as client:
        assert client.do_get(flight.Ticket("other")).read_all().num_rows == 100
        result = client.do_get(flight.Ticket("SELECT count(*) AS n FROM other")).read_all()
        assert result.to_pydict() == {"n": [100]}


def assert_refused(server, ticket, name="spoilt"):
    with server.connect() as client, pytest.raises(ERRORS) as caught:
        client.do_get(flight.Ticket(ticket)).read_all()
    assert name in str(caught.value)
    assert_serves(server)


def cut(path, size):
    os.truncate(path, size)


def overwrite(path):
    """The same size, other content, as an editor or a copy in place leaves it."""
    size = path.stat().st_size
    with open(path, "r+b") as file:
        file.write(os.urandom(size))
    assert path.stat().st_size == size


@each_kind
@pytest.mark.parametrize("ticket", ["spoilt", "SELECT count(id) FROM spoilt"])
@pytest.mark.parametrize("part", [0, 0.5, 0.99])
def test_a_file_that_was_cut_is_refused(served, part, ticket):
    server, path = served
    cut(path, int(path.stat().st_size * part))
    assert_refused(server, ticket)


@each_kind
@pytest.mark.parametrize("ticket", ["spoilt", "SELECT count(id) FROM spoilt"])
def test_a_file_that_was_overwritten_is_refused(served, ticket):
    server, path = served
    overwrite(path)
    assert_refused(server, ticket)


@each_kind
@pytest.mark.parametrize("spoil", [lambda path: cut(path, 4096), overwrite], ids=["cut", "changed"])
@pytest.mark.parametrize("ticket", ["spoilt", "SELECT * FROM spoilt"])
def test_a_file_spoilt_in_the_middle_of_a_stream_is_an_error(served, spoil, ticket):
    server, path = served
    with server.connect(buffering=False) as client:
        reader = client.do_get(flight.Ticket(ticket))
        reader.read_chunk()
        server.wait_until_idle()  # It has filled what lies between us, and waits.
        spoil(path)
        with pytest.raises(ERRORS):
            reader.read_all()
    assert_serves(server)


@each_kind
def test_many_streams_of_a_file_that_is_cut_all_end(served):
    server, path = served
    with server.connect(buffering=False) as client:
        readers = [client.do_get(flight.Ticket("spoilt")) for _ in range(8)]
        for reader in readers:
            reader.read_chunk()
        server.wait_until_idle()
        cut(path, 0)
        for reader in readers:
            with pytest.raises(ERRORS):
                reader.read_all()
    assert_serves(server)


@each_kind
def test_a_file_that_was_replaced_is_never_mixed_with_the_new_one(served, tmp_path):
    """By renaming another over it, as careful programs do: a stream goes on as it was."""
    server, path = served
    kind = "csv" if path.suffix == ".csv" else "stream" if path.suffix == ".arrows" else "feather"
    with server.connect(buffering=False) as client:
        reader = client.do_get(flight.Ticket("spoilt"))
        rows = reader.read_chunk().data.num_rows
        server.wait_until_idle()
        other = data_files.write(kind, tmp_path / "new", [pa.record_batch({"x": [1]})])
        os.replace(other, path)
        rows += sum(chunk.data.num_rows for chunk in reader)
        assert rows == ROWS * REPEATED
        try:
            again = client.do_get(flight.Ticket("spoilt")).read_all()
        except ERRORS as error:
            assert "spoilt" in str(error)
        else:
            assert again.num_rows == ROWS * REPEATED
    assert_serves(server)


@each_kind
def test_a_file_that_was_deleted_is_served_whole_or_refused(served):
    server, path = served
    path.unlink()
    with server.connect() as client:
        try:
            assert client.do_get(flight.Ticket("spoilt")).read_all().num_rows == ROWS * REPEATED
        except ERRORS as error:
            assert "spoilt" in str(error)
    assert_serves(server)


@each_kind
def test_a_spoilt_file_does_not_spoil_the_list(served):
    server, path = served
    cut(path, 10)
    with server.connect() as client:
        names = {info.descriptor.path[0] for info in client.list_flights()}
    assert b"other" in names
    assert_serves(server)
