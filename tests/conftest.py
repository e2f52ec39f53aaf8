import threading

import data_files
import pytest
import server_process

# A test that takes longer than this waits for something that will not come.
TEST_SECONDS = 240


@pytest.fixture(autouse=True)
def watchdog():
    """Kills the servers of a test that hangs: a call that waits inside of gRPC can be ended
    by nothing else, and it then fails as any other."""

    def kill_all():
        for server in list(server_process.ServerProcess.running):
            server.kill()

    timer = threading.Timer(TEST_SECONDS, kill_all)
    timer.start()
    yield
    timer.cancel()


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
        if server.has_been_ended():
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
