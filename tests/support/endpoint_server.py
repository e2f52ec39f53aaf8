#!/usr/bin/env python3
"""A Flight server in pyarrow that has what pipelines need to be tested with: a dataset in
several endpoints, a death in the middle, slowness, and uploads that it keeps.

    endpoint_server.py FILE.feather [--port N] [--endpoints N] [--die-after BATCHES]

Prints its address. Serves FILE as the dataset "table". What is put comes back under its
own name.
"""

import argparse
import os

import pyarrow as pa
import pyarrow.flight as flight


class EndpointServer(flight.FlightServerBase):
    def __init__(self, location, batches, endpoints, die_after):
        super().__init__(location)
        size = -(-len(batches) // endpoints)
        self._tables = {"table": [batches[i : i + size] for i in range(0, len(batches), size)]}
        self._die_after = die_after

    def get_flight_info(self, context, descriptor):
        name = descriptor.path[0].decode()
        parts = self._tables.get(name)
        if parts is None:
            raise flight.FlightServerError(f"unknown dataset {name!r}")
        endpoints = [
            flight.FlightEndpoint(f"{name}:{part}".encode(), []) for part in range(len(parts))
        ]
        rows = sum(batch.num_rows for part in parts for batch in part)
        return flight.FlightInfo(parts[0][0].schema, descriptor, endpoints, rows, -1)

    def do_get(self, context, ticket):
        name, part = ticket.ticket.decode().split(":")
        batches = self._tables[name][int(part)]
        return flight.GeneratorStream(batches[0].schema, self._deadly(batches))

    def do_put(self, context, descriptor, reader, writer):
        table = reader.read_all()
        # A client that cancels looks like the end of its stream.
        if not context.is_cancelled():
            batches = table.to_batches() or [
                pa.RecordBatch.from_pylist([], schema=table.schema)
            ]
            self._tables[descriptor.path[0].decode()] = [batches]

    def _deadly(self, batches):
        for batch in batches:
            if self._die_after == 0:
                os._exit(1)
            if self._die_after is not None:
                self._die_after -= 1
            yield batch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--endpoints", type=int, default=1)
    parser.add_argument("--die-after", type=int)
    options = parser.parse_args()
    with pa.memory_map(options.file) as source:
        reader = pa.ipc.open_file(source)
        batches = [reader.get_batch(i) for i in range(reader.num_record_batches)]
    server = EndpointServer(
        f"grpc://127.0.0.1:{options.port}", batches, options.endpoints, options.die_after
    )
    print(f"grpc://127.0.0.1:{server.port}", flush=True)
    server.serve()


if __name__ == "__main__":
    main()
