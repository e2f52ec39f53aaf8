import data_files
import pytest
import server_process


@pytest.fixture
def serve():
    """Starts servers: serve(datasets, listen=[…], options=[…]). All are stopped at the end,
    must then exit with 0, and must have reported nothing of a sanitizer."""
    servers = []

    def start(*arguments, **named):
        servers.append(server_process.ServerProcess(*arguments, **named))
        return servers[-1]

    yield start
    failed = []
    for server in servers:
        if server._process.returncode is not None:
            continue  # The test has ended it, and looked at how it went.
        try:
            server.stop()
        except BaseException as error:
            server.kill()
            failed.append(error)
    if failed:
        raise failed[0]


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """A server of the sample table under two names, one file: (server, table, path)."""
    path = tmp_path_factory.mktemp("sample") / "sql_data.feather"
    table = data_files.write_sample(path, 5_000)
    with server_process.ServerProcess(
        {"large_table": path, "feather_table": path}
    ) as server:
        yield server, table, path


@pytest.fixture
def client(sample):
    with sample[0].connect() as client:
        yield client
