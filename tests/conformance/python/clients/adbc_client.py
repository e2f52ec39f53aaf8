"""The scenarios' steps by ADBC: the driver in Go, as published for Python."""

import threading

import adbc_driver_flightsql
import adbc_driver_flightsql.dbapi
import adbc_driver_manager
import json_values

GRPC_NAMES = {
    "TIMEOUT": "DEADLINE_EXCEEDED",
    "UNAUTHORIZED": "PERMISSION_DENIED",
    "NOT_IMPLEMENTED": "UNIMPLEMENTED",
    "IO": "UNAVAILABLE",
}
WITH_COOKIES = {adbc_driver_flightsql.DatabaseOptions.WITH_COOKIE_MIDDLEWARE.value: "true"}
FETCH_SECONDS = adbc_driver_flightsql.ConnectionOptions.TIMEOUT_FETCH.value
QUERY_SECONDS = adbc_driver_flightsql.ConnectionOptions.TIMEOUT_QUERY.value


def connect(uri, autocommit=True):
    return adbc_driver_flightsql.dbapi.connect(uri, db_kwargs=WITH_COOKIES, autocommit=autocommit)


class AdbcClient:
    def __init__(self, uri):
        self._uri = uri
        self._connections = {}
        self._results = {}

    def answer(self, step):
        kind = next(iter(step))
        try:
            return getattr(self, "_" + kind)(step)
        except adbc_driver_manager.Error as error:
            name = error.status_code.name
            return {"error": GRPC_NAMES.get(name, name), "message": str(error)}

    def close(self):
        for cursor, _ in self._results.values():
            cursor.close()
        for connection in self._connections.values():
            connection.close()
        self._results, self._connections = {}, {}

    def _scenario(self, step):
        self.close()
        return {}

    def _connection(self, name, autocommit=True):
        if name not in self._connections:
            self._connections[name] = connect(self._uri, autocommit)
        return self._connections[name]

    def _cursor(self, step):
        if "in" in step:
            return self._connections["in " + step["in"]].cursor()
        return self._connection(step.get("on", "")).cursor()

    def _query(self, step):
        with self._cursor(step) as cursor:
            if "seconds" in step:
                for option in (QUERY_SECONDS, FETCH_SECONDS):
                    cursor.adbc_statement.set_options(**{option: float(step["seconds"])})
            parameters = None
            if "parameters" in step:
                parameters = json_values.parameters_of(step, [step["parameters"]])
            cursor.execute(step["query"], parameters)
            return json_values.answer_of(cursor.fetch_arrow_table())

    def _update(self, step):
        """DBAPI has one execute for all; ADBC itself has a call for updates."""
        with self._cursor(step) as cursor:
            cursor.adbc_statement.set_sql_query(step["update"])
            count = cursor.adbc_statement.execute_update()
            return {"count": None if count < 0 else count}

    def _as_query(self, step):
        with self._cursor(step) as cursor:
            cursor.execute(step["as_query"])
            cursor.fetchall()
            return {}

    def _many(self, step):
        with self._cursor(step) as cursor:
            parameters = json_values.parameters_of(step, step["parameters"])
            cursor.executemany(step["many"], parameters)
            return {"count": None if cursor.rowcount < 0 else cursor.rowcount}

    def _drain(self, step):
        with self._cursor(step) as cursor:
            cursor.execute(step["drain"])
            total, first = 0, 0
            for batch in cursor.fetch_record_batch():
                total += batch.num_rows
                first += batch.column(0).sum().as_py() if batch.num_rows else 0
            return {"total": total, "sum": first}

    def _open(self, step):
        cursor = self._connection("").cursor()
        cursor.execute(step["sql"])
        self._results[step["open"]] = [cursor, 0]
        return {}

    def _read(self, step):
        result = self._results[step["read"]]
        row = result[0].fetchone()
        result[1] += 1
        return {"first": row[0]}

    def _rest(self, step):
        cursor, read = self._results.pop(step["rest"])
        with cursor:
            return {"total": read + len(cursor.fetchall())}

    def _cancel(self, step):
        cursor, _ = self._results.pop(step["cancel"])
        cursor.adbc_cancel()
        cursor.close()
        return {}

    def _cancel_while(self, step):
        with self._cursor(step) as cursor:
            ended = threading.Event()

            def cancel_until_ended():
                while not ended.wait(0.1):
                    cursor.adbc_cancel()

            canceller = threading.Thread(target=cancel_until_ended)
            canceller.start()
            try:
                cursor.execute(step["cancel_while"])
                cursor.fetchall()
            finally:
                ended.set()
                canceller.join()
            return {}

    def _ingest(self, step):
        with self._cursor(step) as cursor:
            batch = json_values.batch_of(step["columns"], step["rows"])
            count = cursor.adbc_ingest(step["ingest"], batch, mode=step["mode"])
            return {"count": None if count < 0 else count}

    def _begin(self, step):
        self._connection("in " + step["begin"], autocommit=False)
        return {}

    def _commit(self, step):
        with self._connections.pop("in " + step["commit"]) as connection:
            connection.commit()
        return {}

    def _rollback(self, step):
        with self._connections.pop("in " + step["rollback"]) as connection:
            connection.rollback()
        return {}

    def _tables(self, step):
        wanted = step["tables"]
        objects = self._connection("").adbc_get_objects(
            depth="tables",
            table_name_filter=wanted["name"],
            table_types_filter=wanted.get("types"),
        )
        names = []
        for catalog in objects.read_all().to_pylist():
            for schema in catalog["catalog_db_schemas"] or []:
                names += [t["table_name"] for t in schema["db_schema_tables"] or []]
        return {"names": names}

    def _table_schema(self, step):
        schema = self._connection("").adbc_get_table_schema(step["table_schema"])
        return {"fields": json_values.fields_of(schema)}

    def _prepare(self, step):
        with self._cursor(step) as cursor:
            parameters = cursor.adbc_prepare(step["prepare"])
            schema = cursor.adbc_execute_schema(step["prepare"])
            return {
                "fields": json_values.fields_of(schema),
                "parameter_count": len(parameters) if parameters is not None else None,
            }

    def _set_schema(self, step):
        self._connection("").adbc_current_db_schema = step["set_schema"]
        return {}
