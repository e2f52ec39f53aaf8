"""Rows of data that goes to the server."""

import contextlib
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
     AsFast(f"{PINION}, DoPut", f"{PYTHON_SERVER}, DoPut", 1.5))
@contextlib.contextmanager
def ingest(setting):
    path = setting.inputs.tpch("parquet")["lineitem"]
    with (
        tempfile.TemporaryDirectory(dir=path.parent.parent) as folder,
        servers.database(":memory:") as database,
        servers.pinion(setting.binary, {}, "--upload-dir", folder) as pinion,
    ):
        yield [
            Contestant(f"{name}, {way}", [kind, server.uri, path, f"{TABLE}_by_{kind}"], server)
            for way, kind in (("ADBC", "adbc_ingest"), ("DoPut", "flight_put"))
            for name, server in ((PYTHON_SERVER, database), (PINION, pinion))
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
