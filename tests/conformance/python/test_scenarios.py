"""The scenarios of ../scenarios.json by every published client of Flight SQL.

See ../README.md for the steps, and for how a client is added.
"""

import json
import os
import pathlib

import client_builds
import data_files
import pytest
import server_process
from adbc_client import AdbcClient
from flightsql_dbapi_client import FlightSqlDbapiClient
from process_client import ProcessClient

FOLDER = pathlib.Path(__file__).parent.parent
LIST = json.loads((FOLDER / "scenarios.json").read_text())

pytestmark = [
    pytest.mark.skipif(
        server_process.is_plain_server(), reason="the plain server does not speak Flight SQL"
    ),
    # The first one builds the clients. A test that hangs is ended by its watchdog, long before.
    pytest.mark.timeout(3600),
]


def of_program(build):
    return lambda uri: ProcessClient(build(), uri)


CLIENTS = {
    "adbc": AdbcClient,
    "flightsql-dbapi": FlightSqlDbapiClient,
    "go": of_program(client_builds.go),
    "rust": of_program(client_builds.rust),
    "java": of_program(client_builds.java),
    "cpp": of_program(client_builds.cpp),
}


def start(tmp_path_factory, *options):
    path = tmp_path_factory.mktemp("scenarios") / "sample.feather"
    data_files.write_sample(path, 5_000)
    datasets = {"sample": path, 'odd "name"': path}
    return server_process.ServerProcess(datasets, options=options)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    # So little memory that a scenario can run out of it within the blink of an eye.
    with start(tmp_path_factory, "--memory-limit", "500MB") as server:
        yield server


@pytest.fixture(scope="module")
def read_only_server(tmp_path_factory):
    with start(tmp_path_factory, "--read-only") as server:
        yield server


@pytest.fixture(scope="module")
def clients():
    """{(kind, uri): client}, of those that a test has asked for."""
    client_builds.build_all()
    started = {}
    yield started
    for client in started.values():
        client.close()


def client_of(clients, kind, uri):
    if (kind, uri) not in clients:
        clients[kind, uri] = CLIENTS[kind](uri)
    return clients[kind, uri]


def named(scenario, kind):
    """The scenario with the client's name for @: all clients share one server, and would
    make the same tables otherwise."""
    return json.loads(json.dumps(scenario).replace("@", kind.replace("-", "_")))


def tried(scenarios):
    """All (scenario, client) but those of which the list says that they cannot be."""
    return list(_tried(scenarios))


def _tried(scenarios):
    for scenario in scenarios:
        for kind in CLIENTS:
            cannot = LIST["clients"][kind]["cannot"]
            if kind in scenario.get("without", {}):
                continue
            steps = [step for step in scenario["steps"] if kind not in step.get("without", {})]
            if any(word in cannot for step in steps for word in step):
                continue
            yield pytest.param(
                {**scenario, "steps": steps}, kind, id=f"{kind}-{scenario['name']}"
            )


@pytest.mark.parametrize("scenario, kind", tried(LIST["scenarios"]))
def test_a_scenario(server, clients, scenario, kind):
    carry_out(client_of(clients, kind, server.uri), named(scenario, kind))


@pytest.mark.parametrize("scenario, kind", tried(LIST["read_only"]))
def test_a_scenario_of_a_read_only_server(read_only_server, clients, scenario, kind):
    carry_out(client_of(clients, kind, read_only_server.uri), named(scenario, kind))


def carry_out(client, scenario):
    assert client.answer({"scenario": scenario["name"]}) == {}
    for step in scenario["steps"]:
        answer = client.answer(step)
        try:
            check(step, answer)
        except AssertionError as error:
            raise AssertionError(f"{error}\n  step: {step}\n  answer: {answer}") from None


def check(step, answer):
    assert "unsupported" not in answer, "unsupported, but scenarios.json does not say so"
    if "error" in step:
        check_error(step, answer)
        return
    assert "error" not in answer, "an error"
    for key in ("columns", "rows", "fields", "first", "total", "sum", "parameter_count"):
        # Of an ingestion, they are what to send.
        if key in step and "ingest" not in step:
            assert key in answer, f"no {key}"
            assert normal(answer[key]) == normal(step[key]), key
    if "names" in step:
        assert sorted(answer["names"]) == sorted(step["names"]), "names"
    if "types" in step and "types" in answer:
        assert answer["types"] == step["types"], "types"
    if step.get("count") is not None and answer["count"] is not None:
        assert answer["count"] == step["count"], "count"


def check_error(step, answer):
    assert "error" in answer, "no error"
    classes = step["error"] if isinstance(step["error"], list) else [step["error"]]
    expected = [code for name in classes for code in LIST["errors"][name]]
    assert answer["error"] in expected, f"not one of {expected}"
    assert step.get("message", "") in answer["message"], "message"


def normal(value):
    """1 and 1.0 are the same number in JSON, and not the same as true."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return (type(value).__name__, value)
    if isinstance(value, (int, float)):
        return ("number", value)
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    return [normal(item) for item in value]


@pytest.mark.parametrize("kind", ["go", "rust", "java", "cpp"])
def test_the_toolchain_of_a_client_is_here(kind):
    missing = client_builds.missing_tools(kind)
    if missing and not os.environ.get("CI"):
        pytest.skip(f"NOT TESTED with {kind}: there is no {', '.join(missing)}")
    assert not missing, f"CI must have {', '.join(missing)}"
