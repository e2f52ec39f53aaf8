"""The benchmarks against other servers: what they measure is right. Nothing here is timed."""

import json
import os
import pathlib
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet
import pytest
import server_process
from google.protobuf import any_pb2

SIDE_BY_SIDE = pathlib.Path(__file__).parents[2] / "bench" / "side_by_side"
sys.path.insert(0, str(SIDE_BY_SIDE))

import contest  # noqa: E402
import inputs  # noqa: E402
import plot  # noqa: E402
import process  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402
import servers  # noqa: E402
from clients import flight  # noqa: E402
from goals import AsFast, AtMost  # noqa: E402
from rows.row import Row  # noqa: E402

FIGURES = {"theirs": {"seconds": 2.0, "server_peak": 100e6},
           "ours": {"seconds": 1.0, "server_peak": 30e6}}


@pytest.mark.parametrize("goal, reached", [
    (AsFast("ours", "theirs", 2.0), True),
    (AsFast("ours", "theirs", 2.01), False),
    (AsFast("theirs", "ours", 0.5), True),
    (AtMost("ours", "server_peak", 30e6), True),
    (AtMost("ours", "server_peak", 29e6), False),
    (AtMost("ours", "server_peak", 0.25, "theirs", times=True), False),
    (AtMost("ours", "server_peak", 0.3, "theirs", times=True), True),
    (AtMost("theirs", "seconds", 0.9, "ours"), False),
    (AtMost("theirs", "seconds", 1.0, "ours"), True),
])
def test_a_goal_is_judged_by_its_figures(goal, reached):
    assert goal.judge(FIGURES)[0] == reached


def row_of(*goals):
    return Row("name", "title", None, list(goals))


def test_a_goal_of_who_does_not_take_part_is_not_judged():
    result = report.Result(row_of(AsFast("ours", "Quack", 5.0)), FIGURES)
    ((verdict, sentence),) = result.verdicts
    assert verdict == report.NOT_JUDGED
    assert "Quack did not take part" in sentence


def test_contestants_that_see_different_rows_are_an_error():
    contestants = [contest.Contestant(name, []) for name in FIGURES]
    seen = {"theirs": [{"rows": 5}], "ours": [{"rows": 4}]}
    with pytest.raises(RuntimeError, match="same rows"):
        contest.check_rows(contestants, seen)


def test_a_contestant_that_sees_other_rows_than_it_has_to_is_an_error():
    contestants = [contest.Contestant("ours", [], rows=7)]
    with pytest.raises(RuntimeError, match="ours saw .* not 7"):
        contest.check_rows(contestants, {"ours": [{"rows": 7}, {"rows": 8}]})


def test_figures_are_medians_and_percentiles_of_all_rounds():
    rounds = [{"rows": 2, "seconds": seconds, "latencies": [seconds, 10.0],
               "each": {"Q1": seconds}} for seconds in (3.0, 1.0, 2.0)]
    figures = contest.medians(rounds)
    assert (figures["seconds"], figures["each"]["Q1"]) == (2.0, 2.0)
    assert (figures["p50"], figures["p99"]) == (10.0, 10.0)
    assert figures["rounds"] == [3.0, 1.0, 2.0]


