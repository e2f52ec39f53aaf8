"""Asks four questions in SQL: sql_client.py [URI [TABLE]]"""

import json
import sys

import pyarrow.flight as flight

QUERIES = [
    "SELECT name, is_active FROM {table} WHERE id > 1",
    "SELECT * FROM {table}",
    "SELECT name, metadata FROM {table} WHERE is_active = true",
    "SELECT count(*) as total_count FROM {table}",
]


def main(uri="grpc://127.0.0.1:8816", table="feather_table"):
    results = []
    with flight.connect(uri) as client:
        for query in QUERIES:
            query = query.format(table=table)
            info = client.get_flight_info(flight.FlightDescriptor.for_command(query))
            answer = client.do_get(info.endpoints[0].ticket).read_all()
            print(f"{query}\n{answer.slice(0, 3).to_pylist()}\n", file=sys.stderr)
            results.append(
                {"query": query, "rows": answer.num_rows, "columns": answer.column_names}
            )
        total = answer.column("total_count")[0].as_py()
    print(json.dumps({"language": "python", "queries": results, "total_count": total}))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except flight.FlightError as error:
        sys.exit(f"sql_client.py: {error}")
