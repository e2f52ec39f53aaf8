"""A client to be killed: sends batches of a dataset without end, but says so after some.

    uploading_client.py URI NAME
"""

import sys

import pyarrow as pa
import pyarrow.flight as flight


def main():
    client = flight.connect(sys.argv[1])
    batch = pa.RecordBatch.from_pydict({"n": range(100_000)})
    descriptor = flight.FlightDescriptor.for_path(sys.argv[2])
    writer, _ = client.do_put(descriptor, batch.schema)
    for _ in range(100):
        writer.write_batch(batch)
    print("sent", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
