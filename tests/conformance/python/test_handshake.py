"""The Handshake call: clients that are given a user and a password make it before all else,
and want a bearer token back, though the server asks nobody who they are."""

import adbc_driver_flightsql
import adbc_driver_flightsql.dbapi
import adbc_driver_manager
import pyarrow.flight as flight
import pytest
import server_process

pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server does not answer Handshake"
)
# Of the lengths of "user:password" that need 0, 1 and 2 characters of padding: Go's client
# leaves them out.
PASSWORDS = ["p", "pw", "pwd"]


@pytest.fixture(scope="module")
def served():
    with server_process.ServerProcess() as server:
        yield server


@pytest.mark.parametrize("password", PASSWORDS)
def test_pyarrow_gets_a_token_and_may_go_on_with_it(served, password):
    with served.connect() as client:
        name, token = client.authenticate_basic_token("user", password)
        assert name.lower() == b"authorization"
        assert token.startswith(b"Bearer ")
        options = flight.FlightCallOptions(headers=[(b"authorization", token)])
        reader = client.do_get(flight.Ticket("SELECT 42 AS n"), options)
        assert reader.read_all().to_pydict() == {"n": [42]}


@pytest.mark.parametrize("password", PASSWORDS)
def test_adbc_connects_with_a_password(served, password):
    words = {
        adbc_driver_manager.DatabaseOptions.USERNAME.value: "user",
        adbc_driver_manager.DatabaseOptions.PASSWORD.value: password,
    }
    with adbc_driver_flightsql.dbapi.connect(
        served.uri, db_kwargs=words, autocommit=True
    ) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 42")
        assert cursor.fetchall() == [(42,)]


@pytest.mark.parametrize("password", PASSWORDS)
def test_jdbc_connects_with_a_password(jdbc, served, password):
    connection = jdbc.connect(served.uri, user="user", password=password)
    assert connection.createStatement().executeQuery("SELECT 42 AS n").all() == [{"n": 42}]
    connection.close()


def test_jdbc_connects_with_a_token(jdbc, served):
    connection = jdbc.connect(served.uri, token="of-some-other-place")
    assert connection.createStatement().executeQuery("SELECT 42 AS n").all() == [{"n": 42}]
    connection.close()
