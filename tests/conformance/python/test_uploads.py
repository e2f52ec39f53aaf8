"""Datasets that clients send by DoPut, each whole or not at all."""

import pathlib
import subprocess
import sys

import arrow_cases
import data_files
import exact_values
import pyarrow as pa
import pyarrow.flight as flight
import pytest
import server_process
from server_process import eventually

ERRORS = (pa.ArrowException, OSError)
UPLOADING_CLIENT = pathlib.Path(__file__).parents[2] / "support" / "uploading_client.py"
pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server takes no uploads"
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "uploads"
    folder.mkdir()
    return folder


@pytest.fixture
def server(tmp_path, folder, serve):
    data_files.write_sample(tmp_path / "there.feather", 10)
    return serve([tmp_path / "there.feather"], options=["--upload-dir", folder])


def put(client, name, batches):
    descriptor = flight.FlightDescriptor.for_path(name)
    writer, reader = client.do_put(descriptor, arrow_cases.schema_of(batches))
    with writer:
        for batch in batches:
            writer.write_batch(batch)
        writer.done_writing()
        while reader.read() is not None:
            pass


def listed(client):
    return {info.descriptor.path[0].decode() for info in client.list_flights()}


@pytest.mark.parametrize("case", arrow_cases.CASES)
def test_what_was_sent_is_served(module_server, case):
    batches = arrow_cases.CASES[case]()
    with module_server.connect() as client:
        put(client, case, batches)
        actual = client.do_get(flight.Ticket(case)).read_all()
    exact_values.assert_same(actual, data_files.table_of(batches))


@pytest.fixture(scope="module")
def module_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uploads")
    with server_process.ServerProcess(options=["--upload-dir", folder]) as server:
        yield server


def test_an_upload_can_be_queried_at_once(server):
    with server.connect() as client:
        put(client, "sent", data_files.sample_batches(3_000))
        assert listed(client) == {"there", "sent"}
        result = client.do_get(flight.Ticket("SELECT count(*) AS n FROM sent")).read_all()
        assert result.to_pydict() == {"n": [3_000]}


def test_a_name_that_is_taken_is_refused(server):
    batches = data_files.sample_batches(3_000)
    with server.connect() as client:
        with pytest.raises(ERRORS, match="there"):
            put(client, "there", batches)
        assert client.do_get(flight.Ticket("there")).read_all().num_rows == 10


@pytest.mark.parametrize("name", ["../outside", "/etc/x", "a/b", "Zürich 🚲", ".", "..", "%2e"])
def test_an_odd_name_stays_in_its_folder(server, folder, name, tmp_path):
    before = set(tmp_path.iterdir())
    with server.connect() as client:
        put(client, name, data_files.sample_batches(5))
        assert name in listed(client)
        assert client.do_get(flight.Ticket(name)).read_all().num_rows == 5
    assert set(tmp_path.iterdir()) == before
    assert len([path for path in folder.iterdir() if path.is_file()]) == 1


def test_a_client_killed_in_the_middle_leaves_nothing_behind(server, folder):
    child = subprocess.Popen(
        [sys.executable, UPLOADING_CLIENT, server.uri, "half"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout.readline() == b"sent\n"
    eventually(lambda: any(folder.iterdir()), "the server has begun to write")
    child.kill()
    child.communicate()
    eventually(lambda: not any(folder.iterdir()), "what was written is removed")
    with server.connect() as client:
        assert listed(client) == {"there"}
        put(client, "half", data_files.sample_batches(7))
        assert client.do_get(flight.Ticket("half")).read_all().num_rows == 7


def test_without_a_folder_an_upload_is_refused(serve):
    with serve().connect() as client:
        with pytest.raises(ERRORS, match="upload"):
            put(client, "x", data_files.sample_batches(5))
        assert listed(client) == set()


@pytest.mark.parametrize("option", [None, "none", "lz4", "zstd"])
def test_files_are_compressed_as_the_server_was_told(folder, serve, option):
    said = [] if option is None else ["--upload-compression", option]
    column = pa.array([1] * 100_000)
    server = serve(options=["--upload-dir", folder, *said])
    with server.connect() as client:
        put(client, "new", [pa.record_batch([column], ["n"])])
    path = folder / "new.feather"
    with pa.memory_map(str(path)) as file:
        assert pa.ipc.open_file(file).read_all().column("n").combine_chunks() == column
    assert (path.stat().st_size > column.nbytes) == (option == "none")
    # LZ4 and ZSTD frames begin with their magic numbers.
    content = path.read_bytes()
    assert (b"\x04\x22\x4d\x18" in content) == (option in (None, "lz4"))
    assert (b"\x28\xb5\x2f\xfd" in content) == (option == "zstd")


def test_a_read_only_server_refuses_an_upload(folder, serve):
    server = serve(options=["--upload-dir", folder, "--read-only"])
    with server.connect() as client:
        with pytest.raises(ERRORS):
            put(client, "x", data_files.sample_batches(5))
        assert listed(client) == set()
    assert not any(folder.iterdir())
