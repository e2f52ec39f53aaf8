"""The calls of the original example's clients, with nothing of ours but the addresses.

Its sequential client reads `large_table` from one port, its pipelined client uses the
literal ticket, its SQL client asks four queries of the other port.
"""

import socket

import data_files
import pyarrow.flight as flight
import pytest
import server_process

FILE_SIDE, SQL_SIDE = "grpc://localhost:8815", "grpc://localhost:8816"


def sequential_client(uri):
    client = flight.FlightClient(uri)
    seen = {}
    for info in client.list_flights():
        seen[info.descriptor.path[0].decode()] = (info.total_records, info.total_bytes)
    info = client.get_flight_info(flight.FlightDescriptor.for_path("large_table"))
    reader = client.do_get(info.endpoints[0].ticket)
    rows, batches = 0, 0
    for chunk in reader:
        rows += chunk.data.num_rows
        batches += 1
    return seen, info.schema, rows, batches


def pipelined_client(uri):
    """Counts the nulls of each column, a batch at a time."""
    client = flight.FlightClient(uri)
    reader = client.do_get(flight.Ticket(b"large_table_ticket"))
    nulls = dict.fromkeys(reader.schema.names, 0)
    while True:
        try:
            batch, _ = reader.read_chunk()
        except StopIteration:
            return nulls
        for name in batch.schema.names:
            nulls[name] += batch.column(name).null_count


def sql_client(uri):
    client = flight.connect(uri)
    results = []
    for query in (
        "SELECT name, is_active FROM feather_table WHERE id > 1",
        "SELECT * FROM feather_table",
        "SELECT name, metadata FROM feather_table WHERE is_active = true",
        "SELECT count(*) as total_count FROM feather_table",
    ):
        info = client.get_flight_info(flight.FlightDescriptor.for_command(query))
        by_info = client.do_get(info.endpoints[0].ticket).read_all()
        by_json = flight.FlightDescriptor.for_command('{"query": "%s"}' % query)
        assert client.get_flight_info(by_json).schema.equals(by_info.schema)
        assert client.do_get(flight.Ticket(query.encode())).read_all().equals(by_info)
        results.append(by_info)
    return results


def check(file_side, sql_side, table, size):
    seen, schema, rows, batches = sequential_client(file_side)
    assert seen == dict.fromkeys(["large_table", "feather_table"], (table.num_rows, size))
    assert schema.equals(table.schema)
    assert rows == table.num_rows
    assert batches > 1
    expected = {name: table.column(name).null_count for name in table.schema.names}
    assert pipelined_client(file_side) == expected
    active = [row for row in table.to_pylist() if row["is_active"]]
    after_first, everything, metadata, count = sql_client(sql_side)
    assert after_first.to_pylist() == [
        {"name": row["name"], "is_active": row["is_active"]} for row in table.to_pylist()[1:]
    ]
    assert everything.to_pylist() == table.to_pylist()
    assert metadata.to_pylist() == [
        {"name": row["name"], "metadata": row["metadata"]} for row in active
    ]
    assert count.to_pydict() == {"total_count": [table.num_rows]}


def write(folder):
    path = folder / "sql_data.feather"
    return path, data_files.write_sample(path, 4_321, batch_rows=500)


def test_the_clients_work_with_two_listeners(tmp_path, serve):
    path, table = write(tmp_path)
    server = serve({"large_table": path, "feather_table": path}, listen=["grpc://127.0.0.1:0"] * 2)
    check(*server.uris, table, path.stat().st_size)


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def test_the_clients_work_with_their_own_ports(tmp_path):
    for port in (8815, 8816):
        if not is_free(port):
            pytest.skip(f"port {port} is taken by another program: NOT TESTED on 8815 and 8816")
    path, table = write(tmp_path)
    listen = ["grpc://127.0.0.1:8815", "grpc://127.0.0.1:8816"]
    datasets = {"large_table": path, "feather_table": path}
    with server_process.ServerProcess(datasets, listen=listen) as server:
        assert server.uris == listen
        check(FILE_SIDE, SQL_SIDE, table, path.stat().st_size)
