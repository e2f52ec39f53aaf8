"""The examples in C++, Python, Go and Rust, against pinion and against a plain server in
pyarrow: all say the same, and what pyarrow counts."""

import json
import math
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

import data_files
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.flight as flight
import pytest
import server_process

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
BUILD = EXAMPLES.parent / "build" / "examples"
# Shared with the conformance tests, which need the same crates.
RUST_BUILD = EXAMPLES.parent / "build" / "conformance" / "rust"
LANGUAGES = ["cpp", "python", "go", "rust"]
ROWS = 5_000
SECONDS = 1800  # a first build downloads and compiles the libraries


def build(language):
    """Builds the programs; returns what to put before a program's name to run it."""
    if language == "python":
        return lambda name: [sys.executable, str(EXAMPLES / "python" / f"{name}.py")]
    if language == "cpp":
        # The command that runs a program of the sanitizer build where Arrow is.
        prefix = os.environ.get("PINION_CPP_EXAMPLES")
        if not prefix:
            pytest.skip("PINION_CPP_EXAMPLES says how to run those in C++; ./dev test does")
        return lambda name: shlex.split(f"{prefix}example_{name}")
    tool = {"go": "go", "rust": "cargo"}[language]
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    folder = EXAMPLES / language
    if language == "go":
        words = ["go", "build", "-o", f"{BUILD}/go/", "./..."]
        (BUILD / "go").mkdir(parents=True, exist_ok=True)
    else:
        words = ["cargo", "build", "--release", "--locked", "--target-dir", str(RUST_BUILD)]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    if language == "go":
        return lambda name: [f"{BUILD}/go/{name.replace('_', '')}"]
    return lambda name: [str(RUST_BUILD / "release" / name)]


@pytest.fixture(scope="module", params=LANGUAGES)
def program(request):
    command = build(request.param)

    def run(name, *words, code=0):
        done = subprocess.run(
            [*command(name), *map(str, words)],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == code, (done.stdout, done.stderr)
        if code != 0:
            return done.stderr
        said = json.loads(done.stdout)
        assert said.pop("language") == request.param
        return said

    run.language = request.param
    return run


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("examples") / "table.feather"
    return path, data_files.write_sample(path, ROWS)


@pytest.fixture(scope="module", params=["pinion", "plain"])
def uri(request, file):
    datasets = {"large_table": file[0], "feather_table": file[0]}
    if request.param == "pinion":
        with server_process.ServerProcess(datasets) as server:
            yield server.uri
        return
    plain = pathlib.Path(server_process.__file__).with_name("plain_server.py")
    words = [f"{name}={path}" for name, path in datasets.items()]
    process = subprocess.Popen(
        [sys.executable, plain, "serve", *words, "--listen", "grpc://127.0.0.1:0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process.stdout.readline().removeprefix(server_process.READY_PREFIX).strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def expected(table):
    return {
        "rows": table.num_rows,
        "null_counts": {name: table[name].null_count for name in table.column_names},
    }


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("name", ["consumer", "pipeline"])
def test_they_count_what_pyarrow_counts(program, uri, file, name):
    said = program(name, uri, "large_table")
    assert {key: said[key] for key in ("rows", "null_counts")} == expected(file[1])
    assert [stage["name"] for stage in said["stages"]] == ["fetch", "compute", "sink"]
    assert all(stage["busy_s"] >= 0 for stage in said["stages"])
    assert said["wall_s"] > 0
    with flight.connect(uri) as client:
        descriptor = flight.FlightDescriptor.for_path("large_table")
        endpoints = client.get_flight_info(descriptor).endpoints
        batches = sum(1 for e in endpoints for _ in client.do_get(e.ticket))
    assert said["batches"] == batches
    assert set(said) == {"rows", "batches", "null_counts", "wall_s", "stages"}


@pytest.mark.timeout(SECONDS)
def test_they_ask_the_four_questions(program, uri, file):
    table = file[1]
    said = program("sql_client", uri, "feather_table")
    assert said["total_count"] == table.num_rows
    active = pc.sum(pc.equal(table["is_active"], True)).as_py()
    assert [query["rows"] for query in said["queries"]] == [
        table.num_rows - 1,
        table.num_rows,
        active,
        1,
    ]
    assert [query["columns"] for query in said["queries"]] == [
        ["name", "is_active"],
        table.column_names,
        ["name", "metadata"],
        ["total_count"],
    ]


@pytest.mark.timeout(SECONDS)
def test_their_statistics_are_those_of_pyarrow(program, uri, file):
    if program.language == "cpp":
        pytest.skip("in C++ they are part of pinion pipe")
    flag = "-compute" if program.language == "go" else "--compute"
    said = program("pipeline", flag, "stats", uri, "large_table")
    table = file[1]
    columns = {column["name"]: column for column in said["columns"]}
    for name, values in [
        *((name, table[name]) for name in ("id", "age", "city", "is_active", "name")),
        ("metadata.dept", pc.struct_field(table["metadata"], "dept")),
    ]:
        column = columns.pop(name)
        limits = pc.min_max(values)
        assert column["count"] == len(values) - values.null_count
        assert column["nulls"] == values.null_count
        for which in ("min", "max"):
            value = limits[which].as_py()
            assert column[which] == (str(value).lower() if name == "is_active" else str(value))
        if pa.types.is_string(values.type):
            assert column["mean"] is None
            continue
        numbers = values.cast(pa.int64()) if name != "is_active" else values.cast(pa.int8())
        assert math.isclose(column["mean"], pc.mean(numbers).as_py(), rel_tol=1e-12)
        assert math.isclose(column["stddev"], pc.stddev(numbers, ddof=1).as_py(), rel_tol=1e-12)
    assert columns == {}


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("name", ["consumer", "pipeline"])
def test_an_unknown_dataset_is_an_error(program, uri, name):
    assert "tabel" in program(name, uri, "tabel", code=1)
