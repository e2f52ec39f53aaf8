"""`pinion pipe` from outside, against `pinion serve` and against servers in pyarrow."""

import contextlib
import json
import math
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys

import data_files
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.flight as flight
import pyarrow.parquet
import pytest
import server_process

ROWS = 5_000  # in batches of 1,000
SECONDS = 120

pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server has no pipe"
)


def pipe(*words, code=0, **named):
    """Runs `pinion pipe`, checks its exit code, returns what it printed."""
    done = subprocess.run(
        [*server_process.program(), "pipe", *map(str, words)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        **named,
    )
    for report in server_process.SANITIZER_REPORTS:
        assert report not in done.stderr, done.stderr
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done


def report(*words):
    return json.loads(pipe(*words, "--report", "json").stdout)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """(uri, table) of a server in pyarrow with four endpoints."""
    path = tmp_path_factory.mktemp("pipe") / "table.feather"
    table = data_files.write_sample(path, ROWS)
    with endpoint_server(path, "--endpoints", 4) as server:
        yield server.uri, table, path


class Endpoints:
    def __init__(self, words):
        program = pathlib.Path(server_process.__file__).with_name("endpoint_server.py")
        self.process = subprocess.Popen(
            [sys.executable, str(program), *map(str, words)], stdout=subprocess.PIPE, text=True
        )
        self.uri = self.process.stdout.readline().strip()
        assert self.uri.startswith("grpc://"), self.uri


@contextlib.contextmanager
def endpoint_server(*words):
    server = Endpoints(words)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()
        server.process.stdout.close()


def read(path):
    if path.suffix == ".parquet":
        return pa.parquet.read_table(path)
    if path.suffix == ".csv":
        return pa.csv.read_csv(path)
    opener = pa.ipc.open_stream if path.suffix == ".arrows" else pa.ipc.open_file
    with pa.memory_map(str(path)) as file:
        return opener(file).read_all()


# --- what it computes -----------------------------------------------------------------


def test_null_counts_are_those_of_pyarrow(source):
    uri, table, _ = source
    said = report(uri, "table")
    assert said["rows"] == table.num_rows
    assert said["null_counts"] == {
        name: table.column(name).null_count for name in table.column_names
    }
    assert [stage["name"] for stage in said["stages"]] == ["fetch", "compute", "sink"]


def test_pinion_serves_what_pinion_pipes(sample):
    server, table, _ = sample
    said = report(server.uri, "large_table", "--streams", 2, "--workers", 2)
    assert said["rows"] == table.num_rows
    assert said["null_counts"]["is_active"] == table["is_active"].null_count


def test_statistics_are_those_of_pyarrow(source):
    uri, table, _ = source
    said = report(uri, "table", "--compute", "stats", "--workers", 2)
    columns = {column["name"]: column for column in said["columns"]}
    assert list(columns) == ["id", "age", "city", "is_active", "name", "metadata.dept"]
    dept = pc.struct_field(table["metadata"], "dept")
    for name, values in [
        *((name, table[name]) for name in ("id", "age", "city", "is_active", "name")),
        ("metadata.dept", dept),
    ]:
        column = columns[name]
        assert column["count"] == len(values) - values.null_count
        assert column["nulls"] == values.null_count
        limits = pc.min_max(values)
        for which in ("min", "max"):
            expected = limits[which].as_py()
            assert column[which] == (str(expected).lower() if name == "is_active" else str(expected))
        exact = pc.count_distinct(values).as_py()
        assert math.isclose(column["approx_distinct"], exact, rel_tol=0.08, abs_tol=1)
        if name in ("id", "age"):
            assert math.isclose(column["mean"], pc.mean(values).as_py(), rel_tol=1e-12)
            assert math.isclose(
                column["stddev"], pc.stddev(values, ddof=1).as_py(), rel_tol=1e-12
            )


def test_filters_and_queries_follow_each_other(source, tmp_path):
    uri, table, _ = source
    out = tmp_path / "out.parquet"
    pipe(
        *(uri, "table", "--sink", out, "--workers", 2),
        *("--compute", "filter age > 30 AND metadata.dept = 'IT'"),
        *("--compute", "sql SELECT id, upper(city) AS city FROM batch WHERE id % 2 = 0"),
    )
    keep = pc.and_kleene(
        pc.greater(table["age"], 30),
        pc.equal(pc.struct_field(table["metadata"], "dept"), "IT"),
    )
    kept = table.filter(keep)
    kept = kept.filter(pc.equal(pc.bit_wise_and(kept["id"], 1), 0))
    assert read(out).to_pydict() == {
        "id": kept["id"].to_pylist(),
        "city": pc.utf8_upper(kept["city"]).to_pylist(),
    }


def test_a_filter_that_keeps_nothing_writes_an_empty_file(source, tmp_path):
    uri, table, _ = source
    out = tmp_path / "out.feather"
    pipe(uri, "table", "--compute", "filter age > 1000", "--sink", out)
    assert read(out).schema == table.schema
    assert read(out).num_rows == 0


def test_sql_on_the_server_is_a_source_too(sample):
    server, table, _ = sample
    said = report(server.uri, "--sql", "SELECT id FROM large_table WHERE id <= 100")
    assert said["rows"] == 100
    assert said["null_counts"] == {"id": 0}


# --- how it goes ----------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".feather", ".arrows", ".parquet"])
@pytest.mark.parametrize("how", [[], ["--sequential"], ["--workers", "3", "--streams", "3"]])
def test_files_have_the_rows_in_order(source, tmp_path, suffix, how):
    uri, table, _ = source
    out = tmp_path / f"out{suffix}"
    pipe(uri, "table", "--compute", "none", "--sink", out, *how)
    assert read(out).equals(table)
    assert os.listdir(tmp_path) == [out.name]


def test_unordered_gives_all_rows_too(source, tmp_path):
    uri, table, _ = source
    out = tmp_path / "out.feather"
    pipe(uri, "table", "--unordered", "--streams", 3, "--workers", 3, "--sink", out)
    assert read(out).sort_by("id").equals(table)


def test_log_has_a_line_a_batch(source):
    uri, table, _ = source
    lines = pipe(uri, "table", "--sink", "log").stdout.splitlines()
    batches = [line for line in lines if line.startswith("batch ")]
    assert len(batches) == 5
    assert batches[0].startswith("batch 0: 1,000 rows, ")
    nulls = table.slice(0, 1000)["is_active"].null_count
    assert f"is_active {nulls}" in batches[0]


def test_put_copies_to_another_server(source):
    uri, table, path = source
    with endpoint_server(path) as target:
        pipe(uri, "table", "--compute", "none", "--sink", f"put {target.uri} copy")
        with flight.connect(target.uri) as client:
            descriptor = flight.FlightDescriptor.for_path("copy")
            ticket = client.get_flight_info(descriptor).endpoints[0].ticket
            assert client.do_get(ticket).read_all().equals(table)


def test_a_put_that_fails_leaves_nothing_there(source):
    uri, _, path = source
    with endpoint_server(path) as target:
        said = pipe(
            *(uri, "table", "--sink", f"put {target.uri} half"),
            *("--compute", "sql SELECT CAST(IF(id = 4500, 'x', '1') AS INTEGER) FROM batch"),
            code=1,
        )
        assert "stage 'compute'" in said.stderr
        with flight.connect(target.uri) as client:
            with pytest.raises(flight.FlightServerError, match="unknown dataset"):
                client.get_flight_info(flight.FlightDescriptor.for_path("half"))


def test_stages_overlap(source):
    """Not how fast: that the stages worked at the same time, by their own clocks."""
    uri, _, _ = source
    simulate = ("--simulate-compute-ms", 100, "--simulate-sink-ms", 100)
    said = report(uri, "table", *simulate)
    busy = {stage["name"]: stage["busy_s"] for stage in said["stages"]}
    assert busy["compute"] >= 0.5
    assert busy["sink"] >= 0.5
    assert said["speedup"] > 1
    alone = report(uri, "table", "--sequential", *simulate)
    assert alone["wall_s"] >= 1.0
    assert alone["sequential"] is True


# --- bad input ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--queue", "0"], "queue"),
        (["--workers", "-1"], "workers"),
        (["--streams", "0"], "streams"),
        (["--memory", "many"], "is no size"),
        (["--deadline", "soon"], "is no time"),
        (["--compute", "nulsl"], "did you mean 'nulls'"),
        (["--compute", "filter"], "needs an expression"),
        (["--sink", "out.docx"], "is none of"),
        (["--sink", "put somewhere"], "needs a server and a name"),
        (["--sql", "SELECT 1"], "not both"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(words, says):
    said = pipe("grpc://127.0.0.1:1", "table", *words, code=2)
    assert says in said.stderr
    assert said.stderr.startswith("pinion: ")
    assert said.stderr.count("\n") == 1


def test_unknown_columns_show_before_anything_is_fetched(source, tmp_path):
    uri, _, _ = source
    out = tmp_path / "out.feather"
    said = pipe(uri, "table", "--compute", "filter agee > 3", "--sink", out, code=1)
    assert "filter agee > 3" in said.stderr
    assert said.stderr.count("\n") == 1
    assert not out.exists()
    assert "one SELECT" in pipe(uri, "table", "--compute", "sql DROP VIEW batch", code=1).stderr


def test_an_error_in_a_value_names_stage_and_batch(source, tmp_path):
    uri, _, _ = source
    said = pipe(
        *(uri, "table", "--sink", tmp_path / "out.feather"),
        *("--compute", "sql SELECT CAST(IF(id = 2500, 'x', '1') AS INTEGER) FROM batch"),
        code=1,
    )
    assert "stage 'compute', batch 2: " in said.stderr
    assert os.listdir(tmp_path) == []


def test_an_aggregate_is_no_filter(source):
    uri, _, _ = source
    said = pipe(uri, "table", "--compute", "filter count(*) > 3", code=1)
    assert "an expression of single rows is needed" in said.stderr


def test_a_batch_above_the_memory_limit_is_an_error(source):
    uri, _, _ = source
    said = pipe(uri, "table", "--memory", "1KB", code=1)
    assert re.search(r"stage 'fetch', batch 0: takes [\d.]+ KB, more than the 500 B", said.stderr)


def test_an_unknown_dataset_and_an_absent_server(source):
    uri, _, _ = source
    assert "unknown dataset" in pipe(uri, "tabel", code=1).stderr
    assert "no server answers" in pipe("grpc://127.0.0.1:1", "table", code=1).stderr


def test_a_sink_without_space_is_an_error(source, tmp_path):
    uri, _, _ = source
    full = tmp_path / "full.csv"
    full.symlink_to("/dev/full")
    said = pipe(uri, "table", "--compute", "sql SELECT id, name FROM batch", "--sink", full, code=1)
    assert "o space left" in said.stderr


def test_a_deadline_ends_the_run(source, tmp_path):
    uri, _, _ = source
    said = pipe(
        *(uri, "table", "--simulate-sink-ms", 60000, "--deadline", "300ms"),
        *("--sink", tmp_path / "out.feather"),
        code=1,
    )
    assert "time limit of 300 ms" in said.stderr
    assert "until then: " in said.stderr
    assert os.listdir(tmp_path) == []


def test_ctrl_c_ends_the_run_and_says_what_was_done(source, tmp_path):
    uri, _, _ = source
    words = [*server_process.program(), "pipe", uri, "table"]
    words += ["--sink", str(tmp_path / "out.feather"), "--simulate-sink-ms", "60000"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    server_process.eventually(lambda: os.listdir(tmp_path), "the file was begun")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + signal.SIGINT, said
    assert "until then: " in said
    assert os.listdir(tmp_path) == []


# --- servers that die -----------------------------------------------------------------


def test_a_server_that_dies_is_an_error_and_leaves_no_file(source, tmp_path):
    _, _, path = source
    with endpoint_server(path, "--die-after", 3) as server:
        said = pipe(server.uri, "table", "--sink", tmp_path / "out.feather", code=1)
        assert "stage 'fetch', batch 3: " in said.stderr
        assert os.listdir(tmp_path) == []


def test_retries_go_on_after_the_last_whole_batch(source, tmp_path):
    _, table, path = source
    out = tmp_path / "out.feather"
    with endpoint_server(path, "--die-after", 3) as server:
        port = server.uri.rpartition(":")[2]
        process = subprocess.Popen(
            [*server_process.program(), "pipe", server.uri, "table", "--retry", "1000"]
            + ["--compute", "none", "--sink", str(out)],
            stderr=subprocess.PIPE,
            text=True,
        )
        server.process.wait(SECONDS)
        with endpoint_server(path, "--port", port):
            _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said
    assert "lost the server after batch 3" in said
    assert read(out).equals(table)


# --- on a terminal --------------------------------------------------------------------


def test_a_terminal_shows_the_stages_live(source):
    uri, _, _ = source
    words = [*server_process.program(), "pipe", uri, "table", "--simulate-sink-ms", "150"]
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=terminal, env={**os.environ, "TERM": "xterm"}
    )
    os.close(terminal)
    drawn = b""
    with contextlib.suppress(OSError):
        while chunk := os.read(main, 65536):
            drawn += chunk
    os.close(main)
    out, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    text = drawn.decode()
    for word in ("fetch", "compute", "sink", "queue", "rows/s", "total", "left"):
        assert word in text
    assert text.rindex("\x1b[J") > text.rindex("total")  # taken away at the end
    assert b"\x1b" not in out
    assert b"the slowest stage is sink" in out


# --- memory ---------------------------------------------------------------------------


def peak_bytes(uri):
    """The most memory that a run had."""
    words = ["pipe", uri, "large", "--compute", "stats", "--sink", "none"]
    process = subprocess.Popen([*server_process.program(), *words], stdout=subprocess.DEVNULL)
    _, code, usage = os.wait4(process.pid, 0)
    assert code == 0
    return usage.ru_maxrss * 1024


@pytest.mark.memory
def test_memory_does_not_grow_with_the_table(serve, tmp_path):
    def peak(rows):
        path = tmp_path / f"{rows}.feather"
        words = ["generate", "--rows", str(rows), "--out", str(path)]
        subprocess.run([*server_process.program(), *words], check=True, timeout=SECONDS)
        server = serve({"large": path})
        if server.is_sanitized():
            pytest.skip("a sanitizer's allocator keeps what was freed")
        return peak_bytes(server.uri)

    # The smaller one fills the queues, too: 64 batches. All of the larger one has 800 MB.
    assert peak(16_000_000) < peak(4_000_000) + 64 * 2**20