def test_memory_of_children_is_counted_and_of_mapped_files_is_not(tmp_path):
    file = tmp_path / "mapped"
    file.write_bytes(bytes(64 << 20))
    script = f"""import mmap, subprocess, sys
file = open({str(file)!r}, "rb")
mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
sum(mapped[::4096])
child = "held = bytearray(b'x') * (32 << 20); print(flush=True); input()"
subprocess.run([sys.executable, "-c", child])"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as parent:
        parent.stdout.readline()
        with process.Watch(parent.pid) as watch:
            pass
        parent.communicate(b"\n")
    assert 32 << 20 < watch.bytes < 80 << 20
    assert watch.threads >= 2


def test_a_file_of_zeros_is_valid_and_takes_no_room(tmp_path):
    path, number = inputs.Inputs(tmp_path, "", rows=0, scale=0).zeros(1)
    with pa.memory_map(str(path)) as source:
        file = pa.ipc.open_file(source)
        last = file.get_batch(file.num_record_batches - 1)
        counts = {file.get_batch(i).num_rows for i in range(file.num_record_batches)}
        assert sum(file.get_batch(i).num_rows for i in range(file.num_record_batches)) == number
    assert len(counts) == 2  # all alike but the last
    assert last.column(0).to_pylist() == [0] * last.num_rows
    assert path.stat().st_size > 10**9
    assert path.stat().st_blocks * 512 < 10**7


def test_the_queries_are_those_of_the_engines_tests(tmp_path):
    path = inputs.Inputs(tmp_path, "", rows=0, scale=0).tpch_queries()
    queries = json.loads(path.read_text())
    assert len(queries) == 22
    assert all(query.startswith(("SELECT", "WITH")) for query in queries)


def test_a_statement_is_what_protobuf_reads():
    query = "SELECT '" + "x" * 300 + "'"
    command = any_pb2.Any()
    command.ParseFromString(flight.statement("CommandStatementQuery", query).command)
    assert command.type_url.endswith("/arrow.flight.protocol.sql.CommandStatementQuery")
    inner = any_pb2.Any()  # its first field is text, too
    inner.ParseFromString(command.value)
    assert inner.type_url == query


def test_a_database_server_takes_rows_and_returns_them(tmp_path):
    path = tmp_path / "numbers.parquet"
    pa.parquet.write_table(pa.table({"number": range(1000)}), path)
    with servers.database(":memory:") as server:
        for kind in ("flight_put", "adbc_ingest"):
            contestant = contest.Contestant(kind, [kind, server.uri, path, "t"], server)
            assert contestant.run()["rows"] == 1000


@pytest.mark.skipif(server_process.is_plain_server(), reason="rows are of pinion")
def test_rows_run_from_end_to_end(tmp_path):
    words = ["--quick", "--data-rows", "200000", "--out", tmp_path,
             "columns", "sql-*", "endpoints", "doget-lz4"]
    (binary,) = server_process.program()
    done = subprocess.run([sys.executable, SIDE_BY_SIDE, *words], stdout=subprocess.PIPE,
                          text=True, env={**os.environ, "PINION_BIN": binary})
    assert done.returncode == 0, done.stdout
    written = json.loads((tmp_path / "side_by_side.json").read_text())["rows"]
    assert list(written) == ["doget-lz4", "columns", "endpoints", "sql-all", "sql-columns",
                             "sql-limit"]
    for name, found in written.items():
        for contestant, figures in found["figures"].items():
            expected = 100_000 if name == "sql-limit" else 200_000
            assert figures["rows"] == expected, (name, contestant)
        for goal in found["goals"]:
            assert goal["goal"] in done.stdout
    assert "2 of 8" in (tmp_path / "side_by_side.svg").read_text()


def test_a_row_that_fails_or_is_skipped_is_reported(capsys, tmp_path):
    goal = AsFast("ours", "theirs", 1.0)
    results = [report.Result(row_of(goal), failed="it broke"),
               report.Result(row_of(goal), skipped="no root")]
    for result in results:
        report.show(result)
    report.summary(results)
    plot.plot(tmp_path / "plot.svg", results)
    assert capsys.readouterr().out.count("it broke") == 2
    assert "no root" in (tmp_path / "plot.svg").read_text()


def test_a_peer_that_is_half_installed_does_not_take_part(tmp_path):
    program = tmp_path / "roapi-venv" / "bin" / "roapi"
    program.parent.mkdir(parents=True)
    program.touch()
    peers = rows.Peers(tmp_path)
    assert peers.find("ROAPI") is None
    with pytest.raises(rows.Skipped, match="ROAPI: it is not installed"):
        peers.require("ROAPI")
    (tmp_path / "roapi-venv" / "requirements.txt").touch()
    assert rows.Peers(tmp_path).find("ROAPI") == program


def test_an_unknown_row_is_told():
    done = subprocess.run([sys.executable, SIDE_BY_SIDE, "nonsense"], stderr=subprocess.PIPE,
                          text=True)
    assert done.returncode != 0
    assert "no row 'nonsense'; there are: " in done.stderr
    assert all(name in done.stderr for name in rows.ROWS)
