"""Rows of data that goes to the server."""

import contextlib
import functools
import sys
import tempfile

import servers
from clients import flight
from contest import Contestant
from goals import AsFast
from rows.row import PINION, PYTHON_SERVER, row

TABLE = "arrived"
CREATE = f"CREATE TABLE {TABLE} (number BIGINT)"


@row("ingest", "Ingest of lineitem",
     AsFast(f"{PINION}, ADBC", f"{PYTHON_SERVER}, ADBC", 1.5),
     AsFast(f"{PINION}, DoPut", f"{PYTHON_SERVER}, DoPut", 1.5),
     AsFast(f"{PINION}, DoPut without LZ4", f"{PYTHON_SERVER}, DoPut", 1.5))
@contextlib.contextmanager
def ingest(setting):
    path = setting.inputs.tpch("parquet")["lineitem"]
    temporary = functools.partial(tempfile.TemporaryDirectory, dir=path.parent.parent)
    with (
        temporary() as folder,
        temporary() as plain_folder,
        servers.database(":memory:") as database,
        servers.pinion(setting.binary, {}, "--upload-dir", folder) as pinion,
        servers.pinion(setting.binary, {}, "--upload-dir", plain_folder,
                       "--upload-compression", "none") as plain,
    ):
        yield [
            Contestant(f"{name}, {way}", [kind, server.uri, path, f"{TABLE}_by_{kind}"], server)
            for name, way, kind, server in (
                (PYTHON_SERVER, "ADBC", "adbc_ingest", database),
                (PINION, "ADBC", "adbc_ingest", pinion),
                (PYTHON_SERVER, "DoPut", "flight_put", database),
                (PINION, "DoPut", "flight_put", pinion),
                (PINION, "DoPut without LZ4", "flight_put", plain),
            )
        ]


def inserts(clients):
    """A row of that many clients that insert a row at a time."""
    s = "s" * (clients > 1)

    @row(f"insert-{clients}", f"Inserts of a single row, {clients} client{s}",
         AsFast(PINION, "Quack", 3.0))
    @contextlib.contextmanager
    def open_(setting):
        python = setting.peers.require("Quack")
        insert = "INSERT INTO {}" + TABLE + " VALUES (1)"
        times = setting.repeats // 2
        with (
            servers.quack(python, ":memory:", CREATE) as quack,
            servers.pinion(setting.binary, {}) as pinion,
        ):
            flight.update(flight.connect(pinion.uri), CREATE)
            yield [
                Contestant("Quack", ["crowd", clients, "repeat_quack", quack.uri,
                                     insert.format("remote."), times], quack, python=python),
                Contestant(PINION, ["crowd", clients, "repeat_update", pinion.uri,
                                    insert.format(""), times], pinion, python=sys.executable),
            ]


inserts(1)
inserts(8)
