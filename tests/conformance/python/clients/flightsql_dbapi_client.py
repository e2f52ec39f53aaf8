"""The scenarios' steps by flightsql-dbapi: Flight SQL on top of pyarrow's own client."""

import itertools
import urllib.parse

import flightsql
import json_values
import pyarrow as pa
import pyarrow.flight as flight
from flightsql.client import FlightSQLCallOptions

GRPC_NAMES = {
    pa.ArrowInvalid: "INVALID_ARGUMENT",
    pa.ArrowKeyError: "NOT_FOUND",
    pa.ArrowNotImplementedError: "UNIMPLEMENTED",
    pa.ArrowCancelled: "CANCELLED",
    flight.FlightCancelledError: "CANCELLED",
    flight.FlightTimedOutError: "DEADLINE_EXCEEDED",
    flight.FlightUnauthorizedError: "PERMISSION_DENIED",
    flight.FlightUnauthenticatedError: "UNAUTHENTICATED",
    flight.FlightUnavailableError: "UNAVAILABLE",
    flight.FlightInternalError: "INTERNAL",
    # Of the statuses there are on the wire, the one that pyarrow has no class for.
    pa.ArrowException: "ALREADY_EXISTS",
}


class FlightSqlDbapiClient:
    def __init__(self, uri):
        self._address = urllib.parse.urlsplit(uri)
        self._client = None
        self._results = {}

    def answer(self, step):
        kind = next(iter(step))
        method = getattr(self, "_" + kind, None)
        if method is None or {"in", "on"} & step.keys():
            return {"unsupported": "flightsql-dbapi has no such call"}
        try:
            return method(step)
        except (pa.ArrowException, OSError) as error:
            name = GRPC_NAMES.get(type(error), type(error).__name__)
            return {"error": name, "message": str(error)}

    def close(self):
        self._results = {}
        if self._client is not None:
            self._client.close()
            self._client = None

    def _scenario(self, step):
        self.close()
        self._client = flightsql.FlightSQLClient(
            host=self._address.hostname, port=self._address.port, insecure=True
        )
        return {}

    def _fetch(self, info, options=None):
        tables = [
            self._client.do_get(endpoint.ticket, options).read_all() for endpoint in info.endpoints
        ]
        return pa.concat_tables(tables)

    def _query(self, step):
        options = FlightSQLCallOptions(timeout=step["seconds"]) if "seconds" in step else None
        if "parameters" not in step:
            info = self._client.execute(step["query"], options)
            return json_values.answer_of(self._fetch(info, options))
        with self._client.prepare(step["query"]) as statement:
            binding = json_values.parameters_of(step, [step["parameters"]])
            return json_values.answer_of(self._fetch(statement.execute(binding)))

    def _update(self, step):
        count = self._client.execute_update(step["update"])
        return {"count": None if count < 0 else count}

    def _as_query(self, step):
        self._fetch(self._client.execute(step["as_query"]))
        return {}

    def _reader(self, sql):
        return self._client.do_get(self._client.execute(sql).endpoints[0].ticket)

    def _drain(self, step):
        total, first = 0, 0
        for chunk in self._reader(step["drain"]):
            total += chunk.data.num_rows
            first += chunk.data.column(0).sum().as_py() if chunk.data.num_rows else 0
        return {"total": total, "sum": first}

    def _open(self, step):
        self._results[step["open"]] = [self._reader(step["sql"]), 0]
        return {}

    def _read(self, step):
        result = self._results[step["read"]]
        batch = next(
            chunk.data for chunk in itertools.takewhile(bool, result[0]) if chunk.data.num_rows
        )
        result[1] += batch.num_rows
        return {"first": batch.column(0)[0].as_py()}

    def _rest(self, step):
        reader, read = self._results.pop(step["rest"])
        return {"total": read + reader.read_all().num_rows}

    def _cancel(self, step):
        reader, _ = self._results.pop(step["cancel"])
        reader.cancel()
        return {}

    def _tables(self, step):
        info = self._client.get_tables(
            table_name_filter_pattern=step["tables"]["name"],
            table_types=step["tables"].get("types"),
        )
        return {"names": self._fetch(info).column("table_name").to_pylist()}

    def _table_schema(self, step):
        info = self._client.get_tables(
            include_schema=True, table_name_filter_pattern=step["table_schema"]
        )
        (schema,) = self._fetch(info).column("table_schema").to_pylist()
        return {"fields": json_values.fields_of(pa.ipc.read_schema(pa.py_buffer(schema)))}
