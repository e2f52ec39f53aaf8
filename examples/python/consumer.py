"""Reads a dataset batch by batch, one after the other: consumer.py [URI [DATASET]]"""

import sys
import time

import pyarrow.flight as flight

from summary import Summary, null_counts


def main(uri="grpc://127.0.0.1:8815", dataset="large_table"):
    started = time.perf_counter()
    summary = Summary(["fetch", "compute", "sink"])
    with flight.connect(uri) as client:
        info = client.get_flight_info(flight.FlightDescriptor.for_path(dataset))
        print(info.schema, file=sys.stderr)
        for endpoint in info.endpoints:
            reader = client.do_get(endpoint.ticket)
            while True:
                began = time.perf_counter()
                try:
                    batch = reader.read_chunk().data
                except StopIteration:
                    break
                fetched = time.perf_counter()
                if batch is None:
                    continue  # Metadata without a batch.
                nulls = null_counts(batch)
                computed = time.perf_counter()
                print(f"batch {summary.batches}: {batch.num_rows} rows", file=sys.stderr)
                summary.add(batch.num_rows, nulls)
                summary.busy["fetch"] += fetched - began
                summary.busy["compute"] += computed - fetched
                summary.busy["sink"] += time.perf_counter() - computed
    print(summary.to_json(time.perf_counter() - started))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except flight.FlightError as error:
        sys.exit(f"consumer.py: {error}")
