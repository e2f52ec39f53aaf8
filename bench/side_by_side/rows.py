"""The rows of the report. A row starts its servers, names its contestants and says what is
wanted: how many times as fast as the row's base a contestant has to be."""

import contextlib
import dataclasses
import pathlib
import tempfile

import servers
from contest import Contestant

FORTY_TWO = "SELECT 42 AS answer"


@dataclasses.dataclass
class Row:
    """`open` is a context manager over the setting that gives the contestants."""

    title: str
    base: str
    wanted: dict
    open: object


@dataclasses.dataclass
class Setting:
    """What every row needs: the program, the data, the peers' Pythons."""

    binary: str
    inputs: object
    quack_python: str | None
    repeats: int


@contextlib.contextmanager
def doget_compressed(setting):
    path = {"sample": setting.inputs.sample()}
    with servers.plain(path) as plain, servers.pinion(setting.binary, path) as pinion:
        yield [
            Contestant("pyarrow server, in memory", ["flight_get", plain.uri, "sample"], plain),
            Contestant("pinion, mapped", ["flight_get", pinion.uri, "sample"], pinion),
        ]


@contextlib.contextmanager
def doget_plain(setting):
    path = {"integers": setting.inputs.integers()}
    with (
        tempfile.TemporaryDirectory() as folder,
        servers.plain(path) as plain,
        servers.pinion(setting.binary, path) as pinion,
        servers.pinion(setting.binary, path,
                       listen=f"grpc+unix://{pathlib.Path(folder, 's')}") as unix,
    ):
        yield [
            Contestant("pyarrow server, in memory", ["flight_get", plain.uri, "integers"], plain),
            Contestant("pinion, mapped", ["flight_get", pinion.uri, "integers"], pinion),
            Contestant("pinion, Unix socket", ["flight_get", unix.uri, "integers"], unix),
        ]


@contextlib.contextmanager
def columns(setting):
    path = {"integers": setting.inputs.integers()}
    with servers.plain(path) as plain, servers.pinion(setting.binary, path) as pinion:
        arguments = ["integers", "c1,c5"]
        yield [
            Contestant("pinion, all 8", ["flight_get", pinion.uri, "integers"], pinion),
            Contestant("pinion, 2 of 8", ["flight_columns", pinion.uri, *arguments], pinion),
        ]


@contextlib.contextmanager
def lineitem(setting, path):
    query = "SELECT * FROM lineitem"
    data = {"lineitem": path}
    with (
        servers.plain(data, "--sql", "table") as table,
        servers.plain(data, "--sql", "reader") as reader,
        servers.pinion(setting.binary, data) as pinion,
    ):
        # A blank in front: the plain server would take the bare name for the dataset.
        yield [
            Contestant("Python server, whole table", ["flight_sql", table.uri, query], table),
            Contestant("Python server, reader", ["flight_sql", reader.uri, query], reader),
            Contestant("pinion", ["flight_sql", pinion.uri, query], pinion),
        ]


@contextlib.contextmanager
def lineitem_database(setting):
    query = "SELECT * FROM lineitem"
    path = setting.inputs.lineitem_database()
    with contextlib.ExitStack() as stack:
        pinion = stack.enter_context(
            servers.pinion(setting.binary, {}, "--database", path, "--read-only"))
        contestants = [
            Contestant("DuckDB in process", ["duckdb_fetch", path, query]),
            Contestant("pinion", ["flight_sql", pinion.uri, query], pinion),
        ]
        if setting.quack_python:
            quack = stack.enter_context(servers.quack(setting.quack_python, path, "bench"))
            remote = "SELECT * FROM remote.lineitem"
            contestants.append(Contestant(
                "Quack", ["quack_fetch", quack.uri, "bench", remote], quack,
                python=setting.quack_python))
        yield contestants


@contextlib.contextmanager
def answer(setting):
    path = {"sample": setting.inputs.sample()}
    count = str(setting.repeats)
    with servers.plain(path) as plain, servers.pinion(setting.binary, path) as pinion:
        yield [
            Contestant("Python server", ["repeat_flight_sql", plain.uri, FORTY_TWO, count], plain),
            Contestant("pinion", ["repeat_flight_sql", pinion.uri, FORTY_TWO, count], pinion),
        ]


@contextlib.contextmanager
def prepared(setting):
    path = {"sample": setting.inputs.sample()}
    count = str(setting.repeats)
    query = "SELECT id, name FROM sample WHERE id = {} LIMIT 1"
    with servers.pinion(setting.binary, path) as pinion:
        yield [
            Contestant("unprepared", ["repeat_adbc", pinion.uri, "SELECT 7 + 1", "-", count],
                       pinion),
            Contestant("prepared", ["repeat_adbc", pinion.uri, "SELECT ? + 1", "7", count],
                       pinion),
        ]


def rows(setting):
    inputs = setting.inputs
    return {
        "doget-lz4": Row("DoGet of an LZ4 Feather file, one stream, pyarrow client",
                         "pyarrow server, in memory", {"pinion, mapped": 0.8},
                         doget_compressed),
        "doget-raw": Row("DoGet of an uncompressed Feather file (int64)",
                         "pyarrow server, in memory",
                         {"pinion, mapped": 1.0, "pinion, Unix socket": 1.15}, doget_plain),
        "columns": Row("2 of 8 columns of a Feather file", "pinion, all 8",
                       {"pinion, 2 of 8": 4 / 1.2}, columns),
        "lineitem-parquet": Row("SELECT * FROM lineitem, Parquet", "Python server, whole table",
                                {"pinion": 1 / 0.95},
                                lambda it: lineitem(it, inputs.lineitem_parquet())),
        "lineitem-feather": Row("SELECT * FROM lineitem, Feather", "Python server, whole table",
                                {"pinion": 1 / 0.95},
                                lambda it: lineitem(it, inputs.lineitem_feather())),
        "lineitem-table": Row("SELECT * FROM lineitem, a DuckDB table", "DuckDB in process",
                              {"pinion": 1 / 1.8}, lineitem_database),
        "select-42": Row("SELECT 42, one client (p50)", "Python server", {"pinion": 1.0}, answer),
        "prepared": Row("a statement with a parameter, prepared (p50)", "unprepared",
                        {"prepared": 2.0}, prepared),
    }
