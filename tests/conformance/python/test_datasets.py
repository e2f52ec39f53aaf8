"""Datasets by list, PATH, name and ticket: what is there, and words for what is not."""

import os
import re

import data_files
import exact_values
import pyarrow as pa
import pyarrow.flight as flight
import pytest
import server_process

ERRORS = (pa.ArrowException, OSError)
beyond_plain = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server does not promise it"
)


def path_of(*names):
    return flight.FlightDescriptor.for_path(*names)


def get(client, ticket):
    return client.do_get(flight.Ticket(ticket)).read_all()


# What there is.


def test_the_list_has_every_dataset_with_schema_rows_and_bytes(sample, client):
    _, table, path = sample
    infos = {info.descriptor.path[0].decode(): info for info in client.list_flights()}
    assert set(infos) == {"large_table", "feather_table"}
    for info in infos.values():
        assert info.descriptor.descriptor_type == flight.DescriptorType.PATH
        assert info.schema.equals(table.schema, check_metadata=True)
        assert info.total_records == table.num_rows
        assert info.total_bytes == path.stat().st_size
        assert info.endpoints


def test_an_endpoint_of_the_list_can_be_fetched(sample, client):
    for info in client.list_flights():
        parts = [client.do_get(endpoint.ticket).read_all() for endpoint in info.endpoints]
        exact_values.assert_same(pa.concat_tables(parts), sample[1])


def test_an_endpoint_is_reached_by_every_location_it_names(sample, client):
    info = client.get_flight_info(path_of("large_table"))
    for endpoint in info.endpoints:
        here = client.do_get(endpoint.ticket).read_all()
        for location in endpoint.locations:
            with flight.connect(location) as other:
                exact_values.assert_same(other.do_get(endpoint.ticket).read_all(), here)


def test_the_schema_alone_is_that_of_the_info(sample, client):
    schema = client.get_schema(path_of("large_table")).schema
    assert schema.equals(sample[1].schema, check_metadata=True)


@pytest.mark.parametrize("ticket", [b"large_table", b"large_table_ticket", b"feather_table"])
def test_a_literal_name_is_a_ticket(sample, client, ticket):
    exact_values.assert_same(get(client, ticket), sample[1])


def test_a_name_goes_before_a_name_with_the_suffix(tmp_path, serve):
    short, long = tmp_path / "a.feather", tmp_path / "b.feather"
    first = data_files.write_sample(short, 10)
    second = data_files.write_sample(long, 20)
    server = serve({"a": short, "a_ticket": long})
    with server.connect() as client:
        exact_values.assert_same(get(client, b"a"), first)
        exact_values.assert_same(get(client, b"a_ticket"), second)
        exact_values.assert_same(get(client, b"a_ticket_ticket"), second)


def test_a_name_goes_before_sql(tmp_path, serve):
    table = data_files.write_sample(tmp_path / "a.feather", 10)
    server = serve({"SELECT 1": tmp_path / "a.feather"})
    with server.connect() as client:
        exact_values.assert_same(get(client, b"SELECT 1"), table)
        assert get(client, b"SELECT 2").to_pydict() == {"2": [2]}


def test_the_name_is_the_stem_of_the_file(tmp_path, serve):
    names = ["one.feather", "two.arrows", "three.parquet", "four.csv", "five.six.feather"]
    kinds = ["feather", "stream", "parquet", "csv", "feather"]
    batch = pa.RecordBatch.from_pydict({"v": [1, 2, 3]})
    for name, kind in zip(names, kinds, strict=True):
        data_files.write(kind, tmp_path / name, [batch])
    server = serve([tmp_path / name for name in names])
    with server.connect() as client:
        listed = {info.descriptor.path[0] for info in client.list_flights()}
        assert listed == {b"one", b"two", b"three", b"four", b"five.six"}
        for name in listed:
            assert get(client, name).to_pydict() == {"v": [1, 2, 3]}


def test_the_format_is_that_of_the_content(tmp_path, serve):
    table = data_files.write_sample(tmp_path / "really_feather.parquet", 10)
    with serve([tmp_path / "really_feather.parquet"]).connect() as client:
        exact_values.assert_same(get(client, b"really_feather"), table)


