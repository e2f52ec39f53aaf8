"""Go programs that are tests themselves: ADBC's own validation suite for drivers, and
database/sql."""

import os
import re
import subprocess

import adbc_client
import client_builds
import data_files
import pytest
import server_process

pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server does not speak Flight SQL"
)
SECONDS = 180
# What the published version of the driver cannot do, and the suite then leaves out.
NO_INGESTION = {
    f"TestStatements/TestSqlIngest{kind}"
    for kind in ("Append", "CreateAppend", "Errors", "Ints", "Replace")
}


def what_the_server_is(uri):
    """As it tells by SQL, to be compared with what it tells as metadata."""
    arrow = re.search(r"Arrow ([0-9.]+)", server_process.version()).group(1)
    with adbc_client.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_catalog(), version()")
        catalog, version = cursor.fetchone()
    return {
        "PINION_URI": uri,
        "PINION_CATALOG": catalog,
        "PINION_NAME": "DuckDB",
        "PINION_VERSION": version,
        "PINION_ARROW_VERSION": arrow,
    }


def run(program, uri):
    """Runs a program of tests. Returns {name: "PASS" or "SKIP"}: none may fail."""
    result = subprocess.run(
        [*program, "-test.v", f"-test.timeout={SECONDS}s"],
        env={**os.environ, **what_the_server_is(uri)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS + 30,
    )
    assert result.returncode == 0, result.stdout
    return {name: how for how, name in re.findall(r"--- (\w+): (\S+)", result.stdout)}


@pytest.fixture(scope="module")
def validation_suite():
    return client_builds.go_test("adbc")


@pytest.fixture(scope="module")
def database_sql():
    return client_builds.go_test("databasesql")


@pytest.fixture
def uri(serve, tmp_path):
    path = tmp_path / "sample.feather"
    data_files.write_sample(path, 5_000)
    return serve([path]).uri


def test_the_validation_suite_of_adbc_passes(validation_suite, uri):
    outcome = run(validation_suite, uri)
    assert {name for name, how in outcome.items() if how == "SKIP"} == NO_INGESTION
    assert outcome["TestConnections/TestMetadataGetObjectsColumns"] == "PASS"
    assert outcome["TestStatements/TestSqlPartitionedInts"] == "PASS"


def test_database_sql_works(database_sql, uri):
    outcome = run(database_sql, uri)
    assert len(outcome) >= 13
    assert set(outcome.values()) == {"PASS"}
