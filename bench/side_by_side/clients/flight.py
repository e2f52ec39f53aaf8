"""Kinds of clients that speak Flight and Flight SQL with pyarrow."""

import itertools

from clients.measurement import begin, count, repeat


def flight_get(uri, name):
    """Every batch of a dataset, one stream."""
    import pyarrow.flight as flight

    return fetch(uri, flight.FlightDescriptor.for_path(name))


def flight_command(uri, command):
    """What a command in JSON asks for."""
    import pyarrow.flight as flight

    return fetch(uri, flight.FlightDescriptor.for_command(command))


def sql_command(uri, query):
    """A query over Flight SQL."""
    return fetch(uri, statement("CommandStatementQuery", query))


def flight_sql(uri, query):
    """A query over plain Flight: it is the ticket."""
    import pyarrow.flight as flight

    client = connect(uri)
    start = begin()
    return start, count(batches(client, flight.Ticket(query.encode())), start)


def repeat_flight_sql(uri, query, times):
    import pyarrow.flight as flight

    client = connect(uri)
    ticket = flight.Ticket(query.encode())
    return repeat(lambda _: client.do_get(ticket).read_all(), int(times))


def repeat_sql_command(uri, query, times):
    client = connect(uri)
    descriptor = statement("CommandStatementQuery", query)

    def call(_):
        info = client.get_flight_info(descriptor)
        client.do_get(info.endpoints[0].ticket).read_all()

    return repeat(call, int(times))


def repeat_update(uri, text, times):
    """A statement of Flight SQL that changes something."""
    client = connect(uri)
    return repeat(lambda _: update(client, text), int(times))


def flight_put(uri, path, name):
    """A Parquet file, by DoPut."""
    import pyarrow.flight as flight
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    client = connect(uri)
    replace = flight.FlightCallOptions(headers=[(b"x-pinion-put", b"replace")])
    start = begin()
    descriptor = flight.FlightDescriptor.for_path(name)
    writer, reader = client.do_put(descriptor, table.schema, options=replace)
    with writer:
        writer.write_table(table, 64 * 1024)
        writer.done_writing()
        while reader.read() is not None:
            pass
    return start, {"rows": table.num_rows, "bytes": table.nbytes}


def connect(uri):
    """A client that is connected: what that takes does not count."""
    import pyarrow.flight as flight

    client = flight.connect(uri)
    client.wait_for_available()
    return client


def fetch(uri, descriptor):
    client = connect(uri)
    start = begin()
    info = client.get_flight_info(descriptor)
    streams = (batches(client, endpoint.ticket) for endpoint in info.endpoints)
    return start, count(itertools.chain.from_iterable(streams), start)


def batches(client, ticket):
    return (chunk.data for chunk in client.do_get(ticket))


def update(client, text):
    """Runs a statement of Flight SQL that has no result."""
    import pyarrow as pa

    descriptor = statement("CommandStatementUpdate", text)
    writer, reader = client.do_put(descriptor, pa.schema([]))
    with writer:
        writer.done_writing()
        reader.read()


def statement(command, text):
    """The descriptor of one of Flight SQL's commands whose only field is text: a
    google.protobuf.Any."""
    import pyarrow.flight as flight

    kind = f"type.googleapis.com/arrow.flight.protocol.sql.{command}"
    parts = field(1, kind.encode()) + field(2, field(1, text.encode()))
    return flight.FlightDescriptor.for_command(parts)


def field(number, content):
    """A field of bytes, as protobuf has it."""
    length = len(content)
    out = bytearray([number << 3 | 2])
    while length > 127:
        out.append(length & 127 | 128)
        length >>= 7
    return bytes([*out, length]) + content


KINDS = {
    function.__name__: function
    for function in (flight_get, flight_command, sql_command, flight_sql, repeat_flight_sql,
                     repeat_sql_command, repeat_update, flight_put)
}
