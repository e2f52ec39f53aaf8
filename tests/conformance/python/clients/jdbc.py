"""java.sql in Python: each call goes to a Java program, which makes it with the JDBC driver.

`connection = Jdbc().connect(uri)` is a java.sql.Connection, with Java's names for its methods,
which return values of Python's or more such objects. Text, truth, None and numbers (int) are
arguments as they are; of other types, `double(1.5)` or `timestamp("2020-02-29T12:30:00")`.
"""

import client_builds
from process_client import ProcessClient


class JavaError(Exception):
    def __init__(self, answer):
        super().__init__(answer["message"])
        self.java_class = answer["error"]
        self.grpc = answer["grpc"]
        self.sqlstate = answer.get("sqlstate")


class Jdbc:
    def __init__(self):
        self._process = ProcessClient(client_builds.java("JdbcCalls"))

    def connect(self, uri, **properties):
        address = uri.replace("grpc:", "jdbc:arrow-flight-sql:", 1)
        properties = {"useEncryption": "false", **properties}
        words = "&".join(f"{name}={value}" for name, value in properties.items())
        return self.answer({"connect": f"{address}/?{words}"})

    def answer(self, step):
        answer = self._process.answer(step)
        if "error" in answer:
            raise JavaError(answer)
        if "handle" in answer:
            return JavaObject(self, answer["handle"])
        return answer["value"]

    def close(self):
        self._process.close()


class JavaObject:
    def __init__(self, jdbc, handle):
        self._jdbc = jdbc
        self._handle = handle

    def __getattr__(self, name):
        def call(*arguments):
            step = {"on": self._handle, "call": name, "arguments": list(arguments)}
            return self._jdbc.answer(step)

        return call

    def all(self):
        """What is left of a ResultSet, a dict a row."""
        return self._jdbc.answer({"all": self._handle})


def _typed(name):
    return lambda value: {name: value}


byte = _typed("byte")
short = _typed("short")
long = _typed("long")
single = _typed("float")
double = _typed("double")
decimal = _typed("decimal")
date = _typed("date")
time = _typed("time")
timestamp = _typed("timestamp")
calendar = _typed("calendar")
strings = _typed("strings")


def raw(value):
    return {"bytes": value.hex()}
