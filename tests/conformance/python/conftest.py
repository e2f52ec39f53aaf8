import pytest
from jdbc import Jdbc


@pytest.fixture(scope="session")
def jdbc():
    """One Java program for all tests that call java.sql."""
    jdbc = Jdbc()
    yield jdbc
    jdbc.close()
