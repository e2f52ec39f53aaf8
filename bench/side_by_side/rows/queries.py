"""Rows of large results of SQL, and of queries that compute."""

import contextlib

import servers
from contest import Contestant
from goals import AsFast, AtMost
from rows.row import PINION, PYTHON_SERVER, row

WHOLE, STREAMED = f"{PYTHON_SERVER}, whole result", f"{PYTHON_SERVER}, streaming"
IN_PROCESS = "DuckDB in process"
QUERY = "SELECT * FROM lineitem"

GOALS = (AsFast(PINION, WHOLE, 1 / 0.95), AtMost(PINION, "first_batch", 0.015),
         AtMost(PINION, "server_peak", 0.25, WHOLE, times=True))


def over_files(setting, kind, stack):
    """The original's server and pinion over the same file."""
    data = {"lineitem": setting.inputs.tpch(kind)["lineitem"]}
    whole = stack.enter_context(servers.plain(data, "--sql", "table"))
    streamed = stack.enter_context(servers.plain(data, "--sql", "reader"))
    pinion = stack.enter_context(servers.pinion(setting.binary, data))
    return data, [
        Contestant(WHOLE, ["flight_sql", whole.uri, QUERY], whole),
        Contestant(STREAMED, ["flight_sql", streamed.uri, QUERY], streamed),
        Contestant(PINION, ["flight_sql", pinion.uri, QUERY], pinion),
    ]


@row("lineitem-parquet", f"{QUERY}, Parquet", *GOALS)
@contextlib.contextmanager
def parquet(setting):
    with contextlib.ExitStack() as stack:
        data, contestants = over_files(setting, "parquet", stack)
        if program := setting.peers.find("ROAPI"):
            roapi = stack.enter_context(servers.roapi(program, data))
            contestants.append(Contestant("ROAPI", ["sql_command", roapi.uri, QUERY], roapi))
        yield contestants


@row("lineitem-feather", f"{QUERY}, LZ4 Feather", *GOALS)
@contextlib.contextmanager
def feather(setting):
    with contextlib.ExitStack() as stack:
        yield over_files(setting, "lz4", stack)[1]


@row("lineitem-views", f"{QUERY}, LZ4 Feather with string views", *GOALS)
@contextlib.contextmanager
def views(setting):
    with contextlib.ExitStack() as stack:
        yield over_files(setting, "views", stack)[1]


@row("lineitem-table", f"{QUERY}, a DuckDB table", *GOALS,
     AsFast(PINION, IN_PROCESS, 1 / 1.8), AsFast(PINION, "Quack", 5.0))
@contextlib.contextmanager
def table(setting):
    path = setting.inputs.tpch_database()
    with contextlib.ExitStack() as stack:
        whole = stack.enter_context(servers.database(path, "--read-only"))
        streamed = stack.enter_context(
            servers.database(path, "--read-only", "--sql", "reader"))
        pinion = stack.enter_context(
            servers.pinion(setting.binary, {}, "--database", path, "--read-only"))
        contestants = [
            Contestant(WHOLE, ["flight_sql", whole.uri, QUERY], whole),
            Contestant(STREAMED, ["flight_sql", streamed.uri, QUERY], streamed),
            Contestant(IN_PROCESS, ["duckdb_fetch", path, QUERY]),
            Contestant(PINION, ["flight_sql", pinion.uri, QUERY], pinion),
        ]
        if python := setting.peers.find("Quack"):
            quack = stack.enter_context(servers.quack(python, path))
            remote = "SELECT * FROM remote.lineitem"
            contestants.append(Contestant("Quack", ["quack_fetch", quack.uri, remote], quack,
                                          python=python))
        yield contestants


LZ4, PLAIN = f"{PINION}, LZ4 Feather", f"{PINION}, plain Feather"


@row("tpch", "The 22 queries of TPC-H: against DuckDB in process, over Parquet",
     AsFast(LZ4, IN_PROCESS, 1.0), AsFast(PLAIN, IN_PROCESS, 1.0))
@contextlib.contextmanager
def tpch(setting):
    inputs = setting.inputs
    queries = inputs.tpch_queries()
    folder = inputs.tpch("parquet")["lineitem"].parent
    with (
        servers.pinion(setting.binary, inputs.tpch("lz4")) as lz4,
        servers.pinion(setting.binary, inputs.tpch("plain")) as plain,
    ):
        yield [
            Contestant(IN_PROCESS, ["duckdb_queries", folder, queries]),
            Contestant(LZ4, ["flight_queries", lz4.uri, queries], lz4),
            Contestant(PLAIN, ["flight_queries", plain.uri, queries], plain),
        ]
