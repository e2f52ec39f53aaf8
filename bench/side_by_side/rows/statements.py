"""Rows of statements whose answer is small: what a call costs."""

import contextlib

import servers
from contest import Contestant
from goals import AsFast
from rows.row import PINION, PYTHON_SERVER, row

ANSWER = "SELECT 42 AS answer"
REMOTE_ANSWER = "FROM remote.query('SELECT 42 AS answer')"
CLIENTS = 32


@row("select-42", "SELECT 42, one client (p50)",
     AsFast(PINION, PYTHON_SERVER, 1.0, "p50"), AsFast(PINION, "Quack", 5.0, "p50"))
@contextlib.contextmanager
def one_client(setting):
    path, times = {"sample": setting.inputs.sample()}, setting.repeats
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(servers.plain(path))
        pinion = stack.enter_context(servers.pinion(setting.binary, path))
        contestants = [
            Contestant(PYTHON_SERVER, ["repeat_flight_sql", plain.uri, ANSWER, times], plain),
            Contestant(PINION, ["repeat_flight_sql", pinion.uri, ANSWER, times], pinion),
            Contestant(f"{PINION}, Flight SQL",
                       ["repeat_sql_command", pinion.uri, ANSWER, times], pinion),
        ]
        if program := setting.peers.find("ROAPI"):
            nation = {"nation": setting.inputs.tpch("parquet")["nation"]}
            roapi = stack.enter_context(servers.roapi(program, nation))
            contestants.append(Contestant(
                "ROAPI, Flight SQL", ["repeat_sql_command", roapi.uri, ANSWER, times], roapi))
        if python := setting.peers.find("Quack"):
            quack = stack.enter_context(servers.quack(python, ":memory:"))
            contestants.append(Contestant(
                "Quack", ["repeat_quack", quack.uri, REMOTE_ANSWER, times], quack,
                python=python))
        yield contestants


@row("select-42-many", f"SELECT 42, {CLIENTS} clients at once: as many in all",
     AsFast(PINION, PYTHON_SERVER, 3.0))
@contextlib.contextmanager
def many_clients(setting):
    program = setting.peers.require("h2load")
    path, times = {"sample": setting.inputs.sample()}, 10 * setting.repeats
    with servers.plain(path) as plain, servers.pinion(setting.binary, path) as pinion:
        yield [
            Contestant(name, ["h2load", program, server.uri, ANSWER, CLIENTS, times], server)
            for name, server in ((PYTHON_SERVER, plain), (PINION, pinion))
        ]


# Who has ordered a part lately, and who has sent it: six tables, a few rows.
PARTS, SCALE = 200, 0.001
ORDERS = """SELECT c_name, o_orderdate, n_name, p_name, s_name, sum(l_quantity) AS quantity
FROM customer, orders, lineitem, part, supplier, nation
WHERE p_partkey = ? AND l_partkey = p_partkey AND o_orderkey = l_orderkey
  AND c_custkey = o_custkey AND s_suppkey = l_suppkey AND n_nationkey = c_nationkey
  AND l_shipdate BETWEEN DATE '1996-01-01' AND DATE '1998-12-31' AND l_discount < 0.2
GROUP BY ALL ORDER BY quantity DESC, c_name, s_name LIMIT 10"""


def prepared(kind, server):
    """A row of the query with another part each time, prepared and not."""

    @row(f"prepared-{kind}", f"A join of six {kind} with a parameter, ADBC (p50)",
         AsFast("prepared", "unprepared", 2.0, "p50"))
    @contextlib.contextmanager
    def open_(setting):
        with server(setting) as pinion:
            yield [
                Contestant(name, [way, pinion.uri, ORDERS, PARTS, setting.repeats // 4], pinion)
                for name, way in (("unprepared", "repeat_literal"),
                                  ("prepared", "repeat_prepared"))
            ]


prepared("tables", lambda setting: servers.pinion(
    setting.binary, {}, "--read-only", "--database", setting.inputs.tpch_database(SCALE)))
prepared("datasets", lambda setting: servers.pinion(
    setting.binary, setting.inputs.tpch("plain", SCALE)))
