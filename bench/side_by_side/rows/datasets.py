"""Rows of datasets that are fetched as they are."""

import contextlib
import json
import pathlib
import tempfile

import links
import servers
from contest import Contestant
from goals import AsFast, AtMost
from rows.row import PINION, PYTHON_SERVER, row

MAPPED, PRELOADED, OWN, UNIX = (
    f"{PINION}, {what}" for what in ("mapped", "--preload", "own client", "Unix socket"))
MB = 1e6


@row("doget-lz4", "DoGet of an LZ4 Feather file, one stream",
     AsFast(MAPPED, PYTHON_SERVER, 0.8), AtMost(MAPPED, "server_peak", 50 * MB),
     AsFast(PRELOADED, PYTHON_SERVER, 1.0),
     AtMost(PRELOADED, "server_peak", 1.0, PYTHON_SERVER, times=True),
     AsFast(OWN, PYTHON_SERVER, 1.2))
@contextlib.contextmanager
def compressed(setting):
    path = {"sample": setting.inputs.sample()}
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(servers.plain(path))
        mapped = stack.enter_context(servers.pinion(setting.binary, path))
        loaded = stack.enter_context(servers.pinion(setting.binary, path, "--preload"))
        yield [
            Contestant(PYTHON_SERVER, ["flight_get", plain.uri, "sample"], plain),
            Contestant(MAPPED, ["flight_get", mapped.uri, "sample"], mapped),
            Contestant(PRELOADED, ["flight_get", loaded.uri, "sample"], loaded),
            Contestant(OWN, ["pipe", setting.binary, mapped.uri, "sample"], mapped),
        ]


@row("doget-link", "DoGet of an LZ4 Feather file over a link of 1 Gbit/s",
     AsFast(MAPPED, PYTHON_SERVER, 1.5))
@contextlib.contextmanager
def over_a_link(setting):
    path = {"sample": setting.inputs.sample()}
    with links.Link("1gbit") as link:
        served = {"listen": link.listen, "prefix": link.near}
        with (
            servers.plain(path, **served) as plain,
            servers.pinion(setting.binary, path, **served) as pinion,
        ):
            yield [
                Contestant(PYTHON_SERVER, ["flight_get", plain.uri, "sample"], plain,
                           prefix=link.far),
                Contestant(MAPPED, ["flight_get", pinion.uri, "sample"], pinion,
                           prefix=link.far),
            ]


@row("doget-raw", "DoGet of an uncompressed Feather file of int64",
     AsFast(MAPPED, PYTHON_SERVER, 1.0), AsFast(MAPPED, "iperf3", 0.9),
     AsFast(OWN, "iperf3", 0.9), AsFast(UNIX, MAPPED, 1.15))
@contextlib.contextmanager
def uncompressed(setting):
    path = {"integers": setting.inputs.integers()}
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        plain = stack.enter_context(servers.plain(path))
        mapped = stack.enter_context(servers.pinion(setting.binary, path))
        socket = f"grpc+unix://{pathlib.Path(folder, 's')}"
        unix = stack.enter_context(servers.pinion(setting.binary, path, listen=socket))
        contestants = [
            Contestant(PYTHON_SERVER, ["flight_get", plain.uri, "integers"], plain),
            Contestant(MAPPED, ["flight_get", mapped.uri, "integers"], mapped),
            Contestant(UNIX, ["flight_get", unix.uri, "integers"], unix),
            Contestant(OWN, ["pipe", setting.binary, mapped.uri, "integers"], mapped),
        ]
        if program := setting.peers.find("iperf3"):
            wire = stack.enter_context(servers.iperf(program))
            size = path["integers"].stat().st_size
            arguments = ["iperf", program, wire.uri, size]
            contestants.append(Contestant("iperf3", arguments, wire, rows=0))
        yield contestants


@row("columns", "2 of 8 columns of a Feather file",
     AsFast("2 of 8", "all 8", 4 / 1.2), AtMost("2 of 8", "bytes", 0.25, "all 8", times=True))
@contextlib.contextmanager
def columns(setting):
    path = {"integers": setting.inputs.integers()}
    command = json.dumps({"dataset": "integers", "columns": ["c1", "c5"]})
    with servers.pinion(setting.binary, path) as pinion:
        yield [
            Contestant("all 8", ["flight_get", pinion.uri, "integers"], pinion),
            Contestant("2 of 8", ["flight_command", pinion.uri, command], pinion),
        ]


@row("endpoints", "Endpoints side by side, pinion's own client",
     AsFast("2 streams", "1 stream", 1.0), AsFast("4 streams", "1 stream", 1.0))
@contextlib.contextmanager
def endpoints(setting):
    path = {"sample": setting.inputs.sample()}
    with servers.pinion(setting.binary, path) as pinion:
        yield [
            Contestant(f"{streams} stream{'s' * (streams > 1)}",
                       ["pipe", setting.binary, pinion.uri, "sample",
                        "--streams", str(streams)], pinion)
            for streams in (1, 2, 4)
        ]


def passthrough(name, title, query, request):
    """A row of a query that is nothing but a dataset, or a part of it."""

    @row(f"sql-{name}", f"{title} of a Feather dataset by SQL", AsFast("SQL", "DoGet", 0.9))
    @contextlib.contextmanager
    def open_(setting):
        rows = setting.inputs.rows // 2
        command = json.dumps({"dataset": "sample", **request(rows)})
        text = query.format(rows=rows)
        path = {"sample": setting.inputs.sample()}
        with (
            servers.pinion(setting.binary, path) as datasets,
            servers.pinion(setting.binary, path) as queries,
        ):
            yield [
                Contestant("DoGet", ["flight_command", datasets.uri, command], datasets),
                Contestant("SQL", ["flight_sql", queries.uri, text], queries),
            ]


passthrough("all", "SELECT *", "SELECT * FROM sample", lambda rows: {})
passthrough("columns", "Two columns", "SELECT city, id FROM sample",
            lambda rows: {"columns": ["city", "id"]})
passthrough("limit", "SELECT * with LIMIT", "SELECT * FROM sample LIMIT {rows}",
            lambda rows: {"limit": rows})