ODD_NAMES = [
    "two words",
    'double"quote',
    "single'quote",
    "a/b/c",
    "/",
    "..",
    "Zürich",
    "東京 🚲",
    "semi;colon",
    "-- comment",
    "percent%20",
    "dot.ted",
    "UPPER",
    "{brace}",
    "select",
    "table_ticket",
    "back\\slash",
    "a" * 200,
]


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A server whose every dataset holds its own name: {name: …}"""
    folder = tmp_path_factory.mktemp("odd")
    paths = {}
    for position, name in enumerate(ODD_NAMES):
        paths[name] = folder / f"{position}.feather"
        batch = pa.RecordBatch.from_pydict({"name": [name]})
        data_files.write("feather", paths[name], [batch])
    with server_process.ServerProcess(paths) as server:
        yield server


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_odd_name_is_found_by_path_ticket_and_sql(odd, name):
    expected = {"name": [name]}
    quoted = '"' + name.replace('"', '""') + '"'
    with odd.connect() as client:
        info = client.get_flight_info(path_of(name))
        assert info.descriptor.path == [name.encode()]
        assert client.do_get(info.endpoints[0].ticket).read_all().to_pydict() == expected
        assert get(client, name.encode()).to_pydict() == expected
        assert get(client, f"{name}_ticket".encode()).to_pydict() == expected
        assert get(client, f"SELECT * FROM {quoted}".encode()).to_pydict() == expected


def test_odd_names_are_all_listed(odd):
    with odd.connect() as client:
        listed = [info.descriptor.path[0].decode() for info in client.list_flights()]
    assert sorted(listed) == sorted(ODD_NAMES)


def test_an_odd_file_name_is_served_by_its_stem(tmp_path, serve):
    names = ["two words", "Zürich 🚲", 'double"quote', "single'quote", "semi;colon"]
    for name in names:
        batch = pa.RecordBatch.from_pydict({"name": [name]})
        data_files.write("feather", tmp_path / f"{name}.feather", [batch])
    with serve([tmp_path / f"{name}.feather" for name in names]).connect() as client:
        for name in names:
            assert get(client, name.encode()).to_pydict() == {"name": [name]}


def test_no_datasets_is_an_empty_list(serve):
    with serve().connect() as client:
        assert list(client.list_flights()) == []
        assert get(client, b"SELECT 1 AS one").to_pydict() == {"one": [1]}


def test_several_listeners_serve_the_same(tmp_path, serve):
    table = data_files.write_sample(tmp_path / "t.feather", 100)
    socket = tmp_path / "socket"
    listen = ["grpc://127.0.0.1:0", f"grpc+unix://{socket}", "grpc://127.0.0.1:0"]
    server = serve([tmp_path / "t.feather"], listen=listen)
    assert re.fullmatch(r"grpc://127\.0\.0\.1:[1-9]\d*", server.uris[0])
    assert server.uris[1] == listen[1]
    assert len(set(server.uris)) == 3
    with server.connect(0) as client:
        ticket = client.get_flight_info(path_of("t")).endpoints[0].ticket
    for listener in range(3):
        with server.connect(listener) as client:
            exact_values.assert_same(client.do_get(ticket).read_all(), table)
            assert get(client, b"SELECT count(*) AS n FROM t").to_pydict() == {"n": [100]}
    server.stop()
    assert not socket.exists(), "the socket is left behind"


# Words for what is not there.


def message_of(call):
    with pytest.raises(ERRORS) as caught:
        call()
    return caught.value, str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.get_flight_info(path_of("large_tabel")),
        lambda client: client.get_schema(path_of("large_tabel")),
    ],
    ids=["info", "schema"],
)
def test_an_unknown_name_is_told_with_the_near_ones(client, call):
    error, message = message_of(lambda: call(client))
    assert isinstance(error, KeyError)
    assert "large_tabel" in message
    assert "large_table" in message


def test_an_unknown_name_far_from_all_is_told_with_what_there_is(client):
    error, message = message_of(lambda: client.get_flight_info(path_of("zebra")))
    assert isinstance(error, KeyError)
    assert "zebra" in message and "large_table" in message and "feather_table" in message


@pytest.mark.parametrize("ticket", [b"large_tabel", b"large_tabel_ticket"])
def test_a_ticket_of_an_unknown_name_says_what_was_asked_for(client, ticket):
    _, message = message_of(lambda: get(client, ticket))
    assert "large_tabel" in message
    if not server_process.is_plain_server():
        assert "'large_table'" in message


@pytest.mark.parametrize("path", [(), ("",), ("large_table", "x"), ("x", "large_table")])
def test_a_path_that_names_no_dataset_is_refused(client, path):
    descriptor = flight.FlightDescriptor.for_path(*path)
    message_of(lambda: client.get_flight_info(descriptor))
    assert len(list(client.list_flights())) == 2


@beyond_plain
def test_a_message_stays_short_whatever_the_name(client):
    for name in ("x" * 100_000, "東" * 30_000, "\n" * 1_000):
        for call in (
            lambda name=name: client.get_flight_info(path_of(name)),
            lambda name=name: get(client, name.encode()),
        ):
            _, message = message_of(call)
            assert "RESOURCE_EXHAUSTED" not in message
            assert 10 < len(message) < 3_000


@pytest.mark.parametrize(
    "ticket",
    [b"", b"\x00", b"\xff\xfe\xfd", b"\x0a\x04", os.urandom(64), b"\x00" * 5_000, b"large_table\x00"],
    ids=["empty", "nul", "not utf-8", "cut message", "random", "nuls", "name and nul"],
)
def test_a_ticket_of_rubbish_is_refused(sample, client, ticket):
    message_of(lambda: get(client, ticket))
    exact_values.assert_same(get(client, b"large_table"), sample[1])


@beyond_plain
def test_a_ticket_with_a_flipped_bit_gives_the_truth_or_an_error(sample, client):
    table = sample[1]
    ticket = client.get_flight_info(path_of("large_table")).endpoints[0].ticket.ticket
    refused = 0
    for bit in range(len(ticket) * 8):
        bent = bytearray(ticket)
        bent[bit // 8] ^= 1 << bit % 8
        try:
            result = get(client, bytes(bent))
        except ERRORS:
            refused += 1
        else:
            # Another range of rows of the same table would be a true answer too.
            assert result.schema.equals(table.schema)
            assert result.num_rows <= table.num_rows
    assert refused
    exact_values.assert_same(get(client, ticket), table)


@beyond_plain
def test_a_cut_ticket_is_refused(client):
    ticket = client.get_flight_info(path_of("large_table")).endpoints[0].ticket.ticket
    if ticket in (b"large_table", b"large_table_ticket"):
        pytest.skip("the ticket is the name itself")
    for size in range(1, len(ticket)):
        message_of(lambda size=size: get(client, ticket[:size]))


@beyond_plain
def test_calls_that_are_not_offered_say_so(client, sample):
    table = sample[1]
    _, message = message_of(lambda: list(client.do_action(flight.Action("no_such_action", b""))))
    assert "no_such_action" in message
    with pytest.raises(ERRORS):
        writer, _ = client.do_put(path_of("a", "b", "c"), table.schema)
        writer.write_table(table)
        writer.close()
    assert len(list(client.list_flights())) == 2
